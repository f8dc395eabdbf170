"""What lesson 05 tells of several trainings is what the kept runs say."""

import re

import nbformat
import numpy as np
import pytest

from tests.real import measure_dates
from tests.real.portions import lines

CELLS = {cell.id: cell.source for cell in nbformat.read(measure_dates.LESSON, 4).cells}
RUNS = lines(measure_dates.MEASURED)
SEEDS = 1  # so many trainings of each kind the lesson tells of


def found(name, seeds=SEEDS, **setting):
    """What the first seeds of a setting gave."""
    runs = [line for line in RUNS if setting.items() <= line.items() and line["seed"] < seeds]
    assert len(runs) == seeds, f"{setting}: {len(runs)} runs"
    return [line[name] for line in sorted(runs, key=lambda line: line["seed"])]


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_table_of_the_norm_and_the_warm_up(norm):
    row = re.search(rf"^\| {norm}-norm[^|]*\| (.+) \| (.+) \|$", CELLS["exact-match-seen"], re.MULTILINE)
    for cell, warm_up in zip(row.groups(), (True, False), strict=True):
        exact = found("dates", study="norm", norm=norm, warm_up=warm_up)
        assert cell == ", ".join(f"{share:.2f}" for share in exact)


def test_the_exercise_about_centuries_accepts_each_of_our_runs():
    narrow, wide = (found("2100-2199", study="centuries", added=f"2200-{last}") for last in (2299, 9999))
    assert max(narrow) < min(wide)


def test_the_second_training_mends_the_years_and_keeps_the_old_ones():
    mended = {"study": "centuries", "added": "1000-2099 and 2200-9999"}
    for span in ("1950-2049", "2100-2199", "3000-9999"):
        assert np.mean(found(span, **mended)) > 0.97
    assert max(found("2100-2199", study="centuries", added="no rounds")) < 0.9


def test_the_shares_of_right_years_in_the_text():
    def percent(name, added):
        (share,) = found(name, study="centuries", added=added)
        return f"{100 * share:.0f} %"

    before = percent("2100-2199", "no rounds")
    assert (
        f"{before} of these years were right, and {percent('19 or 20', 'no rounds')} began" in CELLS["new-years-seen"]
    )
    old, new = percent("2100-2199", "nothing"), percent("2100-2199", "1000-2099 and 2200-9999")
    assert f"from {before} to {old}, two of the new ones to {new}" in CELLS["more-centuries-seen"]
