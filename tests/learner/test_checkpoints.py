"""A run that was interrupted and resumed is the run that was not; what the folder holds, and what it refuses."""

import json
import os
import shutil

import numpy as np
import pytest
from safetensors import SafetensorError, safe_open

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.learner.model_state import read_state
from tests.plain import CopyHalf, X, Y, dense, plain
from tests.tiny import NAMES, reviews


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
    model.compile(ktlearn.optimizers.adamw(), "sparse_categorical_crossentropy")
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
SELDOM = "one cycle", "cycles"  # only other rates: they follow from the number of the step, which the others have too


@pytest.mark.slow
@pytest.mark.parametrize(
    "train",
    [pytest.param(train, id=n, marks=[pytest.mark.weekly] * (n in SELDOM)) for n, train in TRAININGS.items()],
)
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
        keras.utils.set_random_seed(1)
        learner, weights = plain(val=True), []

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
    whole = with_dropout(seed=1)
    whole.fit_onecycle(1e-2, 3, verbose=0)
    broken = with_dropout(seed=1)
    broken.fit_onecycle(1e-2, 3, tmp_path, callbacks=[Interrupt(epoch=1)], verbose=0)
    broken.fit_onecycle(1e-2, 3, tmp_path, resume=True, verbose=0)
    assert_same_run(broken, whole)


@pytest.mark.slow
def test_a_transformer_resumes_its_batches_of_similar_length_and_its_dropout(shallow, tmp_path):
    def learner(seed):
        keras.utils.set_random_seed(seed)
        t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
        return ktlearn.get_learner(t.get_classifier(), t.preprocess_train(*reviews(48), verbose=0), batch_size=8)

    whole, resumed = learner(1), learner(2)
    keras.utils.set_random_seed(1)
    copy = CopyHalf(tmp_path / "whole", tmp_path / "half")
    whole.fit_onecycle(1e-3, 3, tmp_path / "whole", callbacks=[copy], verbose=0)
    resumed.fit_onecycle(1e-3, 3, tmp_path / "half", resume=True, verbose=0)
    assert_same_run(resumed, whole)


@pytest.mark.slow
def test_resume_begins_a_run_where_there_is_none_yet(tmp_path):
    keras.utils.set_random_seed(1)
    whole = plain()
    whole.fit(1e-2, 2, verbose=0)
    keras.utils.set_random_seed(1)
    fresh = plain()
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


@pytest.mark.parametrize("monitor, kept", [("val_loss", 1), ("val_accuracy", 2)])
def test_the_figure_that_says_which_epoch_is_best_is_the_readers_choice(monitor, kept, tmp_path, monkeypatch):
    learner = plain(val=True, metrics=["accuracy"])
    weights, figures = [], iter([(3, 0.5), (1, 0.6), (2, 0.7), (4, 0.6)])

    def evaluate(**kwargs):
        weights.append(learner.model.get_weights()[0].copy())
        return dict(zip(("loss", "accuracy"), next(figures), strict=True))

    monkeypatch.setattr(learner.model, "evaluate", evaluate)
    learner.fit_onecycle(1e-2, 4, checkpoint_folder=tmp_path, monitor=monitor, verbose=0)
    learner.load_model(tmp_path / "best")
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[kept])


def test_a_figure_of_validation_needs_validation_data(tmp_path):
    with pytest.raises(ValueError, match="'val_accuracy' needs labelled validation data"):
        plain(metrics=["accuracy"]).fit(1e-2, 1, checkpoint_folder=tmp_path / "run", monitor="val_accuracy")
    assert not (tmp_path / "run").exists()


def test_a_transformers_best_model_is_in_hugging_faces_layout(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier()
    model.run_eagerly = True
    ktlearn.get_learner(model, data, batch_size=8).fit(1e-3, 1, checkpoint_folder=tmp_path, verbose=0)
    assert sorted(path.name for path in (tmp_path / "best").iterdir()) == [
        *("config.json", "ktlearn.sha256", "model.safetensors")
    ]


@pytest.mark.slow
def test_a_crash_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    learner = plain()
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


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder of a finished run of a plain learner, two epochs. Tests only read it."""
    folder = tmp_path_factory.mktemp("kept")
    plain().fit(1e-2, 2, checkpoint_folder=folder, verbose=0)
    return folder


def test_the_file_holds_arrays_and_json_only(kept):
    with safe_open(kept / "last.safetensors", "np") as file:
        kept = json.loads(file.metadata()["ktlearn"])
    assert kept["run"]["method"] == "fit"
    assert (kept["done"], kept["finished"], kept["schedule"]["step"]) == (2, True, 6)
    assert len(kept["history"]["loss"]) == 2


@pytest.mark.slow
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


@pytest.fixture(scope="module")
def one_cycle(tmp_path_factory):
    """The folder of a finished run with one cycle. Tests only read it."""
    folder = tmp_path_factory.mktemp("one cycle")
    plain().fit_onecycle(1e-2, 2, folder, verbose=0)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "change, message",
    [
        (dict(lr=2e-2), r"is of a run with lr=0.01, now lr=0.02"),
        (dict(epochs=5), r"epochs=2, now epochs=5"),
        (dict(max_momentum=0.9), "momentum="),
        (dict(monitor="loss"), "monitor='val_loss', now monitor='loss'"),
    ],
)
def test_another_run_is_not_gone_on_with(change, message, one_cycle):
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match=message):
        learner.fit_onecycle(**dict(lr=1e-2, epochs=2) | change, checkpoint_folder=one_cycle, resume=True)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_another_model_is_not_filled(kept):
    with pytest.raises(ValueError, match="does not fit this model"):
        plain(units=3).fit(1e-2, 2, checkpoint_folder=kept, resume=True)


@pytest.mark.parametrize("content", [b"", b"nothing", None], ids=["empty", "no safetensors", "cut short"])
def test_a_damaged_checkpoint_is_refused(content, kept, tmp_path):
    whole = (kept / "last.safetensors").read_bytes()
    (tmp_path / "last.safetensors").write_bytes(whole[:-10] if content is None else content)
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match="is damaged, or no checkpoint of ktlearn"):
        learner.fit(1e-2, 2, checkpoint_folder=tmp_path, resume=True)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


# --- trouble of the folder, before the first step ------------------------------------------------


class NoStep(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        raise AssertionError("a step was taken before the folder was looked at")


def assert_refused(folder, message, **options):
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(OSError, match=f"(?s)checkpoint_folder: .*{message}"):
        learner.fit(1e-2, 1, checkpoint_folder=folder, callbacks=[NoStep()], **options)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_a_file_in_the_way_is_seen_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert_refused(tmp_path / "file", "nothing can be kept in .*file")
    assert_refused(tmp_path / "file" / "run", "nothing can be kept in .*run")
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "best").write_text("mine")
    assert_refused(tmp_path / "run", "best is a file, where a folder is needed")


def test_what_only_looks_like_a_checkpoint_is_no_reason_to_wait(tmp_path):
    os.mkfifo(tmp_path / "last.safetensors")
    for resume in (False, True):
        assert_refused(tmp_path, "last.safetensors is no file", resume=resume)


def test_a_folder_that_cannot_be_made_is_seen_before_the_first_step():
    assert_refused("/proc/nope", "nothing can be kept in /proc/nope")


def test_a_folder_that_may_not_be_written_is_seen_before_the_first_step(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):  # root, who runs the tests in a container, may write everywhere
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert_refused(tmp_path, "Permission denied")


def test_a_disk_without_room_is_seen_before_the_first_step(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=10))
    assert_refused(tmp_path, "has 0 MB free, and this run needs 0 MB there. Make room")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert_refused(tmp_path, "No space left on device")


@pytest.mark.parametrize("folder, kind", [("", ValueError), (5, TypeError), ("a\0b", ValueError), (["a"], TypeError)])
def test_what_is_no_name_of_a_folder_is_refused(folder, kind):
    with pytest.raises(kind, match="checkpoint_folder must name a folder"):
        plain().fit(1e-2, 1, checkpoint_folder=folder)


@pytest.mark.parametrize("monitor", ["val_nosuch", "loss_", "val_val_loss"])
def test_a_figure_that_there_will_not_be_is_seen_before_the_first_step(monitor, tmp_path):
    learner = plain(val=True, metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(1, name="top")])
    learner.model.fit = None
    with pytest.raises(ValueError, match=f"no '{monitor}'; this model has loss, accuracy, top, each with val_ too"):
        learner.autofit(1e-2, 1, monitor=monitor, checkpoint_folder=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SafetensorError("I/O: No space left")])
def test_a_disk_that_is_full_later_costs_only_the_epoch(error, tmp_path, monkeypatch):
    import safetensors.numpy

    learner, save, saved = plain(), safetensors.numpy.save_file, []

    def fills(tensors, path, metadata):
        if len(saved) == 2:
            raise error
        saved.append(save(tensors, path, metadata))

    monkeypatch.setattr("safetensors.numpy.save_file", fills)
    message = f"(?s)checkpoint of epoch 3 could not be written to {tmp_path} .*No space.*holds 2 epochs.*resume=True"
    with pytest.raises(OSError, match=message):
        learner.fit(1e-2, 4, checkpoint_folder=tmp_path, verbose=0)
    assert len(learner.history.history["loss"]) == 3
    assert len(learner.history.history["lr"]) == 9
    monkeypatch.setattr("safetensors.numpy.save_file", save)
    resumed = plain()
    assert len(resumed.fit(1e-2, 4, checkpoint_folder=tmp_path, resume=True, verbose=0).history["loss"]) == 4
    np.testing.assert_allclose(resumed.history.history["loss"][:3], learner.history.history["loss"], rtol=1e-5)


def test_whatever_ends_a_training_the_history_is_kept():
    class Fails(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("the reader's own mistake")

    learner = plain()
    with pytest.raises(RuntimeError, match="own mistake"):
        learner.fit(1e-2, 4, callbacks=[Fails()], verbose=0)
    assert len(learner.history.history["loss"]) == 2


# --- resume=True goes on with the same run only --------------------------------------------------

OTHERS = {
    "other inputs": (dict(x=X + 1), "other train_data than now"),
    "other labels": (dict(y=1 - Y), "other train_data than now"),
    "fewer examples": (dict(x=X[:17], y=Y[:17]), "other train_data than now"),
    "other validation data": (dict(val=(X[:5], Y[:5])), "other val_data than now"),
    "no validation data": (dict(val=None), "other val_data than now"),
    "weights of classes": (dict(fit=dict(class_weight={1: 2})), "other train_data than now"),
    "weights of examples": (dict(fit=dict(sample_weight=np.arange(24))), "other train_data than now"),
    "another patience": (dict(fit=dict(early_stopping=3)), "early_stopping=None, now early_stopping=3"),
    "another batch size": (dict(batch_size=9), "batch_size=8, now batch_size=9"),
    "another loss": (dict(loss=lambda true, predicted: predicted[:, 0]), "loss='sparse_categorical_crossentropy', now"),
    "another optimizer": (dict(optimizer="adam"), "optimizer="),
    "another decay": (dict(decay=0.3), "optimizer="),
    "shares of the rate": (dict(layer_decay=0.5), "layer_decay=1, now layer_decay=0.5"),
}


def begun(x=X, y=Y, val=(X, Y), batch_size=8, loss="sparse_categorical_crossentropy", fit=(), **more):
    model = dense(activation="softmax", loss=loss)
    if "optimizer" in more:
        model.compile(more["optimizer"], loss)
    learner = ktlearn.get_learner(model, (x, y), val, batch_size)
    if "decay" in more:
        learner.set_weight_decay(more["decay"])
    if "layer_decay" in more:
        learner.set_layer_decay(more["layer_decay"])
    return learner, dict(fit)


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    """The folder of a finished run with validation data. Tests only read it."""
    folder = tmp_path_factory.mktemp("validated")
    begun()[0].fit(1e-2, 2, checkpoint_folder=folder, verbose=0)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("change, message", OTHERS.values(), ids=OTHERS)
def test_resume_refuses_another_run_and_changes_nothing(change, message, validated, tmp_path):
    folder = shutil.copytree(validated, tmp_path / "run")
    learner, options = begun(**change)
    before = read_state(learner.model)
    with pytest.raises(ValueError, match=f"resume: .*({message})"):
        learner.fit(1e-2, 2, checkpoint_folder=folder, resume=True, verbose=0, **options)
    for before_, after in zip(before["model"], read_state(learner.model)["model"], strict=True):
        np.testing.assert_array_equal(before_, after)
    again, options = begun()
    assert len(again.fit(1e-2, 2, checkpoint_folder=folder, resume=True, verbose=0).history["loss"]) == 2


def test_two_policies_of_one_name_are_two_runs(tmp_path):
    plain().fit(lambda step, steps: (1e-2, None), 2, checkpoint_folder=tmp_path, verbose=0)
    with pytest.raises(ValueError, match="other rates than now"):
        plain().fit(lambda step, steps: (1e-3, None), 2, checkpoint_folder=tmp_path, resume=True)
    plain().fit(lambda step, steps: (1e-2, None), 2, checkpoint_folder=tmp_path, resume=True, verbose=0)


def test_other_classes_are_refused(shallow, tmp_path):
    def learner(names):
        t = text.Transformer(shallow, maxlen=16, class_names=names)
        model = t.get_classifier()
        model.run_eagerly = True
        return ktlearn.get_learner(model, t.preprocess_train(["good film", "bad"], [1, 0], verbose=0), batch_size=2)

    learner(["bad", "good"]).fit(1e-3, 1, checkpoint_folder=tmp_path, verbose=0)
    with pytest.raises(ValueError, match=r"class_names=\['bad', 'good'\], now class_names=\['good', 'bad'\]"):
        learner(["good", "bad"]).fit(1e-3, 1, checkpoint_folder=tmp_path, resume=True)


# --- a damaged header ----------------------------------------------------------------------------

DAMAGES = {
    "a history that is a list": lambda kept: kept | {"history": []},
    "a history of words": lambda kept: kept | {"history": {"loss": ["low"]}},
    "a history of another length": lambda kept: kept | {"history": {"loss": [0.0] * 99}},
    "a seed in words": lambda kept: kept | {"run": kept["run"] | {"seed": "x"}},
    "a negative seed": lambda kept: kept | {"run": kept["run"] | {"seed": -1}},
    "a huge seed": lambda kept: kept | {"run": kept["run"] | {"seed": 10**30}},
    "more epochs than there are": lambda kept: kept | {"done": 99},
    "no epoch": lambda kept: kept | {"done": 0},
    "an epoch that is true": lambda kept: kept | {"done": True},
    "another step": lambda kept: kept | {"schedule": kept["schedule"] | {"step": 5}},
    "a negative scale": lambda kept: kept | {"schedule": kept["schedule"] | {"scale": -1.0}},
    "a scale of NaN": lambda kept: kept | {"schedule": kept["schedule"] | {"scale": float("nan")}},
    "another attribute": lambda kept: kept | {"schedule": kept["schedule"] | {"policy": "x"}},
    "too few rates": lambda kept: kept | {"schedule": kept["schedule"] | {"learning_rates": [0.1]}},
    "a best epoch to come": lambda kept: kept | {"best": kept["best"] | {"epoch": 7}},
    "a best figure in words": lambda kept: kept | {"best": kept["best"] | {"best": "low"}},
    "finished in words": lambda kept: kept | {"finished": "no"},
    "no run": lambda kept: {name: value for name, value in kept.items() if name != "run"},
    "a list": lambda kept: [kept],
    "another format": lambda kept: kept | {"format": 1},
    "deep": lambda kept: "[" * 100_000,
}


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """The checkpoint of a run that was interrupted after its first epoch. Tests only read it."""
    folder = tmp_path_factory.mktemp("half")
    plain().fit(1e-2, 2, checkpoint_folder=folder, callbacks=[Interrupt(epoch=1)], verbose=0)
    return folder / "last.safetensors"


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_header_changes_nothing(damage, half, tmp_path):
    from safetensors.numpy import load_file, save_file

    with safe_open(half, "np") as opened:
        kept = damage(json.loads(opened.metadata()["ktlearn"]))
    save_file(
        load_file(half), tmp_path / "last.safetensors", {"ktlearn": kept if isinstance(kept, str) else json.dumps(kept)}
    )
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match="is damaged, or no checkpoint of ktlearn"):
        learner.fit(1e-2, 2, checkpoint_folder=tmp_path, resume=True)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_weights_that_are_no_numbers_are_not_gone_on_with(tmp_path):
    from safetensors.numpy import load_file, save_file

    plain().fit(1e-2, 1, checkpoint_folder=tmp_path, verbose=0)
    file = tmp_path / "last.safetensors"
    with safe_open(file, "np") as opened:
        metadata = opened.metadata()
    broken = {
        name: np.full_like(array, np.nan) if array.dtype == "float32" else array
        for name, array in load_file(file).items()
    }
    save_file(broken, file, metadata)
    with pytest.raises(ValueError, match="holds numbers that are infinite, or none"):
        plain().fit(1e-2, 1, checkpoint_folder=tmp_path, resume=True)
