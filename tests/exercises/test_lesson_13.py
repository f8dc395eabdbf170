"""The diagnoses of lesson 13. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises import lesson_13_machine as machine
from ktlearn.exercises import lesson_13_writing as writing
from tests.exercises.answers import diagnosis, line

ONLY_TOKENS = (
    "A token is a piece of text and the two models have other tokens, so their numbers are not made of the same stuff "
    "and it would be wrong to put them side by side in a table."
)

WRONG = [
    ("13.1", -np.log(writing.P).mean(), "in nats"),
    ("13.1", -np.log2(writing.P).mean(), "these are bits"),
    ("13.1", 2 ** -np.log(writing.P).mean(), "one stands with the other"),
    ("13.1", np.exp(-np.log2(writing.P).mean()), "one stands with the other"),
    ("13.1", 1 / writing.P.mean(), "arithmetic mean"),
    ("13.1", (1 / writing.P).mean(), "mean of 1/p"),
    ("13.1", 400, "fourth root"),
    ("13.2", ["and", "sat"], "crosses the line"),
    ("13.2", ["and", "sat", "ran", "fell"], "0.75 already"),
    ("13.2", ["and", "tree"], "none of the five"),
    ("13.2", ["fell"], "likeliest tokens, one by one"),
    ("13.3", writing._hot, "divided by it"),
    ("13.3", writing._without_sum, "divided by their sum"),
    ("13.3", writing._small_nucleus, "crosses top_p"),
    ("13.3", writing._without_k, "top_k seems to have no effect"),
    ("13.3", writing._without_p, "top_p seems to have no effect"),
    ("13.4", lambda nats, text: nats.sum() / np.log(2) / len(text), "counts characters"),
    ("13.4", lambda nats, text: nats.mean() / np.log(2), "bits per token"),
    ("13.4", lambda nats, text: nats.sum() / len(text.encode()), "nats per byte"),
    ("13.4", lambda nats, text: nats.sum() * np.log(2) / len(text.encode()), "do not multiply"),
    ("13.4", lambda nats, text: nats.mean() / np.log(2) / len(text.encode()), "not their mean"),
    ("13.5", machine._centred, "LayerNorm"),
    ("13.5", machine._over_all, "last axis"),
    ("13.5", machine._no_root, "root is missing"),
    ("13.5", machine._sum_of_squares, "*mean* of the squares"),
    ("13.5", machine._eps_outside, "inside"),
    ("13.5", lambda x, gamma, eps: machine.solution_13_5(x, 1, eps), "gamma has no effect"),
    ("13.6", machine._counted, "stand at `positions`"),
    ("13.6", machine._other_way, "turns the other way"),
    ("13.6", machine._neighbours, "not neighbours"),
    ("13.6", machine._one_rate, "one rate"),
    ("13.6", machine._slow_rates, "the exponent"),
    ("13.7", machine._every_third, "in blocks"),
    ("13.7", machine._transposed, "transposed"),
    ("13.7", machine._other_order, "the order is"),
    ("13.7", machine._own_bias_cut, "the biases are every third"),
    ("13.7", lambda W, b: [(2 * part, own) for part, own in machine.solution_13_7(W, b)], "the numbers are not"),
    ("13.7", lambda W, b: [(W, b)], "three pairs"),
    ("13.8", machine.solution_13_8() / 2, "keys *and* values"),
    ("13.8", machine.solution_13_8() / 24, "one layer"),
    ("13.8", machine.solution_13_8() * 7, "query heads"),
    ("13.8", machine.solution_13_8() * 2, "four bytes"),
    ("13.8", machine.solution_13_8() / 1000, "one token"),
    ("13.8", 1, "multiply"),
    ("13.9", machine._late, "one place too late"),
    ("13.9", machine._all_real, "the prompt's tokens count too"),
    ("13.9", machine._all_after, "padding"),
    ("13.9", machine._short, "the answer's last token"),
    ("13.10", ("ran", "cat"), "the last row"),
    ("13.10", ("cat", "cat"), "the token after it"),
    ("13.10", ("cat", "dog"), "darkest cell"),
    ("13.10", ("dog", "slept"), "last token of the text"),
    ("13.11", (2, 3), "the first number is for a tenth"),
    ("13.11", (4, 4), "with the whole text"),
    ("13.11", (1, 1), "another n has fewer bits"),
    ("13.12", "No.", "these are 1 words"),
    ("13.12", ONLY_TOKENS, "bits per byte"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_tenth_and_a_fiftieth_have_one_right_answer():
    right = writing.solution_13_11()
    assert right == (3, 2)  # as the lesson's 4 for the whole text
    assert line("13.11", list(right)) == "✓ Right."


def test_the_map_is_of_a_decoder_and_its_last_row_looks_behind_the_first_copy():
    assert np.allclose(machine.MAP.sum(axis=1), 1)
    assert not np.triu(machine.MAP, 1).any()
    looked_at = machine.MAP[-1].argmax()
    assert machine.MAP_TOKENS[looked_at - 1] == machine.MAP_TOKENS[-1]
    assert (machine.MAP_TOKENS[-1], machine.MAP_TOKENS[looked_at]) == machine.solution_13_10()
