"""Exercises of lesson A1 about losses."""

import math

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

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


LOSSES = [
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
        minutes=18,
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
]
