"""BLEU and chrF: the same figures as sacrebleu, and what they do not see."""

import numpy as np
import pytest

from ktlearn.text.bleu import bleu, chrf, counts, tokens

PAIRS = [
    ("我昨天在火车上丢了雨伞。", "昨天我把伞丢在火车上了。"),
    ("这座塔高128米。", "塔高 128 米。"),
    ("包裹重2.5公斤,不是3公斤!", "包裹重2.5公斤。"),
    ("Tom买了iPhone 15,花了7,999元。", "汤姆花7,999元买了一部iPhone 15。"),
    ("是。", "不是。"),
]


def random_texts(rng, count):
    return ["".join(rng.choice(list("我你他不是在了的书车火雨伞,。?"), rng.integers(1, 25))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_of_a_set_are_those_of_sacrebleu(seed):
    metrics = pytest.importorskip("sacrebleu.metrics")
    rng = np.random.default_rng(seed)
    ours, theirs = map(list, zip(*PAIRS, strict=True))
    ours, theirs = ours + random_texts(rng, seed), theirs + random_texts(rng, seed)
    expected = metrics.BLEU(tokenize="zh").corpus_score(ours, [theirs]).score
    assert bleu(ours, theirs) == pytest.approx(expected, abs=1e-9)
    assert chrf(ours, theirs) == pytest.approx(metrics.CHRF().corpus_score(ours, [theirs]).score, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_so_are_those_of_one_text(seed):
    metrics = pytest.importorskip("sacrebleu.metrics")
    (ours, theirs) = random_texts(np.random.default_rng(seed), 2)
    expected = metrics.BLEU(tokenize="zh").corpus_score([ours], [[theirs]]).score
    assert bleu([ours], [theirs]) == pytest.approx(expected, abs=1e-9)
    assert chrf([ours], [theirs]) == pytest.approx(metrics.CHRF().corpus_score([ours], [[theirs]]).score, abs=1e-9)


@pytest.mark.parametrize("score", [bleu, chrf])
def test_the_same_text_has_100_and_one_without_a_common_character_0(score):
    assert score(["我喜欢茶。"], ["我喜欢茶。"]) == pytest.approx(100)
    assert score(["abcd"], ["我喜欢茶"]) == 0


@pytest.mark.parametrize("score", [bleu, chrf])
def test_a_lost_not_costs_little(score):
    assert score(["我晚上喜欢喝黑咖啡。"], ["我晚上不喜欢喝黑咖啡。"]) > 60


def test_short_is_punished_by_bleu():
    long, short = ["我昨天在火车上丢了雨伞"], ["我昨天在火车上"]
    assert bleu(short, long) < 60  # every run of it stands in the reference
    assert all(common == ours for common, ours, _ in counts(tokens(short[0]), tokens(long[0]), 4))


def test_a_repeated_character_counts_as_often_as_the_reference_has_it():
    assert counts("的的的的", "我的书", 1) == [[1, 4, 3]]


@pytest.mark.parametrize("given", [([], []), (["a"], []), ("ab", ["a", "b"])])
@pytest.mark.parametrize("score", [bleu, chrf])
def test_what_cannot_be_compared_is_refused(score, given):
    with pytest.raises(ValueError, match="translation"):
        score(*given)
