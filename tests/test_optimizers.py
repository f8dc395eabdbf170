"""AdamW with a momentum that can change, and what it does not decay."""

import numpy as np
import pytest

from ktlearn.backend import keras, ops
from ktlearn.layers import LayerNorm
from ktlearn.optimizers import AdamW, adamw


def small_model():
    """A matrix, a bias, an embedding and a normalisation, all filled with ones."""
    words = keras.Input((3,), dtype="int32")
    hidden = LayerNorm()(keras.layers.Embedding(5, 4)(words))
    model = keras.Model(words, keras.layers.Dense(2)(hidden))
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    return model


def apply(optimizer, model, gradient):
    optimizer.apply([gradient * ops.ones(v.shape) for v in model.trainable_variables], model.trainable_variables)


def momentum_slots(optimizer):
    return [slot.numpy() for slot in optimizer.variables if "momentum" in slot.path]


def test_without_a_gradient_matrices_shrink_and_biases_and_normalisations_stay():
    model, optimizer = small_model(), adamw(learning_rate=0.5, weight_decay=0.1)
    apply(optimizer, model, gradient=0.0)
    values = {variable.name: variable.numpy() for variable in model.trainable_variables}
    assert set(values) == {"embeddings", "kernel", "gamma", "beta", "bias"}
    for name in ("embeddings", "kernel"):
        np.testing.assert_allclose(values[name], 1 - 0.5 * 0.1, rtol=1e-6)
    for name in ("gamma", "beta", "bias"):
        np.testing.assert_array_equal(values[name], 1)


def test_of_bert_exactly_the_matrices_shrink():
    from transformers import BertConfig

    from ktlearn import models

    config = BertConfig(vocab_size=9, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    model = models.from_config(config, task="classification", num_labels=2, seed=0)
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    apply(adamw(learning_rate=0.5, weight_decay=0.1), model, gradient=0.0)
    for variable in model.trainable_variables:
        is_matrix = len(variable.shape) == 2
        np.testing.assert_allclose(variable.numpy(), 0.95 if is_matrix else 1, rtol=1e-6, err_msg=variable.path)


def test_the_momentum_can_be_set_before_the_first_step_and_after_it():
    model, optimizer = small_model(), adamw()
    optimizer.set_momentum(0.8)
    apply(optimizer, model, gradient=1e-3)  # too small to be clipped
    np.testing.assert_allclose(momentum_slots(optimizer)[0], 0.2e-3, rtol=1e-5)
    optimizer.set_momentum(0.5)
    apply(optimizer, model, gradient=1e-3)
    np.testing.assert_allclose(momentum_slots(optimizer)[0], 0.5 * 0.2e-3 + 0.5e-3, rtol=1e-5)


def test_a_long_gradient_is_clipped_as_a_whole():
    model, optimizer = small_model(), adamw(clip=1.0)
    apply(optimizer, model, gradient=100.0)
    length = np.sqrt(sum(np.square(slot / 0.1).sum() for slot in momentum_slots(optimizer)))
    assert length == pytest.approx(1.0, rel=1e-4)


def test_its_steps_are_those_of_keras():
    ours, theirs = small_model(), small_model()
    optimizers = AdamW(0.1, weight_decay=0.05), keras.optimizers.AdamW(0.1, weight_decay=0.05)
    rng = np.random.default_rng(0)
    for _ in range(3):
        gradients = [rng.normal(size=v.shape).astype("float32") for v in ours.trainable_variables]
        for model, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.apply([ops.convert_to_tensor(g) for g in gradients], model.trainable_variables)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_the_gradients_of_a_word_that_occurs_twice_are_added_before_they_are_squared():
    tf = pytest.importorskip("tensorflow")
    rows = tf.IndexedSlices(tf.ones((2, 4)), tf.constant([3, 3]), tf.constant([5, 4]))
    summed = np.zeros((5, 4), "float32")
    summed[3] = 2.0
    tables = []
    for gradient in (rows, ops.convert_to_tensor(summed)):
        table, optimizer = keras.Variable(np.ones((5, 4), "float32")), AdamW(0.1, epsilon=1.0)
        optimizer.apply([gradient], [table])
        tables.append(table.numpy())
    np.testing.assert_allclose(tables[0], tables[1], atol=1e-7)
    assert (tables[0][3] < 0.995).all()


def test_what_all_variables_share_is_computed_once():
    tf = pytest.importorskip("tensorflow")
    variables, optimizer = [keras.Variable(np.ones(2, "float32")) for _ in range(5)], adamw()
    optimizer.build(variables)
    step = tf.function(lambda: optimizer.apply([tf.ones(2) for _ in variables], variables))
    operations = [operation.type for operation in step.get_concrete_function().graph.get_operations()]
    assert operations.count("ResourceApplyAdam") == 5
    assert operations.count("Pow") == 2  # beta_1 and beta_2, to the power of the step


def test_each_call_gives_a_fresh_optimizer():
    first, second = adamw(), adamw()
    apply(first, small_model(), gradient=1.0)
    assert int(first.iterations.numpy()) == 1
    assert int(second.iterations.numpy()) == 0
    assert not second.built


def test_its_settings_survive_a_copy():
    model, optimizer = small_model(), adamw(learning_rate=0.1)
    apply(optimizer, model, gradient=1.0)
    optimizer.set_momentum(0.75)
    copy = AdamW.from_config(optimizer.get_config())
    assert copy.beta_1 == pytest.approx(0.75)
    assert float(copy.learning_rate.numpy()) == pytest.approx(0.1)
