"""The lessons in reading order, with their exercises: the table of notebooks/README.md, which is the course."""

import re
from typing import NamedTuple

from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from ktlearn.support.bundled import resource

# A lesson that is written has a link: | 01 | [Attention math](01_attention_math.ipynb) | …
ROW = re.compile(r"^\| *(\d\d|[A-Z]\d) *\| *\[([^\]]+)\]\(", re.MULTILINE)


class Lesson(NamedTuple):
    """A lesson that is written, with its exercises."""

    number: str  # "01", or "A1"
    title: str
    exercises: tuple  # of Exercise

    def __str__(self):
        return f"{self.number} {self.title}".strip()


def lessons():
    """The lessons that have exercises, in reading order; without the table, in the order of their files.

    >>> [lesson.title for lesson in lessons()][:3]
    ['Start here', 'Attention math', 'How a model learns']
    """
    titles = dict(ROW.findall(_table()))
    known = lessons_with_exercises()
    order = [number for number in titles if number in known]
    order += [number for number in known if number not in titles]
    return [Lesson(number, titles.get(number, ""), tuple(exercises_of(number))) for number in order]


def _table():
    try:
        return (resource("notebooks") / "README.md").read_text(encoding="utf-8")
    except OSError:
        return ""
