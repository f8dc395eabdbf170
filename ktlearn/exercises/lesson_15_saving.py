"""Exercises of lesson 15 about ways to save, and about reading what was measured."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

SIZES = [1, 2, 4, 8, 16, 32]  # of exercise 15.8, in millions of parameters
LOSSES = {  # after so many millions of tokens
    "20": [4.60, 4.22, 3.98, 3.93, 3.92, 3.94],
    "100": [4.41, 4.02, 3.67, 3.36, 3.19, 3.15],
}
WAYS = {"accumulate", "recompute", "lora", "bfloat16", "8 bits", "distil"}
RIGHT_WAYS = {"a": "recompute", "b": "8 bits", "c": "lora", "d": "distil"}


def check_15_5(answer):
    rng = np.random.default_rng()
    x, y, w = rng.normal(size=(10, 3)), rng.normal(size=10), rng.normal(size=3)

    def mean_of_means(slopes, x, y, w, rows):
        return np.mean([slopes(x[i : i + rows], y[i : i + rows], w) for i in range(0, len(x), rows)], axis=0)

    mistakes = [
        (mean_of_means, "the last part has two rows, and counts as much as one of four: weigh each part by its rows."),
        (
            lambda slopes, x, y, w, rows: len(range(0, len(x), rows)) * mean_of_means(slopes, x, y, w, rows),
            "this is the sum of the parts; one step of the whole batch has their mean.",
        ),
        (
            lambda slopes, x, y, w, rows: len(x) * _slopes(x, y, w),
            "divide by the number of all rows at the end.",
        ),
        (
            lambda slopes, x, y, w, rows: mean_of_means(slopes, x[: len(x) // rows * rows], y, w, rows),
            "the last rows were left out.",
        ),
    ]
    compare(answer, solution_15_5, _slopes, x, y, w, 4, mistakes=mistakes, names=["the gradient"])


def _slopes(x, y, w):
    return 2 * x.T @ (x @ w - y) / len(y)


def solution_15_5(slopes, x, y, w, rows):
    total = 0
    for i in range(0, len(x), rows):
        part = x[i : i + rows]
        total = total + len(part) * slopes(part, y[i : i + rows], w)
    return total / len(x)


def check_15_6(answer):
    matrix = np.random.default_rng().normal(size=(6, 4)) * np.array([1, 0.1, 3, 0.01])
    matrix[0] = -5 * np.abs(matrix[0]) - np.abs(matrix).max(axis=0)  # the largest of a column is below zero
    found = answer(matrix.copy())
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        raise NotYet("your function must return two things: the whole numbers, and the scales.")
    numbers, scales = (as_array(part, name) for part, name in zip(found, ("numbers", "scales"), strict=True))
    right_numbers, right_scales = solution_15_6(matrix)
    if numbers.shape != matrix.shape:
        raise NotYet(f"numbers must have the shape of the matrix, {matrix.shape}; it is {numbers.shape}.")
    if scales.shape == ():
        raise NotYet("one scale for the whole matrix: its largest column decides, and a small column becomes 0.")
    if scales.shape == (6,):
        raise NotYet("one scale for each column, so the largest is taken along axis 0.")
    if scales.shape != (4,):
        raise NotYet(f"scales must have one number for each column, (4,); it is {scales.shape}.")
    if is_close(scales, 1 / right_scales):
        raise NotYet("the scale is what a whole number is multiplied by: largest / 127.")
    if is_close(scales, matrix.max(axis=0) / 127):
        raise NotYet("a column may have its largest number below zero: take the size, np.abs.")
    if is_close(scales, np.abs(matrix).max(axis=0)):
        raise NotYet("127 steps go to each side: divide the largest by 127.")
    if not is_close(scales, right_scales):
        raise NotYet("the scales are not the largest size of each column, divided by 127.")
    if numbers.dtype != np.int8:
        raise NotYet(f"the numbers have the type {numbers.dtype}; one byte each is int8.")
    if is_close(numbers, (matrix / scales).astype("int8")):
        raise NotYet("astype cuts the digits off; round first.")
    if not is_close(numbers, right_numbers):
        raise NotYet("the scales are right, the whole numbers are not: divide by the scale, round.")


def solution_15_6(matrix):
    scales = np.abs(matrix).max(axis=0) / 127
    return np.round(matrix / scales).astype("int8"), scales


def check_15_7(answer):
    sizes = np.array([1e4, 4e4, 1.6e5, 6.4e5])
    losses = 9.0 * sizes**-0.11 * np.exp(np.random.default_rng().normal(size=4) * 0.01)
    mistakes = [
        (lambda n, y: np.polyfit(n, y, 1)[0], "this is a straight line through the numbers, not their logarithms."),
        (lambda n, y: np.polyfit(np.log(n), np.log(y), 1)[0], "the slope is negative; alpha is its size: L ∝ N^(−α)."),
        (lambda n, y: -np.polyfit(np.log(n), y, 1)[0], "the loss needs a logarithm too."),
        (lambda n, y: -np.polyfit(n, np.log(y), 1)[0], "the sizes need a logarithm too."),
        (lambda n, y: -np.polyfit(np.log(y), np.log(n), 1)[0], "polyfit takes x first, and x are the sizes."),
        (lambda n, y: np.polyfit(np.log(n), np.log(y), 1)[1], "polyfit gives the slope first, then the height."),
    ]
    compare(answer, solution_15_7, sizes, losses, mistakes=mistakes, names=["alpha"], atol=1e-4)


def solution_15_7(sizes, losses):
    slope, _ = np.polyfit(np.log(sizes), np.log(losses), 1)
    return -slope


def check_15_8(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise NotYet("give two numbers: [2, 0.1].")
    size, gain = (float(as_array(number, "each of the two", shape=())) for number in answer)
    if size not in SIZES:
        raise NotYet(f"{size:g} is not on the axis; it has {SIZES}.")
    if size != 4:
        where = "still falls by more than 0.1 after it" if size < 4 else "falls by less than 0.1 before it already"
        raise NotYet(f"at {size:g} million, the line of 20 million tokens {where}.")
    if abs(gain - 0.04) < 0.005:
        raise NotYet("the second question is about the line of 100 million tokens.")
    if abs(gain + 0.17) < 0.02:
        raise NotYet("by how much it falls: a positive number.")
    if abs(gain - 0.17) > 0.05:
        raise NotYet("read the line of 100 million tokens at 8 and at 16, and take the difference.")


def solution_15_8():
    return [4, 0.17]


def check_15_10(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise NotYet("give two numbers: the end in float32, and the end in bfloat16.")
    whole, half = (float(as_array(number, "each of the two", shape=())) for number in answer)
    if abs(whole - 2) > 0.01:
        raise NotYet("in float32, a thousand times a thousandth is added: which number comes out?")
    if abs(half - 2) < 0.01:
        raise NotYet("the second ends elsewhere: cast the sum to bfloat16 after each addition.")
    if half != 1:
        raise NotYet("begin at 1.0, and cast the sum to bfloat16 after each addition.")


def solution_15_10():
    import ml_dtypes

    sums = [np.float32(1), ml_dtypes.bfloat16(1)]
    for _ in range(1000):
        sums = [kind(total + kind(0.001)) for total, kind in zip(sums, (np.float32, ml_dtypes.bfloat16), strict=True)]
    return [round(float(total), 3) for total in sums]


def check_15_11(answer):
    if not isinstance(answer, dict) or set(answer) != set(RIGHT_WAYS):
        raise NotYet('give a dictionary with the keys "a", "b", "c" and "d".')
    for place, way in answer.items():
        if way not in WAYS:
            raise NotYet(f"{place}: {way!r} is none of {', '.join(sorted(WAYS))}.")
    for place, sentence in _WHY_NOT.items():
        if answer[place] != RIGHT_WAYS[place]:
            raise NotYet(f"{place}: {sentence}")


_WHY_NOT = {
    "a": "one text alone does not fit, so no smaller batch helps, and it is the activations that are too many.",
    "b": "nothing is trained any more, and nobody may train anew: what can be done to a finished file?",
    "c": "fifty customers, one model: what is small enough to be kept fifty times?",
    "d": "ten times as fast is more than rounding gives: the model has to be smaller, and time to train is there.",
}


def solution_15_11():
    return {"a": "recompute", "b": "8 bits", "c": "lora", "d": "distil"}


_POINTS = (
    (r"short|100|tokens|length", "that the length of the texts decides, and theirs are short"),
    (r"feed.?forward|matri|projection|16\s?D|2\s?D", "what costs more than attention at this length"),
    (r"measure|profil|time it|look first", "that one should measure before buying"),
    (r"smaller|distil|8.?bit|int8|batch|pad|bucket|quanti", "something that would help in this case"),
)


def check_15_12(answer):
    check_in_words(answer, _POINTS, "Give your boss three or four sentences.")


def solution_15_12():
    return (
        "Attention grows with the square of the length, but our texts have 100 tokens: there the products of attention "
        "are about two percent of the operations of BERT-base, and the feed-forward network and the projections are "
        "nearly all. A model with cheaper attention would not be noticed. Let us first measure where the time goes; "
        "I suspect padding, and texts that are asked one by one. Batches of similar length, 8 bits, or a smaller model "
        "that is distilled from ours would help, and cost less than new machines."
    )
