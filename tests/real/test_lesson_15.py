"""The tables of lesson 15 hold the figures of the kept runs."""

import re

import nbformat
import numpy as np

from tests.real import measure_prediction, measure_scaling, measure_ways
from tests.real.portions import lines

CELLS = {cell.id: cell.source for cell in nbformat.read(measure_scaling.LESSON, 4).cells}


def rows(cell):
    """The table of a cell: its rows, each a list of texts; the first is the way or the engine."""
    table = re.findall(r"^\| (.+) \|$", CELLS[cell], re.MULTILINE)[1:]
    return [row.split(" | ") for row in table]


PARTS_ON_PAPER = {"lora": 2, "head": 1, "upper_half": 2, "recomputed": 4}  # of a step; all other ways have three


def by_way(study):
    """The runs of a study, way by way."""
    found = {}
    for line in lines(measure_ways.LINES):
        if line["study"] == study:
            found.setdefault(line["way"], []).append(line)
    return found


def by_engine(study):
    """The run of each engine on a study's texts."""
    return {line["engine"]: line for line in lines(measure_prediction.LINES) if line["study"] == study}


def mean(runs, key):
    return np.mean([run[key] for run in runs])


def accuracies(runs):
    return ", ".join(f"{run['accuracy']:.3f}" for run in runs)


def test_the_table_of_the_ways_on_reviews():
    found, shown = by_way("reviews"), rows("ways-reviews")
    assert [row[0] for row in shown] == list(measure_ways.WAYS)
    for way, *figures in shown:
        runs = found[way]
        assert len(runs) == 2
        size, cpu = f"{mean(runs, 'MB'):,.0f}", f"{mean(runs, 'cpu'):.0f}"
        assert figures == [f"{runs[0]['trained']:,}", size, cpu, accuracies(runs)]


def test_the_table_of_the_student():
    found, shown = by_way("student"), rows("student-table")
    first = [run["accuracy"] for run in by_way("reviews")["plain"]]  # the teacher of one epoch
    second = [run["teacher"] for run in found["better_teacher"]]
    teachers = [" and ".join(f"{right:.3f}" for right in of_seeds) for of_seeds in (first, second)]
    assert [row[0] for row in shown] == ["labels", *(f"a teacher of {right}" for right in teachers)]
    for (_, *figures), way in zip(shown, ("plain", *measure_ways.TEACHER_EPOCHS), strict=True):
        assert figures == [f"{mean(found[way], 'cpu'):.0f}", accuracies(found[way])] and len(found[way]) == 2


def test_the_table_of_the_ways_in_the_shape_of_bert_base():
    runs = {way: run for way, [run] in by_way("base").items()}
    second = {way: run["cpu"] - run["first"] for way, run in runs.items()}
    shown = rows("ways-base")
    assert {row[0] for row in shown} == set(measure_ways.WAYS) == set(runs)
    for way, _, *figures in shown:
        # With accumulation, "first" is the end of a quarter batch, so the second step is not known.
        time = ["–", "–"] if way == "accumulated" else [f"{second[way]:.1f}", f"{second[way] / second['plain']:.2f}"]
        on_paper = f"{PARTS_ON_PAPER.get(way, 3) / 3:.2f}"
        assert figures == [f"{runs[way]['trained']:,}", f"{runs[way]['MB']:,}", *time, on_paper]


def test_what_is_set_beside_the_count_by_hand():
    runs = {way: run for way, [run] in by_way("base").items()}
    cell = CELLS["compare-bytes"]
    shown = dict(re.findall(r'"(\w+)": ([\d.]+)', re.search(r"grown = \{(.+)\}", cell)[1]))
    assert shown == {way: f"{runs[way]['MB'] / 1000:.2f}" for way in shown} and len(shown) == 4
    second_step = float(re.search(r"second_step = ([\d.]+)", cell)[1])
    assert second_step == round(runs["plain"]["cpu"] - runs["plain"]["first"], 1)


def test_the_slopes_of_twice_the_steps():
    found = measure_scaling.table("sizes", "parameters")
    sizes, bits = np.log(list(found)), np.log([np.mean(each) for each in found.values()])
    slopes = ", ".join(f"{slope:.2f}" for slope in (-np.diff(bits) / np.diff(sizes))[:-1])
    assert f"a little steeper: {slopes} up to" in CELLS["scaling-kept"]


def test_the_table_of_engines():
    runs, others = by_engine("reviews"), by_engine("reviews, another machine")
    shown = rows("prediction-table")
    assert [row[0] for row in shown] == list(runs) == list(others)
    for engine, *figures in shown:
        run, other = runs[engine], others[engine]
        times = f"{run['ms']:.1f}", f"{other['ms']:.1f}"
        assert figures == [f"{run['file MB']:.1f}", *times, f"{run['accuracy']:.3f}", f"{run['change']:g}"]


def test_the_times_of_the_engines_with_a_larger_model():
    *first, last = (f"{run['ms']:.0f}" for run in by_engine("base").values())
    assert f"the five took {', '.join(first)} and {last} ms" in CELLS["prediction-table"]


def test_the_milliseconds_of_an_answer_are_those_of_the_table():
    runs = by_engine("reviews")
    shown = dict(re.findall(r'"([^"]+)": ([\d.]+)', re.search(r"in \{(.+)\}", CELLS["break-even"])[1]))
    assert {engine: float(ms) for engine, ms in shown.items()} == {engine: runs[engine]["ms"] for engine in shown}


def test_the_rate_of_the_lesson_is_the_best_of_each_width_or_as_good():
    rate = float(re.search(r"RATE = .+, ([\d.]+)", CELLS["scaling-runs"])[1])
    assert rate == measure_scaling.RATE
    for width in measure_scaling.WIDTHS[:-1]:
        bits = measure_scaling.tried(width)
        assert set(bits) == set(measure_scaling.CHOICE)
        assert bits[rate] < min(bits.values()) + 0.01


def test_what_the_lesson_says_of_larger_runs():
    found = measure_scaling.table("sizes", "parameters")
    assert rows("scaling-kept") == [[f"{size:,}", f"{np.mean(bits):.2f}"] for size, bits in found.items()]


def test_memory_is_seen_while_it_is_held():
    with measure_ways.Resident() as memory:
        held = np.ones(40_000_000 // 8)
        measure_ways.time.sleep(0.1)
        del held
    assert 35 < memory.grown < 80
