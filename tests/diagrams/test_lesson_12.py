"""The diagrams of lesson 12 say what a reader does."""

import re
from itertools import pairwise

import pytest

from ktlearn.diagrams.lesson_12 import span_head, text_windows, window_starts


def test_the_diagram_names_the_shapes_on_the_way_to_a_span():
    data = span_head().data
    for shape in ("(L, D)", "W  (D, 2)", "(L, 2)", "(L, L)"):
        assert shape in data


@pytest.mark.parametrize(("length", "room", "overlap"), [(430, 120, 0), (430, 120, 40), (240, 120, 0), (50, 120, 40)])
def test_windows_reach_the_end_and_none_is_too_many(length, room, overlap):
    starts = window_starts(length, room, overlap)
    assert starts[0] == 0
    assert starts[-1] + room >= length
    assert len(starts) == 1 or starts[-2] + room < length
    assert all(later - start == room - overlap for start, later in pairwise(starts))


def test_an_overlap_as_long_as_a_window_is_refused():
    with pytest.raises(ValueError, match="must have less than that in common; got 120"):
        window_starts(430, 120, 120)


def test_an_answer_on_the_edge_is_cut_without_an_overlap_and_whole_with_one():
    data = text_windows(430, 120, 40, (112, 128)).data
    assert len(re.findall(r">cut<", data)) == 3  # twice without an overlap; with one, in the first window
    assert len(re.findall(r">whole<", data)) == 1
    assert re.findall(r">overlap (\d+)<", data) == ["0", "40"]
