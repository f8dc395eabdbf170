"""SoftmaxPlayground in Python: the numbers follow the state, and a state that there is not is refused."""

import numpy as np
import pytest
from traitlets import TraitError

from ktlearn.widgets import SoftmaxPlayground
from ktlearn.widgets.softmax.playground import limits, spread

SCORES = [4.0, 0.0, 2.0, 2.0]


def by_hand(scores):
    e = np.exp(scores)
    return e / e.sum()


def test_the_weights_are_those_of_lesson_01():
    playground = SoftmaxPlayground(SCORES, d_k=4)
    assert np.allclose(playground.weights, by_hand([2, 0, 1, 1]))
    assert np.allclose(playground.slopes, playground.weights * (1 - playground.weights))
    playground.divided = False
    assert np.allclose(playground.weights, by_hand(SCORES))


@pytest.mark.parametrize("d_k", [1, 16, 64, 1024])
def test_dividing_by_the_root_takes_the_width_out(d_k):
    playground = SoftmaxPlayground(SCORES, d_k=4)
    divided = playground.inputs
    playground.d_k = d_k
    assert np.allclose(playground.inputs, divided)
    playground.divided = False
    assert np.allclose(playground.inputs, np.array(SCORES) * np.sqrt(d_k / 4))


def test_a_temperature_divides_too():
    assert np.allclose(SoftmaxPlayground(SCORES, d_k=4, temperature=0.5).inputs, SCORES)


def test_the_curves_reach_as_far_as_the_controls():
    playground = SoftmaxPlayground(SCORES, d_k=4, temperature=4.0)
    low, high = limits(playground)
    assert np.isclose(np.log2(playground._factor), low)
    playground.temperature, playground.d_k, playground.divided = 0.25, 1024, False
    assert np.isclose(np.log2(playground._factor), high)


def test_the_spread_counts_keys():
    assert np.isclose(spread(np.full(4, 0.25)), 4)
    assert np.isclose(spread(np.array([1.0, 0.0])), 1)


def test_the_largest_score_is_picked_at_first():
    assert SoftmaxPlayground([0, 1, 5]).picked == 2


def test_a_width_of_its_own_is_one_that_can_be_chosen():
    assert 12 in SoftmaxPlayground(SCORES, d_k=12)._widths


@pytest.mark.parametrize("scores", [[1], list(range(9)), [1, np.nan], [1, np.inf]])
def test_scores_that_make_no_softmax_are_refused(scores):
    with pytest.raises(ValueError, match="scores: give 2 to 8 finite numbers"):
        SoftmaxPlayground(scores)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="labels: give 2 strings"):
        SoftmaxPlayground([1, 2], ["one"])


@pytest.mark.parametrize(
    ("name", "value"), [("scores", [1.0]), ("scores", [np.nan] * 4), ("picked", 4), ("d_k", 0), ("temperature", 9.0)]
)
def test_a_state_that_there_is_not_is_refused(name, value):
    playground = SoftmaxPlayground(SCORES)
    with pytest.raises(TraitError):
        setattr(playground, name, value)


def test_it_says_what_it_is():
    text = "<SoftmaxPlayground: 4 keys, d_k 4, divided by √d_k, temperature 1.00>"
    assert repr(SoftmaxPlayground(SCORES)) == text
