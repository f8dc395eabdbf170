"""The rate finder: it leaves no trace, stops where ktrain's does, and reads the curve right."""

import math

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras
from ktlearn.learner import lr_find
from ktlearn.learner.model_state import read_state
from ktlearn.learner.suggestions import Suggestions, longest_way_down, suggest
from tests.plain import X, Y, dense, plain


def dropout_learner(batch_size=8):
    """A learner whose model draws random numbers in training."""
    layers = [keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(layers)
    model.compile(ktlearn.optimizers.adamw(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return ktlearn.get_learner(model, (X, Y), batch_size=batch_size)


# --- what it leaves behind: nothing --------------------------------------------------------------


@pytest.mark.slow
def test_a_training_after_a_search_is_the_one_without_it():
    def trained(search):
        keras.utils.set_random_seed(3)
        learner = dropout_learner()
        learner.fit(1e-2, 1, verbose=0)
        if search:
            learner.lr_find(max_epochs=2, verbose=0)
        history = learner.fit_onecycle(1e-2, 2, verbose=0).history
        return history, read_state(learner.model)

    (history, state), (history_2, state_2) = trained(False), trained(True)
    assert history == history_2
    for part in ("model", "optimizer"):
        for array, array_2 in zip(state[part], state_2[part], strict=True):
            np.testing.assert_array_equal(array, array_2)


def test_the_search_does_train(monkeypatch):
    learner, seen = plain(), []
    before = learner.model.get_weights()[0]
    record = lr_find.RateSearch.on_train_batch_end

    def spy(search, batch, logs=None):
        seen.append(learner.model.get_weights()[0].copy())
        record(search, batch, logs)

    monkeypatch.setattr(lr_find.RateSearch, "on_train_batch_end", spy)
    learner.lr_find(start_lr=0.1, max_epochs=1, verbose=0)
    assert np.abs(seen[-1] - before).max() > 0.1
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_the_training_step_is_not_traced_again_after_a_search(monkeypatch):
    learner, traces = plain(), []
    step = learner.model.train_step
    monkeypatch.setattr(learner.model, "train_step", lambda data: traces.append(1) or step(data))
    learner.lr_find(max_epochs=1, verbose=0)
    learner.fit(1e-3, 1, verbose=0)
    assert len(traces) == 1


def test_a_search_that_fails_leaves_the_model_as_it_was(monkeypatch):
    learner = plain()
    before = learner.model.get_weights()[0]

    def fail(search, batch, logs=None):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(lr_find.RateSearch, "on_train_batch_end", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        learner.lr_find(verbose=0)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_the_history_of_the_training_before_is_kept():
    learner = plain()
    history = learner.fit(1e-3, 1, verbose=0)
    learner.lr_find(max_epochs=1, verbose=0)
    assert learner.history is history


# --- how long it goes on -------------------------------------------------------------------------


@pytest.mark.slow
def test_a_small_data_set_is_gone_through_until_the_curve_can_be_read():
    learner = plain(batch_size=8)  # 3 batches an epoch
    learner.lr_find(stop_factor=1e6, verbose=0)
    rates = learner.search.rates
    assert len(rates) == 102  # 34 epochs, the first number with at least 100 batches
    assert (rates[0], rates[-1]) == pytest.approx((1e-7, 10))


def test_ktrains_five_epochs_where_they_are_enough():
    learner = plain(batch_size=1)  # 24 batches an epoch
    learner.lr_find(stop_factor=1e6, verbose=0)
    assert len(learner.search.rates) == 5 * 24
    np.testing.assert_allclose(np.diff(np.log(learner.search.rates)), math.log(1e8) / 119, rtol=1e-5)


def planned(lr_mult, max_epochs):
    return lr_find.SearchPlan(1e-7, lr_mult, max_epochs, stop_factor=4, verbose=0)


def test_a_chosen_lr_mult_counts_on_a_small_data_set_too():
    assert planned(1.5, None).steps_and_end(per_epoch=4)[0] == 46
    assert planned(1.5, 3).steps_and_end(per_epoch=4) == (12, 10)


def test_a_large_data_set_is_searched_with_lr_mult_up_to_10():
    assert planned(1.01, None).steps_and_end(per_epoch=65)[0] == 1852
    steps, end = planned(1.5, None).steps_and_end(per_epoch=65)
    assert end <= 10 < end * 1.5
    learner = ktlearn.get_learner(dense(activation="softmax"), (np.tile(X, (3, 1)), np.tile(Y, 3)), batch_size=1)
    learner.lr_find(lr_mult=1.5, stop_factor=1e6, verbose=0)
    assert len(learner.search.rates) == steps == 46
    np.testing.assert_allclose(np.array(learner.search.rates[1:]) / learner.search.rates[:-1], 1.5, rtol=1e-6)


@pytest.mark.slow
def test_it_stops_when_the_smoothed_loss_is_far_above_its_lowest():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(), "mse")
    learner = ktlearn.get_learner(model, (X, X[:, :1]), batch_size=8)
    learner.lr_find(verbose=0)
    losses = learner.search.losses
    assert len(losses) < 102
    assert losses[-1] > 4 * min(losses)
    assert max(losses[:-1]) <= 4 * min(losses[:-1])


def test_a_loss_that_is_no_number_ends_the_search_and_is_not_in_the_curve():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(), loss=lambda true, predicted: keras.ops.log(predicted - 1e9))
    learner = ktlearn.get_learner(model, (X, X[:, :1]), batch_size=8)
    assert learner.lr_find(verbose=0) == (None, None, None)
    assert learner.search.losses == []


def test_the_loss_of_each_batch_is_its_own_and_smoothed():
    class Schedule:
        learning_rates, step, steps = [1, 2, 3], 0, 3

    search = lr_find.RateSearch(Schedule(), stop_factor=4)
    for loss in (1.0, 2.0):
        search.on_train_batch_end(0, {"loss": loss})
    assert search.losses == pytest.approx([1.0, (0.98 * 0.02 * 1 + 0.02 * 2) / (1 - 0.98**2)])


def test_the_curve_is_made_of_the_losses_of_single_batches():
    """Keras reports the mean of the epoch so far."""
    values = np.arange(1.0, 25.0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(), loss=lambda true, predicted: true + 0 * predicted)
    learner = ktlearn.get_learner(model, (X, values[:, None]), batch_size=1)
    learner.lr_find(max_epochs=1, stop_factor=1e6, verbose=0)
    averages = np.array(learner.search.losses) * (1 - 0.98 ** np.arange(1, 25))
    seen = (averages - 0.98 * np.array([0, *averages[:-1]])) / 0.02
    np.testing.assert_allclose(sorted(seen), values, rtol=1e-3)


# --- what it suggests ----------------------------------------------------------------------------

RATES = np.geomspace(1e-7, 10, 201)


def test_each_suggestion_is_read_at_its_place():
    losses = np.concatenate([np.full(80, 3.0), np.linspace(3, 1, 41), np.linspace(1.1, 9, 80)])
    losses[100:104] -= [0, 0.2, 0.4, 0.6]  # steeper from here
    losses[104:121] -= 0.6
    found = suggest(RATES, losses)
    assert found.steepest == pytest.approx(RATES[102], rel=0.2)
    assert found.minimum_over_10 == pytest.approx(RATES[120] / 10)
    assert found.valley == pytest.approx(RATES[(79 + 120) // 2], rel=0.1)


def test_the_jumps_of_the_first_batches_are_no_suggestion():
    losses = np.concatenate([np.linspace(3, 1, 10), np.full(70, 3.0), np.linspace(3, 1, 41), np.linspace(1.1, 9, 80)])
    found = suggest(RATES, losses)
    assert found.steepest > RATES[79]
    assert found.minimum_over_10 == pytest.approx(RATES[120] / 10)
    assert found.valley == pytest.approx(RATES[(79 + 120) // 2], rel=0.1)


@pytest.mark.parametrize("losses", [[], [1.0], [1.0, 2.0, 3.0, 4.0]], ids=["none", "one", "only rising"])
def test_a_curve_that_tells_nothing_suggests_nothing(losses):
    found = suggest(RATES[: len(losses)], losses)
    assert found == (None, None, None)
    assert "none: the curve is too short, or does not fall" in repr(found)


def test_the_longest_way_down_is_that_of_a_search_through_all_of_them():
    rng = np.random.default_rng(0)
    for _ in range(50):
        losses = rng.normal(size=12).tolist()
        lengths = [1] * 12  # of the longest falling series that ends there
        for i in range(12):
            lengths[i] = 1 + max((lengths[j] for j in range(i) if losses[j] > losses[i]), default=0)
        first, last = longest_way_down(losses)
        assert lengths[last] == max(lengths)
        assert losses[first] > losses[last] or max(lengths) == 1
        inside = [1] * 12
        for i in range(first, last + 1):
            inside[i] = 1 + max((inside[j] for j in range(first, i) if losses[j] > losses[i]), default=0)
        assert inside[last] == max(lengths)  # the whole series lies between the two


@pytest.mark.slow
def test_the_suggestions_are_returned_shown_and_given_again():
    learner = plain()
    found = learner.lr_find(max_epochs=5, verbose=0)
    assert learner.lr_estimate() == found == suggest(learner.search.rates, learner.search.losses)
    assert repr(Suggestions(1.26e-4, 2e-3, 5e-4)).splitlines() == [
        "Suggested learning rates",
        "  valley           5.0e-04",
        "  steepest         1.3e-04",
        "  minimum / 10     2.0e-03",
    ]


# --- arguments, output ---------------------------------------------------------------------------


def test_what_is_printed(capsys):
    plain().lr_find(max_epochs=2)
    assert capsys.readouterr().out == "Trying rates from 1e-07 to 10, one for each of at most 6 batches …\n"
    plain().lr_find(max_epochs=2, verbose=0)
    assert "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(start_lr=0), "start_lr must be a number above 0 and at most 1.0, such as 1e-07; got 0"),
        (dict(lr_mult=1), "lr_mult must be a number above 1"),
        (dict(stop_factor=1), "stop_factor must be a number above 1"),
        (dict(max_epochs=0), "max_epochs must be a whole number, at least 1; got 0"),
    ],
)
def test_unusable_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        plain().lr_find(**options)


def test_plot_and_estimate_ask_for_a_search_first():
    learner = plain()
    for method in (learner.lr_plot, learner.lr_estimate):
        with pytest.raises(ValueError, match=r"call lr_find\(\) first"):
            method()
