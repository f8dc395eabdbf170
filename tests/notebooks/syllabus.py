"""The table in notebooks/README.md: its rows are the course, its last columns are measured."""

import math
import re
from typing import NamedTuple

_UNITS = {"s": 1 / 60, "min": 1, "GB": 1}


class Measured(NamedTuple):
    seconds: float
    gigabytes: float


class Row(NamedTuple):
    number: str  # "01", or "A1": as the lesson's file begins
    lesson: str  # "Title", or "[Title](file.ipynb)" when the lesson exists
    about: str
    reading: str  # "20 min", or "planned"
    running: str
    memory: str


def read_rows(text):
    """The rows of the syllabus in the text of the README."""
    rows = ([cell.strip() for cell in line[1:].rstrip(" |").split("|")] for line in text.splitlines())
    return [Row(*cells, *[""] * (6 - len(cells))) for cells in rows if re.fullmatch(r"\d\d|[A-Z]\d", cells[0])]


def update_syllabus(readme, lesson, measured):
    """Write what a lesson takes into its row; False when it has none."""
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    for old in read_rows(text):
        if old.number == lesson.name[:2]:
            break
    else:
        return False
    title = lesson.title.split(" · ")[-1]  # the number stands in a column of its own
    running, memory = rounded_up(measured)
    reading = f"{lesson.facts['reading']:g} min"
    new = Row(old.number, f"[{title}]({lesson.path.name})", old.about, reading, running, memory)
    line = f"| {' | '.join(new)} |"
    text = re.sub(rf"^\| *{old.number} *\|.*$", lambda _: line, text, flags=re.MULTILINE)
    readme.write_text(text, encoding="utf-8")
    return True


def rounded_up(measured):
    """Running time and memory as the table says them: coarse, so that they change only when a lesson does."""
    seconds = math.ceil(measured.seconds / 5) * 5
    running = f"{seconds} s" if seconds < 60 else f"{math.ceil(measured.seconds / 30) / 2:g} min"
    return running, f"{math.ceil(measured.gigabytes * 10) / 10:.1f} GB"


def amount(text):
    """A cell of the table as a number: minutes or gigabytes."""
    number, unit = text.split()
    return float(number) * _UNITS[unit]
