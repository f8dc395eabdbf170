"""More exercises of lesson 03: heads of a real BERT, heads in another order, heads in words."""

import contextlib
import itertools

import numpy as np

from ktlearn.exercises.compare import compare
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.in_words import check_in_words

# --- What the lesson and exercise 3.7 measure with ---------------------------------------------

LAYERS, HEADS = 4, 6  # of ktlearn/mini-bert-en


def hidden_words(tokenizer, count=100, seed=0):
    """Reviews in which about every seventh word is hidden.

    Returns:
        ``(inputs, ids, hidden)``: what the model reads, the tokens that were there, ``(B, L)``, and where one was
        hidden, boolean.

    >>> from ktlearn import text
    >>> _, ids, hidden = hidden_words(text.Transformer("ktlearn/mini-bert-en").get_tokenizer(), count=5)
    >>> ids.shape == hidden.shape, bool(hidden.any())
    (True, True)
    """
    from ktlearn.data import load_reviews

    texts = load_reviews("validation")["text"].tolist()[:count]
    inputs = dict(tokenizer(texts, padding=True, truncation=True, max_length=24, return_tensors="np"))
    ids = inputs["input_ids"]
    is_word = ~np.isin(ids, tokenizer.all_special_ids)
    hidden = is_word & (np.random.default_rng(seed).random(ids.shape) < 0.15)
    return {**inputs, "input_ids": np.where(hidden, tokenizer.mask_token_id, ids)}, ids, hidden


def guesses(model, words):
    """The share of the hidden words whose best guess is right; ``words`` is from :func:`hidden_words`.

    >>> bert, words = _bert_and_words()
    >>> guesses(bert, words) > 0.25
    True
    """
    inputs, ids, hidden = words
    best = [
        np.array(model({name: x[start : start + 20] for name, x in inputs.items()}).logits).argmax(axis=-1)
        for start in range(0, len(ids), 20)  # all at once, the logits would need much memory
    ]
    return float((np.concatenate(best) == ids)[hidden].mean())


@contextlib.contextmanager
def silenced(model, heads):
    """Inside the block, each head ``(layer, head)`` contributes nothing: its rows of W_O are zero.

    >>> from ktlearn import models
    >>> bert = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    >>> with silenced(bert, [(2, 0)]):
    ...     bool(bert.encoder.layers[2].attention.output_projection.kernel.numpy()[:32].any())
    False
    """
    kernels = [layer.attention.output_projection.kernel for layer in model.encoder.layers]
    before = [kernel.numpy() for kernel in kernels]
    after = [matrix.copy() for matrix in before]
    for layer, head in heads:
        d_k = len(after[layer]) // HEADS
        after[layer][head * d_k : (head + 1) * d_k] = 0
    try:
        for kernel, matrix in zip(kernels, after, strict=True):
            kernel.assign(matrix)
        yield model
    finally:
        for kernel, matrix in zip(kernels, before, strict=True):
            kernel.assign(matrix)


def _bert_and_words():
    from ktlearn import models, text

    bert = models.from_pretrained("ktlearn/mini-bert-en", task="masked-lm", verbose=0)
    return bert, hidden_words(text.Transformer("ktlearn/mini-bert-en").get_tokenizer())


# --- 3.7 Prune a BERT --------------------------------------------------------------------------


def check_3_7(answer):
    if not isinstance(answer, (list, tuple)):
        raise NotYet("give a list of pairs (layer, head).")
    heads = [_pair(each) for each in answer]
    if len(set(heads)) < len(heads):
        raise NotYet("one of the heads is in the list twice.")
    if len(heads) < 8:
        raise NotYet(f"these are {len(heads)} heads. At least eight can go.")
    bert, words = _bert_and_words()
    whole = guesses(bert, words)
    with silenced(bert, heads):
        pruned = guesses(bert, words)
    if pruned < 0.9 * whole:
        raise NotYet(
            f"without these {len(heads)} heads BERT guesses {pruned:.3f}, and whole {whole:.3f}: less than 90 % of it."
        )


def _pair(each):
    if not isinstance(each, (list, tuple)) or len(each) != 2:
        raise NotYet(f"each head is a pair (layer, head). You gave {each!r:.40}.")
    layer, head = each
    if layer not in range(LAYERS) or head not in range(HEADS):
        raise NotYet(f"there is no head {each!r:.40}: layers are 0 to {LAYERS - 1}, heads 0 to {HEADS - 1}.")
    return int(layer), int(head)


def solution_3_7():
    bert, words = _bert_and_words()  # as in section 8
    left = {}
    for head in itertools.product(range(4), range(6)):
        with silenced(bert, [head]):
            left[head] = guesses(bert, words)
    return sorted(left, key=left.get, reverse=True)[:8]


# --- 3.8 Read four heads -----------------------------------------------------------------------

DIRECTIONS = ("left", "right", "first", "last")


def check_3_8(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 4:
        raise NotYet("give a list of four words, for the four maps.")
    words = [str(word).strip().lower() for word in answer]
    if unknown := [word for word in words if word not in DIRECTIONS]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the words {', '.join(DIRECTIONS)}.")
    for place, word, right in zip(("first", "second", "third", "fourth"), words, solution_3_8(), strict=True):
        if word != right:
            raise NotYet(
                f"the {place} map does not look {word!r}. A column that is dark is one token that many look at; a line "
                "beside the diagonal is a neighbour, left of it the one before."
            )


def solution_3_8():
    return ["left", "first", "right", "last"]


# --- 3.9 Heads have no order -------------------------------------------------------------------


def check_3_9(answer):
    rng = np.random.default_rng()
    W = list(rng.normal(size=(4, 12, 12)))
    names = ("W_Q", "W_K", "W_V", "W_O")
    for order in ([1, 2, 0], [2, 0, 1], [3, 0, 1, 2]):
        compare(answer, solution_3_9, *W, order, mistakes=ORDER_MISTAKES, names=names)


def solution_3_9(W_Q, W_K, W_V, W_O, order):
    d_k = len(W_O) // len(order)
    columns = np.concatenate([np.arange(head * d_k, (head + 1) * d_k) for head in order])
    return W_Q[:, columns], W_K[:, columns], W_V[:, columns], W_O[columns]  # and rows of W_O


def _by_rows(W_Q, W_K, W_V, W_O, order):
    return tuple(solution_3_9(W, W, W, W, order)[3] for W in (W_Q, W_K, W_V, W_O))


def _output_by_columns(W_Q, W_K, W_V, W_O, order):
    return *solution_3_9(W_Q, W_K, W_V, W_O, order)[:3], solution_3_9(W_O, W_O, W_O, W_O, order)[0]


def _single_columns(W_Q, W_K, W_V, W_O, order):
    return W_Q[:, order], W_K[:, order], W_V[:, order], W_O[order]


ORDER_MISTAKES = [
    (lambda *W: (*solution_3_9(*W)[:3], W[3]), "W_O must follow: it still reads the old order."),
    (_output_by_columns, "W_O is reordered by columns. A head is read by its rows of W_O."),
    (_by_rows, "W_Q, W_K and W_V are reordered by rows. A head has its own columns there."),
    (
        lambda *W: solution_3_9(*W[:4], np.argsort(W[4])),
        "the output is the same, but head i should be the old head order[i]: yours is the way back.",
    ),
    (_single_columns, "a head has d_k columns, not one."),
]


# --- 3.10 In your own words --------------------------------------------------------------------

_POINTS = [  # what a good answer touches, and the sentence when it is missing
    (r"same (number|count)|no (more |extra )?param|param.*(same|equal|true)|true.*param", "what is true in the plan"),
    (r"\bmaps?\b|attention weights|memory|entries|time|slow|comput", "what more heads cost: think of the maps"),
    (r"narrow|width|wide|\b4\b|four|d_k|rank|dimension", "what becomes of a single head"),
    (r"valid|measur|try|tries|train|experiment|compare|seed|test|silenc|prun", "how you would decide"),
]


def check_3_10(answer):
    check_in_words(answer, _POINTS, "Give your colleague three to five sentences.")


def solution_3_10():
    return (
        "True: the number of parameters stays the same, because the heads only cut the same matrices differently. But "
        "each head has a map of its own, so 128 heads make 16 times as many attention weights to compute and to keep. "
        "And each head becomes 4 numbers wide instead of 64: a score is then a dot product of 4 numbers, too few to "
        "tell many kinds of tokens apart. I would train 4, 8 and 16 heads with some seeds each and compare them on "
        "validation; that many heads of a trained model can be silenced at no cost speaks against more of them."
    )


EXERCISES = [
    Exercise(
        "3.7",
        "Prune a BERT",
        minutes=15,
        difficulty=2,
        check=check_3_7,
        solution=solution_3_7,
        why="Most heads cost next to nothing alone, because others do similar work, and because what a head adds goes "
        "past the others on its way to the output. Go on with the list, and the score falls slowly at first. The same "
        "was found in large models (Michel et al. and Voita et al., both 2019). Note that we choose and measure on the "
        "same reviews: to report a result, choose on some and measure on others.",
        hints=(
            "Loop over four layers and six heads, silence one, and note guesses(bert, hidden).",
            "Sort the heads by what is left without them. The cheapest come first.",
            "sorted(left, key=left.get, reverse=True)[:8], where left[layer, head] is the score without this head.",
        ),
    ),
    Exercise(
        "3.8",
        "Read four heads",
        minutes=5,
        difficulty=1,
        check=check_3_8,
        solution=solution_3_8,
        why="A dark column is a token that everybody looks at: `[CLS]`, the first, or `[SEP]`, the last. These two "
        "often serve as a place to rest for heads that find nothing. A dark line beside the diagonal is a neighbour.",
        hints=(
            "Is there a dark column, or a dark line from the upper left to the lower right?",
            "The first column is [CLS], the last is [SEP].",
            "A line below and left of the diagonal is the token before; above and right of it the token after.",
        ),
    ),
    Exercise(
        "3.9",
        "Heads have no order",
        minutes=10,
        difficulty=2,
        check=check_3_9,
        solution=solution_3_9,
        why="A head is a block of columns in W_Q, W_K and W_V, and a block of rows in W_O. Move the blocks together, "
        "and the sum of the heads is the same sum in another order. So head 3 of one training has nothing to do with "
        "head 3 of another.",
        hints=(
            "Where in W_Q does head h live? And where in W_O?",
            "Make one list of positions: for each head of the order its d_k numbers, from head * d_k on.",
            "W_Q[:, columns], W_K[:, columns], W_V[:, columns], W_O[columns]",
        ),
    ),
    Exercise(
        "3.10",
        "In your own words",
        minutes=8,
        difficulty=2,
        check=check_3_10,
        solution=solution_3_10,
        why="The check looks for four points, not for good sentences: compare yours with this one. Table 3, rows (A), "
        "of the paper has the measurement: for its translator one head was worst, and 32 were worse than 8 or 16.",
        hints=(
            "Section 6 has two numbers: which of them depends on H?",
            "512 / 128 = 4. What can a dot product of four numbers tell apart?",
            "How would you decide anything about a model: by an argument, or by validation?",
        ),
    ),
]
