"""A run that was interrupted and resumed is the run that was not; what the folder holds, and what it refuses."""

import json

import numpy as np
import pytest
from safetensors import safe_open

import ktlearn
from ktlearn.backend import keras
from ktlearn.learner.model_state import read_state
from tests.plain import X, Y, plain
from tests.tiny import reviews


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the second batch of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.at, self.epoch = epoch, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (self.at, 1):
            raise KeyboardInterrupt


def with_dropout(seed):
    """A fresh learner whose model draws random numbers in training."""
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(layers)
    model.compile(ktlearn.optimizers.adamw(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return ktlearn.get_learner(model, (X, Y), (X, Y), batch_size=8)


def assert_same_run(learner, other):
    assert learner.history.history == other.history.history
    state, state_2 = read_state(learner.model), read_state(other.model)
    for part in ("model", "optimizer"):
        for array, array_2 in zip(state[part], state_2[part], strict=True):
            np.testing.assert_array_equal(array, array_2)


TRAININGS = {
    "one cycle": lambda learner, **options: learner.fit_onecycle(1e-2, 4, **options),
    "cycles": lambda learner, **options: learner.fit(1e-2, 2, cycle_len=1, cycle_mult=3, **options),
    "short epochs": lambda learner, **options: learner.fit(1e-2, 4, steps_per_epoch=2, **options),
    "autofit": lambda learner, **options: learner.autofit(1e-2, 4, reduce_on_plateau=1, early_stopping=2, **options),
}


@pytest.mark.slow
@pytest.mark.parametrize("train", TRAININGS.values(), ids=TRAININGS)
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one(train, tmp_path):
    whole = with_dropout(seed=1)
    train(whole, verbose=0)

    broken = with_dropout(seed=1)
    train(broken, checkpoint_folder=tmp_path / "run", callbacks=[Interrupt(epoch=2)], verbose=0)
    assert len(broken.history.history["loss"]) == 2

    resumed = with_dropout(seed=99)  # another process would have other weights and other random numbers
    train(resumed, checkpoint_folder=tmp_path / "run", resume=True, verbose=0)
    assert_same_run(resumed, whole)

    train(broken, checkpoint_folder=tmp_path / "run", resume=True, verbose=0)  # finished by now
    assert_same_run(broken, whole)


@pytest.mark.slow
def test_the_patience_and_the_best_weights_are_resumed_too(tmp_path, monkeypatch):
    def train(losses, **options):
        learner, weights = with_dropout(seed=1), []

        def evaluate(**kwargs):
            weights.append(learner.model.get_weights()[0].copy())
            return {"loss": losses[len(weights) - 1]}

        monkeypatch.setattr(learner.model, "evaluate", evaluate)
        learner.autofit(1e-2, 9, early_stopping=3, reduce_on_plateau=2, verbose=0, **options)
        return learner, weights

    whole, weights = train([1, 2, 3, 4])
    train([1, 2], checkpoint_folder=tmp_path, callbacks=[Interrupt(epoch=2)])
    resumed, _ = train([3, 4], checkpoint_folder=tmp_path, resume=True)
    assert resumed.history.history == whole.history.history  # four epochs, the rate halved for the last
    np.testing.assert_array_equal(resumed.model.get_weights()[0], weights[0])


@pytest.mark.slow
def test_the_same_learner_can_resume(tmp_path):
    whole, broken = with_dropout(seed=1), with_dropout(seed=1)
    whole.fit_onecycle(1e-2, 3, verbose=0)
    keras.utils.set_random_seed(1)
    broken = with_dropout(seed=1)
    broken.fit_onecycle(1e-2, 3, tmp_path, callbacks=[Interrupt(epoch=1)], verbose=0)
    broken.fit_onecycle(1e-2, 3, tmp_path, resume=True, verbose=0)
    assert_same_run(broken, whole)


@pytest.mark.slow
def test_a_transformer_resumes_its_batches_of_similar_length_and_its_dropout(t, checkpoint, tmp_path):
    def learner(seed):
        keras.utils.set_random_seed(seed)
        trn = t.preprocess_train(*reviews(48), verbose=0)
        val = t.preprocess_test(*reviews(8, seed=1), verbose=0)
        return ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)

    whole = learner(1)
    whole.fit_onecycle(1e-3, 3, verbose=0)
    learner(1).fit_onecycle(1e-3, 3, tmp_path, callbacks=[Interrupt(epoch=1)], verbose=0)
    resumed = learner(2)
    resumed.fit_onecycle(1e-3, 3, tmp_path, resume=True, verbose=0)
    assert_same_run(resumed, whole)


def test_resume_begins_a_run_where_there_is_none_yet(tmp_path):
    fresh, whole = with_dropout(seed=1), with_dropout(seed=1)
    whole.fit(1e-2, 2, verbose=0)
    fresh = with_dropout(seed=1)
    fresh.fit(1e-2, 2, checkpoint_folder=tmp_path / "deep" / "run", resume=True, verbose=0)
    assert_same_run(fresh, whole)


def test_the_best_epochs_model_is_kept_as_save_model_writes_it(tmp_path, monkeypatch):
    learner = plain(val=True)
    weights, losses = [], iter([3, 1, 2])

    def evaluate(**kwargs):
        weights.append(learner.model.get_weights()[0].copy())
        return {"loss": next(losses)}

    monkeypatch.setattr(learner.model, "evaluate", evaluate)
    learner.fit(1e-2, 3, checkpoint_folder=tmp_path, verbose=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last.safetensors"]
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[2])
    learner.load_model(tmp_path / "best")
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[1])


def test_a_transformers_best_model_is_in_hugging_faces_layout(t, tmp_path):
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier()
    model.run_eagerly = True
    ktlearn.get_learner(model, data, batch_size=8).fit(1e-3, 1, checkpoint_folder=tmp_path, verbose=0)
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [
        *("config.json", "ktlearn.sha256", "model.safetensors")
    ]


def test_a_crash_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    learner = with_dropout(seed=1)
    learner.fit(1e-2, 1, checkpoint_folder=tmp_path, verbose=0)
    before = (tmp_path / "last.safetensors").read_bytes()

    def full(tensors, path, metadata):
        path.write_bytes(b"half of it")
        raise OSError("No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    with pytest.raises(OSError, match="No space left"):
        learner.fit(1e-2, 1, checkpoint_folder=tmp_path, verbose=0)
    assert (tmp_path / "last.safetensors").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last.safetensors"]


def test_the_file_holds_arrays_and_json_only(tmp_path):
    plain().fit(1e-2, 2, checkpoint_folder=tmp_path, verbose=0)
    with safe_open(tmp_path / "last.safetensors", "np") as file:
        kept = json.loads(file.metadata()["ktlearn"])
    assert kept["run"]["method"] == "fit"
    assert (kept["done"], kept["finished"], kept["schedule"]["step"]) == (2, True, 6)
    assert len(kept["history"]["loss"]) == 2


def test_what_becomes_of_a_checkpoint_is_said(tmp_path, capsys):
    def said(**options):
        plain().fit(1e-2, 2, checkpoint_folder=tmp_path, **options)
        return capsys.readouterr().out

    assert "checkpoint" not in said()
    assert f"A new run: it will replace the checkpoint in {tmp_path}; resume=True goes on there." in said()
    assert said(resume=True) == f"2 of 2 epochs are in {tmp_path}, and the run is finished.\n"
    interrupted = said(callbacks=[Interrupt(epoch=1)])
    assert f"1 of 2 epochs are in {tmp_path}: resume=True goes on there." in interrupted
    assert said(resume=True).startswith(f"1 of 2 epochs are in {tmp_path}: training goes on.\nepoch 2/2")


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(lr=2e-2), r"is of a run with lr=0.01, now lr=0.02"),
        (dict(epochs=5), r"epochs=2, now epochs=5"),
        (dict(max_momentum=0.9), "momentum="),
    ],
)
def test_another_run_is_not_gone_on_with(change, message, tmp_path):
    plain().fit_onecycle(1e-2, 2, tmp_path, verbose=0)
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match=message):
        learner.fit_onecycle(**dict(lr=1e-2, epochs=2) | change, checkpoint_folder=tmp_path, resume=True)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_another_model_is_not_filled(tmp_path):
    plain().fit(1e-2, 1, checkpoint_folder=tmp_path, verbose=0)
    with pytest.raises(ValueError, match="does not fit this model"):
        plain(units=3).fit(1e-2, 1, checkpoint_folder=tmp_path, resume=True)


@pytest.mark.parametrize("content", [b"", b"nothing", None], ids=["empty", "no safetensors", "cut short"])
def test_a_damaged_checkpoint_is_refused(content, tmp_path):
    learner = plain()
    learner.fit(1e-2, 1, checkpoint_folder=tmp_path, verbose=0)
    file = tmp_path / "last.safetensors"
    file.write_bytes(file.read_bytes()[:-10] if content is None else content)
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match="is damaged, or no checkpoint of ktlearn"):
        learner.fit(1e-2, 1, checkpoint_folder=tmp_path, resume=True)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)
