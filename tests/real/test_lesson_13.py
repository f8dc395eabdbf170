"""The table of lesson 13, of the way from post-norm to Llama, holds the figures of the kept runs."""

import re

import nbformat
import numpy as np

from tests.real import measure_changes
from tests.real.portions import lines

CELLS = {cell.id: cell.source for cell in nbformat.read(measure_changes.LESSON, 4).cells}
SEEDS = 2


def test_the_table_of_changes():
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \| ([\d.]+ ± [\d.]+) \|$", CELLS["llama-train-seen"], re.MULTILINE)
    assert [name for name, *_ in rows] == list(measure_changes.MODELS)
    for name, parameters, bits in rows:
        wanted = {"study": "quarter", "model": name}
        runs = [line for line in lines(measure_changes.LINES) if wanted.items() <= line.items()]
        runs = [run for run in runs if run["seed"] < SEEDS]
        assert len(runs) == SEEDS
        found = [run["bits"] for run in runs]
        assert bits == f"{np.mean(found):.2f} ± {np.std(found):.2f}"
        assert {f"{run['parameters']:,}" for run in runs} == {parameters}
