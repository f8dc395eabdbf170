"""A lesson as the tests see it: a notebook, its cells, and the facts its head states."""

import re
from functools import cached_property
from pathlib import Path

import nbformat

from ktlearn.course.stamp import FOLDED

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "notebooks"
# The same in every lesson and stamped by `python -m ktlearn stamp`, so no rule of style counts them.
STAMPED = ("colab", "bootstrap")


def metadata_of_its_own(cell):
    """What the metadata of a cell may hold: tags, and that the code of the bootstrap is folded away."""
    kept = ("tags", *(FOLDED if cell.get("id") == "bootstrap" else ()))
    return {key: cell.metadata[key] for key in kept if key in cell.metadata}


class Lesson:
    def __init__(self, path):
        self.path = Path(path)
        # nbformat.read would give a repeated id another one, silently; a rule has to see it.
        self.notebook = nbformat.v4.reads(self.path.read_text(encoding="utf-8"))

    @property
    def name(self):
        return self.path.stem

    @property
    def cells(self):
        return self.notebook.cells

    @cached_property
    def own_cells(self):
        """What the author wrote: all but the stamped cells and the empty ones."""
        return [cell for cell in self.cells if cell.id not in STAMPED and cell.source.strip()]

    @cached_property
    def code(self):
        return [cell for cell in self.own_cells if cell.cell_type == "code"]

    @cached_property
    def prose(self):
        return [cell for cell in self.own_cells if cell.cell_type == "markdown"]

    @cached_property
    def title(self):
        found = re.search(r"^# (.+)$", self.prose[0].source if self.prose else "", re.MULTILINE)
        return found.group(1).strip() if found else None

    @cached_property
    def head(self):
        """The Markdown before the first code cell of the author."""
        texts = []
        for cell in self.own_cells:
            if cell.cell_type == "code":
                break
            texts.append(cell.source)
        return "\n\n".join(texts)

    @cached_property
    def facts(self):
        """What the table in the head promises: minutes of reading, exercises and running, gigabytes, needs.

        A fact that the table does not state is None.
        """
        stated = _first_table(self.head)

        def cell(start):
            return next((text for name, text in stated.items() if name.lower().startswith(start)), "")

        return {
            "reading": _amount(cell("reading"), {"minute": 1, "hour": 60}),
            "exercises": _amount(cell("reading"), {"more": 1}),
            "running": _amount(cell("running"), {"second": 1 / 60, "minute": 1}),
            "memory": _amount(cell("memory"), {"MB": 0.001, "GB": 1}),
            "needs": cell("you need") or None,
        }


def find_lessons(names=(), folder=LESSONS):
    """The paths of the named lessons (``01``, a file's name, or a path), of all when none is named."""
    present = sorted(folder.glob("*.ipynb"))
    if not names:
        return present
    return [_find_one(name, present) for name in names]


def _find_one(name, present):
    if Path(name).suffix == ".ipynb" and Path(name).is_file():
        return Path(name).resolve()
    found = [path for path in present if path.stem == Path(name).stem or path.stem.split("_")[0] == name]
    if len(found) != 1:
        names = ", ".join(path.stem for path in present) or "none"
        raise SystemExit(f"There is no lesson {name!r}. The lessons are: {names}.")
    return found[0]


def _first_table(markdown):
    """The first two rows of the first Markdown table: a dict of heading → what stands below it."""
    rows = [line.strip().strip("|").split("|") for line in markdown.splitlines() if line.startswith("|")]
    if len(rows) < 3:
        return {}
    return {name.strip(): text.strip() for name, text in zip(rows[0], rows[2], strict=False)}


def _amount(text, units):
    """The number in ``about 10 seconds``, in the unit that counts 1; None when there is none."""
    found = re.search(rf"([\d.]+) ({'|'.join(units)})", text)
    return float(found[1]) * units[found[2]] if found else None
