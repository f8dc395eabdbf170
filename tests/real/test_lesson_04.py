"""The row of lesson 04's table that was measured with the lesson's own cells is that of the kept runs."""

from pathlib import Path

import nbformat
import numpy as np

from tests.real.portions import lines

RUNS = Path(__file__).parent / "measured" / "ablation.jsonl"
LESSON = Path(__file__).parents[2] / "notebooks" / "04_the_encoder.ipynb"


def test_the_row_with_the_warm_up_is_that_of_the_kept_runs():
    shares = [run["sentences"] for run in lines(RUNS) if run["task"] == "order, 8 layers, warm-up"]
    assert len(shares) >= 3
    cells = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    assert f"| post-norm, with a warm-up | – | {np.mean(shares):.2f} ± {np.std(shares):.2f} | – |" in cells["ablation"]
