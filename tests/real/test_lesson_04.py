"""The row of lesson 04's table that was measured with the lesson's own cells is that of the kept runs."""

from pathlib import Path

import nbformat
import numpy as np

from tests.real.portions import lines

RUNS = Path(__file__).parent / "measured" / "ablation.jsonl"
LESSON = Path(__file__).parents[2] / "notebooks" / "04_the_encoder.ipynb"


def found(task):
    shares = [run["sentences"] for run in lines(RUNS) if run["task"] == task]
    assert len(shares) >= 3
    return f"{np.mean(shares):.2f} ± {np.std(shares):.2f}"


def test_what_the_lesson_says_of_the_warm_up_is_what_the_kept_runs_found():
    cells = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    assert f"| post-norm, with a warm-up | – | {found('order, 8 layers, warm-up')} | – |" in cells["ablation"]
    assert f"without it, it finds {found('order, 8 layers')} too" in cells["ablation"]
