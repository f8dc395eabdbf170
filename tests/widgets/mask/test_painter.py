"""MaskPainter in Python: the mask as an array, the weights it leaves, and which alarm rings for which mistake."""

import numpy as np
import pytest
from traitlets import TraitError

from ktlearn.attention import causal_mask, padding_mask, scaled_dot_product_attention
from ktlearn.widgets import MaskPainter
from ktlearn.widgets.mask.painter import WAYS

WORDS = ["Tom", "won", "<pad>", "<pad>"]
SCORES = np.random.default_rng(0).normal(0, 2, (4, 4))


def test_the_presets_are_the_masks_of_ktlearn():
    padding, causal = (np.array(each)[0, 0] for each in (padding_mask([[1, 1, 0, 0]]), causal_mask(4)))
    wanted = {"none": np.ones((4, 4), bool), "padding": padding, "causal": causal, "both": padding & causal}
    for name, mask in wanted.items():
        assert np.array_equal(MaskPainter(WORDS, preset=name).mask, np.broadcast_to(mask, (4, 4)))


def test_the_weights_are_those_of_ktlearn():
    painter = MaskPainter(WORDS, SCORES, preset="both")
    q = SCORES * 2  # (Q, d_k), and the keys are the axes: q · k is the score, times √4
    weights = scaled_dot_product_attention(q, np.eye(4), np.eye(4), mask=painter.mask)[1]
    assert np.allclose(painter.weights, weights, atol=1e-6)


def test_the_mask_is_read_and_set_as_an_array():
    painter, seen = MaskPainter(["a", "b"]), []
    painter.observe(lambda change: seen.append(change.new), "allowed")
    painter.mask = np.eye(2, dtype=bool)
    assert painter.mask.dtype == bool
    assert painter.mask.tolist() == [[True, False], [False, True]]
    assert seen == [painter.mask.tolist()]


def test_the_alarms_ring_as_in_lesson_02():
    rings = {way: MaskPainter(WORDS, SCORES, preset="causal", way=way).alarms for way in WAYS}
    assert rings == {
        "right": [False, False, False],
        "-inf": [False, False, False],
        "flipped": [False, True, True],
        "after": [True, False, True],
        "times": [False, True, True],
        "axis": [True, False, True],
    }


def test_without_anything_hidden_only_the_wrong_axis_is_wrong():
    rings = {way: any(MaskPainter(WORDS, SCORES, way=way).alarms) for way in WAYS}
    assert [way for way, is_ringing in rings.items() if is_ringing] == ["axis"]


def test_a_row_that_may_look_nowhere():
    painter = MaskPainter(["a", "b"], [[3, 0], [0, 0]])
    painter.mask = np.array([[False, False], [True, True]])
    assert painter.weights[0].tolist() == [0.5, 0.5]
    assert painter.alarms == [False, True, True]
    painter.way = "-inf"
    assert np.isnan(painter.weights[0]).all()
    assert painter.alarms[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "tokens: give 1 to 16; got 0"),
        ((list("abcdefghijklmnopq"),), "tokens: give 1 to 16; got 17"),
        ((["a", 3],), "tokens: give 2 strings"),
        ((["a", "b"], [[1, 2]]), r"scores: give finite numbers \(2, 2\); got \(1, 2\)"),
        ((["a"], [[np.nan]]), "scores: give finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MaskPainter(*arguments)


def test_a_preset_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="preset must be one of .*'causal'.*; got 'triangle'"):
        MaskPainter(["a"], preset="triangle")


def test_a_mask_that_is_not_boolean_or_does_not_fit_is_refused():
    painter = MaskPainter(["a", "b"])
    with pytest.raises(ValueError, match="mask must be boolean, True = may attend; got int64"):
        painter.mask = np.eye(2, dtype="int64")
    with pytest.raises(TraitError, match=r"the mask must be \(2, 2\)"):
        painter.mask = np.eye(3, dtype=bool)
    with pytest.raises(TraitError, match="cell must be two numbers from 0 to 1"):
        painter.cell = (0, 2)


def test_it_says_what_it_is():
    assert repr(MaskPainter(WORDS, preset="causal")) == "<MaskPainter: 4 tokens, 10 of 16 cells may attend>"
