"""More exercises of lesson 02: a mask between two families, matrices of one's own, bugs, predictions, maps, words."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.in_words import check_in_words

BIG = -1e30


def _softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


# --- 2.7 Between BERT and GPT ------------------------------------------------------------------


def check_2_7(answer):
    for length, prefix in ((7, 3), (5, 0), (6, 6), (9, 1)):
        compare(answer, solution_2_7, length, prefix, mistakes=PREFIX_MISTAKES, names=("the mask",))


def solution_2_7(length, prefix):
    position = np.arange(length)
    causal = position[None, :] <= position[:, None]  # the key is not later than the query
    is_question = position[None, :] < prefix  # (1, length): these keys are open to all
    return causal | is_question


PREFIX_MISTAKES = [
    (lambda n, p: np.tril(np.ones((n, n), dtype=bool)), "this is the causal mask: the question does not see its end."),
    (lambda n, p: np.ones((n, n), dtype=bool), "this hides nothing: the answer sees its own future."),
    (
        lambda n, p: np.tril(np.ones((n, n), dtype=bool)) & (np.arange(n) < p)[None, :],
        "the answer does not see itself. Two sets of keys are open, so join them with |, not with &.",
    ),
    (
        lambda n, p: np.tril(np.ones((n, n), dtype=bool)) | (np.arange(n) <= p)[None, :],
        "the question is one token too long: its positions are 0 to prefix - 1.",
    ),
    (
        lambda n, p: np.tril(np.ones((n, n), dtype=bool)) | (np.arange(n) < p)[:, None],
        "the question sees the answer. Open the keys of the question (columns), not its queries (rows).",
    ),
    (lambda n, p: solution_2_7(n, p).T, "rows and columns have changed places: the row looks."),
    (lambda n, p: ~solution_2_7(n, p), "the mask is the wrong way round: True means may attend."),
]


# --- 2.8 Choose the matrices -------------------------------------------------------------------

VECTORS = {
    "Mia": [1, 1, 0, 0],
    "Tom": [1, -1, 0, 0],
    "met": [0, 0, 1, 0],
    "won": [0, 0, 1, 0],
    "she": [0, 1, 0, 1],
    "he": [0, -1, 0, 1],
}
SENTENCES = ("Mia met Tom she", "Tom won Mia he", "he met Mia Tom", "won she Tom Mia", "Tom met Mia she")
NAME_OF = {"she": "Mia", "he": "Tom"}


def check_2_8(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise NotYet("give two matrices: (my_W_Q, my_W_K).")
    W_Q, W_K = as_array(answer[0], "my_W_Q"), as_array(answer[1], "my_W_K")
    for name, matrix in (("my_W_Q", W_Q), ("my_W_K", W_K)):
        if matrix.ndim != 2 or len(matrix) != 4:
            raise NotYet(f"{name} must be (4, d_k): a row for each feature. It is {matrix.shape}.")
    if W_Q.shape != W_K.shape:
        raise NotYet("queries and keys must meet: both matrices need the same number of columns.")
    for sentence in SENTENCES:
        tokens = sentence.split()
        X = np.array([VECTORS[token] for token in tokens], dtype=float)
        weights = _softmax((X @ W_Q) @ (X @ W_K).T / np.sqrt(W_Q.shape[1]))
        for row, token in zip(weights, tokens, strict=True):
            _must_find(row, token, tokens, sentence)


def _must_find(row, token, tokens, sentence):
    if token in NAME_OF:
        target = NAME_OF[token]
    elif token in ("Mia", "Tom"):
        target = next(word for word in tokens if word in ("met", "won"))
    else:
        return
    share = row[tokens.index(target)]
    if not share >= 0.95:
        first = tokens[int(np.argmax(row))]
        most = "which is the most, and too little" if first == target else f"and {row.max():.2f} to {first}"
        raise NotYet(f"in {sentence!r}, {token} gives {share:.2f} to {target}, {most}.")


def solution_2_8():
    # Columns: a name, feminine, an action. Rows: name, gender, action, pronoun.
    W_Q = [[0, 0, 30], [0, 8, 0], [0, 0, 0], [20, 0, 0]]
    W_K = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    return W_Q, W_K


# --- 2.9 Find the bug: a padded batch ----------------------------------------------------------


def check_2_9(answer):
    rng = np.random.default_rng()
    q, k, v = (rng.normal(size=(3, 5, width)) for width in (4, 4, 2))
    is_word = np.arange(5) < np.array([5, 3, 2])[:, None]
    names = ("the output", "the weights")
    compare(answer, solution_2_9, q, k, v, is_word, mistakes=PADDED_MISTAKES, names=names)
    compare(answer, solution_2_9, q[:, :2], k, v, is_word, names=names)  # fewer queries than keys


def solution_2_9(q, k, v, is_word):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])  # the width of a key, not the size of the batch
    scores = np.where(is_word[:, None, :], scores, -1e30)  # (B, 1, L_k): hides keys
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return weights @ v, weights


def _padded(q, k, v, is_word, scale=lambda k: k.shape[-1], keys=True):
    hidden = is_word[:, None, :] if keys else is_word[:, :, None]
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(scale(k))
    weights = _softmax(np.where(hidden, scores, BIG))
    return weights @ v, weights


PADDED_MISTAKES = [
    (
        lambda *inputs: _padded(*inputs, scale=len),
        "the mask is right now. One bug is left: by the root of what number are the scores divided?",
    ),
    (
        lambda *inputs: _padded(*inputs, keys=False),
        "the scores are right now. One bug is left: rows are hidden, and padding must not be looked at (columns).",
    ),
    (lambda *inputs: _padded(*inputs, scale=len, keys=False), "both bugs are still in it."),
    (lambda *inputs: _padded(*inputs, scale=lambda k: k.shape[1]), "k.shape[1] is the length. d_k is the last axis."),
    (lambda *inputs: _padded(*inputs, scale=lambda k: 1), "the division by √d_k is missing."),
]


# --- 2.10 Predict before you run ---------------------------------------------------------------

USES = ("minus three", "scaled up", "transposed", "too narrow")
ALARMS = ("rows", "hidden", "future")
RINGING_WHY = {
    "minus three": "3 less makes a hidden weight about 20 times smaller, not zero: hidden and future ring.",
    "scaled up": "dividing by the visible sum takes the future out of the denominator again, and the result is right.",
    "transposed": "m.T opens the future and hides the past: hidden and future ring.",
    "too narrow": "a token that sees itself alone hides too much, and no alarm asks for that.",
}


def check_2_10(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 4 or not all(isinstance(text, str) for text in answer):
        raise NotYet('give a list of four strings, such as "rows future" or "none".')
    for use, given, right in zip(USES, answer, solution_2_10(), strict=True):
        words = set(given.lower().replace(",", " ").split())
        if not words or words - {*ALARMS, "none"} or ("none" in words and len(words) > 1):
            raise NotYet(f'write the alarms as "rows", "hidden" and "future", or "none". You wrote {given!r:.40}.')
        if words != set(right.split()):
            raise NotYet(f"{use!r} rings otherwise. Write its weights for three tokens down, or run it in section 6.")


def solution_2_10():
    # e^-3 is small, and not nothing. The sum of the visible is what softmax after a mask divides by, too.
    # m.T is a mask of the past. And seeing too little breaks none of the three rules.
    return ["hidden future", "none", "hidden future", "none"]


# --- 2.11 Read the maps ------------------------------------------------------------------------

MASKS = ("causal", "padding", "window", "prefix", "packed", "none")


def four_masks():
    """The masks of exercise 2.11, ``(8, 8)`` each, from left to right.

    >>> [int(mask.sum()) for mask in four_masks()]
    [40, 21, 20, 42]
    """
    position = np.arange(8)
    back = position[:, None] - position[None, :]
    words = (position < 5)[None, :] & np.ones((8, 1), dtype=bool)
    document = position // 4
    packed = (back >= 0) & (document[:, None] == document[None, :])
    prefix = "11110000 " * 4 + "11111000 11111100 11111110 11111111"  # drawn, so that it is no answer to 2.7
    prefix = np.array([list(row) for row in prefix.split()]) == "1"
    return [words, (back >= 0) & (back < 3), packed, prefix]


def check_2_11(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 4:
        raise NotYet("give a list of four names, for A, B, C and D.")
    names = [str(name).strip().lower() for name in answer]
    if unknown := [name for name in names if name not in MASKS]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the names {', '.join(MASKS)}.")
    for letter, name, right, clue in zip("ABCD", names, solution_2_11(), CLUES, strict=True):
        if name != right:
            raise NotYet(f"{letter} is not {name!r}: {clue}")


CLUES = (
    "every row has the same columns white, and something above the diagonal is filled.",
    "the last row has three filled cells only, and the triangle of a causal mask would have eight.",
    "token 4 sees itself alone, as if a text began there.",
    "row 0 has four filled cells, so it looks ahead; row 7 has eight.",
)


def solution_2_11():
    return ["padding", "window", "packed", "prefix"]


# --- 2.12 In your own words --------------------------------------------------------------------

_POINTS = [  # what a good answer touches, and the sentence when it is missing
    (r"leak|future|cop(y|ies)|the answer|cheat", "what the model may be doing in place of guessing"),
    (
        r"after (the )?softmax|denominator|sum|normali[sz]|another (layer|way|place)|other (layer|way|place)|reshape"
        r"|mean|layer ?norm|label|shift|target",
        "how the future can come in although nothing above the diagonal has weight",
    ),
    (
        r"chang|replac|swap|perturb|random|noise|invarian",
        "the test that settles it: what would you change, and look at",
    ),
]


def check_2_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three to five sentences.")


def solution_2_12():
    return (
        "Nobody can guess 99 % of the words of a text, so I suspect that your model sees the future and copies it. "
        "Clean maps do not prove the opposite: if you mask after the softmax, hidden weights are zero, but the future "
        "is still in the denominator, and it can also come in outside attention, by a mean over all tokens or by "
        "labels that are not shifted. Change one token and compare the outputs before it: they may not move at all. "
        "If they do not, check that the label of position t is the input of position t + 1."
    )


EXERCISES = [
    Exercise(
        "2.7",
        "Between BERT and GPT",
        minutes=6,
        difficulty=2,
        check=check_2_7,
        solution=solution_2_7,
        why="A key is open if it is not later than the query, **or** if it belongs to the question. With `prefix=0` "
        "this is the causal mask of GPT, with `prefix=length` BERT's: the two families are the ends of one scale.",
        hints=(
            "Two kinds of keys are open to a query. Write each as a condition, and join them.",
            "The first is the causal mask. The second speaks about the key alone: does it belong to the question?",
            "np.tril(np.ones((length, length), dtype=bool)) | (np.arange(length) < prefix)[None, :]",
        ),
    ),
    Exercise(
        "2.8",
        "Choose the matrices",
        minutes=15,
        difficulty=3,
        check=check_2_8,
        solution=solution_2_8,
        why="Read it row by row: a name asks for an action (30), a gender asks for its own (8), a pronoun asks for a "
        "name (20). *she* meets *Mia* with 20 + 8, *Tom* with 20 − 8 and itself with 8, so *Mia* wins by 16, and by "
        "9.2 after the division by √3. A name's own gender speaks too, with 8, and the 30 must drown it. **Loud "
        "queries make sharp maps**; many other matrices do as well.",
        hints=(
            "Three columns are enough: a name, feminine, an action. Say first what each feature asks for.",
            "The keys can be simple: name, gender and action each in its own column with 1. Gender −1 then repels "
            "feminine by itself.",
            "In W_Q: pronoun → name, gender → feminine, name → action. Make the numbers large, and the demand of a "
            "name larger than that of its gender.",
        ),
    ),
    Exercise(
        "2.9",
        "Find the bug: a padded batch",
        minutes=8,
        difficulty=2,
        check=check_2_9,
        solution=solution_2_9,
        why="`len(k)` is the first axis, the batch: with another batch size, the model would be another. And "
        "`is_word[:, :, None]` hides the queries of padding, while every word still looks at it. Neither gives an "
        "error, because the shapes fit.",
        hints=(
            "Say the shape of each thing aloud. What is len(k) when k is (B, L_k, d_k)?",
            "The scores are (B, L_q, L_k). Which axis must the mask of the keys lie on?",
            "np.sqrt(k.shape[-1]), and is_word[:, None, :].",
        ),
    ),
    Exercise(
        "2.10",
        "Predict before you run",
        minutes=6,
        difficulty=2,
        check=check_2_10,
        solution=solution_2_10,
        why="\n".join(f"- *{use}*: {why}" for use, why in RINGING_WHY.items())
        + "\n\nThe last one is a reason to look at maps, and not at alarms alone.",
        hints=(
            "Ask three questions of each: do the rows add up to 1, is a hidden weight exactly 0, does the future "
            "count?",
            '"scaled up" divides by the sum of the visible exponentials, and the common factor cancels. What remains?',
            "None of the alarms asks whether enough is visible.",
        ),
    ),
    Exercise(
        "2.11",
        "Read the maps",
        minutes=5,
        difficulty=1,
        check=check_2_11,
        solution=solution_2_11,
        why="White columns are hidden keys: padding. A white upper triangle hides the future. A window also hides the "
        "far past, packed rows start anew with each document, and a prefix opens its own columns to everybody.",
        hints=(
            "Look at row 0 first: how many cells has the token that stands first?",
            "Then at the last row: what does the last token see of the beginning?",
            "Only one of the four hides the same columns in every row.",
        ),
    ),
    Exercise(
        "2.12",
        "In your own words",
        minutes=8,
        difficulty=2,
        check=check_2_12,
        solution=solution_2_12,
        why="The check looks for three points, not for good sentences: compare yours with this one.",
        hints=(
            "What did the model with 100 % in section 5 do?",
            "Which mistake in the table of section 6 has a clean map, and leaks?",
            "Which of the three alarms opens neither the model nor its maps?",
        ),
    ),
]
