"""Exercises of lesson A1 about slopes and steps."""

import math

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- A1.8 The largest rate ---------------------------------------------------------------------


def check_a1_8(answer):
    rate = float(as_array(answer, shape=()))
    if not np.isfinite(rate) or rate <= 0:
        raise NotYet("a rate is a number above 0.")
    if rate > 3 / 11:
        raise NotYet(f"with the rate {rate:g} each step lands farther from the bottom than it began.")
    if rate < 0.265:
        raise NotYet(
            f"the rate {rate:g} works, and a larger one does too. Take more steps, and go up in steps of 0.01."
        )


def solution_a1_8():
    # A step multiplies the distance to the bottom by 1 - rate * 22 / 3, where 22 / 3 is 2 * mean(x²).
    # It shrinks as long as this factor lies between -1 and 1: rate < 2 / (22 / 3) = 0.2727.
    return 0.27


# --- A1.9 A gradient by nudging ----------------------------------------------------------------


def check_a1_9(answer):
    rng = np.random.default_rng()
    a, c, w = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)

    def loss(w):
        return float(np.sum((a @ w - c) ** 2) + np.sum(np.sin(w)))

    exact = 2 * a.T @ (a @ w - c) + np.cos(w)
    given = w.copy()
    found = as_array(answer(loss, given), "the gradient", shape=(4,))
    if is_close(found, np.full(4, exact.sum()), 1e-2):
        raise NotYet("you nudge all parameters at once. Nudge one, and leave the others where they are.")
    if not np.allclose(given, w):
        raise NotYet("your function changes the w that it was given. Nudge a copy.")
    if is_close(found, 2 * exact, 1e-2):
        raise NotYet("twice too large: between the two nudged places lie two nudges.")
    if is_close(found, -exact, 1e-2):
        raise NotYet("the sign: the loss after a nudge upwards, minus the loss after a nudge downwards.")
    must_be_close(found, exact, "the gradient", atol=2e-3)


def solution_a1_9(loss, w):
    gradient = np.zeros(len(w))
    for i in range(len(w)):
        nudge = np.zeros(len(w))
        nudge[i] = 1e-4
        gradient[i] = (loss(w + nudge) - loss(w - nudge)) / 2e-4
    return gradient


# --- A1.10 Momentum ----------------------------------------------------------------------------


def check_a1_10(answer):
    rng = np.random.default_rng()
    bottom, start = rng.normal(size=2)

    def slope(w):
        return 3 * (w - bottom)

    compare(answer, solution_a1_10, slope, float(start), 0.05, 6, mistakes=MOMENTUM_MISTAKES, names=("the path",))


def solution_a1_10(slope, w, rate, steps):
    velocity, path = 0.0, []
    for _ in range(steps):
        velocity = 0.9 * velocity - rate * slope(w)
        w = w + velocity
        path.append(w)
    return np.array(path)


def _path(kept, share, sign):
    def descend(slope, w, rate, steps):
        velocity, path = 0.0, []
        for _ in range(steps):
            velocity = kept * velocity - share * rate * slope(w)
            w = w + sign * velocity
            path.append(w)
        return np.array(path)

    return descend


def _with_the_start(slope, w, rate, steps):
    return np.array([w, *solution_a1_10(slope, w, rate, steps)[:-1]])


MOMENTUM_MISTAKES = [
    (_path(0, 1, 1), "nothing of the old velocity is kept: this is plain SGD. Does your loop set it to 0 each time?"),
    (_path(0.9, 0.1, 1), "you average as Adam does, with 0.1 for the new slope. Here it counts in full."),
    (_path(0.9, 1, -1), "you went uphill: the velocity has its minus already, so add it."),
    (_with_the_start, "the path holds w after each step; the start does not belong in it."),
]


# --- A1.11 Without the correction --------------------------------------------------------------


def check_a1_11(answer):
    times = float(as_array(answer, shape=()))
    if is_close(times, 1, 1e-3):
        raise NotYet("1 is the first step with both corrections.")
    if is_close(times, 0.1, 1e-3):
        raise NotYet("you have taken m without its correction. v is not corrected either, and it is too small as well.")
    if is_close(times, 100, 1e-3):
        raise NotYet("you divide by v. The formula divides by its root.")
    if is_close(times, 1 / math.sqrt(10), 5e-3):
        raise NotYet("the wrong way up: divide 0.1 · g by the root of 0.001 · g².")
    if not is_close(times, solution_a1_11(), 5e-3):
        raise NotYet("after one step m is 0.1 · g and v is 0.001 · g². Put them into m / √v.")


def solution_a1_11():
    return 0.1 / math.sqrt(0.001)


STEPS = [
    Exercise(
        "A1.8",
        "The largest rate",
        minutes=10,
        difficulty=2,
        check=check_a1_8,
        solution=solution_a1_8,
        why=(
            "The slope at a distance d from the bottom is 22/3 · d, so a step leaves (1 − rate · 22/3) · d. It gets "
            "smaller as long as this factor is above −1. The steeper the valley, the smaller the largest rate; and in "
            "a model with many parameters, the steepest direction decides for all."
        ),
        hints=(
            "Try descend(rate, steps=200) with rates between 0.1, which works, and 0.3, which does not.",
            "Near the limit w jumps from side to side for a long time. Take 2000 steps before you decide.",
            "0.28 is too large. Is the next smaller one in steps of 0.01 right?",
        ),
    ),
    Exercise(
        "A1.9",
        "A gradient by nudging",
        minutes=10,
        difficulty=2,
        check=check_a1_9,
        solution=solution_a1_9,
        why=(
            "Two calls of the loss for each parameter: fine for four, impossible for a Transformer. But as a test of "
            "a gradient written by hand it is worth a lot: compare a few entries."
        ),
        hints=(
            "One parameter after the other: nudge it upwards and downwards, the others stay.",
            "Make a vector of zeros with one small number in it, and use w + nudge and w − nudge.",
            "gradient[i] = (loss(w + nudge) - loss(w - nudge)) / (2 * size), with nudge[i] = size = 1e-4.",
        ),
    ),
    Exercise(
        "A1.10",
        "Momentum",
        minutes=8,
        difficulty=2,
        check=check_a1_10,
        solution=solution_a1_10,
        why=(
            "This is `keras.optimizers.SGD(rate, momentum=0.9)`. Slopes that agree add up, to ten times the step in "
            "the end, since 1 + 0.9 + 0.81 + … = 10. Slopes that wobble cancel."
        ),
        hints=(
            "Keep a second number beside w, from step to step: the velocity.",
            "In each step: keep 0.9 of the velocity, and subtract rate * slope(w). Then add it to w.",
            "velocity = 0.9 * velocity - rate * slope(w); w = w + velocity; path.append(w).",
        ),
    ),
    Exercise(
        "A1.11",
        "Without the correction",
        minutes=5,
        difficulty=2,
        check=check_a1_11,
        solution=solution_a1_11,
        why=(
            "Both averages are too small, m by the factor 10, √v by the factor 31.6. So without the correction the "
            "first step is not too small, but more than three times too large. Just then the model knows least."
        ),
        hints=(
            "What are m and v after the first step, with the slope g?",
            "m = 0.1 · g and v = 0.001 · g². The step is rate · m / √v.",
            "0.1 / √0.001, whatever g is.",
        ),
    ),
]
