"""What a teacher reads about the lessons names all of them, and what is there."""

import json
import re
from pathlib import Path

import pytest

from ktlearn.exercises.find import exercise
from tests.notebooks.syllabus import amount, read_rows

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "workshop" / "instructor-guide.md").read_text(encoding="utf-8")
SYLLABUS = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
# The rows of the syllabus: {"00": ("00_start_here.ipynb", 1.6), …}, in its order.
LESSONS = {
    row.number: (re.search(r"\]\((\S+\.ipynb)\)", row.lesson)[1], amount(row.memory)) for row in read_rows(SYLLABUS)
}


def test_the_syllabus_has_all_lessons():
    there = {path.name for path in (ROOT / "notebooks").glob("*_*.ipynb")}
    assert {file for file, _ in LESSONS.values()} == there


def test_every_lesson_has_its_section_in_the_order_of_the_syllabus():
    titles = []
    for file, _ in LESSONS.values():
        head = json.loads((ROOT / "notebooks" / file).read_text(encoding="utf-8"))["cells"][0]["source"]
        titles.append("".join(head).splitlines()[0].removeprefix("# "))
    assert re.findall(r"^### (.+)", GUIDE, re.MULTILINE) == titles


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_section_says_what_for_where_people_stop_answers_and_what_to_leave_out(lesson):
    section = re.search(rf"^### {lesson} · .*?(?=^##)", GUIDE, re.MULTILINE | re.DOTALL)[0]
    said = re.findall(r"^\*\*(For|Where people stop|Answers|Leave out)\b", section, re.MULTILINE)
    assert said == ["For", "Where people stop", "Answers", "Leave out"]


def test_the_exercises_that_the_guide_names_exist():
    named = re.findall(r"\bexercises? ([A-Z]?\d+\.\d+)", GUIDE, re.IGNORECASE)
    assert [exercise(number).number for number in named] == named


def test_the_lessons_for_little_memory_are_those_that_need_less_than_two_gigabytes():
    small = {lesson for lesson, (_, memory) in LESSONS.items() if memory < 2}
    week = (ROOT / "docs" / "workshop" / "week-before.md").read_text(encoding="utf-8")
    rooms = (ROOT / "rooms" / "README.md").read_text(encoding="utf-8")
    four, eight = re.search(r"with 4 GB can do (.+?), one at a\s+time\. For (.+?), 8 GB", week, re.DOTALL).groups()
    binder = re.search(r"enough for (.+?), and not for the others", rooms, re.DOTALL)[1]
    assert _lessons(four) == small
    assert _lessons(eight) == LESSONS.keys() - small
    assert _lessons(binder) == small


def _lessons(words):
    """The lessons of ``00 to 05, A1 and 14``."""
    named = set(re.findall(r"\b[A-Z\d]\d\b", words))
    for first, last in re.findall(r"\b(\d\d) to (\d\d)\b", words):
        named |= {f"{number:02}" for number in range(int(first), int(last) + 1)}
    return named
