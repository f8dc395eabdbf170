"""Lesson 03: typical wrong answers, and the diagnosis each of them gets."""

import numpy as np
import pytest

from ktlearn.exercises import lesson_03, lesson_03_heads
from tests.exercises.answers import diagnosis, line

CHANGES = lesson_03.solution_3_1()


def changes(**other):
    """The right answers, but another one for the questions named by their letter."""
    return [other.get(letter, right) for letter, right in zip("abcdef", CHANGES, strict=True)]


def count(keys=lambda d, h, g: g * d // h, output=True, bias=True):
    def parameters(d_model, num_heads, num_groups):
        narrow = keys(d_model, num_heads, num_groups)
        widths = [d_model, narrow, narrow, *[d_model] * output]
        return sum(d_model * width + width * bias for width in widths)

    return parameters


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


def heads(scale=False, axis=False, join=False):
    """The function of exercise 3.3, with the slips that are named."""

    def heads(q, k, v, num_heads):
        q, k, v = (split(x, num_heads) for x in (q, k, v))
        width = q.shape[-1] * num_heads if scale else q.shape[-1]
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(width)
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        found = e / e.sum(axis=1 if axis else -1, keepdims=True) @ v
        return (glue_only if join else globals()["join"])(found)

    return heads


def attention(
    split=split, join=join, scale=lambda d_model, d_k: d_k, axis=-1, mix=True, hide=lambda mask: mask, swap=False,
    share=lambda x, times: np.repeat(x, times, axis=1),
):  # fmt: skip
    """A grouped-query attention in which one step may be wrong."""

    def grouped_attention(query, key, value, W_Q, W_K, W_V, W_O, num_heads, num_groups, mask=None):
        if swap:
            key, value = value, key
        q, k, v = split(query @ W_Q, num_heads), split(key @ W_K, num_groups), split(value @ W_V, num_groups)
        k, v = share(k, num_heads // num_groups), share(v, num_heads // num_groups)
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(scale(query.shape[-1], q.shape[-1]))
        if mask is not None:
            scores = np.where(hide(mask), scores, -1e30)
        weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
        weights /= weights.sum(axis=axis, keepdims=True)
        joined = join(weights @ v)
        return joined @ W_O if mix else joined, weights

    return grouped_attention


def reorder(columns=lambda W, places: W[:, places], output=lambda W, places: W[places], order=lambda order: order):
    def reordered(W_Q, W_K, W_V, W_O, given):
        d_k = len(W_O) // len(given)
        places = [head * d_k + n for head in order(given) for n in range(d_k)]
        return *(columns(W, places) for W in (W_Q, W_K, W_V)), output(W_O, places)

    return reordered


WRONG = [
    ("3.1", changes(a="double"), "the same four matrices"),
    ("3.1", changes(c="same"), "(c) is not 'same'"),
    ("3.1", changes(f="half"), "And its root?"),
    ("3.1", CHANGES[:5], "six words"),
    ("3.1", ["more"] * 6, "is none of the words"),
    ("3.2", count(bias=False), "the biases are missing"),
    ("3.2", count(keys=lambda d, h, g: d), "without groups"),
    ("3.2", count(keys=lambda d, h, g: d // g), "a head is d_model / num_heads wide"),
    ("3.2", count(output=False), "W_O, is missing"),
    ("3.3", heads(scale=True), "still wrong here: the root"),
    ("3.3", heads(axis=True), "still wrong here: the sum"),
    ("3.3", heads(join=True), "still wrong here: the join"),
    ("3.3", heads(scale=True, axis=True, join=True), "together; the sum"),
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
    ("3.6", attention(share=lambda x, times: np.tile(x, (1, times, 1, 1))), "np.repeat, and not np.tile"),
    ("3.6", attention(scale=lambda d_model, d_k: d_model), "divided by √D"),
    ("3.6", attention(scale=lambda d_model, d_k: 1), "division by √d_k is missing"),
    ("3.6", attention(split=cut_only), "the split has no transpose"),
    ("3.6", attention(join=glue_only), "the join has no transpose"),
    ("3.6", attention(mix=False), "W_O, is missing"),
    ("3.6", attention(axis=-2), "over the queries"),
    ("3.6", attention(swap=True), "key and value have changed places"),
    ("3.6", attention(hide=lambda mask: True), "the mask has no effect"),
    ("3.6", attention(hide=lambda mask: ~mask), "wrong way round"),
    ("3.6", lambda *inputs: lesson_03.solution_3_6(*inputs)[0], "return 2 things: output, weights"),
    ("3.7", [(0, 0)] * 8, "twice"),
    ("3.7", [(0, 0), (0, 1)], "these are 2 heads"),
    ("3.7", [(0, 0), (4, 1)], "there is no head (4, 1)"),
    ("3.7", [0, 1, 2, 3, 4, 5, 6, 7], "is a pair"),
    ("3.8", ["right", "first", "right", "last"], "the first map does not look 'right'"),
    ("3.8", ["left", "last", "right", "last"], "the second map"),
    ("3.8", ["up", "first", "right", "last"], "is none of the words"),
    ("3.9", reorder(output=lambda W, places: W), "still reads the old order"),
    ("3.9", reorder(output=lambda W, places: W[:, places]), "reordered by columns"),
    ("3.9", reorder(columns=lambda W, places: W[places]), "reordered by rows"),
    ("3.9", reorder(order=np.argsort), "yours is the way back"),
    ("3.10", "No.", "these are 1 words"),
    (
        "3.10",
        "It is true that there are no more parameters, but I would measure both plans first. " * 2,
        "think of the maps",
    ),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    for _ in range(3):  # on any random input
        assert phrase in diagnosis(number, wrong)


def test_every_exercise_has_two_wrong_answers_here():
    numbers = [number for number, _, _ in WRONG]
    assert all(numbers.count(exercise.number) >= 2 for exercise in lesson_03.EXERCISES)


def test_grouped_attention_may_be_written_with_einsum():
    def grouped_attention(query, key, value, W_Q, W_K, W_V, W_O, num_heads, num_groups, mask=None):
        d_k = len(W_O) // num_heads
        q = (query @ W_Q).reshape(*query.shape[:2], num_groups, -1, d_k)
        k, v = ((x @ W).reshape(*x.shape[:2], num_groups, d_k) for x, W in ((key, W_K), (value, W_V)))
        scores = np.einsum("bqgnd,bkgd->bgnqk", q, k) / np.sqrt(d_k)
        scores = scores.reshape(len(query), num_heads, *scores.shape[-2:])
        weights = np.exp(scores) if mask is None else np.exp(scores) * mask
        weights = weights / weights.sum(-1, keepdims=True)
        in_groups = weights.reshape(len(query), num_groups, -1, *scores.shape[-2:])
        return np.einsum("bgnqk,bkgd->bqgnd", in_groups, v).reshape(query.shape) @ W_O, weights

    assert line("3.6", grouped_attention) == "✓ Right."


def test_heads_in_another_order_compute_the_same():
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(2, 4, 12)), list(rng.normal(size=(4, 12, 12)))
    before, maps = lesson_03.solution_3_6(x, x, x, *W, 3, 3)
    after, other_maps = lesson_03.solution_3_6(x, x, x, *lesson_03_heads.solution_3_9(*W, [2, 0, 1]), 3, 3)
    np.testing.assert_allclose(after, before)
    np.testing.assert_allclose(other_maps, maps[:, [2, 0, 1]])


def test_a_silenced_head_comes_back():
    from ktlearn import models

    bert = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    kernel = bert.encoder.layers[2].attention.output_projection.kernel
    before = kernel.numpy()
    with pytest.raises(RuntimeError), lesson_03_heads.silenced(bert, [(2, 1)]):
        assert not kernel.numpy()[32:64].any()
        assert kernel.numpy()[:32].all()
        raise RuntimeError("in the middle")
    np.testing.assert_array_equal(kernel.numpy(), before)


@pytest.mark.slow
def test_the_heads_that_matter_cannot_all_go():
    rest = [(layer, head) for layer in range(4) for head in range(6)]
    assert "less than 90 %" in diagnosis("3.7", rest)


@pytest.mark.slow
def test_the_eight_that_matter_least_one_by_one_can_go():
    # What the solution finds; to search for them takes a minute, so test_every_exercise.py does that once a week.
    assert line("3.7", [(1, 5), (3, 3), (0, 3), (2, 5), (1, 0), (3, 4), (0, 0), (0, 4)]) == "✓ Right."


def test_the_solution_agrees_with_the_layer():
    from ktlearn.attention import MultiHeadAttention, causal_mask

    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 12)).astype("float32")
    W = [rng.normal(size=(12, 12)).astype("float32") for _ in range(4)]
    layer = MultiHeadAttention(d_model=12, num_heads=3)
    layer(x, x, x)
    layer.set_weights([array for matrix in W for array in (matrix, np.zeros(12))])
    expected = layer(x, x, x, mask=causal_mask(5), return_weights=True)
    found = lesson_03.solution_3_6(x, x, x, *W, 3, 3, np.tril(np.ones((5, 5), dtype=bool)))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)
