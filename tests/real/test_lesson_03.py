"""Lesson 03 quotes what ``measure_circle`` measured over five seeds."""

from pathlib import Path

import nbformat

from tests.real.portions import lines

HERE = Path(__file__).parent
LESSON = HERE.parents[1] / "notebooks" / "03_multi_head_attention.ipynb"


def both(study):
    """What was measured, the smallest first."""
    found = sorted(line["both"] for line in lines(HERE / "measured" / "circle.jsonl") if line["study"] == study)
    assert len(found) == 5
    return found


def text_of(cell):
    return next(each.source for each in nbformat.read(LESSON, 4).cells if each.id == cell)


def test_one_head_and_a_linear_reader_never_get_both():
    low, *_, high = both("one head, long")
    assert f"{low:.2f} to {high:.2f} of the children" in text_of("circle-train-seen")


def test_one_head_and_another_reader_always_get_both():
    assert set(both("one head, not linear")) == {1.0} == set(both("two heads"))
    assert "over five random starts, 1.00 each time" in text_of("circle-reader-seen")


def test_the_wrong_split_can_hide_behind_a_good_score():
    low, *_, high = both("wrong split")
    assert f"{100 * low:.0f} to {100 * high:.0f} % of the children" in text_of("bug-prediction-seen")
