"""The three trainings: which rates they use, when they stop, what an epoch is."""

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras
from ktlearn.schedules import sgdr, triangular, warm_up
from ktlearn.text.dataset import ArrayDataset
from tests.plain import X, Y, dense, plain
from tests.tiny import reviews


def judged(learner, losses, monkeypatch):
    """From now on the validation of that learner gives these losses; returns the weights of each epoch."""
    weights = []

    def evaluate(**kwargs):
        weights.append(learner.model.get_weights()[0].copy())
        return {"loss": losses[len(weights) - 1]}

    monkeypatch.setattr(learner.model, "evaluate", evaluate)
    return weights


# --- rates ---------------------------------------------------------------------------------------


def test_cycles_grow_and_each_begins_lower():
    history = plain().fit(1e-2, 2, cycle_len=1, cycle_mult=2, lr_decay=0.5, verbose=0).history
    assert len(history["loss"]) == 3  # 1 + 2 epochs of 3 batches
    assert history["lr"] == pytest.approx([sgdr(step, 9, 1e-2, cycle=3, mult=2, decay=0.5)[0] for step in range(9)])
    assert (history["lr"][0], history["lr"][3]) == pytest.approx((1e-2, 5e-3))


def test_without_cycle_len_the_other_cycle_arguments_do_nothing():
    history = plain().fit(1e-2, 2, cycle_mult=3, lr_decay=0.1, verbose=0).history
    assert history["lr"] == [1e-2] * 6


def test_a_policy_of_the_readers_own_is_followed():
    def mine(step, steps):
        return warm_up(step, steps, 1e-2, share=0.5)

    assert plain().fit(mine, 2, verbose=0).history["lr"] == pytest.approx([mine(step, 6)[0] for step in range(6)])


def test_autofit_goes_up_and_down_in_each_epoch_and_the_momentum_with_it():
    history = plain(val=True).autofit(1e-2, 2, verbose=0).history
    expected = [triangular(step, 6, 1e-2, cycle=3) for step in range(6)]
    np.testing.assert_allclose(np.transpose([history["lr"], history["momentum"]]), expected, rtol=1e-6)


def test_autofit_can_leave_the_momentum():
    assert "momentum" not in plain().autofit(1e-2, 1, cycle_momentum=False, verbose=0).history


# --- when it stops -------------------------------------------------------------------------------


def test_autofit_stops_by_itself_and_puts_the_best_weights_back(monkeypatch, capsys):
    learner = plain(val=True)
    weights = judged(learner, [3, 2, 1, 5, 5, 5, 5, 5, 5], monkeypatch)
    history = learner.autofit(1e-2).history
    assert len(history["loss"]) == 8  # 3 and a patience of 5
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[2])
    assert np.abs(weights[-1] - weights[2]).max() > 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "Training ends after 5 epochs without a better val_loss; after 2 the learning rate is divided by 2."
    )
    assert lines[-1] == "The model has the weights of its best epoch, number 3."
    tops = np.reshape(history["lr"], (8, 3)).max(1)
    assert tops / tops[0] == pytest.approx([1, 1, 1, 1, 1, 0.5, 0.5, 0.25])
    assert lines.count("val_loss stands still: the learning rate is divided by 2.") == 2


def test_an_improvement_ends_the_waiting(monkeypatch):
    learner = plain(val=True)
    judged(learner, [3, 4, 4, 2, 4, 4, 4], monkeypatch)
    assert len(learner.autofit(1e-2, early_stopping=3, reduce_on_plateau=3, verbose=0).history["loss"]) == 7


def test_without_early_stopping_the_last_weights_stay(monkeypatch):
    learner = plain(val=True)
    weights = judged(learner, [1, 2, 3], monkeypatch)
    history = learner.autofit(1e-2, 3, reduce_on_plateau=1, reduce_factor=10, verbose=0).history
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[-1])
    assert np.reshape(history["lr"], (3, 3)).max(1) == pytest.approx(np.array([1, 1, 0.1]) * max(history["lr"]))


def test_fit_stops_early_too(monkeypatch):
    learner = plain(val=True)
    weights = judged(learner, [1, 2, 3, 4], monkeypatch)
    assert len(learner.fit(1e-2, 9, early_stopping=2, verbose=0).history["loss"]) == 3
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[0])


@pytest.mark.parametrize("monitor, best", [("val_accuracy", 2), ("val_loss", 1)])
def test_an_accuracy_is_better_when_higher(monitor, best, monkeypatch):
    learner = plain(val=True, metrics=["accuracy"])
    values = iter([(0.9, 0.1), (0.2, 0.5), (0.8, 0.7), (0.9, 0.6), (0.9, 0.6)])

    def evaluate(**kwargs):
        return dict(zip(("loss", "accuracy"), next(values), strict=True))

    monkeypatch.setattr(learner.model, "evaluate", evaluate)
    learner.autofit(1e-2, 9, early_stopping=2, monitor=monitor, verbose=0)
    assert len(learner.history.history["loss"]) == best + 3


def test_an_interruption_of_autofit_leaves_the_best_weights(monkeypatch):
    learner = plain(val=True)
    weights = judged(learner, [1, 2, 3], monkeypatch)

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    learner.autofit(1e-2, callbacks=[Stop()], verbose=0)
    np.testing.assert_array_equal(learner.model.get_weights()[0], weights[0])


def test_watching_needs_validation_data_and_a_figure_that_exists():
    for train in (lambda: plain().autofit(1e-2), lambda: plain().fit(1e-2, 1, early_stopping=2)):
        with pytest.raises(ValueError, match="'val_loss' needs labelled validation data"):
            train()
    assert len(plain().autofit(1e-2, 2, early_stopping=1, monitor="loss", verbose=0).history["loss"]) == 2
    with pytest.raises(ValueError, match="there is no 'val_f1'; this model has loss, each with val_ too"):
        plain(val=True).autofit(1e-2, 2, early_stopping=1, monitor="val_f1", verbose=0)


# --- what an epoch is ----------------------------------------------------------------------------


def rows(batches, epochs):
    """The rows of X in each batch, as numbers, of so many epochs."""
    for _ in range(epochs):
        for number in range(len(batches)):
            x, _y = batches[number]
            yield [int(np.flatnonzero((row == X).all(1))[0]) for row in x]
        batches.on_epoch_end()


@pytest.mark.parametrize("steps, epochs", [(2, 3), (6, 1)], ids=["shorter than the data", "longer"])
def test_an_epoch_of_another_length_goes_on_where_the_last_one_stopped(steps, epochs):
    portions = ArrayDataset(X, Y).training_batches(batch_size=8, seed=0, steps_per_epoch=steps)
    first, second, *rest = np.reshape(list(rows(portions, epochs)), (-1, 24))
    assert rest == []
    assert sorted(first) == sorted(second) == list(range(24))  # each row once before any comes again
    assert first.tolist() != second.tolist()


def test_a_training_has_so_many_steps_in_an_epoch():
    history = plain(val=True).fit(1e-3, 3, steps_per_epoch=2, verbose=0).history
    assert (len(history["loss"]), len(history["lr"])) == (3, 6)
    assert len(plain().fit_onecycle(1e-3, 1, steps_per_epoch=7, verbose=0).history["lr"]) == 7


@pytest.mark.slow
def test_texts_can_be_taken_in_shorter_epochs_too(t):
    model = t.get_classifier()
    model.run_eagerly = True
    learner = ktlearn.get_learner(model, t.preprocess_train(*reviews(12), verbose=0), batch_size=4)
    assert len(learner.fit(1e-4, 2, steps_per_epoch=2, verbose=0).history["lr"]) == 4


# --- what is refused, before anything is trained -------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(n_cycles=0), "n_cycles: the number of epochs must be a whole number"),
        (dict(n_cycles=1, cycle_len=0), "cycle_len must be a whole number"),
        (dict(n_cycles=1, cycle_len=1, cycle_mult=1.5), "cycle_mult must be a whole number"),
        (dict(n_cycles=1, steps_per_epoch=0), "steps_per_epoch must be a whole number"),
        (dict(n_cycles=1, early_stopping=0), "early_stopping must be a whole number"),
        (dict(n_cycles=1, resume=True), "say where it is with checkpoint_folder"),
    ],
)
def test_unusable_arguments_are_refused(options, message):
    learner = plain(val=True)
    before = learner.model.get_weights()[0]
    with pytest.raises(ValueError, match=message):
        learner.fit(1e-2, **options)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_a_factor_that_does_not_reduce_is_refused():
    with pytest.raises(ValueError, match="reduce_factor must be a number above 1"):
        plain(val=True).autofit(1e-2, 1, reduce_factor=0.5)


def test_an_optimizer_with_a_schedule_of_its_own_is_refused():
    model = dense(activation="softmax")
    rate = keras.optimizers.schedules.CosineDecay(1e-3, 10)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="compiled with a learning-rate schedule"):
        ktlearn.get_learner(model, (X, Y)).fit(1e-3, 1)
