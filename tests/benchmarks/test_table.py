"""How the benchmark's one table is gathered and written. No time is measured here."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAMP = {"date": "2026-11-29", "machine": "2 cores", "others": 0.1}


@pytest.fixture
def rows(load):
    return load("rows")


def test_a_ratio_is_the_median_of_the_ratios_of_the_same_round(rows):
    row = rows.against("training", "one epoch", "s", "other 1.0", [1.0, 4.0, 3.0], [2.0, 4.0, 4.0], aim=0.8)
    assert (row["ratio"], row["low"], row["high"], row["rounds"]) == (0.75, 0.5, 1.0, 3)
    assert (row["ours"], row["theirs"]) == (3.0, 4.0)
    assert rows.is_reached(row)
    assert not rows.is_reached(row | {"aim": 0.7})


def test_the_ends_of_many_ratios_can_be_cut(rows):
    ours = [float(number) for number in range(1, 11)]
    row = rows.against("answers", "one text", "s", "other", ours, [1.0] * 10, cut=0.1)
    assert (row["low"], row["high"]) == (2.0, 9.0)


def test_two_means_are_told_with_the_error_of_their_difference(rows):
    row = rows.differing("accuracy", "tested", "", "other", [0.8, 0.9], [0.7, 0.7])
    assert row["difference"] == pytest.approx(0.15)
    assert row["error"] == pytest.approx(0.05)
    assert rows.is_reached(row) is None
    assert "difference +0.150 ± 0.050" in rows.markdown([row | STAMP])


def test_an_aim_is_the_most_or_the_least(rows):
    first = rows.alone("training", "first step", "s", [5.0, 3.0, 4.5], aim=4)
    share = rows.alone("training", "arithmetic", "share", [0.63], aim=0.75, more=True)
    assert [rows.is_reached(row) for row in (first, share)] == [False, False]
    assert rows.is_reached(share | {"ours": 0.76})


def test_only_the_groups_that_were_measured_are_replaced(rows, tmp_path):
    old = [rows.alone(group, "old", "s", [1.0]) | STAMP for group in ("training", "imports")]
    new = [rows.alone("training", "new", "s", [2.0]) | STAMP | {"date": "2026-12-01"}]
    file = tmp_path / "measured" / "table.json"
    assert rows.read(file) == []
    rows.write(rows.merged(old, new), file)
    kept = rows.read(file)
    assert [(row["group"], row["name"], row["date"]) for row in kept] == [
        ("training", "new", "2026-12-01"),
        ("imports", "old", "2026-11-29"),
    ]


def test_the_page_has_what_has_a_peer_apart_from_what_has_none(rows, tmp_path):
    file = tmp_path / "table.json"
    pair = rows.against("training", "one epoch", "s", "other 1.0", [21.4], [81.6], aim=0.2)
    first = rows.alone("training", "first step", "s", [3.9], aim=4)
    rows.write([row | STAMP for row in (first, pair)], file)
    page = file.with_suffix(".md").read_text(encoding="utf-8")
    pairs, alone = page.split("## Fine-tuning, ktlearn alone")
    cells = "one epoch | other 1.0 | 21.4 s | 81.6 s | **0.26** | ≤ 0.20: **missed** | 1 | 2026-11-29 | 0.1"
    assert f"| {cells} |" in pairs
    assert "| first step | 3.90 s | ≤ 4.00 s: reached | 1 | 2026-11-29 | 0.1 |" in alone


def test_a_row_measured_beside_other_work_says_so(rows):
    row = rows.against("training", "one epoch", "s", "other", [1.0, 1.0], [2.0, 4.0]) | STAMP
    assert "**0.38** (0.25 to 0.50) | ≤ 1.00: reached | 2" in rows.markdown([row])
    assert "≤ 1.00: reached, shared machine" in rows.markdown([row | {"others": 0.6}])


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.01234, "s", "0.0123 s"),
        (2787.4, "MB", "2,787 MB"),
        (0.634, "share", "63 %"),
        (0.86, "", "0.860"),
        (0, "s", "0 s"),
    ],
)
def test_figures_have_three_digits_and_their_unit(rows, value, unit, written):
    assert rows._figure(value, unit) == written


def test_each_group_has_something_that_measures_it(load):
    table = load("table")
    assert list(table.MEASURES) == list(table.rows.GROUPS)


def test_the_lessons_come_from_the_syllabus(load):
    table = load("table")
    found = table.read_lessons(table.SYLLABUS.read_text(encoding="utf-8"))
    lessons = [path.name[:2] for path in table.SYLLABUS.parent.glob("*.ipynb")]
    assert sorted(row["name"] for row in found) == sorted(
        f"lesson {number}, {what}" for number in lessons for what in ("running", "memory")
    )
    (running, memory) = table.read_lessons("| A1 | [A](a.ipynb) | what | 65 min | 2 min | 1.0 GB |")
    assert (running["ours"], memory["ours"], running["others"]) == (120, 1.0, None)
    assert "by make notebooks" in table.rows.markdown([running])


def test_a_program_without_an_interpreter_has_no_row(load, monkeypatch):
    table = load("table")
    figures = {"wall": 1.0, "cpu": 2.0, "first_wall": 0.5, "rest_wall": 0.5, "peak_memory": 9.0, "program": "p 1"}
    ours = [figures | {"computed_flops": 1.0, "peak_flops": 2.0}]
    runs = {"ktlearn": ours, "ktrain": [], "torch": [figures], "torch-grouped": [figures], "kerashub": []}
    monkeypatch.setattr(table.run, "measure", lambda *args: runs)
    monkeypatch.setattr(table.run, "model_folder", lambda: "")
    options = type("Options", (), {"texts": 4, "rounds": 1})
    found = table.training({}, options)
    assert {row["peer"] for row in found} == {"p 1", f"p 1{table.GROUPED}", None}
    assert next(row["ours"] for row in found if row["unit"] == "share") == 0.5


def test_the_pages_of_widgets_are_told_in_their_units(load):
    page = {"bytes": 2e6, "first": 0.5, "act": None, "memory": None}
    both = {("ktlearn", view): page for view in ("grid", "lines")} | {
        ("BertViz", "model"): page | {"bytes": 8e6, "act": 3}
    }
    found = load("table").widget_rows(both)
    assert {row["name"]: (row["ours"], row["theirs"], row["unit"]) for row in found} == {
        "grid, 128 tokens: page": (2, 8, "MB"),
        "grid, 128 tokens: first render": (0.5, 0.5, "s"),
        "grid, 128 tokens: interaction (ended after 60 s)": (60, 3, "s"),  # so there is no memory to tell
    }
    assert {row["peer"] for row in found} == {"BertViz, model view"}


def test_a_page_that_never_came_has_no_interaction(load):
    page = {"bytes": 2e6, "first": 0.5, "act": 0.1, "memory": 1e6}
    never = {"bytes": 8e6, "first": None, "act": None, "memory": None}
    found = load("table").widget_rows({("ktlearn", "grid"): page, ("BertViz", "model"): never})
    assert {row["name"]: (row["ours"], row["theirs"]) for row in found} == {
        "grid, 128 tokens: page": (2, 8),
        "grid, 128 tokens: first render (ended after 60 s)": (0.5, 60),
    }


def test_the_committed_page_is_that_of_the_committed_rows(load):
    table = load("table")
    assert table.TABLE.with_suffix(".md").read_text(encoding="utf-8") == table.rows.markdown(
        table.rows.read(table.TABLE)
    )


def test_the_readmes_ratios_are_those_of_the_table(load):
    table = load("table")
    ratios = {(row["peer"], f"{row['ratio']:.2f}") for row in table.rows.read(table.TABLE) if row.get("ratio")}
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## How fast")[1].split("\n## ")[0]
    shown = re.findall(r"^\| [^|]+ \| ([^|]+) \| ([\d.]+)(, shared machine)? \|$", section, re.MULTILINE)
    assert len(shown) == section.count("\n| ") - 1 > 8
    assert {(peer, ratio) for peer, ratio, _ in shown} <= ratios
