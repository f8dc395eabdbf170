"""The exercises of lesson 01, Attention math: NumPy only, but for one that reads the map of a real model."""

import functools

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.in_words import check_in_words

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
    compare(answer, solution_1_6, 1e5 * Q, K, V, names=["with very large scores, the output", "the weights"])


def solution_1_6(Q, K, V):
    scores = Q @ np.swapaxes(K, -1, -2) / np.sqrt(K.shape[-1])  # (..., L_q, L_k)
    weights = softmax(scores, axis=-1)  # (..., L_q, L_k)
    return weights @ V, weights  # (..., L_q, d_v), (..., L_q, L_k)


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


RISES, FALLS, SAME = "rises", "falls", "same"
_CHANGES = [
    ("every score grows by 5", SAME, "softmax looks at differences, and these stay"),
    ("every score is doubled", RISES, "the differences are doubled, so the best fit wins more"),
    ("every value is doubled", SAME, "the values come after the weights"),
    ("a second Mia, with the same key, joins the sentence", FALLS, "the two share alike what one had, and a bit more"),
    ("the temperature is 4 in place of 1", FALLS, "all scores are divided by 4, and the shares come closer together"),
    ("met is left out", RISES, "its share goes to the others, in proportion"),
]


def check_1_7(answer):
    words = [str(word).strip().lower() for word in answer] if isinstance(answer, (list, tuple)) else []
    if len(words) != len(_CHANGES) or set(words) - {RISES, FALLS, SAME}:
        raise NotYet(f'give a list of {len(_CHANGES)} words, each "rises", "falls" or "same".')
    for number, (word, (what, right, why)) in enumerate(zip(words, _CHANGES, strict=True), start=1):
        if word != right:
            raise NotYet(f"change {number}, {what}: not {word!r}; {why}.")


def solution_1_7():
    scores = np.array([4.0, 0, 2, 2]) / 2
    before = softmax(scores)[0]
    after = [
        softmax(scores + 5)[0],
        softmax(2 * scores)[0],
        softmax(scores)[0],  # the values have no part in it
        softmax(np.append(scores, scores[0]))[0],
        softmax(scores / 4)[0],
        softmax(scores[[0, 2, 3]])[0],
    ]
    return [SAME if np.isclose(w, before) else RISES if w > before else FALLS for w in after]


def check_1_8(answer):
    for Q_count, K_count in [(4, 4), (3, 5)]:
        rng = np.random.default_rng()
        Q, K, V = rng.normal(size=(Q_count, 6)), rng.normal(size=(K_count, 6)), rng.normal(size=(K_count, 2))
        try:
            compare(answer, solution_1_8, Q, K, V, mistakes=_mistakes_1_8, names=["the output", "the weights"])
        except ValueError as error:
            raise NotYet(f"with {Q_count} queries and {K_count} keys it stops: {error}") from error
    compare(answer, solution_1_8, 1e5 * Q, K, V, names=["with very large scores, the output", "the weights"])


def solution_1_8(Q, K, V):
    scores = Q @ K.T / np.sqrt(K.shape[1])  # the width, not the number of keys
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = e / e.sum(axis=1, keepdims=True)  # keepdims: each row by its own sum
    return weights @ V, weights


def _with_bugs(width=True, rows=True):
    def attention(Q, K, V):
        scores = Q @ K.T / np.sqrt(K.shape[1] if width else len(K))
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights = e / e.sum(axis=1, keepdims=rows)
        return weights @ V, weights

    return attention


_ROWS = "each row must be divided by its own sum, and `e.sum(axis=1)` has lost the axis: it divides column by column."
_mistakes_1_8 = [
    (_with_bugs(width=False, rows=False), "nothing has changed yet. Print the sums of the rows of the weights."),
    (_with_bugs(rows=False), _ROWS),
    (_with_bugs(width=False), "one bug is left: √d_k is the root of the width, and len(K) counts the keys."),
]


_POINTS = [
    (
        r"0 ?/ ?0|\bnan\b|by (zero|0|nothing)|sum\w* (is|are|becomes?|would be|of) (zero|0)|undefined|no shares",
        "what happens in a row in which no score is positive",
    ),
    (
        r"slope|gradient|learn|dead|stuck|never|repair|recover",
        "what it means for learning that a key with a negative score gets exactly 0",
    ),
    (
        r"shift|same number|constant|adding|added|differen|scale|factor|twice|doubl|sharp|harder|\bsoft(er)?\b",
        "what changes about shifting, or multiplying, all scores",
    ),
]


def check_1_9(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_1_9():
    return (
        "If no score of a row is positive, all are cut to 0, and the row is 0 / 0: there are no shares. A key with a "
        "negative score gets exactly 0, and a small push changes nothing: its slope is 0, so it can never learn to be "
        "looked at. And the shares depend on the level: adding 5 to all scores makes them nearly equal, and doubling "
        "all scores changes nothing, so a query cannot insist. Softmax has none of these: every share is positive, "
        "and only the differences count."
    )


def check_1_10(answer):
    rng = np.random.default_rng()
    x, xs, ys = rng.uniform(0, 5, size=7), rng.uniform(0, 5, size=12), rng.normal(size=12)
    mistakes = [
        (_smoother(lambda d: d**2 / 2), "the sign is wrong: the *far* points get the largest weights."),
        (_smoother(lambda d: -(d**2)), "the ½ is missing in the score."),
        (_smoother(lambda d: -np.abs(d)), "the score takes the distance squared."),
        (_smoother(lambda d: -(d**2) / 2, axis=0), "each new x has 100 % to give: the softmax runs over xs, axis=1."),
        (lambda x, xs, ys: softmax(-((x[:, None] - xs) ** 2) / 2), "these are the weights. Average the ys with them."),
    ]
    compare(answer, solution_1_10, x, xs, ys, mistakes=mistakes, names=["the smoothed values"])


def solution_1_10(x, xs, ys):
    scores = -((x[:, None] - xs[None, :]) ** 2) / 2  # (L_q, L_k): near is high
    return softmax(scores, axis=-1) @ ys  # (L_q,)


def _smoother(score, axis=-1):
    return lambda x, xs, ys: softmax(score(x[:, None] - xs), axis=axis) @ ys


SENTENCE = "The woman met the man, and she smiled."


def check_1_11(answer):
    words = [str(word).strip().lower() for word in answer] if isinstance(answer, (list, tuple)) else []
    weights, tokens = _real_map()
    names = {token.lower() for token in tokens}
    if len(words) != 3 or set(words) - names:
        raise NotYet(f"give a list of three tokens, each one of {', '.join(dict.fromkeys(tokens))}.")
    man, woman = tokens.index("man"), tokens.index("woman")
    turned = {
        "a": (weights[:, man].argmax(), "that is who looks most at man: a column."),
        "c": (weights[woman].argmax(), "that is what woman looks at most: a row."),
    }
    for letter, word, right in zip("abc", words, solution_1_11(), strict=True):
        if word == right.lower():
            continue
        if letter in turned and word == tokens[turned[letter][0]].lower():
            raise NotYet(f"{letter}: {turned[letter][1]}")
        where = {"a": "the row of man", "b": "the diagonal", "c": "the column of woman"}[letter]
        raise NotYet(f"{letter}: read {where} again.")


def solution_1_11():
    weights, tokens = _real_map()
    man, woman = tokens.index("man"), tokens.index("woman")
    row = weights[man].argmax()  # a: what man looks at, along its row
    itself = weights.diagonal().argmax()  # b: the diagonal
    column = weights[:, woman].argmax()  # c: who looks at woman, down its column
    return [tokens[row], tokens[itself], tokens[column]]


@functools.cache
def _real_map():
    """Head 0 of layer 2 on the sentence of section 9: ``(L_q, L_k)``, and the tokens."""
    from ktlearn import models, text
    from ktlearn.widgets import AttentionView

    model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    maps = AttentionView.from_model(model, tokenizer, SENTENCE).blocks["attention"]
    return maps.weights[0, 2, 0], list(maps.tokens)


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
        minutes=8,
        difficulty=2,
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
    Exercise(
        "1.7",
        "Up, down, or the same",
        minutes=6,
        difficulty=2,
        check=check_1_7,
        solution=solution_1_7,
        why="Softmax sees differences only (1), and stretching them makes it harder (2, 5). Values come after the "
        "weights (3). The shares of a row add up to 1: who joins takes from all (4), and who leaves gives to all (6).",
        hints=(
            "Write e^s for each score: which of them change, and does their sum change too?",
            "Only differences between scores count. Does the change touch a difference?",
            "For 4 and 6: the exponential of Mia stays 7.39. What happens to the sum below the line?",
        ),
    ),
    Exercise(
        "1.8",
        "Two bugs",
        minutes=10,
        difficulty=2,
        check=check_1_8,
        solution=solution_1_8,
        why="Both bugs hide in a square: with four keys of width 4, len(K) is also the width, and dividing (4, 4) by "
        "(4,) raises nothing, but divides each *column*. Sizes that are all different show the first bug as other "
        "numbers, the second as an error; an invariant (rows add up to 1) shows it even in the square.",
        hints=(
            "Take the function, and print the sums of the rows of its weights for Q and K of the lesson.",
            "Then call it with 3 queries and 5 keys. Which line stops, and which shapes does it name?",
            "e.sum(axis=1) needs keepdims=True; and √d_k is np.sqrt(K.shape[1]), not np.sqrt(len(K)).",
        ),
    ),
    Exercise(
        "1.9",
        "Why not simply cut?",
        minutes=8,
        difficulty=2,
        check=check_1_9,
        solution=solution_1_9,
        why="The check looks only for three points: a row without a positive score, the slope of what is cut, and what "
        "shifting or stretching the scores does. Compare your text with this one. (Ideas like your colleague's are "
        "studied, with repairs for these points.)",
        hints=(
            "Take the scores −1, −2, −3, and compute the colleague's shares.",
            "Then take the scores 4, −1. Push the −1 up by 0.1: what changes? What does learning live on?",
            "Last, the scores 4, 0, 2, 2: add 5 to all of them, then double all of them, and compare with softmax.",
        ),
    ),
    Exercise(
        "1.10",
        "Attention without words",
        minutes=12,
        difficulty=3,
        check=check_1_10,
        solution=solution_1_10,
        why="This is the *kernel regression* of Nadaraya and Watson (1964): the new x is the query, the known xs are "
        "the keys, the ys the values. It has nothing to learn. A Transformer learns how queries and keys are made.",
        hints=(
            "What is the query here, what the keys, what the values? The formula is that of the lesson, with another "
            "score.",
            "x[:, None] - xs has the shape (L_q, L_k): each new x against each known one.",
            "scores = -(x[:, None] - xs) ** 2 / 2; then the softmax over the last axis; then @ ys.",
        ),
    ),
    Exercise(
        "1.11",
        "Read a real map",
        minutes=5,
        difficulty=1,
        check=check_1_11,
        solution=solution_1_11,
        why="*man* looks at *she* (0.27): a row. The full stop looks at itself (0.26), a little more than *she* and "
        "*smiled* do (0.24 each): the diagonal. [CLS] looks most at *woman* (0.24, before *she* with 0.21): a column.",
        hints=(
            "A row is what a token looks at. A column is who looks at a token.",
            "For b, go along the diagonal from the upper left to the lower right corner.",
            "For a, find the row of man: its darkest cell stands near the right end. For c, go down below woman.",
        ),
    ),
]
