"""Exercises of lesson A1 about the loop of training: a step, its batches, its bugs, its curves."""

import math
from itertools import combinations

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- A1.1 A step on paper ----------------------------------------------------------------------

X, Y, RATE = np.array([2.0, -1.0, 1.0]), np.array([1.0, -2.0, 0.0]), 0.25


def check_a1_1(answer):
    loss, slope, w = as_array(answer, shape=(3,)).tolist()
    right_loss, right_slope, _ = solution_a1_1()
    if is_close(loss, 3 * right_loss, 0.01):
        raise NotYet("the loss is the mean of the three squares, and you gave their sum.")
    if not is_close(loss, right_loss, 0.01):
        raise NotYet("the first number is not the loss: at w = 0 each error is 0 − y. Square them, take the mean.")
    if is_close(slope, right_slope / 2, 0.01):
        raise NotYet("the 2 of the square is missing in the slope: the slope of error² is 2 · error.")
    if is_close(slope, 3 * right_slope, 0.01):
        raise NotYet("the slope is the mean over the three reviews, and you gave the sum.")
    if is_close(slope, -right_slope, 0.01):
        raise NotYet("the slope has the wrong sign: the error is prediction minus target.")
    if not is_close(slope, right_slope, 0.01):
        raise NotYet("the second number is not the slope: the mean of 2 · error · x.")
    if is_close(w, RATE * right_slope, 0.01):
        raise NotYet("the step goes against the slope: w minus rate times slope. You went uphill.")
    if not is_close(w, -RATE * right_slope, 0.01):
        raise NotYet("the third number is not the new w: 0 − 0.25 · slope.")


def solution_a1_1():
    error = 0 * X - Y
    loss = (error**2).mean()  # (1 + 4 + 0) / 3
    slope = (2 * error * X).mean()  # (-4 - 4 + 0) / 3
    return [loss, slope, 0 - RATE * slope]


# --- A1.2 How many steps? ----------------------------------------------------------------------


def check_a1_2(answer):
    rng = np.random.default_rng()
    size, batches = int(rng.integers(5, 20)), int(rng.integers(5, 20))
    for examples in (size * batches, size * batches + 1, size - 2):
        compare(answer, solution_a1_2, examples, size, 4, mistakes=STEP_MISTAKES, names=("the number of steps",))


def solution_a1_2(examples, batch_size, epochs):
    return epochs * math.ceil(examples / batch_size)


STEP_MISTAKES = [
    (lambda n, size, epochs: n // size * epochs, "you left out the last, smaller batch of each epoch."),
    (
        lambda n, size, epochs: math.ceil(n * epochs / size),
        "a batch does not go over the end of an epoch: round up in each epoch, and then multiply.",
    ),
    (lambda n, size, epochs: n * epochs / size, "a part of a batch is a step too: round up in each epoch."),
    (lambda n, size, epochs: math.ceil(n / size), "that is one epoch. There are several."),
]


# --- A1.5 Find the bugs ------------------------------------------------------------------------


def check_a1_5(answer):
    rng = np.random.default_rng()
    x, y = rng.normal(size=(10, 3)), rng.permutation([0.0, 1.0] * 5)
    compare(answer, solution_a1_5, x, y, 0.5, 3, 4, mistakes=BUGS_LEFT, names=("w", "b"), atol=1e-6)
    compare(answer, solution_a1_5, x[:8], y[:8], 0.5, 3, 4, mistakes=BUGS_LEFT, names=("w", "b"), atol=1e-6)


def solution_a1_5(X, Y, rate, epochs, batch_size):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):  # up to the end
            x, y = X[start : start + batch_size], Y[start : start + batch_size]
            p = 1 / (1 + np.exp(-(x @ w + b)))  # the minus is for the bias too
            w = w - rate * x.T @ (p - y) / len(y)  # prediction minus target
            b = b - rate * (p - y).mean()
    return w, b


def _buggy(*bugs):
    def train(X, Y, rate, epochs, batch_size):
        w, b = np.zeros(X.shape[1]), 0.0
        bias, way = (-1 if "bias" in bugs else 1), (-1 if "uphill" in bugs else 1)
        for _ in range(epochs):
            for start in range(0, len(X) - batch_size * ("end" in bugs), batch_size):
                x, y = X[start : start + batch_size], Y[start : start + batch_size]
                p = 1 / (1 + np.exp(-(x @ w + bias * b)))
                w = w - way * rate * x.T @ (p - y) / len(y)
                b = b - way * rate * (p - y).mean()
        return w, b

    return train


BUGS = {
    "end": "the last batch of each epoch is left out: look at the end of `range`.",
    "bias": "the bias has the wrong sign inside of exp: −x @ w + b is not −(x @ w + b).",
    "uphill": "the steps go uphill: the error is prediction minus target.",
}
BUGS_LEFT = [
    (_buggy(*left), f"{'one bug is' if count == 1 else f'{count} bugs are'} left. {BUGS[left[0]].capitalize()}")
    for count in (1, 2, 3)
    for left in combinations(BUGS, count)
]


# --- A1.7 Read the curves ----------------------------------------------------------------------

CAUSES = {"a": "overfitting", "b": "too small", "c": "too large", "d": "go on"}


def check_a1_7(answer):
    if not isinstance(answer, dict) or sorted(map(str, answer)) != list(CAUSES):
        raise NotYet('the answer is a dictionary with the keys "a", "b", "c" and "d".')
    for letter, found in answer.items():
        if found not in CAUSES.values():
            raise NotYet(f"{letter}: the answers to choose from are {', '.join(CAUSES.values())}. You gave {found!r}.")
        if found != CAUSES[letter]:
            raise NotYet(f"{letter}: {READING[letter]}")


def solution_a1_7():
    return {"a": "overfitting", "b": "too small", "c": "too large", "d": "go on"}


READING = {
    "a": "compare the two losses. One falls all the time; what does the other do after epoch 2?",
    "b": "how far has the loss come in five epochs? It is still near the coin's 0.693.",
    "c": "the loss rises from the first epoch on, and ends as nan.",
    "d": "do both losses still fall in the last epoch?",
}


LOOP = [
    Exercise(
        "A1.1",
        "A step on paper",
        minutes=5,
        difficulty=1,
        check=check_a1_1,
        solution=solution_a1_1,
        why=(
            "Errors at w = 0: −1, 2, 0. The squares are 1, 4, 0, so the loss is 5/3. The slopes 2 · error · x are "
            "−4, −4, 0: mean −8/3. The step goes the other way: 0 + 0.25 · 8/3 = 2/3."
        ),
        hints=(
            "Write the three errors down first: w · x − y with w = 0.",
            "The loss is the mean of the squares. The slope is the mean of 2 · error · x.",
            "Errors −1, 2, 0; squares 1, 4, 0; slopes −4, −4, 0. New w: 0 − 0.25 · slope.",
        ),
    ),
    Exercise(
        "A1.2",
        "How many steps?",
        minutes=3,
        difficulty=1,
        check=check_a1_2,
        solution=solution_a1_2,
        why=(
            "Each epoch ends with the rest of the data, in a smaller batch. Schedules of learning rates (lessons 05 "
            "and 08) need this number."
        ),
        hints=(
            "First one epoch: how many batches is it cut into?",
            "What does not fill a batch is a batch too: round up. math.ceil rounds up.",
            "epochs * math.ceil(examples / batch_size)",
        ),
    ),
    Exercise(
        "A1.5",
        "Find the bugs",
        minutes=12,
        difficulty=2,
        check=check_a1_5,
        solution=solution_a1_5,
        why=(
            "No bug gives an error message. The first loses data, the second makes the bias wander off, the third "
            "makes the loss rise. A printed loss for each epoch shows the third at once, and the other two hardly."
        ),
        hints=(
            "Compare with section 7, line by line. There are three bugs.",
            "One in `range`, one in `np.exp`, and one that stands in two lines.",
            "range(0, len(X), batch_size); np.exp(-(x @ w + b)); (p - y) in both steps.",
        ),
    ),
    Exercise(
        "A1.7",
        "Read the curves",
        minutes=5,
        difficulty=1,
        check=check_a1_7,
        solution=solution_a1_7,
        why=(
            "Training down and validation up: overfitting. Both hardly move: too small. Up and nan: too large. Both "
            "still fall: go on."
        ),
        hints=(
            "For each run ask two questions: does the training loss fall, and does the validation loss?",
            "Which run still improves on both in its last epoch? Which on one only?",
            "nan comes from a rate that is too large.",
        ),
    ),
]
