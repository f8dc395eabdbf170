"""Every lesson keeps the rules of lesson_rules.py, and the table of the course is true. Nothing is run here."""

import functools
import shutil
import subprocess
import sys

import pytest
from lesson import LESSONS, Lesson, find_lessons
from lesson_rules import RULES
from syllabus import amount, read_rows

from ktlearn.course.stamp import stamp
from ktlearn.exercises.find import exercises_of

read = functools.cache(Lesson)
each_lesson = pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
rows = {row.number: row for row in read_rows((LESSONS / "README.md").read_text(encoding="utf-8"))}


@each_lesson
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_lesson(rule, path):
    complaints = list(rule(read(path)))
    assert not complaints, "\n".join(complaints)


@each_lesson
def test_the_syllabus_links_each_lesson_and_says_what_it_takes(path):
    lesson = read(path)
    row = rows[lesson.name[:2]]
    assert row.lesson == f"[{lesson.title.split(' · ')[-1]}]({path.name})"
    assert row.reading == f"{lesson.facts['reading']:g} min"


@each_lesson
def test_the_head_counts_the_exercises_apart_and_as_their_own_heads_do(path):
    lesson = read(path)
    minutes = sum(exercise.minutes for exercise in exercises_of(lesson.name[:2]))
    assert lesson.facts["exercises"] == 5 * round(minutes / 5), f"write: about … minutes, exercises {minutes} more"


@each_lesson
def test_the_head_of_a_lesson_promises_no_less_than_was_measured(path):
    lesson = read(path)
    row = rows[lesson.name[:2]]
    assert row.running and row.memory, "not measured yet; run `make notebooks`"
    assert amount(row.running) <= lesson.facts["running"]
    assert amount(row.memory) <= lesson.facts["memory"]


def test_the_syllabus_has_every_number_and_marks_what_is_only_planned():
    numbers = [f"{number:02}" for number in range(17)]
    assert list(rows) == [*numbers[:2], "A1", *numbers[2:]]
    written = {path.stem[:2] for path in find_lessons()}
    assert {number for number, row in rows.items() if row.reading != "planned"} == written


def test_lessons_carry_the_address_of_the_setting(tmp_path):
    copy = shutil.copytree(LESSONS, tmp_path / "notebooks")
    changed = [path.name for path in stamp(copy)]
    assert not changed, "run `python -m ktlearn stamp`"


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_finds_nothing_in_the_lessons(command):
    ruff = [sys.executable, "-m", "ruff", *command, str(LESSONS)]
    done = subprocess.run(ruff, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
