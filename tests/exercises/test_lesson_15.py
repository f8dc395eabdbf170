"""The diagnoses of lesson 15. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_15_counting import solution_15_1, solution_15_3, solution_15_4
from ktlearn.exercises.lesson_15_saving import LOSSES, SIZES, solution_15_6, solution_15_8, solution_15_10
from tests.exercises.answers import diagnosis


def mean_of_means(slopes, x, y, w, rows):
    return np.mean([slopes(x[i : i + rows], y[i : i + rows], w) for i in range(0, len(x), rows)], axis=0)


def sum_of_parts(slopes, x, y, w, rows):
    return 3 * mean_of_means(slopes, x, y, w, rows)


def whole_scale(matrix):
    scale = np.abs(matrix).max() / 127
    return np.round(matrix / scale).astype("int8"), scale


def by_row(matrix):
    numbers, scales = solution_15_6(matrix.T)
    return numbers.T, scales


def cut_off(matrix):
    _, scales = solution_15_6(matrix)
    return (matrix / scales).astype("int8"), scales


def as_floats(matrix):
    numbers, scales = solution_15_6(matrix)
    return numbers.astype("float32"), scales


NOT_MEASURED = (
    "Our texts are short, they have 100 tokens, so the feed-forward network and the projections cost most, and a "
    "smaller model in 8 bits would do more than all of this, and it is cheaper as well."
)

WRONG = [
    ("15.1", solution_15_1() + 2 * 768, "no segments"),
    ("15.1", solution_15_1() + 768**2 + 768, "no pooler"),
    ("15.1", 70_000_000, "too large"),
    ("15.1", solution_15_1() + 6 * 7_087_872, "not 12"),
    ("15.1", solution_15_1() - 1536, "has a norm too"),
    ("15.1", solution_15_1() - 6 * (5 * 768 + 3072), "biases are missing"),
    ("15.1", solution_15_1() - 12 * 1536, "two norms"),
    ("15.2", 48, "two numbers"),
    ("15.2", [12, 12.036], "weights alone"),
    ("15.2", [24, 12.036], "two more numbers"),
    ("15.2", [48e9, 12.036], "in GB"),
    ("15.2", [48, 12], "12 bytes more"),
    ("15.2", [48, 0.048], "frozen weights are in the memory"),
    ("15.2", [48, 48], "has no gradient"),
    ("15.3", lambda *sizes: solution_15_3(*sizes) / 3, "the way back"),
    ("15.3", lambda *sizes: solution_15_3(*sizes) / 2, "two operations"),
    ("15.3", lambda B, n, D, F, N: solution_15_3(1, n, D, F, N), "there are B"),
    ("15.3", lambda B, n, D, F, N: solution_15_3(B, n, D, F, N) / n, "n of them"),
    ("15.3", lambda B, n, D, F, N: 3 * B * n * N * (8 * D**2 + 4 * D * F), "products of attention are missing"),
    ("15.3", lambda B, n, D, F, N: 3 * B * n * N * (24 * D**2 + 4 * n * D), "use F"),
    ("15.4", 384, "holds for F = 4D"),
    ("15.4", 512, "projections count too"),
    ("15.4", 256, "two products"),
    ("15.5", mean_of_means, "weigh each part"),
    ("15.5", sum_of_parts, "the sum of the parts"),
    ("15.6", whole_scale, "one scale for the whole matrix"),
    ("15.6", by_row, "along axis 0"),
    ("15.6", cut_off, "round first"),
    ("15.6", as_floats, "int8"),
    ("15.6", lambda matrix: (solution_15_6(matrix)[0], np.abs(matrix).max(0)), "divide the largest by 127"),
    ("15.6", lambda matrix: (solution_15_6(matrix)[0], 127 / np.abs(matrix).max(0)), "is multiplied by"),
    ("15.7", lambda n, y: np.polyfit(np.log(n), np.log(y), 1)[0], "the slope is negative"),
    ("15.7", lambda n, y: -np.polyfit(np.log(n), y, 1)[0], "the loss needs a logarithm"),
    ("15.7", lambda n, y: -np.polyfit(np.log(y), np.log(n), 1)[0], "x first"),
    ("15.7", lambda n, y: np.polyfit(np.log(n), np.log(y), 1)[1], "slope first"),
    ("15.8", [2, 0.17], "still falls"),
    ("15.8", [16, 0.17], "before it already"),
    ("15.8", [4, -0.17], "a positive number"),
    ("15.8", [4, 0.04], "the line of 100 million"),
    ("15.8", [5, 0.17], "not on the axis"),
    ("15.9", [0.44, 2.44, 1.64], "an eighth"),
    ("15.9", [3.52, 7.52, 0.53], "half of the batch"),
    ("15.9", [3.52, 2, 2], "send the gradients"),
    ("15.9", [3.52, 5.52, 1.38], "the other way round"),
    ("15.10", [1, 1], "float32"),
    ("15.10", [2, 2], "cast the sum"),
    ("15.11", {"a": "recompute"}, "with the keys"),
    ("15.11", {"a": "buy", "b": "8 bits", "c": "lora", "d": "distil"}, "none of"),
    ("15.11", {"a": "accumulate", "b": "8 bits", "c": "lora", "d": "distil"}, "no smaller batch"),
    ("15.11", {"a": "recompute", "b": "8 bits", "c": "lora", "d": "8 bits"}, "has to be smaller"),
    ("15.12", "No.", "these are 1 words"),
    ("15.12", NOT_MEASURED, "measure before buying"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_distilbert_has_its_published_number():
    assert solution_15_1() == 66_362_880  # of distilbert-base-uncased, as Hugging Face counts it


def test_the_two_parts_cost_the_same_where_they_meet():
    n, D, F = solution_15_4(), 192, 512
    assert 8 * D**2 + 4 * n * D == 4 * D * F


def test_the_curves_say_what_the_solution_says():
    size, gain = solution_15_8()
    falls = -np.diff(LOSSES["20"])
    assert all(falls[: SIZES.index(size)] > 0.1) and all(falls[SIZES.index(size) :] < 0.1)
    longer = LOSSES["100"]
    assert longer[SIZES.index(8)] - longer[SIZES.index(16)] == pytest.approx(gain)


def test_bfloat16_never_leaves_its_place():
    assert solution_15_10() == [2, 1]
