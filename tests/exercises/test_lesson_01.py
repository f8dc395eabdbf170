"""The diagnoses of lesson 01. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from tests.exercises.answers import diagnosis, line


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def always_true(f):
    return True


def with_zero_values(f):
    rng = np.random.default_rng(0)
    return np.allclose(f(rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), np.zeros((5, 2))), 0)


def only_the_average_of_a_square(f):
    rng = np.random.default_rng(0)
    return np.isclose(f(rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), np.ones((4, 2))).mean(), 1)


def exactly_equal(f):
    rng = np.random.default_rng(0)
    return bool((f(rng.normal(size=(300, 4)), rng.normal(size=(5, 4)), np.full((5, 2), 0.1)) == 0.1).all())


def one_verdict_each(f):
    rng = np.random.default_rng(0)
    return np.isclose(f(rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), np.ones((5, 2))), 1)


def not_too_large(f):
    rng = np.random.default_rng(0)
    out = f(rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), np.full((5, 1), 1.0))
    return bool((out < 1 + 1e-9).all())


def attention(Q, K, V, divisor=None, axis=-1, softmax=softmax):
    scores = Q @ np.swapaxes(K, -1, -2) / (np.sqrt(K.shape[-1]) if divisor is None else divisor)
    weights = softmax(scores, axis=axis)
    return weights @ V, weights


def careless_softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def transposed(Q, K, V):
    weights = softmax(Q @ K.T / np.sqrt(K.shape[-1]))
    return weights @ V, weights


def broken(size, keeps):
    """The function of exercise 1.8, with its two bugs or one of them."""

    def attention(Q, K, V):
        scores = Q @ K.T / np.sqrt(size(K))
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights = e / e.sum(axis=1, keepdims=keeps)
        return weights @ V, weights

    return attention


WRONG = [
    ("1.1", [2, 0, 0, 2], "these are the scores"),
    ("1.1", [1, 0, 0, 1], "these are the scaled scores"),
    ("1.1", [0.44, 0.06, 0.06, 0.44], "without the division by √d_k"),
    ("1.1", [0.31, 0.19, 0.19, 0.31], "you divided by d_k, which is 4"),
    ("1.1", [2.72, 1, 1, 2.72], "these are the exponentials"),
    ("1.1", [0.534, 0.072, 0.197, 0.197], "this is the row of the lesson"),
    ("1.1", [37, 13, 13, 37], "these are percentages"),
    ("1.1", [0.4, 0.1, 0.1, 0.4], "The largest difference"),
    ("1.2", [20, 0, 0, 0], "looks most at Mia"),
    ("1.2", [1, 0, 1, 0], "the weight of Tom is only 0.43"),
    ("1.2", [0, 0, np.inf, 0], "not finite"),
    ("1.2", [-4, 0], "must have the shape (4,)"),
    ("1.3", 8, "8 is √64"),
    ("1.3", 64, "64 is the width"),
    ("1.3", 256, "256 is the variance"),
    ("1.3", 32, "twice as large, not four times"),
    ("1.3", 4, "the variance of one number"),
    ("1.3", 2, "the size of one number"),
    ("1.4", always_true, "accepts everything"),
    ("1.4", with_zero_values, "accepts everything"),
    ("1.4", only_the_average_of_a_square, "it accepts attention with the softmax over the wrong axis"),
    ("1.4", exactly_equal, "it refuses correct attention"),
    ("1.4", one_verdict_each, "must return one True or False"),
    ("1.4", not_too_large, "it accepts attention whose weights add up to 0.9"),
    ("1.5", lambda w: np.diag(w * (1 - w)), "the diagonal is right"),
    ("1.5", lambda w: -np.outer(w, w), "off the diagonal it is right"),
    ("1.5", lambda w: np.diag(w) + np.outer(w, w), "the sign is wrong"),
    ("1.5", lambda w: w * (1 - w), "All slopes make a matrix"),
    ("1.6", transposed, "one sentence works, but a batch"),
    ("1.6", lambda Q, K, V: attention(Q, K, V, divisor=1), "the division by √d_k is missing"),
    ("1.6", lambda Q, K, V: attention(Q, K, V, divisor=K.shape[-1]), "you divided by d_k."),
    ("1.6", lambda Q, K, V: attention(Q, K, V, divisor=np.sqrt(K.shape[-2])), "the number of keys"),
    ("1.6", lambda Q, K, V: attention(Q, K, V, axis=-2), "the softmax runs over the queries"),
    ("1.6", lambda Q, K, V: attention(Q, K, V)[::-1], "in the wrong order"),
    ("1.6", lambda Q, K, V: attention(Q, K, V)[0], "must return 2 things: the output, the weights"),
    ("1.6", lambda Q, K, V: attention(Q, K, V, softmax=careless_softmax), "not finite"),
    ("1.7", ["rises", "rises", "same", "falls", "falls", "rises"], "change 1, every score grows by 5"),
    ("1.7", ["same", "rises", "same", "same", "falls", "rises"], "change 4, a second Mia"),
    ("1.7", ["same", "up"], "a list of 6 words"),
    ("1.8", broken(len, False), "nothing has changed yet"),
    ("1.8", broken(lambda K: K.shape[1], False), "has lost the axis"),
    ("1.8", broken(len, True), "one bug is left"),
    ("1.8", lambda Q, K, V: attention(Q, K, V, softmax=careless_softmax), "not finite"),
    ("1.9", "No.", "these are 1 words"),
    (
        "1.9",
        "I would keep the softmax since everybody does it and it has been tried in so many models for "
        "years that another function must be worse than what we have.",
        "a row in which no score is positive",
    ),
    (
        "1.9",
        "With negative scores everything is cut, so the row is 0 / 0 and there are no shares for anybody in the "
        "sentence, which is a problem since the output would be nothing.",
        "what it means for learning",
    ),
    ("1.10", lambda x, xs, ys: softmax((x[:, None] - xs) ** 2 / 2) @ ys, "the sign is wrong"),
    ("1.10", lambda x, xs, ys: softmax(-((x[:, None] - xs) ** 2)) @ ys, "the ½ is missing"),
    ("1.10", lambda x, xs, ys: softmax(-((x[:, None] - xs) ** 2) / 2, axis=0) @ ys, "the softmax runs over xs"),
    ("1.10", lambda x, xs, ys: softmax(-((x[:, None] - xs) ** 2) / 2), "Average the ys"),
]

WRONG += [
    ("1.11", ["she", ".", "met"], "c: that is what woman looks at most: a row"),
    ("1.11", ["she", "she", "[CLS]"], "b: read the diagonal again"),
    ("1.11", ["woman", ".", "[CLS]"], "a: read the row of man again"),
    ("1.11", ["she", "."], "a list of three tokens"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


@pytest.mark.parametrize("query", [[0, 0, 20, 0], [20, 0, 20, 0], np.array([-30.0, 0, 60, 0])])
def test_any_query_that_finds_tom_is_right(query):
    assert line("1.2", query) == "✓ Right."


@pytest.mark.parametrize("number", [16, 16.0, np.float32(16), np.array(16)])
def test_a_number_is_right_in_any_type(number):
    assert line("1.3", number) == "✓ Right."
