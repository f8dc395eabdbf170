"""Exercises of lesson 03, multi-head attention."""

import numpy as np

from ktlearn.exercises.compare import compare
from ktlearn.exercises.exercise import Exercise, NotYet

# --- 3.1 Five shapes ---------------------------------------------------------------------------

STEPS = ("x @ W_Q", "the reshape", "the transpose", "the weights", "the joined heads")


def check_3_1(answer):
    right = solution_3_1()
    if not isinstance(answer, (list, tuple)) or len(answer) != 5:
        raise NotYet("give a list of five shapes.")
    for step, shape, expected in zip(STEPS, answer, right, strict=True):
        if not isinstance(shape, (list, tuple)):
            raise NotYet(f"the shape of {step} must be a tuple such as (2, 7, 12). You gave {shape!r}.")
        if tuple(shape) == expected:
            continue
        if step == "the reshape" and tuple(shape) == right[2]:
            raise NotYet("a reshape cuts the last axis only: the heads come after the tokens, until the transpose.")
        if step == "the weights" and tuple(shape) == (2, 7, 7):
            raise NotYet("each head has weights of its own: the axis of the heads is missing.")
        if len(shape) == 4 and shape[-1] == 12:
            raise NotYet(f"in {step}, a head is not 12 numbers wide: the heads share the width.")
        raise NotYet(f"the shape of {step} is not {tuple(shape)}.")


def solution_3_1():
    return [(2, 7, 12), (2, 7, 3, 4), (2, 3, 7, 4), (2, 3, 7, 7), (2, 7, 12)]


# --- 3.2 Count the parameters ------------------------------------------------------------------


def check_3_2(answer):
    for d_model, num_heads in ((8, 2), (64, 1), (64, 16), (768, 12)):
        compare(answer, solution_3_2, d_model, num_heads, mistakes=COUNT_MISTAKES, names=("the number",))


def solution_3_2(d_model, num_heads):
    matrix, bias = d_model * d_model, d_model
    return 4 * (matrix + bias)  # W_Q, W_K, W_V, W_O: the heads share them


COUNT_MISTAKES = [
    (lambda d, h: 4 * d * d, "the biases are missing: each of the four layers has one for each output."),
    (lambda d, h: 3 * (d * d + d), "the last layer, W_O, is missing."),
    (lambda d, h: 3 * d * d, "the last layer, W_O, and the biases are missing."),
    (lambda d, h: 4 * (d * d + d) * h, "the heads share the width: more heads do not need more parameters."),
    (lambda d, h: 3 * (d * d + d) * h + d * d + d, "the heads share the width: each is only d_model / num_heads wide."),
    (lambda d, h: 4 * (d * (d // h) + d // h), "this counts a single head. All heads together are d_model wide."),
    (lambda d, h: 3 * (d * (d // h) + d // h) + d * d + d, "this counts Q, K and V of a single head only."),
]


# --- 3.3 The way back --------------------------------------------------------------------------


def check_3_3(answer):
    x = np.random.default_rng().normal(size=(2, 3, 5, 4))
    compare(answer, solution_3_3, x, mistakes=JOIN_MISTAKES, names=("the joined heads",))


def solution_3_3(x):
    B, H, L, d_k = x.shape
    x = x.transpose(0, 2, 1, 3)  # (B, L, H, d_k)
    return x.reshape(B, L, H * d_k)  # (B, L, D)


JOIN_MISTAKES = [
    (
        lambda x: x.reshape(x.shape[0], x.shape[2], -1),
        "the reshape came without the transpose, so the rows mix the tokens.",
    ),
    (
        lambda x: x.transpose(0, 2, 3, 1).reshape(x.shape[0], x.shape[2], -1),
        "the numbers of the heads are shuffled into each other: after the transpose the axes are (B, L, H, d_k).",
    ),
    (lambda x: x.transpose(0, 2, 1, 3), "the heads and their width are still two axes: a reshape is missing."),
    (lambda x: x.mean(axis=1), "the heads stand side by side. You take their mean."),
    (lambda x: x.sum(axis=1), "the heads stand side by side. You add them up."),
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


# --- 3.6 Multi-head attention from nothing -----------------------------------------------------


def check_3_6(answer):
    rng = np.random.default_rng()
    query, key, value = (rng.normal(size=(2, length, 12)) for length in (4, 5, 5))
    W = [rng.normal(size=(12, 12)) / 2 for _ in range(4)]
    mask = rng.random((2, 1, 4, 5)) < 0.6
    mask[..., :2] = [True, False]
    for given in (None, mask):
        compare(
            answer,
            solution_3_6,
            query,
            key,
            value,
            *W,
            3,
            given,
            mistakes=ATTENTION_MISTAKES,
            names=("output", "weights"),
        )


def solution_3_6(query, key, value, W_Q, W_K, W_V, W_O, num_heads, mask=None):
    def split(x):
        B, L, D = x.shape
        return x.reshape(B, L, num_heads, D // num_heads).transpose(0, 2, 1, 3)  # (B, H, L, d_k)

    q, k, v = split(query @ W_Q), split(key @ W_K), split(value @ W_V)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # (B, H, Q, K)
    if mask is not None:
        scores = np.where(mask, scores, -1e30)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    heads = weights @ v  # (B, H, Q, d_k)
    joined = heads.transpose(0, 2, 1, 3).reshape(query.shape)  # (B, Q, D)
    return joined @ W_O, weights


def _multi_head(
    query, key, value, W_Q, W_K, W_V, W_O, num_heads, mask, split=_split, join=solution_3_3, scale=None, axis=-1
):
    q, k, v = (split(x @ W, num_heads) for x, W in ((query, W_Q), (key, W_K), (value, W_V)))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(scale or q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e30)
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    weights = weights / weights.sum(axis=axis, keepdims=True)
    return join(weights @ v) @ W_O, weights


def _reshape_only(heads):
    return heads.reshape(heads.shape[0], heads.shape[2], -1)


def _without_scale(*inputs):
    return _multi_head(*inputs, scale=1)


def _scaled_by_the_width(*inputs):
    return _multi_head(*inputs, scale=inputs[0].shape[-1])


def _keys_from_the_values(query, key, value, *rest):
    return _multi_head(query, value, key, *rest)


def _without_output_matrix(query, key, value, W_Q, W_K, W_V, W_O, *rest):
    return _multi_head(query, key, value, W_Q, W_K, W_V, np.eye(len(W_O)), *rest)


def _without_mask(*inputs):
    return _multi_head(*inputs[:-1], None)


def _flipped(*inputs):
    return _multi_head(*inputs[:-1], None if inputs[-1] is None else ~inputs[-1])


ATTENTION_MISTAKES = [
    (_scaled_by_the_width, "the scores are divided by √d_model. In a head the width is d_k = d_model / num_heads."),
    (_without_scale, "the division by √d_k is missing."),
    (
        lambda *inputs: _multi_head(*inputs, split=_without_transpose),
        "the split has no transpose, so the rows of a head mix the tokens.",
    ),
    (
        lambda *inputs: _multi_head(*inputs, split=_without_transpose, join=_reshape_only),
        "the split and the join have no transpose, so each head sees only a part of the tokens.",
    ),
    (
        lambda *inputs: _multi_head(*inputs, join=_reshape_only),
        "the join has no transpose: bring the tokens back in front of the heads first.",
    ),
    (_without_output_matrix, "the last matrix, W_O, is missing."),
    (
        lambda *inputs: _multi_head(*inputs, axis=-2),
        "the softmax runs over the queries: each column adds up to 1, and each row should.",
    ),
    (_keys_from_the_values, "key and value have changed places."),
    (_without_mask, "the mask has no effect."),
    (_flipped, "the mask is the wrong way round: True means may attend."),
]


EXERCISES = [
    Exercise(
        "3.1",
        "Five shapes",
        minutes=3,
        difficulty=1,
        check=check_3_1,
        solution=solution_3_1,
        why="12 / 3 = 4 numbers for each head. The reshape cuts the last axis, the transpose brings the heads in front "
        "of the tokens, the weights pair tokens with tokens, and joining gives the first shape back.",
        hints=(
            "How wide is one head? All heads together are as wide as the model.",
            "The reshape cuts the last axis, 12, into (3, 4). The transpose lets the second and third axis change "
            "places.",
            "The weights have one row and one column for each token, in each head: (2, 3, 7, 7).",
        ),
    ),
    Exercise(
        "3.2",
        "Count the parameters",
        minutes=5,
        difficulty=1,
        check=check_3_2,
        solution=solution_3_2,
        why="Four square matrices, each with a bias. `num_heads` does not occur: the heads are pieces of the same "
        "matrices.",
        hints=(
            "How many Dense layers does the layer have, and how large is each?",
            "W_Q, W_K, W_V and W_O are (d_model, d_model). Each has a bias.",
            "4 * (d_model * d_model + d_model), whatever num_heads is.",
        ),
    ),
    Exercise(
        "3.3",
        "The way back",
        minutes=5,
        difficulty=1,
        check=check_3_3,
        solution=solution_3_3,
        why="It is the split, read backwards: first the transpose, then the reshape. A reshape glues neighbouring axes "
        "only, so H and d_k must stand side by side before it.",
        hints=(
            "Read the split backwards.",
            "A reshape can only glue axes that are neighbours. Which axis stands between H and d_k?",
            "x.transpose(0, 2, 1, 3).reshape(B, L, H * d_k)",
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
        "Multi-head attention from nothing",
        minutes=20,
        difficulty=3,
        check=check_3_6,
        solution=solution_3_6,
        why="Project, split, attend in all heads at once, join, mix. This is the layer of every Transformer that you "
        "will meet in this course.",
        hints=(
            "Write split first, and print its shape: (B, H, L, d_k). Then the attention of lesson 02 works unchanged "
            "on all heads.",
            "d_k is the width of a head: q.shape[-1] after the split. The mask (B, 1, Q, K) fits the scores (B, H, Q, "
            "K) as it is.",
            "heads = weights @ v, then heads.transpose(0, 2, 1, 3).reshape(query.shape) @ W_O. Return it with weights.",
        ),
    ),
]
