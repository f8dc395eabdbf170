"""Attention: against Keras' own, and what must be true of any attention."""

import math
import threading

import numpy as np
import pytest

from ktlearn.attention import (
    MultiHeadAttention,
    causal_mask,
    padding_mask,
    recorded,
    scaled_dot_product_attention,
)
from ktlearn.backend import keras, ops
from ktlearn.support.gradients import gradient
from tests.arrays import draw, numbers

B, H, L, D = 2, 3, 5, 12
PADDED = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
MASKS = {
    "no mask": lambda: None,
    "padding": lambda: padding_mask(PADDED),
    "causal": lambda: causal_mask(L),
    "padding & causal": lambda: padding_mask(PADDED) & causal_mask(L),
}


@pytest.fixture
def mixed_precision(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param.removeprefix("mixed_")
    keras.config.set_dtype_policy(before)


# The formula


def test_an_example_that_can_be_computed_by_hand():
    # One query of width 4 and two keys: the scores are 2 and 0, over √4 that is 1 and 0.
    q, k, v = [[2.0, 0, 0, 0]], [[1.0, 0, 0, 0], [0, 1.0, 0, 0]], [[10.0], [20.0]]
    output, weights = scaled_dot_product_attention(q, k, v)
    first = math.e / (math.e + 1)
    np.testing.assert_allclose(numbers(weights), [[first, 1 - first]], atol=1e-6)
    np.testing.assert_allclose(numbers(output), [[10 * first + 20 * (1 - first)]], atol=1e-5)


def test_whole_numbers_are_taken_as_floats():
    q = np.array([[1, 0], [0, 1]])
    output, weights = scaled_dot_product_attention(q, q, [[1], [3]])
    np.testing.assert_allclose(numbers(weights), [[0.6698, 0.3302], [0.3302, 0.6698]], atol=1e-4)
    np.testing.assert_allclose(numbers(output), [[1.6605], [2.3395]], atol=1e-4)


@pytest.mark.parametrize("mask", MASKS)
def test_equals_keras_dot_product_attention(mask):
    q, k, v = draw(B, H, L, 4, seed=1), draw(B, H, L, 4, seed=2), draw(B, H, L, 4, seed=3)
    mask = MASKS[mask]()
    output, _ = scaled_dot_product_attention(q, k, v, mask)

    # Keras wants (B, L, H, d_k), and a mask (B, H, L_q, L_k) with the same convention.
    theirs = None if mask is None else np.broadcast_to(mask, (B, H, L, L))
    expected = ops.dot_product_attention(*(x.transpose(0, 2, 1, 3) for x in (q, k, v)), mask=theirs)
    np.testing.assert_allclose(numbers(output), numbers(expected).transpose(0, 2, 1, 3), atol=1e-5)


def keras_twin(ours):
    """keras.layers.MultiHeadAttention with the same weights. It keeps the heads apart in its matrices."""
    theirs = keras.layers.MultiHeadAttention(ours.num_heads, key_dim=ours.d_k)
    theirs.build((None, None, D), (None, None, D), (None, None, D))
    split = (D, ours.num_heads, ours.d_k)
    parts = []
    for dense in (ours.query, ours.key, ours.value):
        parts += [numbers(dense.kernel).reshape(split), numbers(dense.bias).reshape(split[1:])]
    last = ours.output_projection
    theirs.set_weights([*parts, numbers(last.kernel).reshape(*split[1:], D), numbers(last.bias)])
    return theirs


def multi_head(**settings):
    """A layer in which every number matters: its biases are not 0."""
    layer = MultiHeadAttention(D, H, **settings)
    layer.build()
    layer.set_weights([draw(*w.shape, seed=i) / 2 for i, w in enumerate(layer.weights)])
    return layer


@pytest.mark.parametrize("mask", MASKS)
def test_multi_head_equals_keras_layer_with_the_same_weights(mask):
    ours, x, mask = multi_head(), draw(B, L, D), MASKS[mask]()
    output, weights = ours(x, x, x, mask=mask, return_weights=True)

    theirs = None if mask is None else np.broadcast_to(mask, (B, 1, L, L))[:, 0]
    expected, scores = keras_twin(ours)(x, x, x, attention_mask=theirs, return_attention_scores=True)
    np.testing.assert_allclose(numbers(output), numbers(expected), atol=1e-5)
    np.testing.assert_allclose(numbers(weights), numbers(scores), atol=1e-5)


def test_multi_head_equals_keras_layer_when_queries_and_keys_differ_in_length():
    ours, query, key, value = multi_head(), draw(B, 3, D), draw(B, L, D, seed=1), draw(B, L, D, seed=2)
    output = ours(query, key, value, mask=padding_mask(PADDED))
    # Keras takes the value before the key.
    expected = keras_twin(ours)(query, value, key, attention_mask=np.repeat(PADDED[:, None], 3, axis=1) == 1)
    np.testing.assert_allclose(numbers(output), numbers(expected), atol=1e-5)


# What is true of every attention


@pytest.mark.parametrize("mask", MASKS)
def test_rows_sum_to_one(mask):
    x = draw(B, L, D)
    _, weights = multi_head()(x, x, x, mask=MASKS[mask](), return_weights=True)
    assert weights.shape == (B, H, L, L)
    np.testing.assert_allclose(numbers(weights).sum(-1), 1, atol=1e-6)


def test_padding_gets_no_weight_and_its_content_does_not_matter():
    layer, x = multi_head(), draw(B, L, D)
    output, weights = layer(x, x, x, mask=padding_mask(PADDED), return_weights=True)
    assert (numbers(weights)[1, :, :, 3:] == 0).all()

    other = x.copy()
    other[1, 3:] = 1e3
    again = layer(x, other, other, mask=padding_mask(PADDED))
    np.testing.assert_array_equal(numbers(again), numbers(output))


def test_no_look_at_the_future():
    layer, x = multi_head(), draw(1, L, D)
    _, weights = layer(x, x, x, mask=causal_mask(L), return_weights=True)
    assert (np.triu(numbers(weights), k=1) == 0).all()

    for t in range(L):
        slope = gradient(lambda x, t=t: ops.sum(layer(x, x, x, mask=causal_mask(L))[:, t]), x)
        assert (slope[0, t + 1 :] == 0).all()
        assert (slope[0, : t + 1] != 0).any(axis=-1).all()


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_row_with_nothing_to_attend_is_zero_in_value_and_gradient(dtype):
    mask = np.ones((4, 5), "bool")
    mask[2] = False
    k = v = ops.cast(draw(5, 6), dtype)

    output, weights = scaled_dot_product_attention(ops.cast(draw(4, 6), dtype), k, v, mask)
    assert (numbers(weights)[2] == 0).all()
    assert (numbers(output)[2] == 0).all()

    def length(q):
        return ops.sum(scaled_dot_product_attention(ops.cast(q, dtype), k, v, mask)[0] ** 2)

    slope = gradient(length, draw(4, 6))
    assert np.isfinite(slope).all()
    assert (slope[2] == 0).all()
    assert (slope[0] != 0).any()


def test_a_text_of_padding_only_gives_no_nan():
    x = draw(1, L, D)
    output, weights = multi_head()(x, x, x, mask=padding_mask(np.zeros((1, L))), return_weights=True)
    assert (numbers(weights) == 0).all()
    assert np.isfinite(numbers(output)).all()


def test_permuting_keys_and_values_together_changes_nothing():
    q, k, v = draw(4, 6, seed=1), draw(5, 6, seed=2), draw(5, 6, seed=3)
    mask = draw(4, 5) > -0.5
    order = np.array([3, 0, 4, 2, 1])
    output, weights = scaled_dot_product_attention(q, k, v, mask)
    again, moved = scaled_dot_product_attention(q, k[order], v[order], mask[:, order])
    np.testing.assert_allclose(numbers(again), numbers(output), atol=1e-6)
    np.testing.assert_allclose(numbers(moved), numbers(weights)[:, order], atol=1e-6)


def test_permuting_the_queries_permutes_the_outputs():
    q, k, v = draw(4, 6, seed=1), draw(5, 6, seed=2), draw(5, 6, seed=3)
    order = [2, 0, 3, 1]
    output, _ = scaled_dot_product_attention(q, k, v)
    again, _ = scaled_dot_product_attention(q[order], k, v)
    np.testing.assert_allclose(numbers(again), numbers(output)[order], atol=1e-6)


# Half precision


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("mask", MASKS)
def test_half_precision_stays_finite_with_large_inputs(dtype, mask):
    # Products of such vectors pass float16's end, 65504, by far.
    x = ops.cast(300 * draw(B, H, L, 64), dtype)
    output, weights = scaled_dot_product_attention(x, x, x, MASKS[mask]())
    assert keras.backend.standardize_dtype(weights.dtype) == dtype
    assert keras.backend.standardize_dtype(output.dtype) == dtype
    assert np.isfinite(numbers(output)).all()
    np.testing.assert_allclose(numbers(weights).sum(-1), 1, atol=1e-2)


@pytest.mark.parametrize("mixed_precision", ["mixed_float16", "mixed_bfloat16"], indirect=True)
def test_multi_head_in_mixed_precision_is_finite_and_near_float32(mixed_precision):
    x = draw(B, L, D)
    output, weights = multi_head()(x, x, x, mask=padding_mask(PADDED), return_weights=True)
    expected = multi_head(dtype="float32")(x, x, x, mask=padding_mask(PADDED))
    assert keras.backend.standardize_dtype(output.dtype) == mixed_precision
    assert keras.backend.standardize_dtype(weights.dtype) == mixed_precision
    np.testing.assert_allclose(numbers(output), numbers(expected), atol=0.1, rtol=0.03)

    large = multi_head()(200 * x, 200 * x, 200 * x, mask=padding_mask(PADDED))
    assert np.isfinite(numbers(large)).all()


def test_the_dtype_of_a_layer_is_that_of_its_parts():
    x = draw(B, L, D)
    layer = MultiHeadAttention(D, H, dtype="mixed_bfloat16")
    assert keras.backend.standardize_dtype(layer(x, x, x).dtype) == "bfloat16"
    assert {weight.dtype for weight in layer.weights} == {"float32"}


# Masks


def test_padding_mask_has_a_place_for_heads_and_queries():
    expected = [[[[True, True, False]]], [[[True, False, False]]]]
    np.testing.assert_array_equal(padding_mask([[1, 1, 0], [1, 0, 0]]), expected)


def test_causal_mask_is_a_lower_triangle():
    np.testing.assert_array_equal(causal_mask(3), [[np.tril(np.ones((3, 3))) == 1]])


def test_in_a_window_a_position_sees_the_last_ones_only():
    expected = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    np.testing.assert_array_equal(causal_mask(4, window=2), [[np.array(expected) == 1]])
    with pytest.raises(ValueError, match="window must be a whole number, at least 1; got 0"):
        causal_mask(4, window=0)


# Errors


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (((2, 4), (3, 5), (3, 5)), r"same width d_k; got q \(2, 4\) and k \(3, 5\)"),
        (((2, 4), (3, 4), (2, 4)), r"one value for each key; got k \(3, 4\) and v \(2, 4\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(shapes, words):
    with pytest.raises(ValueError, match=words):
        scaled_dot_product_attention(*(draw(*shape) for shape in shapes))


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_a_mask_that_is_not_boolean_is_refused(dtype):
    x = draw(3, 4)
    with pytest.raises(ValueError, match=f"mask must be boolean, True = may attend; got {dtype}"):
        scaled_dot_product_attention(x, x, x, np.ones((3, 3), dtype))
    x = draw(B, L, D)
    with pytest.raises(ValueError, match="mask must be boolean"):
        multi_head()(x, x, x, mask=np.ones((L, L), dtype))


def test_padding_mask_refuses_another_shape():
    with pytest.raises(ValueError, match=r"\(batch, tokens\).*got the shape \(3,\)"):
        padding_mask([1, 1, 0])


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match=r"num_heads=5. Heads that fit: \[1, 2, 3, 4, 6, 12\]"):
        MultiHeadAttention(12, 5)


def test_a_hidden_mask_of_keras_is_refused():
    # Keras would hand it on as (B, L), and with B = L it would be taken for (L_q, L_k) without a word.
    ids = np.array([[1, 2, 0], [3, 0, 0], [1, 2, 3]])
    x = keras.layers.Embedding(5, D, mask_zero=True)(ids)
    with pytest.raises(ValueError, match="hidden mask of Keras.*mask=padding_mask"):
        multi_head()(x, x, x)
    assert getattr(multi_head()(x, x, x, mask=padding_mask(ids)), "_keras_mask", None) is None


# The layer as a Keras layer


def test_config_round_trip():
    layer = MultiHeadAttention(D, H, dropout=0.25, name="mine")
    again = MultiHeadAttention.from_config(layer.get_config())
    assert (again.d_model, again.num_heads, again.dropout.rate, again.name) == (D, H, 0.25, "mine")
    assert again.get_config() == layer.get_config()


def test_a_functional_model_leaves_the_length_open():
    x = keras.Input((None, D))
    output, weights = multi_head()(x, x, x, return_weights=True)
    assert output.shape == (None, None, D)
    assert weights.shape == (None, H, None, None)
    model = keras.Model(x, output)
    assert [model.predict(draw(2, length, D), verbose=0).shape for length in (3, 7)] == [(2, 3, D), (2, 7, D)]


def test_dropout_only_in_training():
    x = draw(B, L, D)
    layer, without = multi_head(dropout=0.5), multi_head()
    np.testing.assert_array_equal(layer(x, x, x), without(x, x, x))
    np.testing.assert_array_equal(layer(x, x, x, training=False), without(x, x, x))
    assert np.abs(numbers(layer(x, x, x, training=True)) - numbers(without(x, x, x))).max() > 0.01


def test_dropout_takes_attention_weights_away_and_scales_the_others():
    # One head, no change by W_V and W_O, and key j has the value 1 at j and at j + 4: the output is the
    # row of weights, twice. A weight that is taken away is missing in both places.
    layer = MultiHeadAttention(8, 1, dropout=0.5)
    layer.build()
    layer.value.kernel.assign(np.eye(8))
    layer.output_projection.kernel.assign(np.eye(8))
    value = np.tile(np.eye(4), 2)[None]
    output, weights = layer(draw(1, 9, 8), draw(1, 4, 8), value, return_weights=True, training=True)

    kept = numbers(output)[0, :, :4] / numbers(weights)[0, 0]
    np.testing.assert_array_equal(numbers(output)[0, :, :4], numbers(output)[0, :, 4:])
    np.testing.assert_allclose(kept, np.where(kept < 1, 0, 2), atol=1e-4)
    assert 0 < (kept < 1).mean() < 1
    np.testing.assert_allclose(numbers(weights).sum(-1), 1, atol=1e-6)  # what is shown is not thinned


# What later models changed


def test_a_bias_is_added_to_the_scores_and_the_scale_takes_the_root_s_place():
    q, k, v, bias = draw(B, L, 4), draw(B, 3, 4, seed=1), draw(B, 3, 2, seed=2), draw(L, 3, seed=3)
    output, weights = scaled_dot_product_attention(q, k, v, bias=bias, scale=0.7)
    e = np.exp(0.7 * q @ k.transpose(0, 2, 1) + bias)
    expected = e / e.sum(-1, keepdims=True)
    np.testing.assert_allclose(numbers(weights), expected, atol=1e-6)
    np.testing.assert_allclose(numbers(output), expected @ v, atol=1e-6)


def test_what_the_mask_hides_no_bias_brings_back():
    q = draw(1, L, 4)
    _, weights = scaled_dot_product_attention(q, q, q, mask=causal_mask(L)[0], bias=np.full((L, L), 1e4, "float32"))
    assert not np.triu(numbers(weights)[0], k=1).any()


def test_heads_may_be_wider_or_narrower_than_their_share_of_the_width():
    layer, x = MultiHeadAttention(D, 5, d_k=7), draw(B, L, D)
    y, weights = layer(x, x, x, return_weights=True)
    assert tuple(layer.query.kernel.shape) == (D, 35) and tuple(layer.output_projection.kernel.shape) == (35, D)
    assert tuple(y.shape) == (B, L, D) and tuple(weights.shape) == (B, 5, L, L)
    q = numbers(layer.split_heads(layer.query(x)))  # (B, H, L, 7)
    k = numbers(layer.split_heads(layer.key(x)))
    e = np.exp(q @ k.transpose(0, 1, 3, 2) / math.sqrt(7))
    np.testing.assert_allclose(numbers(weights), e / e.sum(-1, keepdims=True), atol=1e-5)


def test_without_biases_there_are_four_matrices():
    layer = MultiHeadAttention(D, H, use_bias=False)
    layer.build((None, None, D))
    assert [tuple(weight.shape) for weight in layer.weights] == [(D, D)] * 4


def test_queries_keys_and_values_may_have_the_only_biases():
    layer = MultiHeadAttention(D, H, use_bias=False, qkv_bias=True)
    layer.build((None, None, D))
    assert [dense.use_bias for dense in (layer.query, layer.key, layer.value)] == [True] * 3
    assert not layer.output_projection.use_bias


@pytest.mark.parametrize("num_kv_heads", [1, 2])
def test_grouped_queries_are_heads_that_share_their_keys_and_values(num_kv_heads):
    grouped, whole = MultiHeadAttention(D, 4, num_kv_heads=num_kv_heads), MultiHeadAttention(D, 4)
    x = draw(B, L, D)
    for layer in (grouped, whole):
        layer(x, x, x)
    d_k, group = D // 4, 4 // num_kv_heads
    assert tuple(grouped.key.kernel.shape) == tuple(grouped.value.kernel.shape) == (D, num_kv_heads * d_k)
    for ours, theirs in ((grouped.key, whole.key), (grouped.value, whole.value)):
        columns = numbers(ours.kernel).reshape(D, num_kv_heads, d_k)
        theirs.kernel.assign(np.repeat(columns, group, axis=1).reshape(D, D))  # heads 0 and 1 are the first group
    for ours, theirs in ((grouped.query, whole.query), (grouped.output_projection, whole.output_projection)):
        theirs.kernel.assign(ours.kernel)
    found, expected = (layer(x, x, x, mask=causal_mask(L), return_weights=True) for layer in (grouped, whole))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(numbers(one), numbers(other), atol=1e-6)
    assert tuple(grouped.keys_and_values(x, x)[0].shape) == (B, num_kv_heads, L, d_k)  # what a cache keeps


@pytest.mark.parametrize("num_kv_heads", [0, 3, 8])
def test_heads_of_keys_that_do_not_divide_those_of_queries_are_refused(num_kv_heads):
    with pytest.raises(ValueError, match="num_kv_heads must"):
        MultiHeadAttention(D, 4, num_kv_heads=num_kv_heads)


def test_the_weights_that_are_shown_are_those_before_the_dropout():
    x = draw(1, L, 4)
    _, weights = scaled_dot_product_attention(x, x, x)
    output, shown = scaled_dot_product_attention(x, x, x, dropout=lambda weights: 0 * weights)
    np.testing.assert_array_equal(numbers(shown), numbers(weights))
    assert not numbers(output).any()


# What a widget asks for


def test_a_recording_holds_what_went_into_each_attention():
    layer, x = multi_head(), draw(B, L, D)
    mask = padding_mask(PADDED)
    with recorded() as steps:
        _, first = layer(x, x, x, mask=mask, return_weights=True)
        layer(x, x, x)
    layer(x, x, x)  # after the block nobody listens
    assert len(steps) == 2
    q, k = numbers(steps[0].q), numbers(steps[0].k)
    e = np.exp(q @ k.transpose(0, 1, 3, 2) / math.sqrt(layer.d_k)) * numbers(steps[0].mask)
    np.testing.assert_allclose(e / e.sum(-1, keepdims=True), numbers(first), atol=1e-5)
    assert steps[1].mask is None and steps[0].weights is first


def test_a_recording_hears_its_own_thread_only():
    layer, x = multi_head(), draw(B, L, D)
    layer(x, x, x)
    with recorded() as steps:
        other = threading.Thread(target=layer, args=(x, x, x))
        other.start()
        other.join()
    assert steps == []


def test_recordings_may_lie_inside_each_other():
    layer, x = multi_head(), draw(B, L, D)
    with recorded() as outer:
        with recorded() as inner:
            layer(x, x, x)
        layer(x, x, x)
    assert (len(outer), len(inner)) == (2, 1)
