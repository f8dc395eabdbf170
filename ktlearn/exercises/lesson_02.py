"""Exercises of lesson 02, self-attention and masks."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.lesson_02_choosing import EXERCISES as CHOOSING

# --- 2.1 A mask on paper -----------------------------------------------------------------------


def check_2_1(answer):
    answer = as_array(answer, shape=(5, 5)).astype(bool)
    right = as_array(solution_2_1()).astype(bool)
    if is_close(answer, ~right):
        raise NotYet("the mask is the wrong way round: in this course 1 (True) means may attend.")
    if np.triu(answer, k=1).any():
        raise NotYet("somebody sees the future: right of the diagonal, every row must be 0.")
    if answer[:, 4].any():
        raise NotYet("somebody sees the padding: the last column, the key of <pad>, must be 0 in every row.")
    if not answer[4].any():
        raise NotYet(
            "you hid the row of <pad>. A padding mask hides keys (columns). The row still sees the four words."
        )
    must_be_close(answer, right)


def solution_2_1():
    return [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 0],
    ]


# --- 2.2 A window ------------------------------------------------------------------------------


def check_2_2(answer):
    rng = np.random.default_rng()
    length = int(rng.integers(6, 12))
    for width in (1, int(rng.integers(2, length - 2)), length):
        compare(answer, solution_2_2, length, width, mistakes=WINDOW_MISTAKES, names=("the mask",))


def solution_2_2(length, width):
    distance = np.arange(length)[:, None] - np.arange(length)[None, :]  # how far back the key lies
    return (distance >= 0) & (distance < width)


def _distance(length):
    return np.arange(length)[:, None] - np.arange(length)[None, :]


WINDOW_MISTAKES = [
    (lambda n, w: np.abs(_distance(n)) < w, "the window opens to both sides, so a token sees the future."),
    (lambda n, w: _distance(n) < w, "the future is open: the distance to a key must not be negative."),
    (
        lambda n, w: (_distance(n) >= 0) & (_distance(n) <= w),
        "the window is one token too wide: the token itself counts as one of the width.",
    ),
    (lambda n, w: (_distance(n) <= 0) & (_distance(n) > -w), "rows and columns have changed places: the row looks."),
    (lambda n, w: ~solution_2_2(n, w), "the mask is the wrong way round: True means may attend."),
]


# --- 2.3 Four conventions, one mask ------------------------------------------------------------


def check_2_3(answer):
    rng = np.random.default_rng()
    right = rng.random((3, 7)) < 0.6
    right[:, :2] = [True, False]
    foreign = {
        "tokenizer": right.astype("int64"),
        "keras": right,
        "pytorch": ~right,
        "additive": np.where(right, 0.0, -np.inf),
    }
    for origin, mask in foreign.items():
        _convert(answer, mask, origin, right)
    for hidden in (-1e30, -1e9, -1e4):
        _convert(answer, np.where(right, 0.0, hidden), "additive", right, f" with {hidden:g} for hidden")


def _convert(answer, mask, origin, right, note=""):
    found = as_array(answer(mask.copy(), origin), f'the mask from "{origin}"', shape=(3, 1, 7))
    if found.dtype == bool and is_close(found[:, 0], ~right):
        raise NotYet(f'"{origin}"{note} is the wrong way round.')
    must_be_close(found, right[:, None], f'the mask from "{origin}"{note}')


def solution_2_3(mask, origin):
    if origin == "tokenizer":
        mask = mask == 1
    elif origin == "pytorch":
        mask = ~mask
    elif origin == "additive":
        mask = mask == 0
    return mask[:, None, :]  # (B, 1, K)


# --- 2.4 An alarm for the future ---------------------------------------------------------------


def check_2_4(answer):
    for name, model in HONEST.items():
        if _verdict(answer, model):
            raise NotYet(
                f"it rings for an honest model ({name}). Compare only the outputs before the position that you changed."
            )
    for name, model in LEAKING.items():
        if not _verdict(answer, model):
            raise NotYet(f"it stays quiet for a model that sees the future ({name}).")


def _verdict(answer, model):
    verdict = answer(model)
    if not isinstance(verdict, (bool, np.bool_)):
        raise NotYet(f"your function must return True or False. It returns {type(verdict).__name__}.")
    return bool(verdict)


def solution_2_4(f):
    rng = np.random.default_rng()
    X = rng.normal(size=(6, 4))
    for t in range(1, 6):
        changed = X.copy()
        changed[t] = rng.normal(size=4)
        if not np.allclose(f(changed)[:t], f(X)[:t], rtol=0, atol=1e-8):
            return True
    return False


def _attention(X, mask):
    return _softmax(np.where(mask, X @ X.T / np.sqrt(X.shape[-1]), -1e30)) @ X


def _softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _triangle(X, k=0):
    return np.tril(np.ones((len(X), len(X)), dtype=bool), k)


def _from_the_last(X):
    Y = _attention(X, _triangle(X))
    Y[0] += X[-1]
    return Y


def _in_the_middle(X):
    Y = _attention(X, _triangle(X))
    middle = len(X) // 2
    Y[middle - 1] += X[middle]
    return Y


def _after_softmax(X):
    return (_softmax(X @ X.T / np.sqrt(X.shape[-1])) * _triangle(X)) @ X


HONEST = {
    "causal attention": lambda X: _attention(X, _triangle(X)),
    "the average of all tokens so far": lambda X: np.cumsum(X, axis=0) / np.arange(1, len(X) + 1)[:, None],
    "each token by itself": lambda X: np.tanh(X),
}
LEAKING = {
    "attention without a mask": lambda X: _attention(X, _triangle(X, len(X))),
    "a mask that is one position too wide": lambda X: _attention(X, _triangle(X, 1)),
    "only the first output sees the last token": _from_the_last,
    "in the middle, one output sees the next token": _in_the_middle,
    "the mask comes after the softmax": _after_softmax,
    "a right mask, but the mean over all tokens is taken off first": lambda X: _attention(
        X - X.mean(axis=0), _triangle(X)
    ),
    "only a little, one part in a thousand": lambda X: _attention(X, _triangle(X)) + 1e-3 * X.mean(axis=0),
}


# --- 2.5 The empty row -------------------------------------------------------------------------


def check_2_5(answer):
    rng = np.random.default_rng()
    mask = rng.random((2, 4, 5)) < 0.5
    mask[:, 0, 1], mask[:, 1] = True, False
    for size in (1, 1000):
        scores = rng.normal(size=(2, 4, 5)) * size
        try:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                weights = answer(scores.copy(), mask.copy())
        except FloatingPointError as error:
            raise NotYet(
                f"NumPy would warn here ({error}), with scores of about ±{size}. "
                "A finite large negative number instead of -inf, and the row's maximum taken off, prevent it."
            ) from None
        compare(lambda *_, weights=weights: weights, solution_2_5, scores, mask, mistakes=SOFTMAX_MISTAKES)


def solution_2_5(scores, mask):
    scores = np.where(mask, scores, -1e30)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return np.where(mask, weights, 0)


def _over_queries(scores, mask):
    return np.swapaxes(solution_2_5(np.swapaxes(scores, -1, -2), np.swapaxes(mask, -1, -2)), -1, -2)


SOFTMAX_MISTAKES = [
    (
        lambda s, m: _softmax(np.where(m, s, -1e30)),
        "in a row where nothing is visible, the hidden positions share the attention. That row must be all zeros.",
    ),
    (lambda s, m: _softmax(s) * m, "you hide after the softmax, so the rows add up to less than 1."),
    (lambda s, m: _softmax(s * m), "a score of 0 is not hidden: e to the power of 0 is 1."),
    (lambda s, m: solution_2_5(s, ~m), "the mask is the wrong way round: True means may attend."),
    (_over_queries, "the softmax runs over the queries: each column adds up to 1, and each row should."),
    (lambda s, m: _softmax(s), "the mask has no effect."),
]


# --- 2.6 Two documents in one row --------------------------------------------------------------


def check_2_6(answer):
    rng = np.random.default_rng()
    document = np.stack([_packed(rng, [3, 2, 4], 2), _packed(rng, [5, 6], 0), _packed(rng, [1, 7], 3)])
    compare(answer, solution_2_6, document, mistakes=PACKED_MISTAKES, names=("the mask",))


def _packed(rng, lengths, padding):
    numbers = rng.permutation(np.arange(1, 9))[: len(lengths)]  # in any order: only "the same" or "another" counts
    return np.concatenate([np.repeat(numbers, lengths), np.zeros(padding, dtype=int)])


def solution_2_6(document):
    same = document[:, :, None] == document[:, None, :]  # (B, L, L)
    is_word = document[:, None, :] != 0  # (B, 1, L): hides keys
    causal = np.tril(np.ones(same.shape[-2:], dtype=bool))  # (L, L)
    return (same & is_word & causal)[:, None]  # (B, 1, L, L)


def _parts(document):
    same = document[:, None, :, None] == document[:, None, None, :]
    is_word = document[:, None, None, :] != 0
    return same, is_word, np.tril(np.ones(same.shape[-2:], dtype=bool)) & np.ones_like(same)


def _without_padding(document):
    same, _, causal = _parts(document)
    return same & causal


def _without_causal(document):
    same, is_word, _ = _parts(document)
    return same & is_word


def _without_documents(document):
    _, is_word, causal = _parts(document)
    return is_word & causal


PACKED_MISTAKES = [
    (_without_causal, "a token sees the later tokens of its document. The causal mask is missing."),
    (_without_documents, "a token sees the documents before its own."),
    (_without_padding, "padding sees padding: 0 is equal to 0. Hide the keys of padding too."),
    (lambda d: np.swapaxes(solution_2_6(d), -1, -2), "rows and columns have changed places: the row looks."),
    (lambda d: ~solution_2_6(d), "the mask is the wrong way round: True means may attend."),
    (lambda d: solution_2_6(d)[:, 0], "the axis for the heads is missing: the shape is (B, 1, L, L)."),
]


EXERCISES = [
    Exercise(
        "2.1",
        "A mask on paper",
        minutes=3,
        difficulty=1,
        check=check_2_1,
        solution=solution_2_1,
        why="The triangle hides the future. The last column hides the padding. The row of `<pad>` sees the four "
        "words, which harms nobody: no one reads its output.",
        hints=(
            "Begin with the triangle: row t has t + 1 ones.",
            "Then hide <pad>. A padding mask hides keys. Are keys the rows or the columns?",
            "Put 0 into the whole last column. The rows then have 1, 2, 3, 4 and 4 ones.",
        ),
    ),
    Exercise(
        "2.2",
        "A window",
        minutes=5,
        difficulty=1,
        check=check_2_2,
        solution=solution_2_2,
        why="Everything is in the distance from query to key. Not below 0: no future. Below `width`: not too far back.",
        hints=(
            "For each pair of a query and a key, compute how far back the key lies.",
            "np.arange(length)[:, None] - np.arange(length)[None, :] is this distance, (length, length).",
            "The distance must be at least 0 and smaller than width. Join the two conditions with &.",
        ),
    ),
    Exercise(
        "2.3",
        "Four conventions, one mask",
        minutes=8,
        difficulty=2,
        check=check_2_3,
        solution=solution_2_3,
        why="Each origin needs its own question: equal to 1, nothing to do, turned around, equal to 0. The new axis "
        "says that the same keys are hidden from every query.",
        hints=(
            "Use one if for each origin. Only one of them needs no change of the numbers.",
            'Comparisons give booleans: mask == 1 for "tokenizer". What is the right comparison for "additive"?',
            '"pytorch": ~mask. "additive": mask == 0. At the end mask[:, None, :] for all.',
        ),
    ),
    Exercise(
        "2.4",
        "An alarm for the future",
        minutes=10,
        difficulty=2,
        check=check_2_4,
        solution=solution_2_4,
        why="The future is everything after a position, so every position must be changed once, and only the outputs "
        "before it are compared. The model is never opened: the test works for any model.",
        hints=(
            "Take a random X, change one token, and compare the outputs before that token.",
            "A model may leak at one position only, or only from the last token. So change each position once, in a "
            "loop.",
            "For t from 1 to L - 1: change X[t], compare f(changed)[:t] with f(X)[:t] by np.allclose. Choose a small "
            "tolerance.",
        ),
    ),
    Exercise(
        "2.5",
        "The empty row",
        minutes=10,
        difficulty=2,
        check=check_2_5,
        solution=solution_2_5,
        why="The finite −1e30 keeps `nan` away, and the second `np.where` makes the empty row zeros. In the other "
        "rows it changes nothing, since their hidden weights are 0 already. `ktlearn.attention` does the same.",
        hints=(
            "Start from the lesson's softmax of np.where(mask, scores, -1e30). What does it give in an empty row?",
            "There it gives 1/L_k to each hidden position. Which positions may never have any weight, whatever the "
            "row?",
            "Finish with np.where(mask, weights, 0).",
        ),
    ),
    Exercise(
        "2.6",
        "Two documents in one row",
        minutes=20,
        difficulty=3,
        check=check_2_6,
        solution=solution_2_6,
        why="Three conditions, each with its own shape, joined with `&`. The comparison of a column with a row, "
        "`document[:, :, None] == document[:, None, :]`, asks every pair of positions at once.",
        hints=(
            "Three conditions must hold together: the same document, not the future, not padding.",
            "The same document: compare document[:, :, None] with document[:, None, :], which gives (B, L, L).",
            "same & (document != 0)[:, None, :] & np.tril(np.ones((L, L), dtype=bool)), and then an axis for the heads "
            "with [:, None].",
        ),
    ),
    *CHOOSING,
]
