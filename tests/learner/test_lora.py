"""LoRA: it starts as the plain model, trains little, and leaves a plain model behind."""

import numpy as np
import pytest

import ktlearn
from ktlearn import models, text
from ktlearn.backend import keras
from ktlearn.optimizers import adamw
from tests.plain import X, Y
from tests.tiny import NAMES, reviews


@pytest.fixture
def learner(shallow):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    trn = t.preprocess_train(*reviews(16), verbose=0)
    model = t.get_classifier()
    model.run_eagerly = True  # for a step or two that is quicker than compiling
    return ktlearn.get_learner(model, trn, trn, batch_size=8)


def test_it_changes_nothing_at_first_and_trains_only_itself_and_the_head(learner):
    before = learner.predict()
    learner.add_lora(rank=2)
    np.testing.assert_array_equal(learner.predict(), before)
    names = [variable.path.split("/", 1)[1] for variable in learner.model.trainable_variables]
    adapted = [name for name in names if "lora" in name]
    assert len(adapted) == 2 * 4  # A and B, query, key, value and output
    assert set(names) - set(adapted) == {
        "pooler/dense/kernel",
        "pooler/dense/bias",
        "head/classifier/kernel",
        "head/classifier/bias",
    }
    assert tuple(learner.model.encoder.layers[0].attention.query.lora_kernel_a.shape) == (32, 2)


@pytest.mark.slow
def test_training_merging_and_saving_give_the_plain_layout(learner, tmp_path):
    names = [variable.path for variable in learner.model.weights]
    kernel = learner.model.encoder.layers[0].attention.query._kernel
    base = kernel.numpy().copy()
    learner.model.run_eagerly = False
    learner.predict()  # compiled before and after: neither may be used for the other
    learner.add_lora(rank=2, alpha=4)
    learner.fit(1e-2, 2, verbose=0)
    np.testing.assert_array_equal(kernel.numpy(), base)  # only A and B have learned
    trained = learner.predict()
    assert len(learner.model.optimizer._trainable_variables) == 8 + 4

    learner.save_model(tmp_path / "before")
    learner.merge_lora()
    learner.save_model(tmp_path / "after")
    assert [variable.path for variable in learner.model.weights] == names
    assert np.abs(kernel.numpy() - base).max() > 1e-3
    np.testing.assert_allclose(learner.predict(), trained, atol=1e-5)
    for folder in ("before", "after"):
        again = models.from_pretrained(tmp_path / folder, task="classification", verbose=0)
        for ours, theirs in zip(learner.model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_allclose(theirs, ours, atol=1e-6)


@pytest.mark.slow
def test_after_merging_everything_that_was_trainable_is_so_again(learner):
    learner.freeze("embeddings")
    before = [variable.path for variable in learner.model.trainable_variables]
    learner.add_lora(rank=2)
    learner.merge_lora()
    assert [variable.path for variable in learner.model.trainable_variables] == before
    assert learner.fit(1e-3, 1, verbose=0).history["loss"]


@pytest.mark.slow
def test_a_saved_model_can_be_loaded_into_one_with_lora(learner, tmp_path):
    learner.save_model(tmp_path / "kept")
    kept = learner.predict()
    learner.add_lora(rank=2)
    learner.fit(1e-2, 1, verbose=0)
    learner.load_model(tmp_path / "kept")
    np.testing.assert_allclose(learner.predict(), kept, atol=1e-6)
    assert learner.fit(1e-2, 1, verbose=0).history["loss"]  # A and B go on


@pytest.mark.slow
def test_resetting_takes_it_away(learner):
    start = learner.model.get_weights()
    learner.add_lora(rank=2)
    learner.fit(1e-2, 1, verbose=0)
    learner.reset_weights(verbose=0)
    for was, now in zip(start, learner.model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.slow
def test_layers_can_be_chosen_by_name_in_any_keras_model():
    layers = [keras.Input((3,)), keras.layers.Dense(4, name="wide"), keras.layers.Dense(2, "softmax", name="top")]
    model = keras.Sequential(layers)
    model.compile(adamw(), "sparse_categorical_crossentropy")
    learner = ktlearn.get_learner(model, (X, Y), batch_size=8)
    learner.add_lora(1, layers="wide")
    learner.set_layer_decay(0.5)
    learner.fit(0.1, 2, verbose=0)
    before = learner.predict((X, Y))
    learner.merge_lora()
    np.testing.assert_allclose(learner.predict((X, Y)), before, atol=1e-6)


def test_the_rates_of_layers_hold_for_lora_too(learner):
    learner.set_layer_decay(0.5)
    learner.add_lora(rank=2)
    optimizer = learner.model.optimizer
    a = learner.model.encoder.layers[0].attention.query.lora_kernel_a
    assert optimizer._shares[optimizer._var_key(a)] == 0.5


def test_what_does_not_go_together_is_refused(learner):
    with pytest.raises(ValueError, match=r"this model has no LoRA. Call add_lora\(\) first"):
        learner.merge_lora()
    with pytest.raises(ValueError, match="rank must be a whole number"):
        learner.add_lora(rank=0)
    with pytest.raises(ValueError, match="alpha must be a number above 0"):
        learner.add_lora(alpha=0)
    with pytest.raises(ValueError, match=r"no layer is called \['q_proj'\]. Layers that can have LoRA: .*query"):
        learner.add_lora(layers="q_proj")
    learner.add_lora()
    with pytest.raises(ValueError, match=r"has LoRA already. Call merge_lora\(\) first"):
        learner.add_lora()
    for method in (learner.freeze, learner.unfreeze):
        with pytest.raises(ValueError, match=r"with LoRA the matrices are frozen. Call merge_lora\(\) first"):
            method()
