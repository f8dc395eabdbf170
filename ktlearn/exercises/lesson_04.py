"""Exercises of lesson 04, the encoder."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- 4.1 The vector of position 2 --------------------------------------------------------------


def check_4_1(answer):
    answer = as_array(answer, shape=(4,))
    for wrong, sentence in POSITION_MISTAKES:
        if is_close(answer, wrong, atol=0.006):
            raise NotYet(sentence)
    must_be_close(answer, solution_4_1(), atol=0.006)


def solution_4_1():
    return [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)]


POSITION_MISTAKES = [
    ([0.035, 0.999, 0.0, 1.0], "these are sine and cosine of degrees. The angles here are in radians."),
    ([-0.416, 0.909, 1.0, 0.02], "sine and cosine have changed places: the sine comes first."),
    ([0.909, 0.02, -0.416, 1.0], "here both sines come first. In the formula each sine has its cosine behind it."),
    ([0.841, 0.540, 0.01, 1.0], "this is the vector of position 1."),
    ([0.909, -0.416, 0.199, 0.980], "the second pair turns too fast: its exponent 2i / D is 2/4, so its rate is 0.01."),
    ([0.909, -0.416, 0.0, 1.0], "the second pair turns too slowly: with i = 1 its rate is 1 / 10000^(2/4) = 0.01."),
]


# --- 4.2 Dropout -------------------------------------------------------------------------------


def check_4_2(answer):
    rng = np.random.default_rng()
    x, draws = rng.normal(size=(2, 3, 50)), rng.random((2, 3, 50))
    compare(answer, solution_4_2, x, float(rng.uniform(0.1, 0.4)), draws, mistakes=DROPOUT_MISTAKES)


def solution_4_2(x, rate, draws):
    kept = draws >= rate
    return np.where(kept, x / (1 - rate), 0)


DROPOUT_MISTAKES = [
    (
        lambda x, rate, draws: np.where(draws >= rate, x, 0),
        "the average becomes smaller: the numbers that stay must be divided by the share that stays.",
    ),
    (
        lambda x, rate, draws: np.where(draws >= rate, x / rate, 0),
        "you divide by the share that is dropped. Divide by the share that stays.",
    ),
    (
        lambda x, rate, draws: np.where(draws >= rate, x * (1 - rate), 0),
        "you multiply by the share that stays, and the average becomes smaller twice. Divide.",
    ),
    (
        lambda x, rate, draws: np.where(draws < rate, x / (1 - rate), 0),
        "you keep what should be dropped: a number is dropped where its draw is smaller than the rate.",
    ),
    (
        lambda x, rate, draws: np.where(draws < rate, x / rate, 0),
        "you keep what should be dropped: a number is dropped where its draw is smaller than the rate.",
    ),
    (lambda x, rate, draws: x, "nothing is dropped."),
]


# --- 4.3 LayerNorm -----------------------------------------------------------------------------


def check_4_3(answer):
    rng = np.random.default_rng()
    # The second example is so small that eps counts.
    x = rng.normal(2, [[[3.0]], [[0.004]]], size=(2, 5, 7))
    gamma, beta = rng.normal(size=(2, 7))
    compare(answer, solution_4_3, x, gamma, beta, 1e-5, mistakes=NORM_MISTAKES)


def solution_4_3(x, gamma, beta, eps):
    mean = x.mean(axis=-1, keepdims=True)  # (B, L, 1)
    variance = x.var(axis=-1, keepdims=True)  # (B, L, 1)
    return (x - mean) / np.sqrt(variance + eps) * gamma + beta


def _norm(x, gamma, beta, eps, ddof=0, axis=-1, root=lambda variance, eps: np.sqrt(variance + eps)):
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / root(x.var(axis=axis, keepdims=True, ddof=ddof), eps) * gamma + beta


def _eps_outside(variance, eps):
    return np.sqrt(variance) + eps


NORM_MISTAKES = [
    (
        lambda *a: _norm(*a, ddof=1),
        "you divide by D - 1 in the variance. LayerNorm takes the population's variance: divide by D.",
    ),
    (
        lambda *a: _norm(*a, root=_eps_outside),
        "your eps stands outside the root: √(variance + eps), not √variance + eps.",
    ),
    (
        lambda *a: _norm(*a, ddof=1, root=_eps_outside),
        "two things: divide by D, not D - 1, in the variance; and put eps inside the root.",
    ),
    (lambda *a: _norm(*a, root=lambda v, eps: np.sqrt(v)), "eps is missing, so a vector of equal numbers gives nan."),
    (lambda *a: _norm(*a, root=lambda v, eps: v + eps), "you divide by the variance. Take its root first."),
    (lambda *a: _norm(*a, axis=1), "you normalise over the tokens. Each token has its own mean: the last axis."),
    (lambda *a: _norm(*a, axis=0), "you normalise over the batch. Each token has its own mean: the last axis."),
    (lambda *a: _norm(*a, axis=None), "one mean for everything. Each token has its own mean: the last axis."),
    (lambda x, gamma, beta, eps: _norm(x, 1, 0, eps), "gamma and beta have no effect: scale and shift at the end."),
    (lambda x, gamma, beta, eps: _norm(x, 1, beta, eps), "gamma has no effect: multiply by it before you add beta."),
    (lambda x, gamma, beta, eps: _norm(x, gamma, 0, eps), "beta has no effect: add it at the end."),
]


# --- 4.4 Count the parameters ------------------------------------------------------------------


def check_4_4(answer):
    rng = np.random.default_rng()
    for _ in range(2):
        d_model = 4 * int(rng.integers(2, 200))
        d_ff = 4 * d_model + int(rng.integers(1, 9))
        compare(answer, solution_4_4, d_model, d_ff, mistakes=COUNT_MISTAKES, names=("the number",), atol=1e-9)


def solution_4_4(d_model, d_ff):
    attention = 4 * (d_model * d_model + d_model)
    feed_forward = d_model * d_ff + d_ff + d_ff * d_model + d_model
    norms = 2 * (d_model + d_model)
    return attention + feed_forward + norms


COUNT_MISTAKES = [
    (lambda D, F: 4 * D * D + 2 * D * F, "only the matrices are counted. Biases and normalisations are missing."),
    (
        lambda D, F: solution_4_4(D, F) - 5 * D - F,
        "the biases are missing: four in attention, two in the feed-forward.",
    ),
    (
        lambda D, F: solution_4_4(D, F) - 4 * D,
        "4D are missing: the gammas and betas of the two normalisations, or the four biases of attention.",
    ),
    (lambda D, F: solution_4_4(D, F) - 2 * D, "a layer has two normalisations, and each has a gamma and a beta."),
    (
        lambda D, F: solution_4_4(D, F) - D * D - D,
        "attention has four matrices: for queries, keys, values, and the one that mixes the heads at the end.",
    ),
    (lambda D, F: solution_4_4(D, F) - D * F - D, "the feed-forward network has two matrices: there and back."),
]


# --- 4.5 Further on, without knowing where -----------------------------------------------------


def check_4_5(answer):
    rng = np.random.default_rng()
    D = 2 * int(rng.integers(3, 8))
    for k in (1, int(rng.integers(2, 30))):
        p = _position(int(rng.integers(60, 99)), D)  # not 2k, from where k steps back is position k itself
        compare(answer, solution_4_5, p, k, mistakes=WALK_MISTAKES, names=("the vector",), atol=1e-6)


def solution_4_5(p, k):
    D = len(p)
    angle = k / 10000 ** (np.arange(0, D, 2) / D)  # one for each pair
    s, c = p[0::2], p[1::2]
    further = np.empty(D)
    further[0::2] = s * np.cos(angle) + c * np.sin(angle)
    further[1::2] = c * np.cos(angle) - s * np.sin(angle)
    return further


def _position(n, D):
    angle = n / 10000 ** (2 * (np.arange(D) // 2) / D)
    return np.where(np.arange(D) % 2 == 0, np.sin(angle), np.cos(angle))


def _one_angle(p, k):
    s, c = p[0::2], p[1::2]
    return np.stack([s * np.cos(k) + c * np.sin(k), c * np.cos(k) - s * np.sin(k)], axis=1).ravel()


WALK_MISTAKES = [
    (lambda p, k: solution_4_5(p, -k), "you walk backwards: this is the vector k places before."),
    (lambda p, k: p + _position(k, len(p)), "you add the vector of position k. Positions turn, they do not add up."),
    (_one_angle, "every pair turns by the angle k. Pair i turns more slowly: by k / 10000^(2i / D)."),
    (lambda p, k: _position(k, len(p)), "this is the vector of position k itself. Start from p."),
    (lambda p, k: solution_4_5(p, 1), "you walk one step, whatever k is."),
    (lambda p, k: p, "you have not moved."),
]


# --- 4.6 An encoder layer ----------------------------------------------------------------------


def check_4_6(answer):
    from ktlearn.transformer import EncoderLayer

    rng = np.random.default_rng()
    D, H, F = 6, 2, 11
    layer = EncoderLayer(D, H, F)
    layer.build((None, None, D))
    layer.set_weights([rng.normal(0, 0.7, w.shape).astype("float32") for w in layer.weights])
    weights = dict(zip(WEIGHT_NAMES, layer.get_weights(), strict=True))
    x = rng.normal(size=(3, 5, D)).astype("float32")
    mask = (np.arange(5) < np.array([[5], [2], [4]]))[:, None, None, :]  # (B, 1, 1, L)

    def ours(x, weights, num_heads, mask):
        return np.array(layer(x, mask=mask))

    compare(answer, ours, x, weights, H, mask, mistakes=LAYER_MISTAKES, atol=1e-3)


WEIGHT_NAMES = (
    *("W_Q", "b_Q", "W_K", "b_K", "W_V", "b_V", "W_O", "b_O", "gamma_1", "beta_1"),
    *("W_1", "b_1", "W_2", "b_2", "gamma_2", "beta_2"),
)


def solution_4_6(x, weights, num_heads, mask):
    w = weights
    B, L, D = x.shape

    def heads(x):
        return x.reshape(B, L, num_heads, D // num_heads).transpose(0, 2, 1, 3)  # (B, H, L, d_k)

    def norm(x, gamma, beta):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gamma + beta

    q, k, v = (heads(x @ w["W_" + name] + w["b_" + name]) for name in "QKV")
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(D // num_heads)  # (B, H, L, L)
    scores = np.where(mask, scores, -1e30)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    attended = (e / e.sum(-1, keepdims=True)) @ v  # (B, H, L, d_k)
    attended = attended.transpose(0, 2, 1, 3).reshape(B, L, D)
    x = norm(x + attended @ w["W_O"] + w["b_O"], w["gamma_1"], w["beta_1"])

    hidden = np.maximum(x @ w["W_1"] + w["b_1"], 0)  # (B, L, F)
    return norm(x + hidden @ w["W_2"] + w["b_2"], w["gamma_2"], w["beta_2"])


def _layer(x, w, H, mask, **wrong):
    """The layer with one thing wrong, named by a keyword."""
    B, L, D = x.shape
    d_k = D // H

    def heads(x):
        if "no_transpose" in wrong:
            return x.reshape(B, H, L, d_k)
        return x.reshape(B, L, H, d_k).transpose(0, 2, 1, 3)

    def norm(x, number):
        ddof = 1 if "sample" in wrong else 0
        deviation = np.sqrt(x.var(-1, keepdims=True, ddof=ddof) + 1e-5)
        return (x - x.mean(-1, keepdims=True)) / deviation * w[f"gamma_{number}"] + w[f"beta_{number}"]

    def attention(x):
        q, k, v = (heads(x @ w["W_" + name] + w["b_" + name]) for name in "QKV")
        scores = q @ k.swapaxes(-1, -2) / wrong.get("scale", np.sqrt(d_k))
        scores = np.where(wrong.get("visible", mask), scores, -1e30)
        axis = wrong.get("axis", -1)
        e = np.exp(scores - scores.max(axis, keepdims=True))
        mixed = (e / e.sum(axis, keepdims=True)) @ v
        mixed = mixed.reshape(B, L, D) if "no_transpose" in wrong else mixed.transpose(0, 2, 1, 3).reshape(B, L, D)
        return mixed if "no_output" in wrong else mixed @ w["W_O"] + w["b_O"]

    def feed_forward(x):
        hidden = x @ w["W_1"] + w["b_1"]
        return (hidden if "no_relu" in wrong else np.maximum(hidden, 0)) @ w["W_2"] + w["b_2"]

    def around(x, part, number):
        if "pre_norm" in wrong:
            return x + part(norm(x, number))
        if "no_residual" in wrong:
            return norm(part(x), number)
        if "norm_first_then_add" in wrong:
            return x + norm(part(x), number)
        if "no_norm" in wrong:
            return x + part(x)
        return norm(x + part(x), number)

    return around(around(x, attention, 1), feed_forward, 2)


def _wrong(**wrong):
    return lambda x, w, H, mask: _layer(x, w, H, mask, **wrong)


LAYER_MISTAKES = [
    (_wrong(pre_norm=True), "this is pre-norm. Post-norm was asked for: add first, then normalise the sum."),
    (
        _wrong(norm_first_then_add=True),
        "you normalise what a part adds. Post-norm normalises the sum: norm(x + part(x)).",
    ),
    (_wrong(no_residual=True), "the residuals are missing: x + part(x)."),
    (_wrong(no_norm=True), "the normalisations are missing."),
    (_wrong(sample=True), "your normalisation divides by D - 1 in the variance. Divide by D."),
    (
        _wrong(no_transpose=True),
        "the heads are cut without a transpose: reshape to (B, L, H, d_k) first, then (0, 2, 1, 3).",
    ),
    (_wrong(no_output=True), "the last matrix of attention is missing: W_O and b_O mix the heads."),
    (_wrong(no_relu=True), "the relu is missing between W_1 and W_2."),
    (_wrong(axis=-2), "the softmax runs over the queries. It runs over the keys: the last axis."),
    (_wrong(visible=True), "the mask has no effect."),
    (
        lambda x, w, H, mask: _layer(x, w, H, mask, visible=~mask),
        "the mask is the wrong way round: True means may attend.",
    ),
    (
        lambda x, w, H, mask: _layer(x, w, H, mask, scale=np.sqrt(x.shape[-1])),
        "you divide the scores by √D. Each head is d_k = D / H wide: divide by √d_k.",
    ),
    (_wrong(scale=1), "the scores are not divided by √d_k."),
]


EXERCISES = [
    Exercise(
        "4.1",
        "The vector of position 2",
        minutes=3,
        difficulty=1,
        check=check_4_1,
        solution=solution_4_1,
        why="Two pairs, two speeds. The first pair turns by 1 at each step, so position 2 has the angle 2. The second "
        "turns a hundred times more slowly: 0.02.",
        hints=(
            "Four numbers make two pairs. Each pair is the sine and the cosine of one angle.",
            "The angle of pair i is position / 10000^(2i / 4). For i = 0 that is position / 1. And for i = 1?",
            "The two angles are 2 and 0.02. Write sin 2, cos 2, sin 0.02, cos 0.02, in radians.",
        ),
    ),
    Exercise(
        "4.2",
        "Dropout",
        minutes=5,
        difficulty=1,
        check=check_4_2,
        solution=solution_4_2,
        why="A share `rate` of the numbers becomes 0, and the others grow by 1 / (1 - rate). So the average stays, and "
        "in use, without dropout, the next layer meets numbers of the size it knows.",
        hints=(
            "Which numbers stay? Compare draws with rate.",
            "np.where(condition, this, 0) puts zeros where the condition is False. What must the others be divided by?",
            "np.where(draws >= rate, x / (1 - rate), 0)",
        ),
    ),
    Exercise(
        "4.3",
        "LayerNorm for a batch",
        minutes=5,
        difficulty=1,
        check=check_4_3,
        solution=solution_4_3,
        why="`keepdims=True` keeps an axis of length 1, so that each token is divided by its own number. NumPy's `var` "
        "divides by D unless it is told otherwise; that of pandas and of PyTorch does not.",
        hints=(
            "Take the function of section 5. What must change when x has three axes?",
            "Mean and variance over the last axis only, with keepdims=True: (B, L, 1).",
            "(x - mean) / np.sqrt(variance + eps) * gamma + beta",
        ),
    ),
    Exercise(
        "4.4",
        "Count the parameters",
        minutes=5,
        difficulty=2,
        check=check_4_4,
        solution=solution_4_4,
        why="The number of heads is not in the formula: heads cut the same matrices into pieces. With F = 4D the "
        "feed-forward network has 8D² numbers, attention 4D²: two thirds of a layer are feed-forward.",
        hints=(
            "Attention, feed-forward, two normalisations. A Dense layer from n to m has n · m + m numbers.",
            "Attention has four Dense layers from D to D. The feed-forward network has one from D to F and one back.",
            "4(D² + D) + (DF + F) + (FD + D) + 2 · 2D",
        ),
    ),
    Exercise(
        "4.5",
        "Further on, without knowing where",
        minutes=12,
        difficulty=2,
        check=check_4_5,
        solution=solution_4_5,
        why="Each pair is the hand of a clock, and k steps turn it by a fixed angle, wherever it stands. A turn is a "
        "matrix that depends on k only. So one matrix, W_Q or W_K, can learn to ask for *three places before me*.",
        hints=(
            "Look at one pair: sin a and cos a. You want sin(a + b) and cos(a + b), with b = k · rate of this pair.",
            "sin(a + b) = sin a cos b + cos a sin b, and cos(a + b) = cos a cos b - sin a sin b. You know all four.",
            "p[0::2] are the sines, p[1::2] the cosines, and b = k / 10000 ** (np.arange(0, D, 2) / D).",
        ),
    ),
    Exercise(
        "4.6",
        "Build an encoder layer",
        minutes=20,
        difficulty=3,
        check=check_4_6,
        solution=solution_4_6,
        why="Nothing in it is new: the heads of lesson 03, the mask of lesson 02, the formula of lesson 01, and the "
        "parts of this lesson. `ktlearn.transformer.EncoderLayer` computes the same numbers.",
        hints=(
            "In this order: queries, keys, values, heads, scores, mask, softmax, join, W_O, add, norm, feed-forward, "
            "add, norm.",
            "Heads: x.reshape(B, L, H, d_k).transpose(0, 2, 1, 3). Join: .transpose(0, 2, 1, 3).reshape(B, L, D).",
            "x = norm(x + attended @ W_O + b_O), then norm(x + np.maximum(x @ W_1 + b_1, 0) @ W_2 + b_2). Each norm "
            "has its own gamma and beta.",
        ),
    ),
]
