"""The numbers that lesson 07 shows without computing them are those of the kept runs."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.real import measure_imbalance
from tests.real.portions import lines

MEASURED = Path(__file__).parent / "measured"
LESSON = Path(__file__).parents[2] / "notebooks" / "07_fine_tuning_with_ktlearn.ipynb"
TASKS = {50: "reviews-50", 100: "reviews-100", 256: "reviews-256", 1055: "reviews"}
STARTS = {
    "fine-tuned": "pretrained",
    "random start": "random",
    "word counts": "pipeline",
    "frozen vectors": "vectors",
}


def kept_runs():
    """The test runs of the file, by start and task, in the order of their seeds."""
    runs = (run for run in lines(MEASURED / "minilm-en.jsonl") if not run["validation"])
    return sorted(runs, key=lambda run: run["seed"])


def shown():
    """The lesson's table: (competitor, reviews to learn from) to the right answers, of all and of the plain ones."""
    cells = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    return ast.literal_eval(ast.parse(cells["learning-curve-kept"]).body[0].value)


@pytest.mark.parametrize(("name", "size"), shown())
def test_the_learning_curve_of_the_lesson_is_that_of_the_kept_runs(name, size):
    runs = [run for run in kept_runs() if (run["start"], run["task"]) == (STARTS[name], TASKS[size])]
    for place, (group, count) in enumerate({"all": 440, "plain ones": 180}.items()):
        numbers = shown()[name, size][place]
        assert [run["seed"] for run in runs[: len(numbers)]] == list(range(len(numbers)))
        assert [number / count for number in numbers] == pytest.approx(
            [run["right"][group] for run in runs][: len(numbers)]
        )


def test_the_two_of_the_table_have_the_same_seeds_for_every_number_of_reviews():
    for size in TASKS:
        assert len(shown()["fine-tuned", size][0]) == len(shown()["word counts", size][0]) == 5


def test_class_weights_for_a_rare_class_do_what_the_lesson_says():
    runs = lines(measure_imbalance.LINES)
    means = [np.mean([run["f1"] for run in runs if run["class_weight"] is weighted]) for weighted in (False, True)]
    said = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}["rare-seen"]
    assert len(runs) == 6 and f"F1 {means[0]:.2f} without, {means[1]:.2f} with them" in said
