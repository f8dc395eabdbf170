"""A stack of layers that are alike is traced once: the same numbers as layer by layer, and no layer that differs."""

import numpy as np
import pytest

from ktlearn import models
from ktlearn.attention import causal_mask
from ktlearn.backend import keras, ops
from ktlearn.learner import lora
from ktlearn.support import one_trace
from ktlearn.transformer import Decoder, DecoderLayer, Encoder, EncoderLayer
from tests.tiny import tiny_config

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow traces by operations")

INPUTS = {
    "input_ids": np.arange(1, 41, dtype="int32").reshape(4, 10) % 25 + 1,
    "attention_mask": np.array([[1] * 10, [1] * 10, [1] * 7 + [0] * 3, [1] * 4 + [0] * 6], "int32"),
}
LABELS = np.eye(2, dtype="float32")[[0, 1, 1, 0]]


def classifier(policy="float32"):
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        return models.from_config(
            tiny_config(num_hidden_layers=3, hidden_dropout_prob=0.3), task="classification", num_labels=2, seed=0
        )
    finally:
        keras.config.set_dtype_policy("float32")


def seq2seq():
    """A model of an encoder and a decoder, with the look at the memory and both masks."""
    keras.utils.set_random_seed(0)
    x, y = keras.Input((10, 8)), keras.Input((10, 8))
    mask = causal_mask(10)
    memory = Encoder(3, 8, 2, 16, dropout=0.3)(x)
    return keras.Model([x, y], Decoder(3, 8, 2, 16, dropout=0.3, norm_first=True)(y, memory, mask=mask))


def trained(model, inputs=INPUTS, labels=LABELS, loss="cce"):
    """Losses and weights after three steps, with dropout."""
    loss = keras.losses.CategoricalCrossentropy(from_logits=True) if loss == "cce" else loss
    model.compile(keras.optimizers.SGD(0.5), loss)
    return [model.train_on_batch(inputs, labels) for _ in range(3)], [*map(np.array, model.get_weights())]


@pytest.fixture
def one_by_one(monkeypatch):
    """Switch it off: each layer gets a trace of its own, from the call on."""
    return lambda: monkeypatch.setattr(one_trace, "_are_alike", lambda layers: False)


def assert_same(one, other):
    """But for rounding: where gradients meet, they may be added up in another order."""
    np.testing.assert_allclose(one[0], other[0], rtol=0, atol=1e-6)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


HALVES = [pytest.param(f"mixed_{half}", marks=pytest.mark.weekly) for half in ("bfloat16", "float16")]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["float32", *HALVES])
def test_losses_weights_and_dropout_are_those_of_layer_by_layer(policy, one_by_one):
    together = trained(classifier(policy))
    assert len({*np.ravel(together[0])}) == 3  # it learns
    one_by_one()
    assert_same(together, trained(classifier(policy)))


@pytest.mark.slow
def test_a_decoder_too(one_by_one):
    given = np.random.default_rng(0).normal(size=(3, 4, 10, 8)).astype("float32")
    together = trained(seq2seq(), [*given[:2]], given[2], "mse")
    one_by_one()
    assert_same(together, trained(seq2seq(), [*given[:2]], given[2], "mse"))


@pytest.mark.slow
def test_with_lora_each_layer_has_its_own_small_matrices(one_by_one):
    def adapted():
        model = classifier()
        lora.add(model, rank=2, alpha=4, layers=("query", "value"))
        return trained(model)

    together = adapted()
    one_by_one()
    assert_same(together, adapted())


def calls_in_a_step(monkeypatch, model):
    """How often Python runs the call of an encoder layer while a training step is compiled."""
    called, call = [], EncoderLayer.call
    model.compile(keras.optimizers.SGD(0.5), keras.losses.CategoricalCrossentropy(from_logits=True))
    model(INPUTS)
    monkeypatch.setattr(
        EncoderLayer, "call", lambda self, *args, **kwargs: called.append(self.name) or call(self, *args, **kwargs)
    )
    model.train_on_batch(INPUTS, LABELS)
    return called


def test_python_runs_the_first_layer_alone(monkeypatch):
    assert calls_in_a_step(monkeypatch, classifier()) == ["layer_0"]


def test_a_layer_that_someone_has_changed_is_traced_as_it_is(monkeypatch):
    model = classifier()
    model.encoder.layers[1].dropout.rate = 0.1
    assert calls_in_a_step(monkeypatch, model) == ["layer_0", "layer_1", "layer_2"]


def heads_of_its_own(layers):
    layers[1].attention.scale = 0.1


def activation_of_its_own(layers):
    layers[2].feed_forward.activation = ops.silu


def method_of_its_own(layers):
    layers[0].attention.split_heads = lambda x: ops.zeros_like(x)


def call_of_its_own(layers):
    for layer in layers:  # as gradient checkpointing has it
        layer.call = layer.call


def class_of_its_own(layers):
    class Mine(EncoderLayer):
        """A reader's layer, whose call may do anything."""

    layers[:] = [Mine(8, 2, 16) for _ in layers]
    for layer in layers:
        layer.build((None, None, 8))


def other_width(layers):
    layers[1] = EncoderLayer(8, 2, 32)
    layers[1].build((None, None, 8))


def made_to_be_computed_twice(layers):
    with keras.RematScope(mode="full"):
        layers[:] = [EncoderLayer(8, 2, 16) for _ in layers]
    for layer in layers:
        layer.build((None, None, 8))


def regulariser(layers):
    for layer in layers:
        layer.feed_forward.expand.activity_regularizer = keras.regularizers.L2(0.1)


CHANGES = (
    *(heads_of_its_own, activation_of_its_own, method_of_its_own, call_of_its_own),
    *(class_of_its_own, other_width, made_to_be_computed_twice, regulariser),
)


@pytest.mark.parametrize("change", CHANGES)
def test_layers_are_alike_only_where_one_trace_is_right_for_all(change):
    layers = [EncoderLayer(8, 2, 16) for _ in range(3)]
    for layer in layers:
        layer.build((None, None, 8))
    assert one_trace._are_alike(layers)
    change(layers)
    assert not one_trace._are_alike(layers)


@pytest.mark.parametrize("kind", [EncoderLayer, DecoderLayer])
def test_outside_a_compiled_training_step_they_are_the_layers_themselves(kind):
    layers = [kind(8, 2, 16), kind(8, 2, 16)]
    assert one_trace.traced_once(layers, training=True) is layers
    assert one_trace.traced_once(layers, training=False) is layers
