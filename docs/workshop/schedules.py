"""Computes the minutes in schedules.md from the lessons: ``python docs/workshop/schedules.py``.

You write what is done, the script writes how long it takes. A column ``minutes`` counts the column to its left; a
column ``of 90`` does the same, and may not hold more than 90. What counts, in the words of a cell:

- ``01 §1–3``           sections of a lesson; ``01 §all`` is all of it, without its exercises
- ``exercises 1.1, 1.4`` these exercises
- ``other exercises of 01`` all that the row has not named yet
- ``(15 min)``          a break, a welcome, and whatever else is no lesson

A line ``From 9:00 to 12:30.`` before a table fills its column ``from``, and its row **Reserve** gets what is left.
Minutes are rounded up to five. The sections of a lesson share its minutes by their words; a line of code counts as
five words. The minutes in a lesson's head are those of its text; the exercises take so much *more*, and have their own.

With ``--check`` nothing is written, and the exit code says whether the minutes are right.
"""

import json
import math
import re
import sys
from functools import cache
from pathlib import Path

from ktlearn.exercises.find import exercise, exercises_of

HERE = Path(__file__).resolve().parent
SCHEDULES = HERE / "schedules.md"
LESSONS = HERE.parents[1] / "notebooks"
WORDS_IN_A_LINE_OF_CODE = 5


def fill(text):
    """The text of schedules.md, with its minutes computed.

    Raises:
        ValueError: a lesson, a section or an exercise does not exist, or a table has no room for its rows.
    """
    span, lines, table = None, [], []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            lines += _filled(table, span)
            span, table = None, []
        if found := re.search(r"From (\d+:\d\d) to (\d+:\d\d)\.", line):
            span = tuple(map(_minutes_of_clock, found.groups()))
        lines.append(line)
    return "\n".join(lines[:-1])


def minutes_of(cell, row=""):
    """The minutes of what a cell names. ``row`` is the whole row, for its *other exercises*.

    >>> minutes_of("exercises 2.1, 2.2; break (15 min)")
    23
    """
    total = sum(map(int, re.findall(r"\((\d+) min\)", cell)))
    for lesson, sections in re.findall(r"\b(\d\d|[A-Z]\d) §(all|\d+(?:–\d+)?(?:, \d+(?:–\d+)?)*)", cell):
        total += _minutes_of_sections(lesson, sections)
    total += sum(exercise(number).minutes for number in _exercises_named(cell))
    for lesson in re.findall(r"other exercises of (\d\d|[A-Z]\d)", cell):
        named = _exercises_named(row)
        total += sum(each.minutes for each in exercises_of(lesson) if each.number not in named)
    return total


@cache
def sections(lesson):
    """The sections of a lesson with their minutes: {1: 8.5, 2: 12.1, …}. What precedes the first belongs to it."""
    paths = list(LESSONS.glob(f"{lesson}_*.ipynb"))
    if not paths:
        raise ValueError(f"There is no lesson {lesson!r} in {LESSONS}.")
    cells = json.loads(paths[0].read_text(encoding="utf-8"))["cells"]
    sizes, number = {1: 0}, 1
    for cell in cells:
        source = "".join(cell["source"])
        if re.search(r"^## Exercises", source, re.MULTILINE):
            break
        if cell["cell_type"] == "markdown" and (found := re.search(r"^## (\d+)\. ", source, re.MULTILINE)):
            number = int(found[1])
        lines_of_code = source.count("\n") + 1 if cell["cell_type"] == "code" and cell["id"] != "bootstrap" else 0
        words = len(source.split()) if cell["cell_type"] == "markdown" else lines_of_code * WORDS_IN_A_LINE_OF_CODE
        sizes[number] = sizes.get(number, 0) + words
    minutes = int(re.search(r"^\| about (\d+) minutes", "".join(cells[0]["source"]), re.MULTILINE)[1])
    return {number: minutes * size / sum(sizes.values()) for number, size in sizes.items()}


def _minutes_of_sections(lesson, named):
    known = sections(lesson)
    if named == "all":
        return sum(known.values())
    wanted = []
    for part in named.split(", "):
        first, _, last = part.partition("–")
        wanted += range(int(first), int(last or first) + 1)
    if unknown := [number for number in wanted if number not in known]:
        raise ValueError(f"Lesson {lesson} has no section {unknown[0]}; it has {min(known)} to {max(known)}.")
    return sum(known[number] for number in wanted)


def _exercises_named(text):
    lists = re.findall(r"\bexercises? ((?:[A-Z]?\d+\.\d+(?:, | and )?)+)", text)
    return [number for each in lists for number in re.findall(r"[A-Z]?\d+\.\d+", each)]


def _filled(table, span):
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table]
    head, rule, body = rows[0], rows[1], rows[2:]
    counted = [column for column, name in enumerate(head) if re.fullmatch(r"minutes|of \d+", name)]
    for row in body:
        for column in counted:
            minutes = _up_to_five(minutes_of(row[column - 1], " ".join(row)))
            row[column] = str(minutes) if minutes else ""
            if head[column] != "minutes" and minutes > int(head[column].removeprefix("of ")):
                raise ValueError(f"{row[column - 1]!r} takes {minutes} minutes, {head[column]}. Name less.")
    if "from" in head:
        if not span:
            raise ValueError(f'No line "From 9:00 to 12:30." stands before the table that begins with {body[0]}.')
        _set_clock(body, head.index("from"), counted[0], span)
    return ["| " + " | ".join(row) + " |" for row in (head, rule, *body)]


def _set_clock(body, at, counted, span):
    now, end = span
    left = end - now - sum(int(row[counted] or 0) for row in body)
    if left < 0:
        raise ValueError(f"The table that ends at {_clock(end)} is {-left} minutes too long. Name less.")
    for row in body:
        if "**Reserve**" in " ".join(row):
            row[counted], left = str(left), 0
        row[at] = _clock(now)
        now += int(row[counted] or 0)
    if left:
        raise ValueError(f"The table that ends at {_clock(end)} has {left} minutes left and no row **Reserve**.")


def _up_to_five(minutes):
    return math.ceil(round(minutes, 6) / 5) * 5


def _minutes_of_clock(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes):
    return f"{minutes // 60}:{minutes % 60:02}"


def main(arguments=()):
    """Write the minutes into schedules.md, or with ``--check`` only compare; returns the exit code."""
    old = SCHEDULES.read_text(encoding="utf-8")
    new = fill(old)
    if "--check" not in arguments:
        SCHEDULES.write_text(new, encoding="utf-8")
    elif new != old:
        print("schedules.md does not agree with the lessons. Run: python docs/workshop/schedules.py")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
