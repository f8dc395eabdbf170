"""The learner's pictures hold the numbers they should."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import ktlearn
from ktlearn.learner.pictures import rate_curve
from ktlearn.learner.suggestions import Suggestions
from tests.plain import X, Y, dense, plain


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def learner():
    learner = plain(val=True, metrics=["accuracy"])
    learner.lr_find(verbose=0)
    learner.fit_onecycle(1e-2, 3, verbose=0)
    return learner


def test_the_curve_of_a_search_leaves_out_its_ends_and_has_a_logarithmic_axis(learner):
    (ax,) = learner.lr_plot(return_fig=True).axes
    assert ax.get_xscale() == "log"
    x, y = ax.lines[0].get_data()
    np.testing.assert_array_equal(x, learner.search.rates[10:-5])
    np.testing.assert_array_equal(y, learner.search.losses[10:-5])
    assert learner.lr_plot() is None
    assert len(learner.lr_plot(0, 0, return_fig=True).axes[0].lines[0].get_xdata()) == len(learner.search.rates)


def test_the_suggestions_are_marked_on_the_curve_and_printed(learner, capsys):
    ax = learner.lr_plot(suggest=True, return_fig=True).axes[0]
    marks = {line.get_label().split(":")[0]: line.get_xdata()[0] for line in ax.lines[1:]}
    found = learner.lr_estimate()
    assert marks == {"valley": found.valley, "steepest": found.steepest, "minimum / 10": found.minimum_over_10}
    assert [text.get_text() for text in ax.get_legend().get_texts()][1].startswith("valley: ")
    assert capsys.readouterr().out == f"{found}\n"


def test_a_mark_stands_on_the_curve():
    ax = rate_curve([1e-4, 1e-3, 1e-2, 1e-1], [4, 3, 2, 3], 0, 0, Suggestions(1e-3, None, None))
    assert ax.lines[1].get_data() == ([1e-3], [pytest.approx(3)])


def test_a_curve_without_points_says_so():
    with pytest.raises(ValueError, match=r"the search has 6 points; without the first 10 and the last 5"):
        rate_curve(np.geomspace(1e-7, 10, 6), np.ones(6))


def test_a_figure_of_each_epoch_shows_training_and_validation(learner):
    for name, figure in (("loss", learner.plot(return_fig=True)), ("accuracy", learner.plot("accuracy", True))):
        training, validation = figure.axes[0].lines
        np.testing.assert_array_equal(training.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(training.get_ydata(), learner.history.history[name])
        np.testing.assert_array_equal(validation.get_ydata(), learner.history.history[f"val_{name}"])
        assert figure.axes[0].get_xlabel() == "epoch"


def test_rate_and_momentum_are_shown_for_each_batch(learner):
    for name in ("lr", "momentum"):
        (line,) = learner.plot(name, return_fig=True).axes[0].lines
        np.testing.assert_array_equal(line.get_ydata(), learner.history.history[name])
    assert learner.plot("momentum") is None


def test_all_figures_stand_in_one_picture(learner):
    axes = learner.plot("all", return_fig=True).axes
    assert [ax.get_ylabel() for ax in axes] == ["loss", "accuracy", "learning rate", "momentum"]


def test_a_figure_that_is_not_there_is_named(learner):
    with pytest.raises(ValueError, match="there is no 'f1' in this training; choose from loss, accuracy, lr, momentum"):
        learner.plot("f1")
    fresh = ktlearn.get_learner(dense(), (X, Y))
    with pytest.raises(ValueError, match="no training to draw yet"):
        fresh.plot()
