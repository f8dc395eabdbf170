import re

import numpy as np
import pytest

from ktlearn.diagrams.lesson_01 import matrices, one_query

TOKENS = ["Mia", "met", "Tom", "she"]
QUERY = np.array([2, 2, 0, 0])
KEYS = np.array([[1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0]])
VALUES = np.array([[4, 0], [0, 4], [-4, 0], [1, 0]])


def words(picture):
    return re.findall(r">([^<>\n]+)</text>", picture.data)


def test_the_numbers_are_those_of_the_lesson():
    said = words(one_query(TOKENS, QUERY, KEYS, VALUES))
    assert [word for word in said if re.fullmatch(r"0\.\d+", word)] == ["0.534", "0.072", "0.197", "0.197"]
    assert "[1.55, 0.29]" in said and "[−4, 0]" in said


def test_each_stage_shows_more():
    scores, weights, output = (words(one_query(TOKENS, QUERY, KEYS, VALUES, stage)) for stage in
                               ("scores", "weights", "output"))  # fmt: skip
    assert "weights" not in scores and "weights" in weights
    assert "output" not in weights and "output" in output


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"until": "end"}, "until must be one of scores, weights, output"),
        ({"tokens": TOKENS[:3]}, "need keys"),
        ({"query": [1, 2]}, "need keys"),
        ({"values": VALUES[:2]}, "as many values"),
    ],
)
def test_what_does_not_fit_is_named(change, phrase):
    given = {"tokens": TOKENS, "query": QUERY, "keys": KEYS, "values": VALUES, **change}
    with pytest.raises(ValueError, match=phrase):
        one_query(**given)


def test_the_last_stage_needs_values():
    with pytest.raises((ValueError, TypeError), match="values"):
        one_query(TOKENS, QUERY, KEYS)


def test_a_matrix_is_as_large_as_its_letters_say():
    picture = matrices(L_q=3, L_k=5, d_k=4, d_v=2).data
    assert picture.count("<rect") - 1 == 3 * 4 + 4 * 5 + 2 * 3 * 5 + 5 * 2 + 3 * 2  # one more is the paper


def test_a_length_of_nothing_is_refused():
    with pytest.raises(ValueError, match="L_k"):
        matrices(L_q=3, L_k=0, d_k=4, d_v=2)
