import numpy as np
import pytest

from ktlearn.predictor.spans import best_of_windows, best_span

QUESTION = 6  # tokens before the passage


def window(rng, length=20):
    spans = np.full((length, 2), -1)
    spans[QUESTION:-1] = [(3 * n, 3 * n + 2) for n in range(length - QUESTION - 1)]
    return rng.normal(size=(length, 2)), spans


@pytest.mark.parametrize("longest", [1, 2, 5, 30])
def test_the_best_span_is_that_of_a_search_one_by_one(longest):
    for seed in range(50):
        logits, spans = window(np.random.default_rng(seed))
        every = [
            (logits[first, 0] + logits[last, 1], first, last)
            for first in range(QUESTION, 19)
            for last in range(first, min(19, first + longest))
        ]
        score, first, last = max(every)
        found = best_span(logits, spans, longest)
        assert (found.first, found.last) == (first, last)
        assert found.score == pytest.approx(score)
        assert (found.start, found.end) == (spans[first, 0], spans[last, 1])


def test_the_question_and_the_padding_are_never_the_answer():
    logits, spans = window(np.random.default_rng(0))
    logits[[1, 2, 19]] = 50
    found = best_span(np.concatenate([logits, np.full((5, 2), 90.0)]), spans)
    assert QUESTION <= found.first <= found.last < 19
    assert found.window == (0, 38)


def test_no_answer_is_what_position_0_is_worth():
    logits, spans = window(np.random.default_rng(0))
    logits[0] = 2.0, 3.0
    found = best_span(logits, spans)
    assert found.none == 5.0
    assert found.margin == pytest.approx(found.score - 5)


def test_probabilities_are_of_position_0_and_the_passage():
    logits, spans = window(np.random.default_rng(0))
    possible = [0, *range(QUESTION, 19)]
    powers = np.exp(logits[possible])
    shares = powers / powers.sum(axis=0)
    found = best_span(logits, spans)
    assert found.no_probability == pytest.approx(shares[0].prod())
    first, last = possible.index(found.first), possible.index(found.last)
    assert found.probability == pytest.approx(shares[first, 0] * shares[last, 1])


def test_of_several_windows_the_highest_sum_wins_and_the_least_no_answer_counts():
    found = [best_span(*window(np.random.default_rng(seed))) for seed in range(3)]
    best = best_of_windows(found)
    assert best.score == max(span.score for span in found)
    assert best.none == min(span.none for span in found)
