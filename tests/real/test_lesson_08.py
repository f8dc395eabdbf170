"""The figures that lesson 08 holds in its cells and in its table are those of the kept runs."""

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.real import measure_rates, measure_tuning
from tests.real.portions import lines, measure

CELLS = {cell.id: cell.source for cell in nbformat.read(measure_rates.LESSON, 4).cells}


def figure(path, name, seeds=5, **setting):
    """Mean and standard deviation over the seeds, as the lesson rounds them; a list has one number for each epoch."""
    found = [line[name] for line in lines(path) if setting.items() <= line.items() and line["seed"] < seeds]
    found = [each[-1] if isinstance(each, list) else each for each in found]
    assert len(found) == seeds, f"{setting}: {len(found)} runs"
    return round(float(np.mean(found)), 2), round(float(np.std(found)), 2)


def of_cell(cell, name):
    """What a cell of the lesson sets, where it is written as plain numbers."""
    for node in ast.parse(CELLS[cell]).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{cell} sets no {name}")


def test_the_band_of_the_first_sweep():
    found = [figure(measure_rates.LINES, "right", schedule="constant", rate=rate) for rate in of_cell("sweep", "rates")]
    assert list(zip(of_cell("sweep", "FIVE_STARTS"), of_cell("sweep", "SPREAD"), strict=True)) == found


def test_the_table_of_schedules_from_scratch():
    rows = re.findall(r"^\| (constant|warm-up|SGDR|one cycle) \| (.+) \|$", CELLS["table"], re.MULTILINE)
    assert len(rows) == 4
    for name, row in rows:
        found = [figure(measure_rates.LINES, "right", schedule=name, rate=rate) for rate in measure_rates.RATES]
        assert row.split(" | ") == [f"{mean:.2f} ± {spread:.2f}" for mean, spread in found]


def test_one_cycle_with_and_without_the_mirror_of_the_momentum():
    number = r"\d\.\d\d"
    both = re.search(
        rf"with the mirror ((?:{number}(?:, )?)+); without it ((?:{number}(?:, )?)+)", CELLS["mirror-adam-seen"]
    )
    for name, row in zip(("one cycle", measure_rates.NO_MIRROR), both.groups(), strict=True):
        found = [figure(measure_rates.LINES, "right", schedule=name, rate=rate)[0] for rate in measure_rates.RATES]
        assert row.strip(", ") == ", ".join(f"{mean:.2f}" for mean in found)


def test_the_schedules_of_the_pretrained_model():
    for name, row in of_cell("grid", "RUNS").items():
        setting = measure_tuning.USUAL | {"schedule": name}
        rates = of_cell("grid", "RATES")
        found = [figure(measure_tuning.LINES, "val_accuracy", **setting | {"rate": rate}) for rate in rates]
        assert row == found


def test_the_batch_sizes():
    for size, row in of_cell("batches", "BATCHES").items():
        setting = measure_tuning.USUAL | {"batch_size": size}
        rates = of_cell("grid", "RATES")[1:]
        assert row == [figure(measure_tuning.LINES, "val_accuracy", 3, **setting | {"rate": rate}) for rate in rates]


def test_a_run_that_is_in_the_file_is_not_run_again(monkeypatch, tmp_path):
    done = []

    def run(setting, seed):
        done.append((setting["rate"], seed))
        return {"right": 0.5}

    for seeds in ("1", "2"):
        monkeypatch.setattr("sys.argv", ["measure", "--seeds", seeds])
        measure("About.", tmp_path / "lines.jsonl", ["a"], lambda study: [{"rate": 0.1}, {"rate": 0.2}], run)

    assert done == [(0.1, 0), (0.2, 0), (0.1, 1), (0.2, 1)]
    assert [line["seed"] for line in lines(Path(tmp_path / "lines.jsonl"))] == [0, 0, 1, 1]


def test_a_measuring_that_has_no_time_left_says_so_and_keeps_what_it_has(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.argv", ["measure", "--minutes", "0"])
    measure("About.", tmp_path / "lines.jsonl", ["a"], lambda study: [{"rate": 0.1}], pytest.fail)
    assert "call again" in capsys.readouterr().out
