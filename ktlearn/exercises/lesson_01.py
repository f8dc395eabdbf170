"""The exercises of lesson 01, Attention math: NumPy only."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

TOKENS = ["Mia", "met", "Tom", "she"]
K = np.array([[1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0]], dtype="float64")
V = np.array([[4, 0], [0, 4], [-4, 0], [1, 0]], dtype="float64")


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def check_1_1(answer):
    scores = K @ [0, 2, 0, 0]
    name = "the row of weights"
    answer = as_array(answer, name, shape=(4,))
    mistakes = [
        (scores, "these are the scores. Divide them by √d_k, then take the softmax."),
        (scores / 2, "these are the scaled scores. Now take the softmax: exponentials, divided by their sum."),
        (softmax(scores), "these are the weights without the division by √d_k. Divide the scores by 2 first."),
        (softmax(scores / 4), "you divided by d_k, which is 4. Divide by its root, 2."),
        (np.exp(scores / 2), "these are the exponentials. Divide each by their sum, so that they add up to 1."),
        (softmax(K @ [2, 2, 0, 0] / 2), "this is the row of the lesson. The new query is [0, 2, 0, 0]."),
    ]
    for wrong, sentence in mistakes:
        if is_close(answer, wrong, atol=0.006):
            raise NotYet(sentence)
    if is_close(answer / 100, solution_1_1(), atol=0.006):
        raise NotYet("these are percentages. Write shares between 0 and 1.")
    must_be_close(answer, solution_1_1(), name, atol=0.006)


def solution_1_1():
    e = np.exp([1, 0, 0, 1])  # the scores 2, 0, 0, 2, divided by √4 = 2
    return e / e.sum()  # [0.37, 0.13, 0.13, 0.37]


def check_1_2(answer):
    query = as_array(answer, "the query", shape=(4,))
    weights = softmax(K @ query / 2)
    most = int(weights.argmax())
    if not np.isfinite(weights).all():
        raise NotYet("the query has numbers that are not finite. A long query is enough; it need not be infinite.")
    if most != 2:
        raise NotYet(f"your query looks most at {TOKENS[most]} ({weights[most]:.2f}). It should look at Tom.")
    output = weights @ V
    if np.abs(output - V[2]).max() > 0.1:
        raise NotYet(
            f"it looks most at Tom, but the weight of Tom is only {weights[2]:.2f}, and the output is "
            f"[{output[0]:.2f}, {output[1]:.2f}]. How does a query insist?"
        )


def solution_1_2():
    return [0, 0, 20, 0]


def check_1_3(answer):
    sentences = {
        8: "8 is √64, the part of the width. But the queries are larger too: what is the variance of one product?",
        64: "64 is the width. A typical score has the size of a root, and the queries are larger too.",
        256: "256 is the variance of the scores. Their size is its root.",
        32: "32 is 4 · √64. The queries are twice as large, not four times: their variance is 4.",
        4: "4 is the variance of one number of a query. What is the variance of the sum of 64 products?",
        2: "2 is the size of one number of a query. The sum of 64 products is larger.",
    }
    answer = as_array(answer, "the divisor", shape=())
    for wrong, sentence in sentences.items():
        if is_close(answer, wrong):
            raise NotYet(sentence)
    must_be_close(answer, solution_1_3(), "the divisor")


def solution_1_3():
    variance = 64 * 4 * 1  # 64 products, each with the variance 4 · 1
    return np.sqrt(variance)  # 16


def check_1_4(answer):
    def scores(Q, K):
        return Q @ K.T / np.sqrt(K.shape[-1])

    candidates = [
        (lambda Q, K, V: softmax(scores(Q, K)) @ V, True, "correct attention"),
        (lambda Q, K, V: softmax(scores(Q, K), axis=0) @ V, False, "attention with the softmax over the wrong axis"),
        (lambda Q, K, V: np.exp(scores(Q, K)) @ V, False, "attention that forgets to divide by the sum"),
        (lambda Q, K, V: 0.9 * softmax(scores(Q, K)) @ V, False, "attention whose weights add up to 0.9"),
    ]
    verdicts = [answer(f) for f, _, _ in candidates]
    for verdict in verdicts:
        if np.shape(verdict) != () or verdict not in (True, False):
            raise NotYet(f"`is_average` must return one True or False. It returned {_short(verdict)}.")
    if all(verdicts):
        raise NotYet("it accepts everything, also the mistakes. Which values make the right output known?")
    for verdict, (_, expected, name) in zip(verdicts, candidates, strict=True):
        if expected and not verdict:
            raise NotYet(f"it refuses {name}. Numbers are rounded: compare with np.allclose.")
        if verdict and not expected:
            raise NotYet(f"it accepts {name}.")


def solution_1_4(f):
    rng = np.random.default_rng(7)
    Q, K = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    return np.allclose(f(Q, K, np.full((5, 2), 10.0)), 10)


def check_1_5(answer):
    w = softmax(np.random.default_rng().normal(size=6))
    mistakes = [
        (lambda w: np.diag(w * (1 - w)), "the diagonal is right. The other weights pay for it: they have slopes too."),
        (lambda w: -np.outer(w, w), "off the diagonal it is right. On the diagonal the slope is w(1 − w)."),
        (lambda w: np.diag(w) + np.outer(w, w), "off the diagonal the sign is wrong: the other weights fall."),
        (lambda w: w * (1 - w), "these are the slopes of each weight by its own score. All slopes make a matrix."),
    ]
    compare(answer, solution_1_5, w, mistakes=mistakes, names=["the matrix of slopes"])


def solution_1_5(w):
    return np.diag(w) - np.outer(w, w)


def check_1_6(answer):
    for front in [(), (2,), (2, 7)]:
        rng = np.random.default_rng()
        Q, K, V = (rng.normal(size=(*front, *shape)) for shape in [(3, 4), (5, 4), (5, 6)])
        try:
            compare(answer, solution_1_6, Q, K, V, mistakes=_mistakes_1_6, names=["the output", "the weights"])
        except ValueError as error:
            if not front:
                raise
            raise NotYet(f"one sentence works, but a batch with Q {Q.shape} and K {K.shape} stops: {error}") from error
    compare(answer, solution_1_6, 1000 * Q, K, V, names=["with scores in the thousands, the output", "the weights"])


def solution_1_6(Q, K, V):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(K.shape[-1])  # (..., Q, K)
    weights = softmax(scores, axis=-1)  # (..., Q, K)
    return weights @ V, weights  # (..., Q, d_v), (..., Q, K)


def _variant(scale=lambda Q, K: np.sqrt(K.shape[-1]), axis=-1, swapped=False):
    def attention(Q, K, V):
        weights = softmax(Q @ np.swapaxes(K, -1, -2) / scale(Q, K), axis=axis)
        return (weights, weights @ V) if swapped else (weights @ V, weights)

    return attention


_mistakes_1_6 = [
    (_variant(scale=lambda Q, K: 1), "the division by √d_k is missing."),
    (_variant(scale=lambda Q, K: K.shape[-1]), "you divided by d_k. Divide by its root."),
    (
        _variant(scale=lambda Q, K: np.sqrt(K.shape[-2])),
        "you divided by the root of the number of keys. d_k is the width.",
    ),
    (
        _variant(scale=lambda Q, K: np.sqrt(len(K))),
        "you divided by the root of len(K), which is not the width. Use K.shape[-1].",
    ),
    (_variant(axis=-2), "the softmax runs over the queries. Each row should add up to 1: axis=-1."),
    (_variant(axis=0), "the softmax runs over the first axis. The keys are on the last one: axis=-1."),
    (_variant(swapped=True), "the two results are in the wrong order: first the output, then the weights."),
]


def _short(x):
    return f"an array of shape {np.shape(x)}" if np.shape(x) else repr(x)[:40]


EXERCISES = [
    Exercise(
        "1.1",
        "One row on paper",
        minutes=5,
        difficulty=1,
        check=check_1_1,
        solution=solution_1_1,
        why="The scores are 2, 0, 0, 2. Divided by 2: 1, 0, 0, 1. The exponentials are 2.72, 1, 1, 2.72, and their "
        "sum is 7.44. So the weights are 2.72 / 7.44 = 0.37 and 1 / 7.44 = 0.13. *she* now looks at *Mia* and at "
        "itself alike, because both keys are feminine.",
        hints=(
            "Four dot products first. Only the second number of each key matters.",
            "The scores are 2, 0, 0, 2. After the division by √4 = 2 they are 1, 0, 0, 1.",
            "The exponentials are 2.72, 1, 1, 2.72. Add them up, and divide each by the sum.",
        ),
    ),
    Exercise(
        "1.2",
        "Make it hard again",
        minutes=5,
        difficulty=1,
        check=check_1_2,
        solution=solution_1_2,
        why="The score of *Tom* is 20 / 2 = 10, the others are 0. Then $e^{10} \\approx 22026$ stands against 1, three "
        "times: *Tom* gets practically everything. A very long query turns the soft lookup into the dictionary of "
        "section 1.",
        hints=(
            "Which of the four numbers is 1 in the key of Tom and 0 in all the others?",
            "The direction is [0, 0, 1, 0]. But the length decides how hard the lookup is (section 2).",
            "Take [0, 0, n, 0] and make n larger, until Tom has nearly all of the weight.",
        ),
    ),
    Exercise(
        "1.3",
        "Another divisor",
        minutes=3,
        difficulty=1,
        check=check_1_3,
        solution=solution_1_3,
        why="One product has the variance 4 · 1 = 4. A score is a sum of 64 of them: its variance is 256, and its "
        "typical size is √256 = 16. The rule √d_k is right only for queries and keys of variance 1. This is one "
        "reason why layers are started, and their inputs normalised, so that the variance is near 1.",
        hints=(
            "A score is a sum of 64 products. What is the variance of one product?",
            "The variance of one product is 4 · 1. Variances of independent numbers add up.",
            "The variance of a score is 64 · 4 = 256. Divide by the root of it.",
        ),
    ),
    Exercise(
        "1.4",
        "An alarm for the wrong axis",
        minutes=10,
        difficulty=2,
        check=check_1_4,
        solution=solution_1_4,
        why="An average of tens is ten. Shares that do not add up to 1 give something else. Zeros would not do: zero "
        "times anything is zero.",
        hints=(
            "You may choose Q, K and V yourself. Which values make the right output known without knowing the weights?",
            "Take equal values, as at the end of section 3, and random Q and K, with different numbers of queries and"
            " keys.",
            "V = np.full((5, 2), 10.0). Return np.allclose(f(Q, K, V), 10).",
        ),
    ),
    Exercise(
        "1.5",
        "All slopes at once",
        minutes=10,
        difficulty=2,
        check=check_1_5,
        solution=solution_1_5,
        why="The slope of weight $i$ by score $j$ is $-w_i w_j$, and on the diagonal $w_i$ more. If one weight is "
        "nearly 1, all the others are nearly 0, and so is every number of this matrix. That is saturation, in one"
        " line.",
        hints=(
            "Look at row 0, column 1 of the matrix in section 5: −0.039. Multiply two of the weights.",
            "Off the diagonal the slope is −w_i · w_j. On the diagonal it is w_i(1 − w_i) = w_i − w_i · w_i.",
            "So −w_i · w_j is everywhere, and the diagonal has w_i on top: np.outer and np.diag.",
        ),
    ),
    Exercise(
        "1.6",
        "A batch of sentences",
        minutes=20,
        difficulty=3,
        check=check_1_6,
        solution=solution_1_6,
        why="One thing has changed: `K.T` turned all axes round, `np.swapaxes` swaps only the last two. `@` works on "
        "the last two axes, and repeats for all the axes in front. You need exactly this in lesson 03, for "
        "several heads at once.",
        hints=(
            "Start from `attention`. Only one operation in it does not survive a third axis: try K.T.shape for a K of "
            "shape (2, 5, 4).",
            "`.T` turns all axes round: (4, 5, 2). You want (2, 4, 5), so swap only the last two. `@` works on "
            "batches.",
            "np.swapaxes(K, -1, -2) in place of K.T. The rest of `attention` stays as it is.",
        ),
    ),
]
