"""The exercises of lesson A1 name the typical mistakes."""

import math

import numpy as np
import pytest

from ktlearn.exercises import lesson_a1_loop, lesson_a1_losses, lesson_a1_steps
from tests.exercises.answers import diagnosis, line

# --- A1.1 --------------------------------------------------------------------------------------

PAPER = [
    ([5, -8 / 3, 2 / 3], "you gave their sum"),
    ([0, -8 / 3, 2 / 3], "the first number is not the loss"),
    ([5 / 3, -4 / 3, 1 / 3], "the 2 of the square is missing"),
    ([5 / 3, -8, 2], "you gave the sum"),
    ([5 / 3, 8 / 3, -2 / 3], "the error is prediction minus target"),
    ([5 / 3, 1, -1 / 4], "the mean of 2 · error · x"),
    ([5 / 3, -8 / 3, -2 / 3], "You went uphill"),
    ([5 / 3, -8 / 3, 8 / 3], "0 − 0.25 · slope"),
]

# --- A1.2 --------------------------------------------------------------------------------------

STEPS = [
    (lambda n, size, epochs: n // size * epochs, "the last, smaller batch"),
    (lambda n, size, epochs: math.ceil(n * epochs / size), "does not go over the end of an epoch"),
    (lambda n, size, epochs: n * epochs / size, "a part of a batch is a step too"),
    (lambda n, size, epochs: math.ceil(n / size), "that is one epoch"),
]

# --- A1.3 --------------------------------------------------------------------------------------

FIRST_LOSSES = [
    ([2.32, 14.90, 0.47], "to the base 2"),
    ([-1.61, -10.33, -0.33], "minus the logarithm"),
    ([1.61, 10.33, 0.105], "that is the loss of a yes"),
    ([1.61, 10.33, 0.693], "says 0.9, not 0.5"),
    ([0.69, 10.33, 0.33], "a: not yet"),
    ([1.61, 10.33, 0.5], "c: not yet"),
]

# --- A1.4 --------------------------------------------------------------------------------------


def naive(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def clipped(z, y):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


ENTROPIES = [
    (naive, "nan or infinite"),
    (clipped, "other numbers"),
    (lambda z, y: len(z) * naive(z, y), "the sum over the reviews"),
    (lambda z, y: naive(z, 1 - y), "positive and negative are exchanged"),
    (lambda z, y: -naive(z, y), "minus the logarithm"),
    (lambda z, y: np.mean(y * np.log1p(np.exp(-z))), "the negative reviews cost nothing"),
]

# --- A1.5 --------------------------------------------------------------------------------------


def as_printed(X, Y, rate, epochs, batch_size):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for start in range(0, len(X) - batch_size, batch_size):
            x, y = X[start : start + batch_size], Y[start : start + batch_size]
            p = 1 / (1 + np.exp(-x @ w + b))
            w = w - rate * x.T @ (y - p) / len(y)
            b = b - rate * (y - p).mean()
    return w, b


def no_last_batch(X, Y, rate, epochs, batch_size):
    whole = (len(X) - 1) // batch_size * batch_size
    return lesson_a1_loop.solution_a1_5(X[:whole], Y[:whole], rate, epochs, batch_size)


def uphill(X, Y, rate, epochs, batch_size):
    return lesson_a1_loop.solution_a1_5(X, Y, -rate, epochs, batch_size)


TRAININGS = [
    (as_printed, "3 bugs are left"),
    (no_last_batch, "one bug is left. The last batch"),
    (uphill, "one bug is left. The steps go uphill"),
    (lambda X, Y, rate, epochs, batch_size: lesson_a1_loop.solution_a1_5(X, Y, rate, 1, batch_size), "other numbers"),
]

# --- A1.6 --------------------------------------------------------------------------------------

FLOORS = [
    (lambda classes: 0.0, "a logit of infinity"),
    (lambda classes: math.log(classes), "the loss of a guess"),
    (lambda classes: math.log(1 + math.exp(-1)), "right for two classes"),
    (lambda classes: -lesson_a1_losses.solution_a1_6(classes), "other numbers"),
]

# --- A1.7 --------------------------------------------------------------------------------------

RIGHT_CURVES = lesson_a1_loop.solution_a1_7()
CURVES = [
    ({"a": "go on"}, "keys"),
    (RIGHT_CURVES | {"b": "tiny"}, "b: the answers to choose from"),
    (RIGHT_CURVES | {"a": "go on"}, "a: compare the two losses"),
    (RIGHT_CURVES | {"b": "go on"}, "b: how far"),
    (RIGHT_CURVES | {"c": "overfitting"}, "c: the loss rises"),
    (RIGHT_CURVES | {"d": "overfitting"}, "d: do both losses still fall"),
]

# --- A1.8 --------------------------------------------------------------------------------------

RATES = [(0.28, "farther from the bottom"), (0.1, "a larger one does too"), (-0.1, "above 0"), (math.nan, "above 0")]

# --- A1.9 --------------------------------------------------------------------------------------


def all_at_once(loss, w):
    return np.full(len(w), (loss(w + 1e-4) - loss(w - 1e-4)) / 2e-4)


def in_place(loss, w):
    gradient = np.zeros(len(w))
    for i in range(len(w)):
        before = loss(w)
        w[i] += 1e-5
        gradient[i] = (loss(w) - before) / 1e-5
    return gradient


NUDGES = [
    (all_at_once, "all parameters at once"),
    (in_place, "changes the w that it was given"),
    (lambda loss, w: 2 * lesson_a1_steps.solution_a1_9(loss, w), "twice too large"),
    (lambda loss, w: -lesson_a1_steps.solution_a1_9(loss, w), "the sign"),
    (lambda loss, w: lesson_a1_steps.solution_a1_9(loss, w) + 1, "other numbers"),
]

# --- A1.10 -------------------------------------------------------------------------------------


def momentum(kept, share, sign):
    def path(slope, w, rate, steps):
        velocity, seen = 0, []
        for _ in range(steps):
            velocity = kept * velocity - share * rate * slope(w)
            w += sign * velocity
            seen.append(w)
        return seen

    return path


PATHS = [
    (momentum(0, 1, 1), "plain SGD"),
    (momentum(0.9, 0.1, 1), "as Adam does"),
    (momentum(0.9, 1, -1), "uphill"),
    (lambda slope, w, rate, steps: [w, *momentum(0.9, 1, 1)(slope, w, rate, steps - 1)], "the start does not belong"),
    (momentum(0.5, 1, 1), "other numbers"),
]

# --- A1.11 -------------------------------------------------------------------------------------

MULTIPLES = [
    (1, "both corrections"),
    (0.1, "v is not corrected"),
    (100, "by its root"),
    (0.316, "wrong way up"),
    (7, "after one step"),
]


@pytest.mark.parametrize(
    ("number", "answer", "sentence"),
    [
        (f"A1.{place}", *case)
        for place, cases in enumerate(
            [PAPER, STEPS, FIRST_LOSSES, ENTROPIES, TRAININGS, FLOORS, CURVES, RATES, NUDGES, PATHS, MULTIPLES], start=1
        )
        for case in cases
    ],
)
def test_the_mistake_is_named(number, answer, sentence):
    assert sentence in diagnosis(number, answer)


def test_other_right_ways_are_right():
    assert line("A1.1", (1.667, -2.667, 0.667)) == "✓ Right."
    assert line("A1.2", lambda examples, batch_size, epochs: -(-examples // batch_size) * epochs) == "✓ Right."
    assert line("A1.3", [1.61, 10.33, 0.33]) == "✓ Right."
    assert line("A1.4", lambda z, y: np.mean(np.logaddexp(0, z) - z * y)) == "✓ Right."
    assert line("A1.6", lambda classes: math.log(math.e + classes - 1) - 1) == "✓ Right."
    assert line("A1.8", 0.272) == "✓ Right."
    assert line("A1.10", momentum(0.9, 1, 1)) == "✓ Right."
    assert line("A1.11", 3.16) == "✓ Right."


def test_the_largest_rate_is_the_one_that_the_valley_of_the_lesson_bears():
    x, y = np.array([3.0, 1.0, -1.0]), np.array([2.0, 1.0, -1.0])

    def distance(rate, steps=4000):
        w = 0.0
        for _ in range(steps):
            w -= rate * np.mean(2 * (w * x - y) * x)
        return abs(w - 8 / 11)

    assert distance(0.27) < 1e-9 < 1 < distance(0.28)


def test_one_bug_in_the_bias_is_told_from_the_two_others():
    found = diagnosis("A1.5", lesson_a1_loop._buggy("bias"))
    assert found.startswith("one bug is left. The bias")
