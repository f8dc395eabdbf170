"""The timetables of docs/workshop/schedules.md keep the minutes of the lessons."""

import importlib.util
import re
from pathlib import Path

import pytest

from ktlearn.exercises.find import exercise, exercises_of

WORKSHOP = Path(__file__).resolve().parents[2] / "docs" / "workshop"
spec = importlib.util.spec_from_file_location("schedules", WORKSHOP / "schedules.py")
schedules = importlib.util.module_from_spec(spec)
spec.loader.exec_module(schedules)

DAY = """\
From 9:00 to 10:00.

| from | what | minutes |
| --- | --- | --- |
| {clock[0]} | 02 §2: order | {minutes[0]} |
| {clock[1]} | exercises 2.1, 2.2 | {minutes[1]} |
| {clock[2]} | Break (15 min) | {minutes[2]} |
| {clock[3]} | **Reserve** | {minutes[3]} |
"""
EMPTY = DAY.format(clock=[""] * 4, minutes=[""] * 4)


def test_the_timetables_agree_with_the_lessons(capsys):
    assert schedules.main(["--check"]) == 0, capsys.readouterr().out


def test_minutes_are_rounded_up_to_five_the_clock_runs_and_the_reserve_gets_the_rest():
    clock, minutes = ["9:00", "9:05", "9:15", "9:30"], [5, 10, 15, 30]
    assert schedules.fill(EMPTY) == DAY.format(clock=clock, minutes=minutes)
    assert schedules.fill(schedules.fill(EMPTY)) == schedules.fill(EMPTY)


def test_an_exercise_counts_with_the_minutes_it_has_in_the_course():
    assert schedules.minutes_of("exercises 2.1, 2.6; exercise A1.4") == sum(
        exercise(number).minutes for number in ("2.1", "2.6", "A1.4")
    )
    assert schedules.minutes_of("talk (5 min), exercise 2.1") == 5 + exercise("2.1").minutes


def test_other_exercises_are_those_that_the_row_does_not_name():
    named = exercise("2.1").minutes + exercise("2.2").minutes
    everything = sum(each.minutes for each in exercises_of("02"))
    row = "| exercises 2.1, 2.2 | 8 | other exercises of 02 |"
    assert schedules.minutes_of("other exercises of 02", row) == everything - named


@pytest.mark.parametrize(("lesson", "minutes"), [("02", 80), ("A1", 65), ("07", 60)])
def test_the_sections_of_a_lesson_share_the_minutes_of_its_head(lesson, minutes):
    assert sum(schedules.sections(lesson).values()) == pytest.approx(minutes)
    assert schedules.minutes_of(f"{lesson} §all") == pytest.approx(minutes)


def test_a_long_section_takes_longer_than_a_short_one():
    minutes = schedules.sections("02")
    assert minutes[1] > 3 * minutes[2] > 3
    assert schedules.minutes_of("02 §1–2, 4") == pytest.approx(minutes[1] + minutes[2] + minutes[4])


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("02 §9", "no section 9"),
        ("77 §1", "no lesson '77'"),
        ("exercise 2.99", "no exercise '2.99'"),
        ("Break (50 min)", "too long"),
    ],
)
def test_what_is_not_there_and_a_day_that_is_too_full_are_refused(cell, complaint):
    with pytest.raises(ValueError, match=complaint):
        schedules.fill(EMPTY.replace("02 §2: order", cell))


def test_a_timetable_without_its_beginning_and_end_is_refused():
    with pytest.raises(ValueError, match="No line .From 9:00 to 12:30.. stands before the table"):
        schedules.fill(EMPTY.replace("From 9:00 to 10:00.", "From 9:00 to\n10:00."))


def test_a_column_with_a_limit_is_kept():
    table = "| lecture | of 90 |\n| --- | --- |\n| {} |  |\n"
    assert "| 80 |" in schedules.fill(table.format("02 §all"))
    with pytest.raises(ValueError, match="takes 125 minutes, of 90"):
        schedules.fill(table.format("02 §all, (45 min)"))


def test_the_semesters_have_every_section_and_every_exercise_of_all_lessons_once():
    text = schedules.SCHEDULES.read_text(encoding="utf-8").partition("## A semester")[2]
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    lessons = sorted(path.name.partition("_")[0] for path in schedules.LESSONS.glob("*_*.ipynb"))
    assert sorted(set(re.findall(r"\b(\d\d|A\d) §", " ".join(rows)))) == lessons, "a lesson has no week"
    named = [number for row in rows for number in schedules._exercises_named(row)]
    for row in rows:
        for lesson in re.findall(r"other exercises of (\d\d|A\d)", row):
            named += [each.number for each in exercises_of(lesson) if each.number not in named]
    assert sorted(named) == sorted(each.number for lesson in lessons for each in exercises_of(lesson))
    lectures = [row.split("|")[2] for row in rows]
    projects = sum(int(minutes) for lecture in lectures for minutes in re.findall(r"\((\d+) min\)", lecture))
    assert sum(map(schedules.minutes_of, lectures)) == pytest.approx(
        projects + sum(sum(schedules.sections(lesson).values()) for lesson in lessons)
    )
