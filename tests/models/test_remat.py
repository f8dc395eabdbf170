"""Keras' own rematerialisation (gradient checkpointing) of the feed-forward networks: less memory, equal numbers."""

import numpy as np
import pytest

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.layers import FeedForward
from tests.tiny import tiny_config

WAYS = [{"mode": "activations"}, {"mode": "list_of_layers", "layer_names": ["feed_forward"]}]
INPUTS = {
    "input_ids": np.arange(1, 41, dtype="int32").reshape(4, 10) % 25 + 1,
    "attention_mask": np.ones((4, 10), "int32"),
}
LABELS = np.eye(2, dtype="float32")[[0, 1, 1, 0]]


def trained():
    """Losses and weights after three steps with dropout, which a second computation must not draw anew."""
    keras.utils.set_random_seed(0)
    model = models.from_config(tiny_config(hidden_dropout_prob=0.3), task="classification", num_labels=2, seed=0)
    model.compile(keras.optimizers.SGD(0.5), keras.losses.CategoricalCrossentropy(from_logits=True))
    return [model.train_on_batch(INPUTS, LABELS) for _ in range(3)], model.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_what_is_computed_twice_gives_the_same_losses_and_weights(way):
    losses, weights = trained()
    with keras.RematScope(**way):
        again, same = trained()
    np.testing.assert_allclose(np.ravel(again), np.ravel(losses), atol=1e-6)
    for one, other in zip(same, weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.slow
def test_the_feed_forward_networks_are_computed_again_in_the_backward_pass(monkeypatch):
    traced, call = [], FeedForward.call
    monkeypatch.setattr(FeedForward, "call", lambda self, x: traced.append(self.name) or call(self, x))
    trained()
    once = len(traced)
    with keras.RematScope(**WAYS[1]):
        trained()
    assert len(traced) - once >= 2 * once


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow that draws again")
def test_what_holds_a_dropout_is_not_to_be_computed_again():
    """Why the recipe stops at the feed-forward networks, which hold none; when this fails, Keras has mended it."""
    import tensorflow as tf

    dropout, x = keras.layers.Dropout(0.5, seed=1), tf.ones(200)
    again = keras.remat(lambda x: dropout(x, training=True) * x)

    @tf.function
    def kept_and_gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = again(x)
        return y > 0, tape.gradient(y, x) > 0

    kept, gradient = kept_and_gradient(x)
    assert not np.array_equal(kept, gradient)
