"""Greedy search and beam search against a search written by hand, and on planted cases."""

import gc
import itertools
import weakref

import numpy as np
import pytest

from ktlearn.backend import keras, ops
from ktlearn.generate import beam_search, greedy_search
from ktlearn.generate.search import Job, Search
from ktlearn.seeding import seed_weights
from ktlearn.seq2seq import Transformer

START, END, VOCAB, LENGTH = 1, 2, 11, 9
SOURCE = np.array([[3, 4, 5, 6, 7, 8], [8, 7, 3, 0, 0, 0], [5, 5, 5, 5, 0, 0], [9, 0, 0, 0, 0, 0]])
numbers = np.asarray
SETTINGS = dict(start_id=START, end_id=END)


def transformer(seed=77, **settings):
    """An untrained model with large weights: what it says depends on the source and on all that was said."""
    settings = dict(d_model=12, num_heads=3, num_layers=2, d_ff=20, tie_output=False) | settings
    return seed_weights(Transformer(VOCAB, VOCAB, **settings), seed, stddev=1.0)


@pytest.fixture(scope="module")
def model():
    return transformer(num_layers=1)


def next_log_p(model, source, target):
    """log p of the token after ``target``, from the whole sequence and without a cache; no padding."""
    written = np.array([filled([START, *target], LENGTH + 1)])
    logits = model.predict_on_batch({"input_ids": source[None], "decoder_input_ids": written})
    logits = logits[0, len(target)].astype("float64")
    log_p = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    log_p[0] = -np.inf
    return log_p


def greedy_by_hand(model, source, length):
    target = []
    while len(target) < length and END not in target:
        target.append(int(next_log_p(model, source, target).argmax()))
    return target


def beams_by_hand(log_p_after, beams, length, alpha):
    """Lists and sorting: the best targets with their scores, best first."""

    def score(candidate):
        target, log_p = candidate
        return log_p / ((5 + len(target)) / 6) ** alpha

    kept = [([], 0.0)]
    for _ in range(length):
        candidates = []
        for target, log_p in kept:
            if END in target:
                candidates.append((target, log_p))
            else:
                candidates += [([*target, token], log_p + x) for token, x in enumerate(log_p_after(target))]
        kept = sorted(candidates, key=score, reverse=True)[:beams]
    return [(target, score((target, log_p))) for target, log_p in kept]


def filled(target, length=LENGTH):
    return target + [0] * (length - len(target))


# Greedy search


@pytest.mark.slow
@pytest.mark.parametrize(
    "norm_first", [False, pytest.param(True, marks=pytest.mark.weekly)], ids=["post-norm", "pre-norm"]
)
def test_greedy_search_is_the_argmax_loop(norm_first):
    model = transformer(norm_first=norm_first)
    ids = greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    expected = [greedy_by_hand(model, source, LENGTH) for source in SOURCE]
    assert ids.tolist() == [filled(target) for target in expected]
    assert len({len(target) for target in expected}) > 1  # some end early, so the search goes on for the others


@pytest.mark.slow
def test_padding_is_never_written_though_its_logit_is_the_highest():
    model = transformer(num_layers=1)
    found = greedy_search(model, SOURCE, 3, **SETTINGS)
    matrix = numbers(model.output_layer.kernel).copy()  # (D, V)
    matrix[:, 0] = 100 * matrix[:, found[0, 0]]  # the logit of padding is now a hundred times the best one
    model.output_layer.kernel.assign(matrix)
    context, cache = model.prepare(SOURCE[:1], 3)
    logits, _ = model.step(np.array([START]), 0, context, cache)
    assert numbers(logits)[0].argmax() == 0
    assert greedy_search(model, SOURCE, 3, **SETTINGS)[0, 0] == found[0, 0]


@pytest.mark.slow
def test_a_ragged_batch_gives_what_each_source_alone_gives(model):
    together = greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    beams, scores = beam_search(model, SOURCE, LENGTH, **SETTINGS, num_beams=2)
    alone = SOURCE[1:2, :3]  # each length is traced anew
    assert (SOURCE[1, 3:] == 0).all()
    assert greedy_search(model, alone, LENGTH, **SETTINGS).tolist() == [together[1].tolist()]
    ids, score = beam_search(model, alone, LENGTH, **SETTINGS, num_beams=2)
    assert ids[0].tolist() == beams[1].tolist()
    np.testing.assert_allclose(score[0], scores[1], rtol=1e-4)


@pytest.mark.slow
def test_sources_come_back_in_order_whatever_the_batch_size(model):
    sources = np.concatenate([SOURCE, SOURCE[::-1], SOURCE[:1]])
    one, two = (greedy_search(model, sources, LENGTH, **SETTINGS, batch_size=size) for size in (64, 4))
    assert one.shape == (9, LENGTH) and one.tolist() == two.tolist()
    (one, score_1), (two, score_2) = (
        beam_search(model, sources, LENGTH, **SETTINGS, num_beams=2, batch_size=size) for size in (64, 4)
    )
    assert one.shape == (9, 2, LENGTH) and one.tolist() == two.tolist()
    np.testing.assert_allclose(score_1, score_2, rtol=1e-4)


@pytest.mark.slow
def test_the_search_uses_the_weights_of_now():
    model = transformer(num_layers=1)
    before = greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    seed_weights(model, 75, stddev=1.0)
    after = greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    assert after.tolist() == [filled(greedy_by_hand(model, source, LENGTH)) for source in SOURCE]
    assert after.tolist() != before.tolist()


@pytest.mark.slow
def test_dropout_does_not_disturb_the_search(model):
    without, model = model, transformer(num_layers=1, dropout=0.5, attention_dropout=0.5)
    ids = greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    assert ids.tolist() == greedy_search(without, SOURCE, LENGTH, **SETTINGS).tolist()


# Beam search


def test_one_beam_is_greedy_search(model):
    ids, scores = beam_search(model, SOURCE, LENGTH, **SETTINGS, num_beams=1)
    assert ids[:, 0].tolist() == greedy_search(model, SOURCE, LENGTH, **SETTINGS).tolist()
    assert scores.shape == (len(SOURCE), 1)


@pytest.mark.slow
@pytest.mark.parametrize("beams, alpha", [(2, 0.0), (4, 0.6), pytest.param(4, 2.0, marks=pytest.mark.weekly)])
def test_beam_search_is_the_one_written_by_hand(beams, alpha):
    model = transformer(seed=29, d_model=6, num_heads=2, num_layers=1)
    ids, scores = beam_search(model, SOURCE, 6, **SETTINGS, num_beams=beams, length_penalty=alpha)
    ended = set()
    for b, source in enumerate(SOURCE):
        expected = beams_by_hand(lambda target, s=source: next_log_p(model, s, target), beams, 6, alpha)
        assert ids[b].tolist() == [filled(target, 6) for target, _ in expected]
        np.testing.assert_allclose(scores[b], [score for _, score in expected], rtol=1e-4)
        ended |= {len(target) for target, _ in expected if END in target}
    assert len(ended) > 1  # beams that end at several lengths were among them


class Chain:
    """A planted model: the probabilities of the next token, given the last two. Sources are not read.

    The last token but one comes from the cache, so a beam that takes another beam's cache is found out.
    """

    pad_id, is_encoder_decoder, max_positions = 0, True, None

    def __init__(self, probabilities, vocab_size=6):
        self.vocab_size = vocab_size
        self.table = np.full((vocab_size, vocab_size, vocab_size), 1e-12, "float32")  # last but one, last, next
        for (before, last), following in probabilities.items():
            for token, p in following.items():
                self.table[before, last, token] = p

    def prepare(self, input_ids, length, attention_mask=None):
        return (), ops.zeros((ops.shape(input_ids)[0],), "int32")

    def step(self, token_ids, position, context, cache):
        rows = ops.reshape(np.log(self.table), (-1, self.vocab_size))  # (V·V, V)
        return ops.take(rows, cache * self.vocab_size + token_ids, axis=0), token_ids

    def log_p_after(self, target):
        before, last = [0, START, *target][-2:]
        log_p = np.log(self.table[before, last].astype("float64"))
        log_p = log_p - np.log(np.exp(log_p).sum())
        log_p[0] = -np.inf
        return log_p


A, B, C = 3, 4, 5
ONE = np.array([[7]])


def garden_path():
    """A looks better than B, but whatever follows A is unlikely, and after B everything is clear."""
    return Chain(
        {
            (0, START): {A: 0.6, B: 0.4},
            (START, A): {A: 0.35, B: 0.33, C: 0.32},
            (START, B): {C: 0.9, A: 0.1},
            **{(A, x): {END: 1.0} for x in (A, B, C)},
            **{(B, x): {END: 1.0} for x in (A, C)},
        }
    )


def test_two_beams_find_what_greedy_search_misses():
    greedy = greedy_search(garden_path(), ONE, 4, **SETTINGS)
    ids, scores = beam_search(garden_path(), ONE, 4, **SETTINGS, num_beams=2, length_penalty=0)
    assert greedy.tolist() == [[A, A, END, 0]]  # 0.6 · 0.35 = 0.21
    assert ids[0, 0].tolist() == [B, C, END, 0]  # 0.4 · 0.9 = 0.36
    np.testing.assert_allclose(np.exp(scores[0]), [0.36, 0.21], rtol=1e-5)


def test_with_as_many_beams_as_beginnings_the_search_is_exhaustive():
    chain = garden_path()
    best = {}
    for target in itertools.product([A, B, C, END], repeat=3):
        target = list(target[: target.index(END) + 1] if END in target else target)
        best[tuple(target)] = sum(chain.log_p_after(target[:t])[token] for t, token in enumerate(target))
    ids, scores = beam_search(chain, ONE, 3, **SETTINGS, num_beams=5, length_penalty=0)
    assert [tuple(target) for target in ids[0].tolist()][:5] == sorted(best, key=best.get, reverse=True)[:5]
    np.testing.assert_allclose(scores[0], sorted(best.values(), reverse=True)[:5], rtol=1e-5)


def short_or_long():
    """One token and the end: 0.5. Four tokens and the end: 0.4."""
    return Chain(
        {
            (0, START): {A: 0.5, B: 0.5},
            (START, A): {END: 1.0},
            (START, B): {B: 0.8, C: 0.2},
            (B, B): {C: 1.0},
            (B, C): {A: 1.0},
            (C, A): {END: 1.0},
        }
    )


def test_the_length_penalty_changes_the_winner():
    short, long = [A, END, 0, 0, 0, 0], [B, B, C, A, END, 0]
    for alpha, expected in ((0.0, [short, long]), (1.0, [long, short])):
        ids, scores = beam_search(short_or_long(), ONE, 6, **SETTINGS, num_beams=2, length_penalty=alpha)
        assert ids[0].tolist() == expected
        by_hand = {tuple(short): np.log(0.5) / (7 / 6) ** alpha, tuple(long): np.log(0.4) / (10 / 6) ** alpha}
        np.testing.assert_allclose(scores[0], [by_hand[tuple(beam)] for beam in expected], rtol=1e-5)


def test_a_finished_beam_stays_finished():
    # The best target ends at once. The others go on to the last place, and cannot push it out.
    chain = Chain(
        {
            (0, START): {END: 0.5, A: 0.3, B: 0.2},
            **{(START, x): {x: 1.0} for x in (A, B)},
            **{(x, x): {x: 1.0} for x in (A, B)},
        }
    )
    ids, scores = beam_search(chain, ONE, 5, **SETTINGS, num_beams=3, length_penalty=0)
    assert ids[0].tolist() == [[END, 0, 0, 0, 0], [A] * 5, [B] * 5]
    np.testing.assert_allclose(np.exp(scores[0]), [0.5, 0.3, 0.2], rtol=1e-5)


# Work that is not done


@pytest.mark.parametrize("last", [2, 7])
def test_the_search_stops_when_all_are_finished_or_the_room_is(last):
    chain = Chain({(0, START): {A: 1.0}, (START, A): {END: 1.0} if last == 2 else {A: 1.0}, (A, A): {A: 1.0}})
    job = Job(
        {"input_ids": ONE, "attention_mask": ONE}, np.array([[START] + 7 * [0]], "int32"), np.int32(0), np.int32(7), {}
    )
    search = Search(chain, ends=[END])
    context, state = search.begin(job)
    assert int(search.go_on(context, state, job, until=7)["position"]) == last  # so many steps


@pytest.mark.slow
def test_a_search_is_traced_once(monkeypatch):
    model, steps, step = transformer(num_layers=1), [], Transformer.step
    monkeypatch.setattr(Transformer, "step", lambda *args: steps.append(1) or step(*args))
    greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    traced = len(steps)
    for _ in range(3):
        greedy_search(model, SOURCE[::-1], LENGTH, **SETTINGS)
    assert 1 <= traced == len(steps) < LENGTH


@pytest.mark.slow
def test_the_model_is_saved_without_its_searches(tmp_path):
    model = transformer(num_layers=1)
    model.save(tmp_path / "before.keras")
    greedy_search(model, SOURCE, LENGTH, **SETTINGS)
    weights = len(model.weights)
    model.save(tmp_path / "after.keras")
    sizes = [(tmp_path / f"{name}.keras").stat().st_size for name in ("before", "after")]
    assert abs(sizes[0] - sizes[1]) < 200
    again = keras.models.load_model(tmp_path / "after.keras")
    assert len(again.weights) == len(model.weights) == weights
    found = greedy_search(again, SOURCE, LENGTH, **SETTINGS)
    assert found.tolist() == greedy_search(model, SOURCE, LENGTH, **SETTINGS).tolist()


def test_a_model_that_is_gone_takes_its_searches_along():
    model = transformer(num_layers=1)
    greedy_search(model, SOURCE, 2, **SETTINGS)
    left = weakref.ref(model)
    del model
    gc.collect()
    assert left() is None


# Arguments


@pytest.mark.parametrize("search", [greedy_search, beam_search])
@pytest.mark.parametrize(
    "change, message",
    [
        ({"max_length": 0}, "max_length must be a whole number, at least 1; got 0"),
        ({"batch_size": 0}, "batch_size must be a whole number, at least 1; got 0"),
        (
            {"start_id": 11},
            "start_id must be a token id of the target's vocabulary, 0 to 10, and not the padding, 0; got 11",
        ),
        ({"start_id": 0}, "start_id must .* not the padding, 0; got 0"),
        ({"end_id": -1}, "end_id must .* got -1"),
        ({"input_ids": [[3, 4], [5]]}, r"of one length; got \[\[3, 4\], \[5\]\]. Short sources are filled up with 0"),
        ({"input_ids": [3, 4]}, r"shape \(sources, tokens\).* got an array of shape \(2,\)"),
        ({"input_ids": np.ones((2, 3))}, "must be whole numbers .* of float64"),
        ({"input_ids": np.ones((0, 3), int)}, r"got an array of shape \(0, 3\)"),
        (
            {"model": keras.layers.Dense(1)},
            "model: Dense cannot decode step by step; give a ktlearn.seq2seq.Transformer",
        ),
    ],
    ids=str,
)
def test_an_unusable_argument_is_named(model, search, change, message):
    arguments = {"model": model, "input_ids": SOURCE, "max_length": 4, **SETTINGS} | change
    with pytest.raises((ValueError, TypeError), match=message):
        search(**arguments)


def test_beams_that_cannot_differ_are_refused(model):
    with pytest.raises(ValueError, match=f"num_beams must be at least 1 and less than .* 11; got {VOCAB}"):
        beam_search(model, SOURCE, 4, **SETTINGS, num_beams=VOCAB)


def test_lists_of_numbers_are_good_input(model):
    ids = greedy_search(model, SOURCE.tolist(), LENGTH, **SETTINGS)
    assert isinstance(ids, np.ndarray)
    assert ids.dtype == "int32"
    assert ids.tolist() == greedy_search(model, SOURCE.astype("int64"), LENGTH, **SETTINGS).tolist()
