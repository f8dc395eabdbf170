"""A number in a widget's state is one that the browser can read."""

import pytest
import traitlets

from ktlearn.transformer import EncoderLayer
from ktlearn.widgets import AttentionView, ModelView, SoftmaxPlayground

HALVES = [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["threshold", "zoom"])
def test_a_view_refuses_what_is_no_number_when_it_is_made_and_when_it_is_set(name, wrong):
    with pytest.raises(traitlets.TraitError, match=name):
        AttentionView(HALVES, ["a", "b"], **{name: wrong})
    view = AttentionView(HALVES, ["a", "b"])
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(view, name, wrong)
    assert getattr(view, name) == 1


def test_a_models_view_refuses_a_temperature_that_is_no_number():
    with pytest.raises(traitlets.TraitError, match="temperature"):
        ModelView([EncoderLayer(8, 2, 16)], temperature=float("nan"))


def test_a_temperature_is_a_number_within_its_limits():
    assert SoftmaxPlayground([1, 2], temperature=2).temperature == 2
    for wrong in (float("nan"), 0, 99):
        with pytest.raises(traitlets.TraitError, match="temperature"):
            SoftmaxPlayground([1, 2], temperature=wrong)
