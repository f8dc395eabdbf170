"""PositionExplorer in Python: the vectors of the layer, and what two of them have to do with each other."""

import numpy as np
import pytest
from traitlets import TraitError

from ktlearn.layers import sinusoidal_positions
from ktlearn.widgets import PositionExplorer


def test_the_vectors_are_those_of_the_layer():
    assert np.array_equal(PositionExplorer(30, 8).vectors, sinusoidal_positions(30, 8))


def test_dot_product_and_distance_are_those_of_lesson_04():
    explorer = PositionExplorer(50, 4, position=0, other=1)
    assert np.isclose(explorer.dot, np.cos(1) + np.cos(0.01), atol=1e-5)
    assert np.isclose(explorer.distance**2, 2 * (2 - explorer.dot), atol=1e-5)


def test_only_the_distance_counts():
    near, far = PositionExplorer(50, 16, position=2, other=9), PositionExplorer(50, 16, position=47, other=40)
    assert np.isclose(near.dot, far.dot, atol=1e-4)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((1, 8), "length must be from 2 to 512; got 1"),
        ((513, 8), "length must be from 2 to 512"),
        ((9, 7), "d_model must be an even number from 2 to 64; got 7"),
        ((9, 66), "d_model must be an even number"),
    ],
)
def test_a_size_that_there_is_not_is_refused(size, message):
    with pytest.raises(ValueError, match=message):
        PositionExplorer(*size)


@pytest.mark.parametrize(("name", "value"), [("position", 20), ("other", -1), ("pair", 4)])
def test_a_state_that_there_is_not_is_refused(name, value):
    explorer = PositionExplorer(20, 8)
    with pytest.raises(TraitError, match=f"{name} must be from 0 to {3 if name == 'pair' else 19}; got {value}"):
        setattr(explorer, name, value)


@pytest.mark.parametrize(("length", "d_model"), [(2, 2), (512, 64)])
def test_the_smallest_and_the_largest_are_drawn(length, d_model):
    assert PositionExplorer(length, d_model)._sheet().png(1)[:4] == b"\x89PNG"


def test_it_says_what_it_is():
    assert repr(PositionExplorer(50, 32)) == "<PositionExplorer: 50 positions, 32 dimensions, at 10 and 13>"
