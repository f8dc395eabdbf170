"""Exercises of lesson A1, how a model learns."""

import math
from itertools import combinations

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
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


# --- A1.3 Predict: the first loss --------------------------------------------------------------


def check_a1_3(answer):
    given, right = as_array(answer, shape=(3,)), solution_a1_3()
    wrong = [letter for letter, a, b in zip("abc", given, right, strict=True) if not is_close(a, b, 0.02)]
    if wrong and is_close(given * math.log(2), right, 0.02):
        raise NotYet("these are logarithms to the base 2. The loss takes the natural one, np.log.")
    if wrong and is_close(-given, right, 0.02):
        raise NotYet("the sign: the loss is minus the logarithm.")
    if wrong == ["c"] and is_close(given[2], -math.log(0.9), 0.005):
        raise NotYet("c: that is the loss of a yes. One review in ten is a no, and it costs more. Take the mean.")
    if wrong == ["c"] and is_close(given[2], math.log(2), 0.005):
        raise NotYet("c: this model says 0.9, not 0.5.")
    if wrong:
        raise NotYet(
            f"{', '.join(wrong)}: not yet. Which probability does the right answer get, and what is −log of it?"
        )


def solution_a1_3():
    stars = np.log(5)
    words = np.log(30_522)
    always_yes = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    return np.array([stars, words, always_yes])


# --- A1.4 A cross-entropy that survives --------------------------------------------------------


def check_a1_4(answer):
    rng = np.random.default_rng()
    z, y = rng.normal(scale=3, size=12), rng.permutation([0.0, 1.0] * 6)
    compare(answer, solution_a1_4, z, y, mistakes=ENTROPY_MISTAKES, names=("the loss",))
    for huge in (z * 1000, np.full(12, -1000.0), np.full(12, 1000.0)):
        with np.errstate(all="ignore"):
            found = answer(huge.copy(), y.copy())
        if not np.isfinite(as_array(found, "the loss", shape=())):
            raise NotYet("at scores such as ±1000 your loss is nan or infinite. Never take the exponential of +1000.")
        must_be_close(found, solution_a1_4(huge, y), "the loss at scores such as ±1000")


def solution_a1_4(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


def _sum(z, y):
    return len(z) * solution_a1_4(z, y)


def _exchanged(z, y):
    return solution_a1_4(z, 1 - y)


def _only_positive(z, y):
    return np.mean(y * np.log1p(np.exp(-z)))


ENTROPY_MISTAKES = [
    (_sum, "you gave the sum over the reviews. The loss is the mean."),
    (_exchanged, "positive and negative are exchanged: p = sigmoid(z) is the probability of y = 1."),
    (_only_positive, "the negative reviews cost nothing. Where y is 0, the loss is −log(1 − p)."),
    (lambda z, y: -solution_a1_4(z, y), "the sign: the loss is minus the logarithm."),
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


# --- A1.6 Softmax twice ------------------------------------------------------------------------


def check_a1_6(answer):
    for classes in (2, 3, 6, 30_522):
        found = as_array(answer(classes), "the lowest loss", shape=())
        if is_close(found, 0):
            raise NotYet("0 would need a logit of infinity. A probability, taken for a logit, is at most 1.")
        if is_close(found, math.log(classes)):
            raise NotYet("that is the loss of a guess. The best answer is sure and right: the probabilities 1, 0, 0, …")
        if is_close(found, math.log(1 + math.exp(-1))) and classes > 2:
            raise NotYet("right for two classes. With more, each of the wrong ones adds e⁰ = 1 to the sum.")
        must_be_close(found, solution_a1_6(classes), f"the lowest loss with {classes} classes")


def solution_a1_6(classes):
    best = np.zeros(classes)
    best[0] = 1  # what the model's own softmax gives at best: sure, and right
    p = np.exp(best) / np.exp(best).sum()  # the loss takes it for logits: softmax again
    return -np.log(p[0])


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


EXERCISES = [
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
        "A1.3",
        "Predict: the first loss",
        minutes=5,
        difficulty=1,
        check=check_a1_3,
        solution=solution_a1_3,
        why=(
            "A guess among V choices costs log V: 1.61 for five, 10.33 for 30,522. In c, nine reviews of ten cost "
            "−log 0.9 = 0.105 and one costs −log 0.1 = 2.303: 0.325 on average. On uneven data 0.693 is no floor."
        ),
        hints=(
            "Which probability does the right answer get? The loss is −log of it.",
            "a: 1/5. b: 1/30,522. In c there are two kinds of reviews, with two losses.",
            "c: 0.9 · (−log 0.9) + 0.1 · (−log 0.1).",
        ),
    ),
    Exercise(
        "A1.4",
        "A cross-entropy that survives",
        minutes=12,
        difficulty=3,
        check=check_a1_4,
        solution=solution_a1_4,
        why=(
            "−log sigmoid(z) = log(1 + e⁻ᶻ), and −log(1 − sigmoid(z)) = log(1 + e⁻ᶻ) + z. Both are "
            "log(1 + e^−|z|) + max(z, 0) − z · y, where no exponential is above 1. This is why a loss wants logits: "
            "from a probability that was rounded to 0 nobody gets the score back."
        ),
        hints=(
            "Begin with one formula for both kinds: −log p where y is 1, −log(1 − p) where y is 0.",
            "Both are log(1 + e⁻ᶻ), plus z where y is 0. And log(1 + e⁻ᶻ) = log(1 + e^−|z|) + max(−z, 0).",
            "np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))",
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
        "A1.6",
        "Softmax twice",
        minutes=8,
        difficulty=2,
        check=check_a1_6,
        solution=solution_a1_6,
        why=(
            "With two classes the loss never gets below 0.313, with 30,522 never below 9.3. A loss that stops "
            "falling far above 0, while the accuracy is good, is the sign of this mistake."
        ),
        hints=(
            "What is the best answer that a softmax can give? Take these probabilities as if they were logits.",
            "The logits 1, 0, 0, …: softmax gives the right class e / (e + 1 + 1 + …).",
            "There are classes − 1 ones: −log(e / (e + classes − 1)).",
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
