"""What holds for every exercise of every lesson: found here, not listed here."""

import re
from pathlib import Path

import nbformat
import pytest

from ktlearn.exercises.exercise import DIFFICULTY
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from tests.exercises.answers import NOT_ATTEMPTED, diagnosis, line

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = lessons_with_exercises()
EXERCISES = [exercise for lesson in LESSONS for exercise in exercises_of(lesson)]
TRAINING = {"3.7", "4.6", "7.10", "9.1"}  # to solve or to check these, a model is trained, or run many times
LONGEST = {"3.7", "7.10"}  # for a minute

each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.number)


@each_lesson
def test_the_numbers_count_from_one_in_the_lesson(lesson):
    exercises = exercises_of(lesson)
    assert [exercise.number for exercise in exercises] == [
        f"{lesson.removeprefix('0')}.{n + 1}" for n in range(len(exercises))
    ]


@each_exercise
def test_a_stub_is_not_attempted(exercise):
    def nothing(*anything): ...

    assert line(exercise.number, ...) == NOT_ATTEMPTED
    assert line(exercise.number, None) == NOT_ATTEMPTED
    assert line(exercise.number, nothing) == NOT_ATTEMPTED


@pytest.mark.parametrize(
    "exercise",
    [
        pytest.param(
            e,
            id=e.number,
            marks=[pytest.mark.slow] * (e.number in TRAINING) + [pytest.mark.weekly] * (e.number in LONGEST),
        )
        for e in EXERCISES
    ],
)
def test_the_solution_is_right_on_any_random_input(exercise):
    answer = exercise.answer
    for _ in range(1 if exercise.number in TRAINING else 3):
        assert line(exercise.number, answer) == "✓ Right."


@each_exercise
def test_nonsense_is_not_yet_right_and_raises_nothing(exercise):
    for nonsense in (-12345.678, "nonsense", [[1], [2, 3]], object(), lambda *x: 0.123, lambda: {}, dict):
        assert diagnosis(exercise.number, nonsense)


@each_exercise
def test_three_different_hints_a_title_and_a_reason(exercise):
    assert len(set(exercise.hints)) == 3
    assert all(len(text.strip()) > 5 for text in (*exercise.hints, exercise.title, exercise.why))
    assert not any("\n" in hint.strip() for hint in exercise.hints)  # a hint is one line


@each_exercise
def test_minutes_and_difficulty_are_possible(exercise):
    assert 2 <= exercise.minutes <= 20
    assert exercise.difficulty in DIFFICULTY


@each_lesson
def test_the_lesson_has_the_same_exercises_as_the_module(lesson):
    in_lesson = [number for number, _ in _checking_cells(lesson)]
    assert in_lesson == [exercise.number for exercise in exercises_of(lesson)]


@each_lesson
def test_the_lesson_says_title_minutes_and_difficulty_as_the_module_does(lesson):
    prose = "\n".join(cell.source for cell in _notebook(lesson).cells if cell.cell_type == "markdown")
    headings = re.findall(r"^### (Exercise \w+\.\d.*)$", prose, re.MULTILINE)
    assert headings == [
        f"Exercise {exercise.number} · {exercise.title} ({exercise.minutes} minutes, {DIFFICULTY[exercise.difficulty]})"
        for exercise in exercises_of(lesson)
    ]


@each_lesson
def test_the_lesson_is_saved_with_stubs_not_with_answers(lesson):
    for number, cell in _checking_cells(lesson):
        printed = "".join(output.get("text", "") for output in cell.outputs)
        assert printed.splitlines()[-1:] == [f"{number} {NOT_ATTEMPTED}"]


def _notebook(lesson):
    (path,) = NOTEBOOKS.glob(f"{lesson}_*.ipynb")
    return nbformat.read(path, as_version=4)


def _checking_cells(lesson):
    for cell in _notebook(lesson).cells:
        found = re.search(r"""exercise\(["']([\w.]+)["']\)\.check\(""", cell.source)
        if cell.cell_type == "code" and found:
            yield found[1], cell
