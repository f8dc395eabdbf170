"""Lesson 03: typical wrong answers, and the diagnosis each of them gets."""

import numpy as np
import pytest

from ktlearn.exercises import lesson_03
from tests.exercises.answers import diagnosis, line

SHAPES = lesson_03.solution_3_1()


def shapes(**other):
    """The right shapes, but another one for the steps named by their place: ``_1=...``."""
    found = list(SHAPES)
    for place, shape in other.items():
        found[int(place[1:])] = shape
    return found


def split(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, num_heads, D // num_heads).transpose(0, 2, 1, 3)


def cut_only(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, num_heads, L, D // num_heads)


def join(x):
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)


def glue_only(x):
    return x.reshape(x.shape[0], x.shape[2], -1)


def is_the_right_split(f):
    x = np.random.default_rng().normal(size=(2, 3, 8))
    return np.array_equal(f(x, 2), split(x, 2))


def has_the_right_shape(f):
    return f(np.zeros((2, 3, 8)), 2).shape == (2, 2, 3, 4)


def only_this_text(f):
    """Looks at the text that was changed, and not at its neighbours in the batch."""
    x = np.random.default_rng().normal(size=(1, 3, 8))
    for t in range(3):
        changed = x.copy()
        changed[0, t] += 1
        if ((f(changed, 2) != f(x, 2)).any(axis=-1)[0] != (np.arange(3) == t)).any():
            return False
    return True


def silent_rows(W_O, rows):
    silent = W_O.copy()
    silent[rows] = 0
    return silent


def in_place(W_O, head, num_heads):
    d_k = len(W_O) // num_heads
    W_O[head * d_k : (head + 1) * d_k] = 0
    return W_O


def silent_columns(W_O, head, num_heads):
    return lesson_03.solution_3_5(W_O.T, head, num_heads).T


def attention(
    split=split, join=join, scale=lambda d_model, d_k: d_k, axis=-1, mix=True, hide=lambda mask: mask, swap=False
):
    """A multi-head attention in which one step may be wrong."""

    def multi_head_attention(query, key, value, W_Q, W_K, W_V, W_O, num_heads, mask=None):
        if swap:
            key, value = value, key
        q, k, v = split(query @ W_Q, num_heads), split(key @ W_K, num_heads), split(value @ W_V, num_heads)
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(scale(query.shape[-1], q.shape[-1]))
        if mask is not None:
            scores = np.where(hide(mask), scores, -1e30)
        weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
        weights /= weights.sum(axis=axis, keepdims=True)
        joined = join(weights @ v)
        return joined @ W_O if mix else joined, weights

    return multi_head_attention


WRONG = [
    ("3.1", shapes(_1=(2, 3, 7, 4)), "a reshape cuts the last axis only"),
    ("3.1", shapes(_3=(2, 7, 7)), "axis of the heads is missing"),
    ("3.1", shapes(_2=(2, 3, 7, 12)), "the heads share the width"),
    ("3.1", shapes(_4=(2, 7, 4)), "the shape of the joined heads is not (2, 7, 4)"),
    ("3.1", SHAPES[:4], "five shapes"),
    ("3.1", [7, 7, 7, 7, 7], "must be a tuple"),
    ("3.2", lambda d_model, num_heads: 4 * d_model**2, "the biases are missing"),
    ("3.2", lambda d_model, num_heads: 4 * (d_model**2 + d_model) * num_heads, "do not need more parameters"),
    ("3.2", lambda d_model, num_heads: 3 * (d_model**2 + d_model), "W_O, is missing"),
    ("3.2", lambda d_model, num_heads: 3 * d_model**2, "and the biases"),
    ("3.2", lambda d_model, num_heads: 4 * (d_model**2 + d_model) // num_heads, "a single head"),
    ("3.3", glue_only, "without the transpose"),
    ("3.3", lambda x: x.transpose(0, 2, 1, 3), "a reshape is missing"),
    ("3.3", lambda x: x.transpose(0, 2, 3, 1).reshape(x.shape[0], x.shape[2], -1), "shuffled into each other"),
    ("3.3", lambda x: x.mean(axis=1), "their mean"),
    ("3.3", lambda x: x.sum(axis=1), "add them up"),
    ("3.4", is_the_right_split, "refuses a split that keeps the tokens apart (every second number"),
    ("3.4", has_the_right_shape, "accepts a split that mixes tokens (reshape without"),
    ("3.4", only_this_text, "accepts a split that mixes tokens (the texts of the batch mixed)"),
    ("3.4", lambda f: "apart", "return True or False"),
    ("3.5", silent_columns, "silence columns"),
    ("3.5", lambda W_O, head, num_heads: W_O - lesson_03.solution_3_5(W_O, head, num_heads), "all heads but this one"),
    ("3.5", lambda W_O, head, num_heads: silent_rows(W_O, head), "one row is silent"),
    ("3.5", lambda W_O, head, num_heads: silent_rows(W_O, np.arange(12) % num_heads == head), "are neighbours"),
    ("3.5", lambda W_O, head, num_heads: np.delete(W_O, np.s_[4 * head : 4 * head + 4], axis=0), "keep the shape"),
    ("3.5", in_place, "Copy it first"),
    ("3.6", attention(scale=lambda d_model, d_k: d_model), "divided by √d_model"),
    ("3.6", attention(scale=lambda d_model, d_k: 1), "division by √d_k is missing"),
    ("3.6", attention(split=cut_only), "the split has no transpose"),
    ("3.6", attention(split=cut_only, join=glue_only), "the split and the join have no transpose"),
    ("3.6", attention(join=glue_only), "the join has no transpose"),
    ("3.6", attention(mix=False), "W_O, is missing"),
    ("3.6", attention(axis=-2), "over the queries"),
    ("3.6", attention(swap=True), "key and value have changed places"),
    ("3.6", attention(hide=lambda mask: True), "the mask has no effect"),
    ("3.6", attention(hide=lambda mask: ~mask), "wrong way round"),
    ("3.6", lambda *inputs: lesson_03.solution_3_6(*inputs)[0], "return 2 things: output, weights"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    for _ in range(3):  # on any random input
        assert phrase in diagnosis(number, wrong)


def test_every_exercise_has_two_wrong_answers_here():
    numbers = [number for number, _, _ in WRONG]
    assert all(numbers.count(exercise.number) >= 2 for exercise in lesson_03.EXERCISES)


def test_shapes_may_be_lists():
    assert line("3.1", [list(shape) for shape in SHAPES]) == "✓ Right."


def test_multi_head_attention_may_be_written_with_einsum():
    def multi_head_attention(query, key, value, W_Q, W_K, W_V, W_O, num_heads, mask=None):
        D = len(W_O)
        cut = (D, num_heads, D // num_heads)
        q, k, v = (np.einsum("bld,dhk->bhlk", x, W.reshape(cut)) for x, W in ((query, W_Q), (key, W_K), (value, W_V)))
        scores = np.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(D / num_heads)
        weights = np.exp(scores) if mask is None else np.exp(scores) * mask
        weights = weights / weights.sum(-1, keepdims=True)
        return np.einsum("bhqk,bhkd,hde->bqe", weights, v, W_O.reshape(num_heads, -1, D)), weights

    assert line("3.6", multi_head_attention) == "✓ Right."


def test_the_solution_agrees_with_the_layer():
    from ktlearn.attention import MultiHeadAttention, causal_mask

    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 12)).astype("float32")
    W = [rng.normal(size=(12, 12)).astype("float32") for _ in range(4)]
    layer = MultiHeadAttention(d_model=12, num_heads=3)
    layer(x, x, x)
    layer.set_weights([array for matrix in W for array in (matrix, np.zeros(12))])
    expected = layer(x, x, x, mask=causal_mask(5), return_weights=True)
    found = lesson_03.solution_3_6(x, x, x, *W, 3, np.tril(np.ones((5, 5), dtype=bool)))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)
