"""Positions, normalisation and feed-forward, each against its formula written once more here."""

import math

import numpy as np
import pytest

from ktlearn.backend import keras, ops
from ktlearn.layers import (
    ACTIVATIONS,
    FeedForward,
    LayerNorm,
    LearnedPositions,
    RMSNorm,
    SinusoidalPositions,
    activation_named,
    norm_named,
    sinusoidal_positions,
)
from tests.arrays import draw


def paper_positions(length, d_model):
    """Section 3.5, number by number."""
    table = np.zeros((length, d_model))
    for pos in range(length):
        for i in range(0, d_model, 2):
            angle = pos / math.pow(10000, i / d_model)
            table[pos, i] = math.sin(angle)
            if i + 1 < d_model:
                table[pos, i + 1] = math.cos(angle)
    return table


# Positions


@pytest.mark.parametrize("d_model", [6, 7, 1])
def test_sinusoidal_positions_are_the_paper_formula(d_model):
    np.testing.assert_allclose(sinusoidal_positions(50, d_model), paper_positions(50, d_model), atol=1e-6)


def test_sinusoidal_layer_adds_the_same_table_for_any_length():
    layer = SinusoidalPositions()
    for length in (1, 9, 400):
        x = draw(2, length, 10)
        np.testing.assert_allclose(layer(x), x + paper_positions(length, 10), atol=5e-5)
    assert layer.weights == []


def test_sinusoidal_layer_keeps_the_precision_of_its_input():
    assert keras.backend.standardize_dtype(SinusoidalPositions(dtype="float16")(draw(1, 3, 4)).dtype) == "float16"


def test_learned_positions_add_the_first_rows():
    layer, x = LearnedPositions(6), draw(2, 4, 3)
    layer.build(x.shape)
    table = draw(6, 3, seed=1)
    layer.embeddings.assign(table)
    np.testing.assert_allclose(layer(x), x + table[:4], atol=1e-6)


def test_learned_positions_refuse_a_longer_input():
    layer = LearnedPositions(6)
    layer(draw(1, 6, 3))
    with pytest.raises(ValueError, match="the input has 7 positions, but only 6 were learned. Use a smaller maxlen"):
        layer(draw(1, 7, 3))


# Normalisation


def test_layer_norm_equals_keras_layer_normalization():
    x, gamma, beta = 3 * draw(2, 5, 8) + 1, draw(8, seed=1), draw(8, seed=2)
    ours, theirs = LayerNorm(eps=0.01), keras.layers.LayerNormalization(epsilon=0.01)
    for layer in (ours, theirs):
        layer.build(x.shape)
        layer.set_weights([gamma, beta])
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


def test_layer_norm_has_the_population_variance_and_eps_inside_the_root():
    # Mean 2, population variance 1: (x - 2) / √(1 + 3) is ∓0.5. With the sample variance it would be
    # ∓0.45, with eps outside the root ∓0.25, without eps ∓1.
    np.testing.assert_allclose(LayerNorm(eps=3.0)(np.array([[1.0, 3.0]])), [[-0.5, 0.5]], atol=1e-6)


def test_layer_norm_of_equal_numbers_is_the_shift():
    layer = LayerNorm()
    layer.build((1, 4))
    layer.beta.assign([1, 2, 3, 4])
    np.testing.assert_array_equal(layer(np.full((1, 4), 7.0)), [[1, 2, 3, 4]])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
def test_layer_norm_computes_in_float32_inside(dtype):
    x = 1e4 * np.array([[1.0, 2, 3, 4]])  # the squares are beyond float16
    y = np.array(ops.cast(LayerNorm(dtype=dtype)(x), "float32"))
    np.testing.assert_allclose(y, [[-1.342, -0.447, 0.447, 1.342]], atol=0.01)


# Feed-forward


def exact(name, x):
    """The activations, in Python's own mathematics."""
    return {
        "relu": max(x, 0.0),
        "gelu": x * 0.5 * (1 + math.erf(x / math.sqrt(2))),
        "gelu_new": 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        "gelu_pytorch_tanh": 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
        "silu": x / (1 + math.exp(-x)),
        "swish": x / (1 + math.exp(-x)),
        "tanh": math.tanh(x),
    }[name]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_their_formulas(name):
    x = np.linspace(-3, 3, 13, dtype="float32")
    np.testing.assert_allclose(ACTIVATIONS[name](x), [exact(name, float(number)) for number in x], atol=1e-6)


def test_the_two_gelus_differ_enough_to_be_told_apart():
    x = np.linspace(-3, 3, 61, dtype="float32")
    assert np.abs(np.array(ACTIVATIONS["gelu"](x)) - np.array(ACTIVATIONS["gelu_new"](x))).max() > 4e-4


def test_an_unknown_activation_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'geglu'. Accepted: gelu, gelu_new, .*relu"):
        FeedForward(4, 8, activation="geglu")
    with pytest.raises(ValueError, match="Unknown activation None"):
        activation_named(None)


@pytest.mark.parametrize("name", ["relu", "gelu_new"])
def test_feed_forward_is_two_matrices_with_an_activation_between(name):
    layer, x = FeedForward(3, 5, activation=name), draw(2, 4, 3)
    layer.build(x.shape)
    w1, b1, w2, b2 = draw(3, 5, seed=1), draw(5, seed=2), draw(5, 3, seed=3), draw(3, seed=4)
    layer.set_weights([w1, b1, w2, b2])
    inner = np.vectorize(lambda number: exact(name, number))(x @ w1 + b1)
    np.testing.assert_allclose(layer(x), inner @ w2 + b2, atol=1e-5)


def test_feed_forward_treats_each_position_alone():
    layer, x = FeedForward(3, 5), draw(1, 4, 3)
    before = np.array(layer(x))
    x[0, 2] += 1
    after = np.array(layer(x))
    changed = (before != after).any(axis=-1)
    np.testing.assert_array_equal(changed, [[False, False, True, False]])


def test_the_dtype_of_feed_forward_is_that_of_its_parts():
    layer = FeedForward(3, 5, dtype="mixed_bfloat16")
    assert keras.backend.standardize_dtype(layer(draw(1, 2, 3)).dtype) == "bfloat16"


@pytest.mark.parametrize(
    "layer",
    [
        SinusoidalPositions(name="a"),
        LearnedPositions(6, name="a"),
        LayerNorm(eps=0.3, name="a"),
        RMSNorm(eps=0.3, name="a"),
        FeedForward(3, 5, activation="gelu_new", name="a"),
        FeedForward(3, 5, activation="silu", gated=True, use_bias=False, name="a"),
    ],
    ids=lambda layer: f"{type(layer).__name__}{' gated' * layer.get_config().get('gated', False)}",
)
def test_config_round_trip(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    x = draw(2, 4, 3)
    expected = layer(x)
    again.build(x.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x), expected)


# What later models changed


def test_learned_positions_take_other_rows_where_they_are_named():
    layer, x = LearnedPositions(6), draw(2, 3, 4)
    layer.build(x.shape)
    places = np.array([[2, 3, 0], [5, 5, 1]])
    np.testing.assert_allclose(layer(x, places=places), x + np.asarray(layer.embeddings)[places], atol=1e-6)


def test_rms_norm_is_its_formula_and_takes_no_mean_away():
    layer, x = RMSNorm(eps=0.3), draw(2, 3, 4)
    layer.build(x.shape)
    layer.gamma.assign([1, 2, 3, 4])
    expected = x / np.sqrt((x**2).mean(-1, keepdims=True) + 0.3) * [1, 2, 3, 4]
    np.testing.assert_allclose(layer(x), expected, atol=1e-6)
    assert np.abs(np.array(RMSNorm()(x + 5)).mean()) > 0.5


def test_rms_norm_computes_in_float32_inside():
    x = np.full((1, 1, 4), 1000, "float16")  # its square is infinite in float16
    np.testing.assert_allclose(np.array(RMSNorm(dtype="float16")(x), "float32"), 1, atol=1e-3)


def test_an_unknown_norm_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="Unknown norm 'batch'. Accepted: layer, rms"):
        norm_named("batch")


def test_a_gate_says_how_much_of_each_number_passes():
    layer, x = FeedForward(3, 5, activation="silu", gated=True, use_bias=False), draw(2, 4, 3)
    layer.build(x.shape)
    expand, gate, contract = (np.asarray(part.kernel) for part in (layer.expand, layer.gate, layer.contract))
    inner = x @ expand
    expected = (inner / (1 + np.exp(-inner)) * (x @ gate)) @ contract
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    assert len(layer.weights) == 3  # and no bias
