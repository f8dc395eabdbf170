"""NaN never passes as an answer: not in the weights, the loss, the labels or the predictions."""

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras, ops
from ktlearn.learner.model_state import broken_weights
from ktlearn.text.dataset import ArrayDataset
from tests.plain import X, Y, plain
from tests.tiny import reviews

BAD = pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])


def broken(learner, bad=np.nan):
    """The learner, one of its model's weights being no number."""
    weights = learner.model.get_weights()
    weights[0][0, 0] = bad
    learner.model.set_weights(weights)
    return learner


@BAD
@pytest.mark.parametrize("method", ["fit", "fit_onecycle", "autofit", "lr_find"])
def test_broken_weights_are_not_trained(method, bad):
    learner = broken(plain(val=True), bad)
    name = learner.model.variables[0].path
    arguments = () if method == "lr_find" else (1e-3, 1)
    with pytest.raises(ValueError, match=rf"weights hold NaN or infinity \({name}\).*reset_weights\(\)"):
        getattr(learner, method)(*arguments)


@BAD
def test_broken_weights_do_not_answer(bad):
    learner = broken(plain(val=True), bad)
    for look in (learner.predict, learner.validate, learner.top_losses):
        with pytest.raises(ValueError, match=r"answers example \d+ with NaN or infinity: its weights are broken"):
            look()


def test_batches_that_are_made_already_do_not_pass_it_on():
    tf = pytest.importorskip("tensorflow")
    learner = broken(plain())
    with pytest.raises(ValueError, match="answers example 0 with NaN"):
        learner.predict(tf.data.Dataset.from_tensor_slices((X, Y)).batch(5))


def test_inputs_that_are_no_numbers_are_noticed():
    x = X.copy()
    x[7, 1] = np.nan
    with pytest.raises(ValueError, match="answers example 7 with NaN"):
        plain().predict((x, Y))
    with pytest.raises(FloatingPointError, match="The loss is nan in epoch 1"):
        ktlearn.get_learner(plain().model, (x, Y)).fit(1e-3, 1, verbose=0)


def test_all_kinds_of_weights_are_looked_at():
    learner = plain()
    assert broken_weights(learner.model) is None
    huge = [np.full(weights.shape, 3e38, "float32") for weights in learner.model.get_weights()]
    learner.model.set_weights(huge)
    assert broken_weights(learner.model) is None  # large, but numbers: their sum in float32 would be infinite
    assert broken_weights(broken(learner).model) is not None
    for policy in ("bfloat16", "float16"):
        layer = keras.layers.Dense(2, dtype=policy)
        model = keras.Sequential([keras.Input((2,)), layer])
        assert broken_weights(model) is None
        layer.bias.assign([0, np.nan])
        assert broken_weights(model) == layer.bias.path


@pytest.mark.parametrize("verbose", [0, 1])
def test_a_rate_that_destroys_the_weights_is_said_at_once(verbose):
    learner = plain(y=np.full((24, 1), 1e18), units=1, activation=None, loss="mse")
    learner.model.compile("sgd", "mse")
    with pytest.raises(FloatingPointError, match="The loss is (nan|inf) in epoch 1, step 3 of 9, at the rate 9.0e"):
        learner.fit(90, 3, verbose=verbose)
    assert len(learner.history.history["lr"]) == 3
    learner.reset_weights(verbose=0)
    assert broken_weights(learner.model) is None


def test_the_best_weights_of_the_epochs_before_come_back(monkeypatch):
    learner = plain(val=True)

    class Breaks(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                broken(learner)

    with pytest.raises(FloatingPointError, match="in epoch 3.*weights are lost: .*kernel holds no numbers any more"):
        learner.autofit(1e-3, 9, early_stopping=5, callbacks=[Breaks()], verbose=0)
    assert len(learner.history.history["loss"]) == 2
    assert broken_weights(learner.model) is None
    assert np.isfinite(learner.predict()).all()


def test_a_checkpoint_is_not_replaced_by_a_broken_one(tmp_path):
    learner = plain()

    class Breaks(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                broken(learner)

    with pytest.raises(FloatingPointError):
        learner.fit(1e-3, 3, checkpoint_folder=tmp_path, callbacks=[Breaks()], verbose=0)
    history = plain().fit(1e-3, 3, checkpoint_folder=tmp_path, resume=True, verbose=0).history
    assert len(history["loss"]) == 3 and np.isfinite(history["loss"]).all()


def test_an_overflow_in_float16_is_left_to_keras():
    """Loss scaling leaves out a step that overflows; the weights stay numbers, so the training goes on."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(
            ktlearn.optimizers.adamw(), loss=lambda true, predicted: ops.mean(predicted * 1e38 * 1e38, axis=-1)
        )
        learner = ktlearn.get_learner(model, (X, Y[:, None]), batch_size=8)
        assert len(learner.fit(1e-3, 2, verbose=0).history["loss"]) == 2
        assert broken_weights(model) is None
    finally:
        keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_labels_that_are_no_numbers_are_refused(bad):
    y = np.zeros(24)
    y[5] = bad  # 1e39 is infinite in float32
    with pytest.raises(ValueError, match="y: item 5 is .*(nan|inf|1e\\+39).*no number to learn from"):
        ArrayDataset(X, y)
    with pytest.raises(ValueError, match="y must be numbers; got an array of str"):
        ArrayDataset(X, np.array(["a"] * 24))


def test_a_transformer_too(t):
    data = t.preprocess_train(*reviews(8), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), data, data)
    learner.model.head.classifier.bias.assign([0, np.nan])
    with pytest.raises(ValueError, match="weights hold NaN or infinity .*classifier/bias"):
        learner.fit(1e-3, 1)
    with pytest.raises(ValueError, match="answers example 0 with NaN"):
        learner.validate()
