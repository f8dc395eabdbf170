"""The rules change scores as transformers' logits processors do, and no setting needs a second graph."""

from pathlib import Path

import numpy as np
import pytest

from ktlearn.backend import ops
from ktlearn.generate import rules
from ktlearn.generate.options import Options
from ktlearn.generate.rules import Text

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "processors.npz")


def text(ids, room=5, first=0, last=None):
    """A text whose cache has more room than it needs, with rubbish behind the last token."""
    N, T = ids.shape
    ids = np.concatenate([ids, np.full((N, room), 7)], axis=1).astype("int32")
    last = T + room - 1 if last is None else last
    return Text(*map(ops.convert_to_tensor, (ids, np.int32(T - 1), np.int32(first), np.int32(last))))


def ruled(rule, scores, text, **numbers):
    numbers = {name: ops.convert_to_tensor(value) for name, value in numbers.items()}
    return np.array(rule(ops.convert_to_tensor(scores), text, numbers))


def test_repeated_tokens_are_penalised_as_in_transformers():
    found = ruled(rules.penalise_repetition, GOLDEN["scores"], text(GOLDEN["ids"]), repetition_penalty=np.float32(1.7))
    np.testing.assert_allclose(found, GOLDEN["repetition_penalty"], rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_same_tokens_are_forbidden_as_in_transformers(n):
    found = ruled(rules.forbid_repeated_ngrams(n), GOLDEN["scores"], text(GOLDEN["ids"]))
    assert np.isinf(GOLDEN[f"ngrams_{n}"]).any()
    np.testing.assert_array_equal(found, GOLDEN[f"ngrams_{n}"])


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_the_filling_of_a_short_prompt_is_no_text(n):
    ids, scores = np.array([[3, 4, 3, 4]]), np.zeros((1, 8), "float32")
    filled = np.concatenate([np.full((1, 3), -1), ids], axis=1)
    for rule in (rules.forbid_repeated_ngrams(n), rules.penalise_repetition):
        alone = ruled(rule, scores + 1, text(ids), repetition_penalty=np.float32(2))
        np.testing.assert_array_equal(ruled(rule, scores + 1, text(filled), repetition_penalty=np.float32(2)), alone)


def test_more_tokens_in_a_row_than_there_are_forbid_nothing():
    scores = np.zeros((1, 8), "float32")
    for n in (3, 40):
        found = ruled(rules.forbid_repeated_ngrams(n), scores, text(np.array([[4]]), room=3))
        np.testing.assert_array_equal(found, scores)


def test_the_first_and_the_last_token_can_be_forced():
    scores = np.array([[1.0, 5.0, 2.0]], "float32")
    only_two = [[-np.inf, -np.inf, 0.0]]
    for rule, is_forced in ((rules.force_the_first(2), (True, False)), (rules.force_the_last(2), (False, True))):
        begins = ruled(rule, scores, text(np.array([[1, 1]]), first=1))
        ends = ruled(rule, scores, text(np.array([[1, 1]]), first=0, last=2))
        for found, forced in zip((begins, ends), is_forced, strict=True):
            np.testing.assert_array_equal(found, only_two if forced else scores)


def test_an_end_has_to_wait_until_enough_is_written():
    scores = np.zeros((1, 4), "float32")
    for least, is_early in ((2, True), (1, False)):
        found = ruled(rules.forbid_an_early_end([1, 3]), scores, text(np.zeros((1, 3)), first=1), min_new_tokens=least)
        assert np.isinf(found[0]).tolist() == [False, is_early, False, is_early]


def test_tokens_can_be_forbidden_for_good():
    found = ruled(rules.forbid([0, 2]), np.zeros((2, 4), "float32"), text(np.zeros((2, 1))))
    assert np.isinf(found).tolist() == [[True, False, True, False]] * 2


def test_a_bad_word_that_is_an_end_is_none():
    assert rules.rules_of(Options(bad_words_ids=[[2]], eos_token_id=2)) == []
    assert len(rules.rules_of(Options(bad_words_ids=[[2], [3]], eos_token_id=2))) == 1
