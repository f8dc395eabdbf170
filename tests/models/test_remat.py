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
    """Losses and weights after three steps with dropout, which a second computation must not draw anew.

    And how often a feed-forward network was computed in the graph of a step.
    """
    keras.utils.set_random_seed(0)
    config = tiny_config(hidden_dropout_prob=0.3, num_hidden_layers=1)
    model = models.from_config(config, task="classification", num_labels=2, seed=0)
    model.compile(keras.optimizers.SGD(0.5), keras.losses.CategoricalCrossentropy(from_logits=True))
    traced, call = [], FeedForward.call
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeedForward, "call", lambda self, x: traced.append(self.name) or call(self, x))
        return [model.train_on_batch(INPUTS, LABELS) for _ in range(3)], model.get_weights(), len(traced)


@pytest.fixture(scope="module")
def plain():
    return trained()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_what_is_computed_twice_gives_the_same_losses_and_weights(plain, way):
    losses, weights, once = plain
    with keras.RematScope(**way):
        again, same, computed = trained()
    np.testing.assert_allclose(np.ravel(again), np.ravel(losses), atol=1e-6)
    for one, other in zip(same, weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    if "layer_names" in way:
        assert computed >= 2 * once > 0  # in the backward pass again


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
