"""The lessons of a graded course, for students and in the form that nbgrader reads."""

import json

import numpy as np
import pytest

import ktlearn
from ktlearn.course.release.notebooks import for_students, for_teachers, names_that_lessons_import
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from ktlearn.support.bundled import resource

LESSONS = {
    path.name[:2]: json.loads(path.read_text(encoding="utf-8")) for path in resource("notebooks").glob("*.ipynb")
}
EXERCISES = {each.number: each for lesson in lessons_with_exercises() for each in exercises_of(lesson)}


def cells(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def source(notebook, name):
    return "".join(cells(notebook)[name]["source"])


def graded(lesson):
    return [
        name for name, cell in cells(for_teachers(LESSONS[lesson], EXERCISES)).items() if "nbgrader" in cell["metadata"]
    ]


def test_an_exercise_becomes_an_answer_and_a_check():
    notebook = for_students(LESSONS["02"], {"2.2": EXERCISES["2.2"]})
    assert source(notebook, "exercise-2-2") == "def window_mask(length, width): ..."
    assert source(notebook, "exercise-2-2-check") == 'ktlearn.exercise("2.2").check(window_mask)'
    assert len(notebook["cells"]) == len(LESSONS["02"]["cells"]) + 1


def test_the_teachers_copy_has_the_answer_and_a_hidden_test_between_nbgraders_marks():
    notebook = for_teachers(LESSONS["02"], {"2.2": EXERCISES["2.2"]})
    assert source(notebook, "exercise-2-2").splitlines()[-3:] == [
        "### BEGIN SOLUTION",
        "window_mask = ktlearn.exercise('2.2').answer",
        "### END SOLUTION",
    ]
    assert "### BEGIN HIDDEN TESTS\nktlearn.exercise('2.2').grade(window_mask)" in source(
        notebook, "exercise-2-2-check"
    )


def test_the_cells_carry_what_nbgrader_asks_for():
    answer, check = (
        cells(for_teachers(LESSONS["02"], EXERCISES))[name] for name in ("exercise-2-6", "exercise-2-6-check")
    )
    assert answer["metadata"]["nbgrader"] == {
        "grade": False,
        "solution": True,
        "locked": False,
        "task": False,
        "grade_id": "exercise-2-6",
        "schema_version": 3,
    }
    about = check["metadata"]["nbgrader"]
    assert about["grade"] and about["locked"] and not about["solution"]
    assert about["points"] == EXERCISES["2.6"].minutes


@pytest.mark.parametrize("lesson", sorted(LESSONS))
def test_every_exercise_of_a_lesson_is_found_once_and_all_else_stays(lesson):
    numbers = [each.number for each in exercises_of(lesson)]
    wanted = [f"exercise-{number.lower().replace('.', '-')}{end}" for number in numbers for end in ("", "-check")]
    assert graded(lesson) == wanted
    students = cells(for_students(LESSONS[lesson], EXERCISES))
    assert [cell for cell in LESSONS[lesson]["cells"] if cell["id"] not in wanted] == [
        cell for name, cell in students.items() if name not in wanted
    ]
    assert not any(
        "SOLUTION" in "".join(cell["source"]) or "HIDDEN" in "".join(cell["source"]) for cell in students.values()
    )


LONG = {"3.7", "7.10"}  # each takes a minute


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_teachers_answer_passes_its_hidden_test_and_a_students_stub_does_not(lesson, capsys):
    teachers, students = for_teachers(LESSONS[lesson], EXERCISES), for_students(LESSONS[lesson], EXERCISES)
    for number in {each.number for each in exercises_of(lesson)} - LONG:
        name = f"exercise-{number.lower().replace('.', '-')}"
        space = {"ktlearn": ktlearn, "ktrain": ktlearn, "np": np}
        exec(source(teachers, name), space)
        exec(source(teachers, f"{name}-check"), space)
        exec(source(students, name), space)
        with pytest.raises(AssertionError, match=f"{number} … Not attempted yet"):
            exec(source(teachers, f"{name}-check"), space)


def test_an_exercise_that_is_not_graded_keeps_its_cell_and_its_output():
    notebook = for_students(LESSONS["02"], {"2.2": EXERCISES["2.2"]})
    assert cells(notebook)["exercise-2-3"] == cells(LESSONS["02"])["exercise-2-3"]


def test_what_lessons_import_from_the_exercises_is_known():
    found = set().union(*map(names_that_lessons_import, LESSONS.values()))
    assert ("lesson_02_choosing", "four_masks") in found and ("lesson_03_heads", "silenced") in found
