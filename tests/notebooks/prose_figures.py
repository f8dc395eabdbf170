"""Every number in a lesson's prose has a source, and the source says the same number.

    python tests/notebooks/prose_figures.py 06 07

writes the list ``tests/notebooks/figures/06.tsv``: for each number in the prose of lesson 06 its cell, the number as it
is written, and where it comes from: ``out CELL``, what the nearest such cell printed, or ``code CELL``, what it sets.
What has no such source is marked ``?``, and a person writes the source in its place, which then stays:

- ``file PATH``: a kept output of a script, or a card, that says the number;
- ``= 4 * 1,055 / 16``: a calculation, which is done again;
- ``given``: the text makes it up, as the table in a task;
- anything else is a citation: a paper and its section, a figure in which it is read off.

``test_prose_figures.py`` holds the lists against the lessons.
"""

import ast
import csv
import html
import operator
import re
import sys
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.notebooks.lesson import ROOT, Lesson, find_lessons

LISTS = Path(__file__).parent / "figures"
_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")
# What is no figure: code and formulas, addresses, the number of a lesson or a section, a numbered list, a year.
_NO_FIGURE = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|<[^>]*>|\]\([^)]*\)|https?://\S+|arXiv\S* ?[\d.]+"
    r"|^#+ .*?$|^\s*\d+[.)] |\b(?:19|20)\d\d\b"
    r"|\b(?:[Ll]essons?|[Ss]ections?|[Ee]xercises?|[Cc]hapters?|[Ff]igures?|[Tt]ables?|[Ee]quations?|[Aa]ppendix|GPT|T)"
    r"[-\s]*\d+(?:\.\d+)*(?:(?:,| and| to|–) ?\d+(?:\.\d+)*)*",
    re.DOTALL | re.MULTILINE,
)


class Figure(NamedTuple):
    cell: str
    written: str
    source: str


def numbers(text):
    """The numbers in a text as they are written.

    >>> numbers("Lesson 07 needs 1,055 texts; `x = 3` is code, 24 % is right.")
    ['1,055', '24']
    """
    return _NUMBER.findall(_NO_FIGURE.sub(" ", text))


def says(text, written):
    """True when a text has the number, or one that is rounded to it; also a share for a percentage."""
    wanted = _value(written)
    unit = Decimal(1).scaleb(wanted.as_tuple().exponent)
    for found in _all_values(text):
        for value in (found, found * 100):
            if wanted in (_rounded(value, unit, ROUND_HALF_EVEN), _rounded(value, unit, ROUND_HALF_UP)):
                return True
    return False


def figures(lesson, known=()):
    """The list of a lesson: its numbers, each with the nearest source, or the one that ``known`` has for it."""
    written_down = {(figure.cell, figure.written): figure.source for figure in known}
    order = {cell.id: place for place, cell in enumerate(lesson.own_cells)}
    found = []
    for cell in lesson.prose:
        for written in dict.fromkeys(numbers(cell.source)):
            near = sorted(lesson.code, key=lambda code, at=order[cell.id]: abs(order[code.id] - at + 0.5))
            old = written_down.get((cell.id, written), "?")
            is_by_hand = old.partition(" ")[0] not in ("out", "code", "?")
            found.append(Figure(cell.id, written, old if is_by_hand else _source(written, near)))
    return found


def holds(lesson, figure):
    """True when the source of a figure says it; a citation is taken at its word."""
    kind, _, where = figure.source.partition(" ")
    if kind == "=":
        return says(str(_calculated(where)), figure.written)
    if kind in ("out", "code"):
        cell = next((cell for cell in lesson.code if cell.id == where), None)
        return cell is not None and says(_printed(cell) if kind == "out" else cell.source, figure.written)
    if kind == "file":
        return says((ROOT / where).read_text(encoding="utf-8"), figure.written)
    return kind != "?"


def read(lesson, folder=LISTS):
    """The kept list of a lesson; empty when there is none."""
    path = folder / f"{lesson.name[:2]}.tsv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Figure(*row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def write(lesson, folder=LISTS):
    """Write the list of a lesson anew; what a person wrote in it stays. Returns what has no source."""
    found = figures(lesson, read(lesson, folder))
    folder.mkdir(exist_ok=True)
    text = "".join("\t".join(figure) + "\n" for figure in found)
    (folder / f"{lesson.name[:2]}.tsv").write_text(text, encoding="utf-8")
    return [figure for figure in found if figure.source == "?"]


def _source(written, near):
    for kind, of in (("out", _printed), ("code", lambda cell: cell.source)):
        for cell in near:
            if says(of(cell), written):
                return f"{kind} {cell.id}"
    return "?"


def _printed(cell):
    texts = []
    for output in cell.outputs:
        for kind, text in {**output.get("data", {}), "text/plain ": output.get("text", "")}.items():
            if kind.startswith("text/"):
                text = "".join(text)
                texts.append(html.unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)))
    return "\n".join(texts)


@cache
def _all_values(text):
    return frozenset(
        _value(number)
        for number in re.findall(r"(?<![A-Za-z_\d])[-+−]?\d+(?:[,_]\d{3})*(?:\.\d*)?(?:e[-+]?\d+)?", text)
    )


def _value(written):
    return Decimal(re.sub(r"[,_]", "", written).replace("−", "-").rstrip("."))


def _rounded(value, unit, how):
    return value.quantize(unit, rounding=how) if abs(value) < Decimal(10) ** 20 else value


_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _calculated(formula):
    """The value of a formula of numbers, ``+ - * /`` and brackets."""

    def value(node):
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        return node.value

    return value(ast.parse(formula.replace(",", ""), mode="eval").body)


if __name__ == "__main__":
    for path in find_lessons(sys.argv[1:]):
        for figure in write(Lesson(path)):
            print(f"{path.name}, cell {figure.cell}: {figure.written} has no source")
