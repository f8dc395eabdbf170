"""The same random start everywhere."""

import numpy as np
import pytest

from ktlearn.backend import keras
from ktlearn.seeding import seed_weights
from ktlearn.transformer import Encoder


def small_encoder(dropout=0.0):
    encoder = Encoder(2, 8, 2, 12, dropout=dropout)
    encoder.build((None, None, 8))
    return encoder


def test_the_same_seed_gives_the_same_weights_whatever_keras_seed():
    keras.utils.set_random_seed(1)
    first = seed_weights(small_encoder(), 7).get_weights()
    keras.utils.set_random_seed(2)
    second = seed_weights(small_encoder(), 7).get_weights()
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    third = seed_weights(small_encoder(), 8).get_weights()
    assert (first[0] != third[0]).any()


def test_the_numbers_are_numpy_s_in_the_order_of_the_weights():
    # Glorot: uniform between ±√(6 / (fan in + fan out)).
    layer = keras.layers.Dense(3)
    layer.build((None, 5))
    seed_weights(layer, 4)
    limit = np.sqrt(6 / 8)
    expected = np.random.default_rng(4).uniform(-limit, limit, (5, 3)).astype("float32")
    np.testing.assert_array_equal(layer.kernel, expected)


def test_a_stddev_gives_a_normal_distribution_cut_at_two_deviations():
    layer = keras.layers.Dense(200)
    layer.build((None, 300))
    kernel = np.asarray(seed_weights(layer, 0, stddev=0.02).kernel)
    assert np.abs(kernel).max() <= 0.04 + 1e-7
    assert abs(kernel.mean()) < 0.001
    assert 0.018 < kernel.std() < 0.0205


def test_vectors_are_left_as_they_are():
    encoder = small_encoder()
    vectors = [w for w in encoder.weights if len(w.shape) == 1]
    for number, vector in enumerate(vectors):
        vector.assign(np.full(vector.shape, number))
    seed_weights(encoder, 0)
    for number, vector in enumerate(vectors):
        np.testing.assert_array_equal(vector, np.full(vector.shape, number))


def test_dropout_repeats_itself_after_the_same_seed():
    encoder, x = small_encoder(dropout=0.5), np.ones((1, 6, 8), "float32")
    first = np.array(seed_weights(encoder, 3)(x, training=True))
    second = np.array(encoder(x, training=True))
    again = np.array(seed_weights(encoder, 3)(x, training=True))
    np.testing.assert_array_equal(again, first)
    assert (second != first).any()


def test_each_dropout_gets_a_seed_of_its_own():
    encoder = seed_weights(small_encoder(dropout=0.5), 3)
    states = [tuple(np.asarray(layer.dropout.seed_generator.state)) for layer in encoder.layers]
    assert len(set(states)) == len(states)


def test_a_model_without_weights_is_refused():
    with pytest.raises(ValueError, match="'mine' has no weights yet. Call it once on data, or build it"):
        seed_weights(keras.layers.Dense(3, name="mine"), 0)
