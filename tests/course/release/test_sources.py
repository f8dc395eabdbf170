"""The source of the exercises without the answers to the graded ones."""

import json
import re
from pathlib import Path

import pytest

import ktlearn.exercises
from ktlearn.course.release.notebooks import names_that_lessons_import
from ktlearn.course.release.sources import without_answers
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from ktlearn.support.bundled import resource

HOME = Path(ktlearn.exercises.__file__).parent
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in HOME.glob("lesson_*.py")}
ALL = {each.number for lesson in lessons_with_exercises() for each in exercises_of(lesson)}
NOTEBOOKS = [json.loads(path.read_text(encoding="utf-8")) for path in resource("notebooks").glob("*.ipynb")]
LESSONS_NEED = set().union(*map(names_that_lessons_import, NOTEBOOKS))

SMALL = '''"""Exercises of a lesson."""

import math

import numpy as np

from ktlearn.exercises.exercise import Exercise


def check_9_1(answer):
    assert math.isclose(answer, solution_9_1())


def solution_9_1():
    return 16 * np.pi


def check_9_2(answer):
    # a comment that stays
    assert answer == _helper()


def solution_9_2():
    return _helper()


def _helper():
    return np.e


EXERCISES = [
    Exercise("9.1", "One", minutes=3, difficulty=1, check=check_9_1, solution=solution_9_1, why="So", hints=("a", "z")),
    Exercise("9.2", "Two", minutes=3, difficulty=2, check=check_9_2, solution=solution_9_2, why="", hints=("a", "b")),
]
'''


def exercises_in(text):
    """The list that a module's text makes."""
    space = {}
    exec(compile(text, "lesson", "exec"), space)
    return {each.number: each for each in space["EXERCISES"]}


def test_check_solution_reason_and_later_hints_of_a_graded_exercise_are_gone_and_the_others_stay(capsys):
    text = without_answers({"lesson_09": SMALL}, {"9.1"})["lesson_09"]
    assert not re.search(r"check_9_1|solution_9_1|16|math|So|'z'", text)
    assert "# a comment that stays" in text
    found = exercises_in(text)
    found["9.1"].check(1.5)
    found["9.1"].hint()
    found["9.1"].solution()
    assert capsys.readouterr().out.splitlines() == [
        "9.1 Answered. Your teacher checks this exercise: save the notebook, and hand it in.",
        "9.1 Hint: a",
        "9.1 This exercise is graded: your teacher has the solution.",
    ]
    assert (found["9.1"].title, found["9.1"].minutes, found["9.1"].difficulty) == ("One", 3, 1)
    assert found["9.2"].answer == pytest.approx(2.718, abs=1e-3)


def test_a_stub_of_a_graded_exercise_is_still_told_from_an_answer(capsys):
    graded = exercises_in(without_answers({"lesson_09": SMALL}, {"9.1"})["lesson_09"])["9.1"]
    graded.check(...)
    graded.check([..., 1])
    assert capsys.readouterr().out.count("Not attempted yet") == 2


def test_a_lesson_without_a_graded_exercise_keeps_its_text():
    written = without_answers(SOURCES, {"2.4"}, LESSONS_NEED)
    changed = {name for name in SOURCES if written[name] != SOURCES[name]}
    assert changed == {"lesson_02", "lesson_02_choosing"}
    assert 'Exercise("2.4"' not in written["lesson_02"] and "def solution_2_5" in written["lesson_02"]


def test_without_all_answers_no_check_and_no_solution_is_left():
    written = without_answers(SOURCES, ALL, LESSONS_NEED)
    for name, text in written.items():
        assert not re.search(r"\b(check|solution)_[\da]\w*_\d", text), name
        assert not re.search(r"_MISTAKES|NotYet|\bwhy=", text), name
    assert "def four_masks" in written["lesson_02_choosing"] and "def silenced" in written["lesson_03_heads"]


def test_a_solution_that_another_exercise_needs_is_not_left_behind_unseen():
    needy = SMALL.replace("def _helper():\n    return np.e", "def _helper():\n    return solution_9_1()")
    with pytest.raises(ValueError, match=r"Exercise 9.1 cannot be graded alone.*solution_9_1 in lesson_09.py"):
        without_answers({"lesson_09": needy}, {"9.1"})
    assert "solution_9_1" not in without_answers({"lesson_09": needy}, {"9.1", "9.2"})["lesson_09"]


def test_a_name_inside_a_comprehension_is_no_name_of_the_module():
    """A list of near misses says ``for n in …``; a check that has its own ``n`` does not need it."""
    lists = "\n\nMISTAKES = [[n for n in [solution_9_1()]]]\n\n\n"
    needy = SMALL.replace("def _helper():\n    return np.e", "def _helper():\n    n = np.e\n    return n" + lists)
    assert "solution_9_1" not in without_answers({"lesson_09": needy}, {"9.1"})["lesson_09"]


def test_an_exercise_that_is_checked_with_the_solution_of_another_needs_it_to_be_graded_too():
    with pytest.raises(ValueError, match="Exercise 5.8 cannot be graded alone"):
        without_answers(SOURCES, {"5.8"}, LESSONS_NEED)
    assert "solution_5_8" not in without_answers(SOURCES, {"5.7", "5.8"}, LESSONS_NEED)["lesson_05_writing"]


NOT_ALONE = {"5.8"}


@pytest.mark.parametrize("lesson", lessons_with_exercises())
def test_each_exercise_of_a_lesson_can_be_graded_alone(lesson):
    own = {name: text for name, text in SOURCES.items() if name.split("_")[1] == lesson.lower()}
    for number in {each.number for each in exercises_of(lesson)} - NOT_ALONE:
        written = without_answers(own, {number}, LESSONS_NEED)
        assert sum(text.count("Graded(") for text in written.values()) == 1, number
