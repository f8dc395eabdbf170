"""Every number in the prose of lessons 06 and later has a source that says it."""

import nbformat
import pytest

from tests.notebooks import prose_figures
from tests.notebooks.lesson import Lesson, find_lessons
from tests.notebooks.prose_figures import Figure, holds, numbers, says

LESSONS = [Lesson(path) for path in find_lessons([]) if "06" <= path.name[:2] <= "99"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_list_names_every_number_of_the_prose(lesson):
    listed = {(figure.cell, figure.written) for figure in prose_figures.read(lesson)}
    written = {(cell.id, number) for cell in lesson.prose for number in numbers(cell.source)}
    assert written == listed, "run: python tests/notebooks/prose_figures.py " + lesson.name[:2]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_each_source_says_its_number(lesson):
    assert [figure for figure in prose_figures.read(lesson) if not holds(lesson, figure)] == []


def test_code_formulas_years_lessons_and_lists_are_no_figures():
    text = "1. Lesson 07, section 2.3 (Vaswani, 2017): `x = 5`, $d_k = 64$, [link](http://a/3), **0.75** and −1,055.5."
    assert numbers(text) == ["0.75", "−1,055.5"]


def test_a_number_may_be_rounded_and_a_share_may_be_a_percentage():
    assert says("accuracy 0.7386", "0.74") and says("accuracy 0.7386", "74") and says("1055 texts", "1,055")
    assert not says("accuracy 0.7386", "0.73") and not says("accuracy 0.7386", "0.7387")


@pytest.fixture
def lesson(tmp_path):
    code = nbformat.v4.new_code_cell("rate = 3e-4\nprint(accuracy)", id="measure")
    code.outputs = [nbformat.v4.new_output("stream", text="0.8123\n")]
    prose = nbformat.v4.new_markdown_cell("We read 0.81, at 3e-4, of 3,300 million words.", id="seen")
    notebook = nbformat.v4.new_notebook(cells=[code, prose])
    path = tmp_path / "09_x.ipynb"
    nbformat.write(notebook, path)
    return Lesson(path)


def test_a_number_without_a_source_is_marked_until_a_person_says_where_it_is_from(lesson, tmp_path):
    assert prose_figures.write(lesson, tmp_path) == [Figure("seen", "3,300", "?")]
    found = prose_figures.read(lesson, tmp_path)
    assert found[:2] == [Figure("seen", "0.81", "out measure"), Figure("seen", "3e-4", "code measure")]
    assert not holds(lesson, found[2])
    path = tmp_path / "09.tsv"
    path.write_text(path.read_text(encoding="utf-8").replace("?", "Devlin et al. 2019, section 3.1"), encoding="utf-8")
    assert prose_figures.write(lesson, tmp_path) == []
    assert all(holds(lesson, figure) for figure in prose_figures.read(lesson, tmp_path))


def test_another_output_than_the_prose_says_is_seen(lesson):
    figure = Figure("seen", "0.81", "out measure")
    assert holds(lesson, figure)
    lesson.code[0].outputs[0].text = "0.9\n"
    assert not holds(lesson, figure)


def test_a_calculation_is_done_again(lesson):
    assert holds(lesson, Figure("seen", "66", "= 1,055 / 16")) and not holds(
        lesson, Figure("seen", "67", "= 1055 / 16")
    )
