"""The checks and solutions of lesson 04 about the layer: build it, mend it, break it."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import NotYet

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


# --- 4.7 Find the bugs -------------------------------------------------------------------------


def check_4_7(answer):
    rng = np.random.default_rng()
    matrices = rng.normal(0, 0.7, size=(4, 5, 5))
    parts = [lambda x, W=W: np.tanh(x @ W) + 0.3 for W in matrices]  # each function another one
    compare(answer, solution_4_7, rng.normal(size=(2, 3, 5)), *parts, mistakes=BUGS)


def solution_4_7(x, attend, feed_forward, norm_1, norm_2):
    x = norm_1(x + attend(x))
    return norm_2(x + feed_forward(x))


def _both_bugs(x, attend, feed_forward, norm_1, norm_2, second=None):
    change = attend(x)
    x = norm_1(x + change)
    return (second or norm_1)(x + feed_forward(change))


def _one_norm(x, attend, feed_forward, norm_1, norm_2):
    return solution_4_7(x, attend, feed_forward, norm_1, norm_1)


BUGS = [
    (_both_bugs, "this is still the function as it was: both bugs are in it."),
    (
        lambda x, attend, ffn, norm_1, norm_2: _both_bugs(x, attend, ffn, norm_1, norm_2, norm_2),
        "one bug is left: the feed-forward network reads what attention added, not the sum.",
    ),
    (_one_norm, "one bug is left: both halves use norm_1. The second has its own gamma and beta."),
    (
        lambda x, attend, ffn, norm_1, norm_2: norm_2(x + ffn(norm_1(x + attend(x)))),
        "the second residual starts from the first x. It adds to what the first half has answered.",
    ),
    (
        lambda x, attend, ffn, norm_1, norm_2: (lambda y: y + ffn(norm_2(y)))(x + attend(norm_1(x))),
        "this is pre-norm. Post-norm was meant: the norm comes after the sum.",
    ),
]


# --- 4.8 Break and measure ---------------------------------------------------------------------


def check_4_8(answer):
    model, ids, labels = _whose_shares_differ(np.random.default_rng())
    for part in model.parts:
        before = part.get_weights()
        found = as_array(answer(model, part, ids, labels), "the share", shape=())
        if not all(map(np.array_equal, before, part.get_weights())):
            raise NotYet("afterwards the part has other weights than before: put them back, or the model stays broken.")
        right = solution_4_8(model, part, ids, labels)
        if is_close(found, ((model(ids) > 0.5) == labels).mean()):
            raise NotYet("this is the share of the whole model: nothing was broken while you measured.")
        if is_close(found, 1 - right):
            raise NotYet("this is the share of the wrong answers.")
        must_be_close(found, right, "the share")


def _whose_shares_differ(rng):
    """A model and its data, on which each mistake gives a share of its own: by chance two could be equal."""
    while True:
        model = _TwoParts(rng)
        ids = rng.integers(0, 9, size=(400, 5))
        labels = np.where(rng.random(400) < 0.9, model(ids) > 0.5, model(ids) <= 0.5).astype("float32")
        whole = ((model(ids) > 0.5) == labels).mean()
        shares = [solution_4_8(model, part, ids, labels) for part in model.parts]
        if all(abs(share - other) > 0.02 for share in shares for other in (whole, 1 - share)):
            return model, ids, labels


def solution_4_8(model, part, ids, labels):
    kept = part.get_weights()
    part.set_weights([0 * w for w in kept])
    share = ((np.array(model(ids)) > 0.5) == labels).mean()
    part.set_weights(kept)
    return share


class _Part:
    """What a Keras layer has that the exercise needs: weights to get and to set."""

    def __init__(self, *weights):
        self.weights = list(weights)

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = [np.array(w) for w in weights]


class _TwoParts:
    """A model ``(B, L)`` ids → ``(B,)`` probabilities, which needs both of its parts."""

    def __init__(self, rng):
        self.parts = [_Part(rng.normal(size=(9, 4))), _Part(rng.normal(size=4), rng.normal(0, 0.2, size=1))]

    def __call__(self, ids):
        (table,), (direction, bias) = (part.weights for part in self.parts)
        return 1 / (1 + np.exp(-(table[ids].mean(axis=1) @ direction + bias[0])))
