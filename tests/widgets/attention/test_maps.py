"""AttentionMaps: what fits together, what is strange, and what is computed with maps."""

import numpy as np
import pytest

from ktlearn.widgets import AttentionMaps
from tests.widgets.hostile import softmax_maps

TOKENS = ["Mia", "met", "Tom", "she"]


@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4), (2, 3, 4, 4), (5, 2, 3, 4, 4)])
def test_missing_axes_are_added_in_front(shape):
    weights = np.full(shape, 0.25)
    maps = AttentionMaps(weights, TOKENS)
    assert maps.weights.shape == (1,) * (5 - len(shape)) + shape
    assert maps.weights.dtype == np.float32


def test_a_list_counts_the_layers_and_a_batch_of_one_is_taken_off():
    layers = list(softmax_maps(2, 3, 4))
    plain, batched = AttentionMaps(layers, TOKENS), AttentionMaps(tuple(layer[None] for layer in layers), TOKENS)
    assert plain.weights.shape == (1, 2, 3, 4, 4)
    assert np.array_equal(plain.weights, batched.weights)


def test_layers_and_heads_are_named_as_python_counts():
    maps = AttentionMaps(softmax_maps(2, 2, 4), TOKENS)
    assert (maps.layers, maps.heads) == (["layer 0", "layer 1"], ["head 0", "head 1"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([np.ones((3, 1, 2, 2))] * 2, ["a", "b"]), "one text at a time"),
        (([np.ones((2, 2)), np.ones((3, 3))], ["a", "b"]), "every layer must have the same shape"),
        ((np.ones(4), ["a"]), r"accepted are the shapes \(Q, K\)"),
        ((np.ones((0, 2, 2)), ["a", "b"]), "accepted are the shapes"),
        ((np.eye(2), ["a"]), "attentions have 2 queries, so it takes 2 names; got 1"),
        ((np.ones((2, 3)) / 3, ["a", "b"]), "2 queries and 3 keys"),
        ((np.ones((2, 3)) / 3, ["a", "b"], ["c"]), "attentions have 3 keys"),
        ((np.array([[2.0, -1.0]]), ["a"], ["b", "c"]), "Are these scores"),
    ],
)
def test_what_does_not_fit_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        AttentionMaps(*arguments)


@pytest.mark.parametrize("weights", [None, "x", 5, [[0.5, 0.5], [0.5]], [["a", "b"]] * 2])
def test_what_is_no_array_of_numbers_is_named(weights):
    with pytest.raises(TypeError, match="attentions must be an array of numbers, all rows of one length; got"):
        AttentionMaps(weights, ["a", "b"])


@pytest.mark.parametrize("tokens", ["ab", None, 5, {"a", "b"}])
def test_what_is_no_list_of_tokens_is_named(tokens):
    with pytest.raises(TypeError, match="tokens must be a list of names; got"):
        AttentionMaps(np.eye(2), tokens)


def test_rows_that_do_not_sum_to_1_are_counted_and_shown():
    weights = softmax_maps(2, 2, 4)
    weights[1, 0, 3] *= 2
    (problem,) = AttentionMaps(weights, TOKENS).problems
    assert problem == (
        '1 of 16 rows do not sum to 1; the first, in layer 1, head 0, at the query "she", sums to 2.000.'
    )


def test_nan_is_counted_and_shown():
    weights = softmax_maps(1, 2, 4)
    weights[0, 1, 2, :] = np.nan
    (problem,) = AttentionMaps(weights, TOKENS).problems
    assert problem.startswith("4 weights are not numbers (NaN or infinity), the first in layer 0, head 1")


def test_half_precision_and_rows_that_may_look_nowhere_are_no_problem():
    weights = softmax_maps(1, 1, 4).astype("float16")
    weights[0, 0, 0] = 0
    mask = np.ones((4, 4), bool)
    mask[0] = False
    assert AttentionMaps(weights, TOKENS, mask=mask).problems == []


def test_an_integer_mask_is_refused():
    with pytest.raises(ValueError, match="mask must be boolean"):
        AttentionMaps(np.eye(2), ["a", "b"], mask=np.ones((2, 2)))


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"mask: \(3, 3\) does not broadcast"):
        AttentionMaps(np.eye(2), ["a", "b"], mask=np.ones((3, 3), bool))


def scores_and_weights(mask=None):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 4, 8)), rng.normal(size=(2, 4, 8))  # (H, Q, d_k)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(8)
    weights = np.exp(np.where(True if mask is None else mask, scores, -np.inf))
    return q, k, weights / weights.sum(-1, keepdims=True)


def test_queries_and_keys_are_taken_when_they_give_the_weights():
    mask = np.tril(np.ones((4, 4), bool))
    q, k, weights = scores_and_weights(mask)
    maps = AttentionMaps(weights, TOKENS, queries=q, keys=k, mask=mask)
    assert maps.queries.shape == maps.keys.shape == (1, 1, 2, 4, 8)


def test_queries_that_give_other_weights_are_refused_with_the_usual_reasons():
    q, k, weights = scores_and_weights()
    with pytest.raises(
        ValueError, match=r"differs from attentions by 0\.\d\d. Is there a mask, are the queries divided"
    ):
        AttentionMaps(weights, TOKENS, queries=q / np.sqrt(8), keys=k)
    with pytest.raises(ValueError, match="Is there a mask"):
        AttentionMaps(scores_and_weights(np.tril(np.ones((4, 4), bool)))[2], TOKENS, queries=q, keys=k)
    with pytest.raises(ValueError, match="give both, or neither"):
        AttentionMaps(weights, TOKENS, queries=q)
    with pytest.raises(ValueError, match=r"got \(1, 1, 2, 3, 8\)"):
        AttentionMaps(weights, TOKENS, queries=q[:, :3], keys=k)


def test_rollout_by_hand():
    """Two layers of one head: ((A₂ + I)/2) ((A₁ + I)/2)."""
    first, second = np.array([[1.0, 0], [1, 0]]), np.array([[0.5, 0.5], [0, 1]])
    rollout = AttentionMaps([first, second], ["a", "b"]).rollout()
    expected = (second + np.eye(2)) / 2 @ ((first + np.eye(2)) / 2)
    assert np.allclose(rollout.weights[0, 0, 0], (first + np.eye(2)) / 2)
    assert np.allclose(rollout.weights[0, 1, 0], expected)
    assert rollout.layers == ["layer 0", "layer 0 to layer 1"]
    assert rollout.problems == []


def test_rollout_needs_self_attention():
    with pytest.raises(ValueError, match="needs self-attention"):
        AttentionMaps(softmax_maps(1, 1, 2, 3), ["a", "b"], ["c", "d", "e"]).rollout()
    maps = AttentionMaps(softmax_maps(1, 1, 2), ["a", "b"])
    with pytest.raises(ValueError, match="of a difference"):
        maps.minus(maps).rollout()


def test_a_difference_names_the_tokens_of_both_sentences():
    tired = AttentionMaps(softmax_maps(1, 1, 2, seed=1), ["was", "tired"])
    wide = AttentionMaps(softmax_maps(1, 1, 2, seed=2), ["was", "wide"])
    difference = wide.minus(tired)
    assert difference.tokens == ["was", "tired → wide"]
    assert np.allclose(difference.weights, wide.weights - tired.weights)
    assert difference.scale == pytest.approx(np.abs(difference.weights).max(), rel=1e-3)
    assert difference.problems == []


def test_a_difference_of_other_shapes_says_what_to_do():
    small, large = (AttentionMaps(softmax_maps(1, 1, n), TOKENS[:n]) for n in (2, 3))
    with pytest.raises(ValueError, match="Show them side by side"):
        large.minus(small)


def test_a_part_keeps_names_and_vectors():
    q, k, weights = scores_and_weights()
    maps = AttentionMaps([weights, weights], TOKENS, queries=[q, q], keys=[k, k])
    part = maps.part(layer=1, heads=[1])
    assert part.weights.shape == (1, 1, 1, 4, 4)
    assert (part.layers, part.heads) == (["layer 1"], ["head 1"])
    assert np.array_equal(part.queries[0, 0, 0], maps.queries[0, 1, 1])
    assert maps.weights.shape == (1, 2, 2, 4, 4)
