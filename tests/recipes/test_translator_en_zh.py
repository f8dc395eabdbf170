"""The recipe of the bundled translator: what is alike stays together, what the decoder reads, and a whole small run."""

import gzip

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models
from ktlearn.text.tokenizer import tokenizer_of
from recipes.pack import pack
from recipes.translator_en_zh import evaluate, pairs, tokens, train
from recipes.translator_en_zh.batches import PairBatches

NAMES = ["Tom", "Mia", "Ken", "Anna"]
THINGS = {"tea": "茶", "milk": "牛奶", "bread": "面包", "rice": "米饭", "fish": "鱼", "soup": "汤"}
ROWS = [(f"{name} likes {thing}.", f"{name}喜欢{zh}。") for name in NAMES for thing, zh in THINGS.items()]


def test_sentences_that_are_alike_on_either_side_are_one_group():
    rows = [
        ("Where did you learn Italian?", "你在哪里学的意大利语？"),
        ("Where did you learn Italian, Tom?", "告诉我这件事。"),
        ("He opened the windows.", "他打开了那些窗户。"),
        ("The windows were opened by him.", "他打开了那些窗户。"),
        ("Nobody knows.", "没人知道。"),
    ]
    a, b, c, d, e = pairs.groups(rows)
    assert a == b and c == d
    assert len({a, c, e}) == 3


def test_a_group_goes_into_one_part_as_a_whole():
    rng = np.random.default_rng(0)
    words = [["".join(rng.choice(list("abcdefghijklmnop"), 9)) for _ in range(3)] for _ in range(60)]
    rows = [(f"{' '.join(w)}{end}", f"{i}{end}") for i, w in enumerate(words) for end in (".", "!")]
    parts = pairs.split(rows)
    of = [{sentence[:-1] for sentence in part.english} for part in parts]
    assert [len(part.english) for part in parts] == [96, 4, 8]  # of a group that is held out one pair is kept
    assert not of[0] & of[1] and not of[0] & of[2] and not of[1] & of[2]


def test_a_piece_is_a_character_a_digit_or_a_word_with_its_space():
    tokenizer = tokens.learn(pairs.Pairs(*zip(*ROWS, strict=True)), 90)
    row = tokenizer("Tom likes tea 12.")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(row)[:2] == ["▁Tom", "▁likes"]
    assert row[-1] == tokens.EOS and tokens.UNK in row  # no digit was among the sentences
    assert tokenizer.decode(tokenizer("Mia喜欢牛奶。")["input_ids"], skip_special_tokens=True) == "Mia喜欢牛奶。"


def test_the_decoder_reads_the_target_one_position_late():
    batches = PairBatches([[5, 6, 1], [7, 1]], [[8, 9, 9, 1], [4, 1]])
    inputs, labels = batches[0]
    order = labels[:, 0].argsort()
    np.testing.assert_array_equal(labels[order], [[4, 1, 0, 0], [8, 9, 9, 1]])
    np.testing.assert_array_equal(inputs["decoder_input_ids"][order], [[0, 4, 1, 0], [0, 8, 9, 9]])
    np.testing.assert_array_equal(inputs["attention_mask"][order], [[1, 1, 0], [1, 1, 1]])


def test_an_epoch_has_every_pair_once_in_batches_that_are_full_but_not_more():
    rng = np.random.default_rng(0)
    rows = [[[7] * length for length in rng.integers(2, 30, 200)] for _ in range(2)]
    batches = PairBatches(*rows, shuffle=True, tokens=300)
    first = [list(chosen) for chosen in batches.batches]
    sizes = [
        sum(part.size for part in (inputs["input_ids"], labels))
        for inputs, labels in map(batches.__getitem__, range(len(batches)))
    ]
    assert sorted(np.concatenate(first).tolist()) == list(range(200))
    assert max(sizes) <= 300 and np.mean(sizes) > 240
    batches.draw(1)
    assert [list(chosen) for chosen in batches.batches] != first
    again = PairBatches(*rows, shuffle=True, tokens=300)  # as in a run that goes on after a stop
    again.follow().on_epoch_begin(1)
    np.testing.assert_array_equal([chosen[0] for chosen in again.batches], [chosen[0] for chosen in batches.batches])


@pytest.mark.weekly
@pytest.mark.slow
def test_a_whole_small_run_goes_on_after_a_stop_and_leaves_a_checkpoint_with_its_tokenizer(tmp_path, monkeypatch):
    with gzip.open(tmp_path / "tatoeba_en_zh.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{english}\t{chinese}\n" for english, chinese in ROWS)
    everything = pairs.Pairs(*map(list, zip(*ROWS, strict=True)))
    monkeypatch.setattr(pairs, "split", lambda rows, seed: (everything,) * 3)  # all are alike: none would be held out
    small = dict(d_model=32, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=64, decoder_ffn_dim=64, dropout=0.0)
    for _ in range(2):  # the second time nothing is left to do
        train.train(tmp_path, tmp_path / "out", epochs=2, vocabulary=90, **small)
    folder = tmp_path / "out" / "model"
    model = models.from_pretrained(folder, task="seq2seq", verbose=0)
    ids = AutoTokenizer.from_pretrained(folder)(["Tom likes tea."], return_tensors="np")["input_ids"]
    asked = {"input_ids": ids, "decoder_input_ids": [[tokens.PAD]]}
    assert model(asked).logits.shape == (1, 1, model.vocab_size)

    pack(folder, tmp_path / "packed", length_penalty=0.8)
    packed = models.from_pretrained(tmp_path / "packed", task="seq2seq", verbose=0)
    rounded, exact = (np.asarray(each(asked).logits) for each in (packed, model))
    assert 0 < np.abs(rounded - exact).max() < 0.05  # eight bits
    assert packed.generation_config["length_penalty"] == 0.8
    assert evaluate.translations(packed, tokenizer_of(tmp_path / "packed"), everything.english[:2])[0]


def test_traditional_characters_become_simplified_and_a_pair_counts_once(tmp_path):
    with gzip.open(tmp_path / "tatoeba_en_zh.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("Hi.\t你們好。\nHi.\t你们好。\n")
    assert pairs.read(tmp_path) == [("Hi.", "你们好。")]


def test_scores_count_characters_where_there_are_no_spaces():
    references = ["我昨天去了图书馆。", "他们都很喜欢喝绿茶。"]
    same, near = (evaluate.scores(found, references) for found in (references, ["我昨天去了学校。", references[1]]))
    assert same["BLEU"] == same["chrF"] == 100
    assert 50 < near["BLEU"] < 100 and "tok:zh" in near["BLEU signature"]
    assert evaluate.scores(["你好吗?"], ["你好吗？"])["chrF"] == 100  # a narrow mark and a wide one


def test_the_baseline_answers_with_the_chinese_of_the_nearest_known_sentence():
    known = pairs.Pairs(["I like tea.", "Where is the station?"], ["我喜欢茶。", "车站在哪里？"])
    assert evaluate.nearest(known, ["I am fond of tea.", "How do I get to the station?"]) == known.chinese
