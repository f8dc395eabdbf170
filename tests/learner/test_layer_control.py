"""What is frozen stays, what decays shrinks, what shall learn slowly does."""

import numpy as np
import pytest

import ktlearn
from ktlearn import seq2seq
from ktlearn.backend import keras, ops
from ktlearn.learner.layer_groups import blocks
from ktlearn.optimizers import adamw
from tests.plain import X, Y, dense, plain
from tests.tiny import reviews

NAMES = ["embeddings", "layer_0", "layer_1", "head"]


@pytest.fixture
def learner(t):
    """A learner with a Transformer that trains without being compiled: quicker for a step or two."""
    model = t.get_classifier()
    model.run_eagerly = True
    return ktlearn.get_learner(model, t.preprocess_train(*reviews(4), verbose=0), batch_size=4)


def changed(learner, **options):
    """The names of the blocks whose weights a short training changes."""
    before = {block.name: [v.numpy().copy() for v in block.variables] for block in blocks(learner.model)}
    learner.fit(1e-2, 1, verbose=0, **options)
    after = {block.name: [v.numpy() for v in block.variables] for block in blocks(learner.model)}
    return [name for name in before if any((a != b).any() for a, b in zip(before[name], after[name], strict=True))]


# --- blocks --------------------------------------------------------------------------------------


def test_the_blocks_of_a_transformer_and_of_other_models(learner):
    assert [block.name for block in blocks(learner.model)] == NAMES
    assert sum(len(block.variables) for block in blocks(learner.model)) == len(learner.model.weights)
    inputs = keras.Input((3,), name="in")
    inner = keras.Sequential([keras.layers.Dense(4, name="inner_1"), keras.layers.Dense(4, name="inner_2")])
    outputs = keras.layers.Dense(2, name="out")(keras.layers.ReLU()(inner(inputs)))
    assert [block.name for block in blocks(keras.Model(inputs, outputs))] == ["inner_1", "inner_2", "out"]


def test_the_blocks_of_a_sequence_to_sequence_model():
    model = seq2seq.Transformer(9, 9, d_model=4, num_heads=1, d_ff=4, num_layers=2)
    model({"input_ids": np.ones((1, 3), "int32"), "decoder_input_ids": np.ones((1, 2), "int32")})
    found = blocks(model)
    assert [block.name for block in found].count("layer_1") == 2  # one of the encoder, one of the decoder
    assert len({id(v) for block in found for v in block.variables}) == len(model.weights)


# --- freezing ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "choice, trained",
    [
        (None, ["head"]),
        (1, NAMES[1:]),
        pytest.param(3, ["head"], marks=pytest.mark.weekly),
        ("embeddings", NAMES[1:]),
        (["embeddings", "layer_1"], ["layer_0", "head"]),
    ],
)
def test_frozen_blocks_stay_and_the_others_learn(learner, choice, trained):
    learner.freeze(choice)
    assert changed(learner) == trained


@pytest.mark.slow
def test_freezing_again_chooses_anew_and_unfreezing_takes_it_back(learner):
    learner.freeze()
    learner.freeze(1)
    assert changed(learner) == NAMES[1:]
    learner.unfreeze(2)
    assert changed(learner) == NAMES[2:]
    learner.unfreeze()
    assert changed(learner) == NAMES


def test_a_compiled_training_notices_and_loss_and_metrics_stay():
    layers = [keras.Input((3,)), keras.layers.Dense(4, name="first"), keras.layers.Dense(2, "softmax", name="last")]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(adamw(), loss, metrics=["accuracy"])
    learner = ktlearn.get_learner(model, (X, Y), batch_size=8)
    assert changed(learner) == ["first", "last"]
    learner.freeze("first")
    assert changed(learner) == ["last"]
    learner.unfreeze()
    assert changed(learner) == ["first", "last"]
    assert model.loss is loss
    assert "accuracy" in learner.history.history


def test_what_the_reader_freezes_by_hand_counts_too():
    learner = plain()
    learner.model.add(keras.layers.Dense(2, "softmax", name="top"))
    learner.model.compile(adamw(), "sparse_categorical_crossentropy")
    learner.fit(1e-2, 1, verbose=0)
    learner.model.layers[0].trainable = False
    assert changed(learner) == ["top"]


def test_a_block_that_is_not_there_is_refused(learner):
    for choice in (0, 5, "layer_9", ["head", "nothing"], []):
        with pytest.raises(ValueError, match=r"freeze_range.*(number of blocks|embeddings, layer_0, layer_1, head)"):
            learner.freeze(choice)


def test_the_layers_are_printed(learner, capsys):
    learner.freeze(1)
    learner.print_layers(show_wd=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["0", "embeddings", "10,624", "weights,", "frozen,", "none", "decayed"]
    assert lines[3].split()[:5] == ["3", "head", "1,122", "weights,", "1,122"]
    assert lines[3].endswith("1,122 trained, 1,088 decayed by 0.01")  # all but the biases
    learner.set_layer_decay(0.5)
    learner.print_layers()
    assert ["rate × 0.25" in line for line in capsys.readouterr().out.splitlines()] == [False, True, False, False]


# --- rates of layers -----------------------------------------------------------------------------


def chain(optimizer):
    """Three layers of one weight each, with a gradient of 1 for all of them."""
    inputs = keras.Input((1,))
    outputs = [keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name=n)(inputs) for n in "abc"]
    model = keras.Model(inputs, keras.layers.Concatenate()(outputs))
    model.compile(optimizer, loss=lambda true, predicted: ops.sum(predicted, axis=-1))
    return ktlearn.get_learner(model, (np.ones((4, 1)), np.zeros((4, 1))), batch_size=1)


def weights(learner):
    return [float(variable.numpy().item()) for variable in learner.model.trainable_variables]


def test_each_block_learns_at_a_share_of_the_rate_of_the_one_above():
    learner = chain(adamw(weight_decay=0.0, clip=None))
    learner.set_layer_decay(0.5)
    learner.fit(0.01, 1, verbose=0)  # Adam's step is the rate, whatever the size of the gradient
    assert 1 - np.array(weights(learner)) == pytest.approx(4 * 0.01 * np.array([0.25, 0.5, 1]), rel=1e-4)


def test_the_decay_of_the_weights_takes_the_same_share():
    learner = chain(adamw(weight_decay=0.5, clip=None))
    learner.set_layer_decay(0.1)
    fit = learner.model.optimizer
    fit.build(learner.model.trainable_variables)
    fit.learning_rate = 0.1
    fit.apply([0 * variable for variable in learner.model.trainable_variables], learner.model.trainable_variables)
    assert 1 - np.array(weights(learner)) == pytest.approx(0.05 * np.array([0.01, 0.1, 1]), rel=1e-3)


def test_the_shares_survive_freezing_and_can_be_taken_back():
    learner = chain(adamw(weight_decay=0.0, clip=None))
    learner.fit(0.01, 1, verbose=0)
    learner.set_layer_decay(0.5)
    learner.freeze("a")
    start = weights(learner)
    learner.fit(0.01, 1, verbose=0)
    assert np.subtract(start, weights(learner)) == pytest.approx(0.04 * np.array([0.5, 1]), rel=1e-3)
    learner.set_layer_decay(1)
    start = weights(learner)
    learner.fit(0.01, 1, verbose=0)
    b, c = np.subtract(start, weights(learner))
    assert b == pytest.approx(c, rel=1e-5)


def test_layer_decay_refuses_what_it_cannot_do():
    for decay in (0, 1.5, "0.9"):
        with pytest.raises(ValueError, match="decay must be a number above 0 and at most 1"):
            plain().set_layer_decay(decay)
    model = dense()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="needs ktlearn's AdamW; the model has SGD"):
        ktlearn.get_learner(model).set_layer_decay(0.9)


# --- weight decay, rate, weights, model ----------------------------------------------------------


def test_a_new_weight_decay_is_used_by_a_training_that_was_compiled_before():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile(adamw(weight_decay=0.0), loss=lambda true, predicted: 0 * ops.sum(predicted, axis=-1))
    learner = ktlearn.get_learner(model, (np.ones((1, 1)), np.zeros((1, 1))))
    shrunk = []
    for wd in (0.0, 0.5, 0):
        learner.set_weight_decay(wd)
        assert learner.get_weight_decay() == wd
        before = model.get_weights()[0].item()
        learner.fit(0.1, 1, verbose=0)
        shrunk.append(1 - model.get_weights()[0].item() / before)
    assert shrunk == pytest.approx([0, 0.05, 0], abs=1e-6)
    with pytest.raises(ValueError, match="wd must be a number from 0 to 1"):
        learner.set_weight_decay(-1)


def test_the_rate_can_be_set():
    learner = plain()
    learner.set_lr(0.25)
    assert float(learner.model.optimizer.learning_rate.numpy()) == 0.25
    with pytest.raises(ValueError, match="lr must be a positive number"):
        learner.set_lr(0)


def test_the_weights_from_before_the_training_come_back(capsys):
    learner = plain()
    start = learner.model.get_weights()[0].copy()
    learner.reset_weights(verbose=0)
    learner.fit(0.1, 1, verbose=0)
    learner.fit(0.1, 1, verbose=0)
    learner.reset_weights()
    np.testing.assert_array_equal(learner.model.get_weights()[0], start)
    assert int(learner.model.optimizer.iterations.numpy()) == 0
    assert learner.history is None
    assert capsys.readouterr().out == "The model has the weights from before its training again.\n"
    assert learner.fit(0.1, 1, verbose=0).history["loss"]


def test_another_model_can_be_set():
    learner, other = plain(), dense(activation="softmax")
    learner.fit(0.1, 1, verbose=0)
    learner.set_model(other)
    assert learner.model is other and learner.history is None
    learner.fit(0.1, 1, verbose=0)
    assert int(other.optimizer.iterations.numpy()) == 3
    with pytest.raises(TypeError, match="must be a Keras model"):
        learner.set_model("bert")
