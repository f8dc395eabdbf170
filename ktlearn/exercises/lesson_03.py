"""Exercises of lesson 03, multi-head attention."""

import numpy as np

from ktlearn.exercises.compare import compare
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.lesson_03_heads import EXERCISES as HEADS_OF_BERT

# --- 3.1 Predict before you run ----------------------------------------------------------------

QUESTIONS = "abcdef"
CHANGES = ("half", "same", "double", "less")
CLUES = (
    "the heads are cut out of the same four matrices.",
    "all heads together are D wide.",
    "each head has a map of its own, as large as any other.",
    "the queries of all heads together are X W_Q, (L, D).",
    "a product takes L · L · d_k multiplications, and there are H of them.",
    "a score is a sum of d_k products, each of variance 1. The variance is halved. And its root?",
)


def check_3_1(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 6:
        raise NotYet('give a list of six words, each "half", "same", "double" or "less".')
    words = [str(word).strip().lower() for word in answer]
    if unknown := [word for word in words if word not in CHANGES]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the words {', '.join(CHANGES)}.")
    for letter, word, right, clue in zip(QUESTIONS, words, solution_3_1(), CLUES, strict=True):
        if word != right:
            raise NotYet(f"({letter}) is not {word!r}: {clue}")


def solution_3_1():
    # (e) H times L² d_k, and H d_k = D does not change; (f) √16 = 4 becomes √8 = 2.83
    return ["same", "half", "double", "same", "same", "less"]


# --- 3.2 Count the parameters of groups --------------------------------------------------------


def check_3_2(answer):
    for d_model, num_heads, num_groups in ((64, 16, 2), (8, 2, 1), (64, 8, 8), (768, 12, 3)):
        compare(answer, solution_3_2, d_model, num_heads, num_groups, mistakes=COUNT_MISTAKES, names=("the number",))


def solution_3_2(d_model, num_heads, num_groups):
    narrow = num_groups * d_model // num_heads  # the width of all keys together
    wide_layers = 2 * (d_model * d_model + d_model)  # W_Q and W_O
    return wide_layers + 2 * (d_model * narrow + narrow)  # and W_K and W_V


COUNT_MISTAKES = [
    (lambda d, h, g: solution_3_2(d, h, g) - 2 * d - 2 * (g * d // h), "the biases are missing."),
    (lambda d, h, g: 4 * (d * d + d), "this is the layer without groups: W_K and W_V are narrower."),
    (
        lambda d, h, g: d * d + d + 3 * (d * (g * d // h) + g * d // h),
        "W_O is as wide as without groups: it reads all heads of queries.",
    ),
    (
        lambda d, h, g: 2 * (d * d + d) + 2 * (d * (d // g) + d // g),
        "all keys together are num_groups heads wide, and a head is d_model / num_heads wide.",
    ),
    (lambda d, h, g: solution_3_2(d, h, g) - d * d - d, "the last layer, W_O, is missing."),
    (
        lambda d, h, g: 2 * (d * d + d) + 2 * (d * (g * d // h) + d),
        "the bias of a layer is as long as its output: for keys and values, that is narrower too.",
    ),
]


# --- 3.3 Find the bug: three slips -------------------------------------------------------------


def check_3_3(answer):
    rng = np.random.default_rng()
    q, k, v = rng.normal(size=(3, 2, 6, 12))
    compare(answer, solution_3_3, q, k, v, 3, mistakes=SLIPS, names=("the joined heads",))


def solution_3_3(q, k, v, num_heads):
    B, L, D = q.shape
    q, k, v = (x.reshape(B, L, num_heads, -1).transpose(0, 2, 1, 3) for x in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # the width of a head
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)  # over the keys, not over the heads
    return (weights @ v).transpose(0, 2, 1, 3).reshape(B, L, D)  # the tokens come back in front of the heads


def _with_slips(scale, axis, join):
    """The three steps, right or wrong each."""

    def heads(q, k, v, num_heads):
        q, k, v = (_split(x, num_heads) for x in (q, k, v))
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(num_heads * q.shape[-1] if scale else q.shape[-1])
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        found = e / e.sum(axis=1 if axis else -1, keepdims=True) @ v
        return _reshape_only(found) if join else _join(found)

    return heads


def _join(x):
    B, H, L, d_k = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, L, H * d_k)  # (B, L, D)


def _reshape_only(heads):
    return heads.reshape(heads.shape[0], heads.shape[2], -1)


LEFT = {
    "scale": "the root: in a head, the width is d_k, and D is that of all heads together",
    "axis": "the sum: a row of weights is one axis, and axis 1 holds the heads",
    "join": "the join: a reshape without the transpose mixes the tokens",
}
SLIPS = [
    (
        _with_slips("scale" in left, "axis" in left, "join" in left),
        f"still wrong here: {'; '.join(LEFT[name] for name in left)}.",
    )
    for left in (
        ("scale",),
        ("axis",),
        ("join",),
        ("scale", "axis"),
        ("scale", "join"),
        ("axis", "join"),
        ("scale", "axis", "join"),
    )
]


# --- 3.4 An alarm for mixed tokens -------------------------------------------------------------


def check_3_4(answer):
    for name, (split, is_right) in SPLITS.items():
        verdict = answer(split)
        if not isinstance(verdict, (bool, np.bool_)):
            raise NotYet(f"your function must return True or False. It returns {type(verdict).__name__}.")
        if verdict and not is_right:
            raise NotYet(f"it accepts a split that mixes tokens ({name}).")
        if is_right and not verdict:
            raise NotYet(f"it refuses a split that keeps the tokens apart ({name}).")


def solution_3_4(split):
    x = np.random.default_rng().normal(size=(3, 5, 8))
    before = split(x, 2)  # (B, H, L, d_k)
    for b in range(3):
        for t in range(5):
            changed = x.copy()
            changed[b, t] += 1
            moved = (split(changed, 2) != before).any(axis=-1)  # (B, H, L)
            expected = np.zeros_like(moved)
            expected[b, :, t] = True
            if not np.array_equal(moved, expected):
                return False
    return True


def _split(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, num_heads, D // num_heads).transpose(0, 2, 1, 3)


def _without_transpose(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, num_heads, L, D // num_heads)


def _interleaved(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, D // num_heads, num_heads).transpose(0, 3, 1, 2)


def _heads_before_texts(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, num_heads, D // num_heads).transpose(2, 0, 1, 3).reshape(B, num_heads, L, D // num_heads)


def _same_piece_twice(x, num_heads):
    return np.repeat(_split(x, num_heads)[:, :1], num_heads, axis=1)


SPLITS = {
    "reshape, then transpose": (_split, True),
    "reshape without transpose": (_without_transpose, False),
    "every second number to the other head, which is unusual but fair": (_interleaved, True),
    "the texts of the batch mixed": (_heads_before_texts, False),
    "the tokens in reverse": (lambda x, num_heads: _split(x, num_heads)[:, :, ::-1], False),
    "both heads the same piece, which wastes a head but mixes nothing": (_same_piece_twice, True),
}


# --- 3.5 Silence a head ------------------------------------------------------------------------


def check_3_5(answer):
    W_O = np.random.default_rng().normal(size=(12, 12))
    before = W_O.copy()
    for head in range(3):
        given = W_O.copy()
        found = answer(given, head, 3)
        compare(lambda *_, found=found: found, solution_3_5, before, head, 3, mistakes=SILENCE_MISTAKES)
        if not np.array_equal(given, before):
            raise NotYet("the numbers are right, but you changed the W_O you were given. Copy it first.")


def solution_3_5(W_O, head, num_heads):
    d_k = len(W_O) // num_heads
    silent = W_O.copy()
    silent[head * d_k : (head + 1) * d_k] = 0  # the rows that this head is multiplied with
    return silent


def _other_heads(W_O, head, num_heads):
    return W_O - solution_3_5(W_O, head, num_heads)


SILENCE_MISTAKES = [
    (
        lambda W, h, H: solution_3_5(W.T, h, H).T,
        "you silence columns. Columns are the output, to which all heads add. A head meets the rows.",
    ),
    (_other_heads, "you silence all heads but this one."),
    (lambda W, h, H: np.where(np.arange(len(W))[:, None] == h, 0, W), "one row is silent, and a head has d_k rows."),
    (lambda W, h, H: solution_3_5(W, h - 1, H), "another head is silent: they count from 0."),
    (lambda W, h, H: np.where(np.arange(len(W))[:, None] % H == h, 0, W), "the rows of a head are neighbours."),
    (
        lambda W, h, H: np.delete(W, np.s_[h * len(W) // H : (h + 1) * len(W) // H], axis=0),
        "set the rows to 0, and keep the shape.",
    ),
]


# --- 3.6 Grouped queries -----------------------------------------------------------------------


def check_3_6(answer):
    rng = np.random.default_rng()
    query, key, value = (rng.normal(size=(2, length, 24)) for length in (4, 5, 5))
    mask = rng.random((2, 1, 4, 5)) < 0.6
    mask[..., :2] = [True, False]
    for groups, given in ((3, None), (3, mask), (1, mask), (6, mask)):
        W_Q, W_O = rng.normal(size=(2, 24, 24)) / 2
        W_K, W_V = rng.normal(size=(2, 24, groups * 4)) / 2
        inputs = (query, key, value, W_Q, W_K, W_V, W_O, 6, groups, given)
        compare(answer, solution_3_6, *inputs, mistakes=ATTENTION_MISTAKES, names=("output", "weights"))


def solution_3_6(query, key, value, W_Q, W_K, W_V, W_O, num_heads, num_groups, mask=None):
    def split(x, heads):
        B, L, D = x.shape
        return x.reshape(B, L, heads, D // heads).transpose(0, 2, 1, 3)  # (B, heads, L, d_k)

    q, k, v = split(query @ W_Q, num_heads), split(key @ W_K, num_groups), split(value @ W_V, num_groups)
    k, v = (np.repeat(x, num_heads // num_groups, axis=1) for x in (k, v))  # (B, H, L_k, d_k)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # (B, H, L_q, L_k)
    if mask is not None:
        scores = np.where(mask, scores, -1e30)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    heads = weights @ v  # (B, H, L_q, d_k)
    joined = heads.transpose(0, 2, 1, 3).reshape(query.shape)  # (B, L_q, D)
    return joined @ W_O, weights


def _repeat(x, times):
    return np.repeat(x, times, axis=1)


def _grouped(
    query, key, value, W_Q, W_K, W_V, W_O, num_heads, num_groups, mask,
    split=_split, join=_join, share=_repeat, scale=None, axis=-1,
):  # fmt: skip
    q = split(query @ W_Q, num_heads)
    k, v = (share(split(x @ W, num_groups), num_heads // num_groups) for x, W in ((key, W_K), (value, W_V)))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(scale or q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e30)
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    weights = weights / weights.sum(axis=axis, keepdims=True)
    return join(weights @ v) @ W_O, weights


def _without_output_matrix(query, key, value, W_Q, W_K, W_V, W_O, *rest):
    return _grouped(query, key, value, W_Q, W_K, W_V, np.eye(len(W_O)), *rest)


ATTENTION_MISTAKES = [
    (
        lambda *inputs: _grouped(*inputs, share=lambda x, times: np.tile(x, (1, times, 1, 1))),
        "neighbouring query heads share a group: 0 0 1 1 2 2, and not 0 1 2 0 1 2. np.repeat, and not np.tile.",
    ),
    (
        lambda *inputs: _grouped(*inputs, scale=inputs[0].shape[-1]),
        "the scores are divided by √D. In a head the width is d_k = D / num_heads.",
    ),
    (lambda *inputs: _grouped(*inputs, scale=1), "the division by √d_k is missing."),
    (
        lambda *inputs: _grouped(*inputs, split=_without_transpose),
        "the split has no transpose, so the rows of a head mix the tokens.",
    ),
    (
        lambda *inputs: _grouped(*inputs, join=_reshape_only),
        "the join has no transpose: bring the tokens back in front of the heads first.",
    ),
    (_without_output_matrix, "the last matrix, W_O, is missing."),
    (
        lambda *inputs: _grouped(*inputs, axis=-2),
        "the softmax runs over the queries: each column adds up to 1, and each row should.",
    ),
    (lambda q, k, v, *rest: _grouped(q, v, k, *rest), "key and value have changed places."),
    (lambda *inputs: _grouped(*inputs[:-1], None), "the mask has no effect."),
    (
        lambda *inputs: _grouped(*inputs[:-1], None if inputs[-1] is None else ~inputs[-1]),
        "the mask is the wrong way round: True means may attend.",
    ),
]


EXERCISES = [
    Exercise(
        "3.1",
        "Predict before you run",
        minutes=5,
        difficulty=1,
        check=check_3_1,
        solution=solution_3_1,
        why="H times d_k is D, whatever H is: so parameters, queries and multiplications stay. A map belongs to a "
        "head, so there are twice as many. A score is a sum of d_k products: half as many have half the variance, and "
        "√½ = 0.71 times the deviation. That is why the division is by √d_k, and not by √D.",
        hints=(
            "Write d_k = D / H for 4 and for 8 heads first.",
            "For each of the others, multiply what one head needs by the number of heads.",
            "(f) is lesson 01, section 5: the variance of a sum of d_k independent products is d_k.",
        ),
    ),
    Exercise(
        "3.2",
        "Count the parameters of groups",
        minutes=6,
        difficulty=2,
        check=check_3_2,
        solution=solution_3_2,
        why="Queries and output are as before; keys and values are only `num_groups` heads wide. For Llama 3 8B that "
        "is 42 million for each layer instead of 67 (Llama has no biases, which hardly changes it): three eighths "
        "less. The cache shrinks more, to a quarter.",
        hints=(
            "Four layers: which of them still are (d_model, d_model)?",
            "W_K and W_V are (d_model, num_groups * d_k), with d_k = d_model // num_heads.",
            "2 * (d * d + d) + 2 * (d * n + n) with n = num_groups * d // num_heads.",
        ),
    ),
    Exercise(
        "3.3",
        "Find the bug: three slips",
        minutes=10,
        difficulty=2,
        check=check_3_3,
        solution=solution_3_3,
        why="√D makes the scores too small and the maps too flat. A sum over axis 1 shares attention among the heads, "
        "and no row adds up to 1. The join without transpose mixes tokens. None of them changes a shape: for each "
        "there is an invariant that rings, or a comparison with known numbers.",
        hints=(
            "Go through the lines and say the shape and the meaning of each axis. There is a slip in three of the "
            "lines.",
            "Line 3: how wide are the vectors that are multiplied? Line 5: which axis of (B, H, L, L) holds the keys?",
            "np.sqrt(q.shape[-1]), axis=-1, and a transpose before the last reshape.",
        ),
    ),
    Exercise(
        "3.4",
        "An alarm for mixed tokens",
        minutes=10,
        difficulty=2,
        check=check_3_4,
        solution=solution_3_4,
        why="Change one token, and look which rows move: in every head row t, in this text, and no other. The test "
        "does not say which numbers of the token a head gets, because any fair cut will do.",
        hints=(
            "Change one token of one text. Which rows of the heads may move?",
            "Exactly row t of this text, in each head. Try every token, and more than one text.",
            "moved = (split(changed, 2) != split(x, 2)).any(axis=-1) is (B, H, L). Compare it with zeros in which only "
            "[b, :, t] is True.",
        ),
    ),
    Exercise(
        "3.5",
        "Silence a head",
        minutes=8,
        difficulty=2,
        check=check_3_5,
        solution=solution_3_5,
        why="Joined heads times `W_O` is a sum with one part for each head: head h times its own d_k rows. With zeros "
        "in these rows its part is zero, and nothing else changes.",
        hints=(
            "In joined @ W_O, the first d_k numbers of a joined row belong to head 0. With which part of W_O are they "
            "multiplied?",
            "With the first d_k rows. So head h has the rows from h * d_k to (h + 1) * d_k.",
            "silent = W_O.copy(); silent[head * d_k : (head + 1) * d_k] = 0; return silent",
        ),
    ),
    Exercise(
        "3.6",
        "Grouped queries",
        minutes=20,
        difficulty=3,
        check=check_3_6,
        solution=solution_3_6,
        why="The split takes the number of heads as an argument, and one `np.repeat` gives each group to its query "
        "heads. With `num_groups=num_heads` it is multi-head attention, with 1 it is multi-query attention.",
        hints=(
            "Begin with multi-head attention as in your layer, and let split take the number of heads.",
            "Split keys and values into num_groups heads. Then each must be there num_heads // num_groups times.",
            "np.repeat(k, num_heads // num_groups, axis=1), and the same for v. The rest is unchanged.",
        ),
    ),
    *HEADS_OF_BERT,
]
