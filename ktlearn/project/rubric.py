"""What the checks of a project saw, as a table for a person and as data for a program."""

import html
import textwrap
from typing import NamedTuple

from ktlearn.support.characters import visible

GOOD, MEND, OPEN = "good", "mend", "open"
SIGNS = {GOOD: "✓", MEND: "✗", OPEN: "?"}
WIDTH = 100


class Finding(NamedTuple):
    """What one check has to say.

    Attributes:
        name: of the check, one word.
        verdict: "good", "mend", or "open" where there was nothing to look at.
        saw: what it saw, with the numbers.
        unseen: what it cannot see.
        todo: what to do next; empty when it is good.
    """

    name: str
    verdict: str
    saw: str
    unseen: str
    todo: str = ""


class Rubric(list):
    """A list of :class:`Finding`; ``print`` shows it as text, a notebook as a table.

    >>> print(Rubric([Finding("seeds", OPEN, "No run is here.", "", "Train with three seeds.")]))
    ? seeds         No run is here.
                    → Train with three seeds.
    0 of 1 good.
    """

    @property
    def open(self):
        """The names of the checks that are not good yet."""
        return [finding.name for finding in self if finding.verdict != GOOD]

    def __getitem__(self, place):
        """A finding by its place, or by its name.

        Raises:
            KeyError: there is no check of this name.
        """
        if not isinstance(place, str):
            return super().__getitem__(place)
        for finding in self:
            if finding.name == place:
                return finding
        raise KeyError(f"There is no check {place!r}; there are {', '.join(finding.name for finding in self)}.")

    def __str__(self):
        lines = []
        for name, verdict, saw, _, todo in self:
            lines += _folded(f"{SIGNS[verdict]} {name:<12}", saw)
            lines += _folded(" " * 14, f"→ {todo}") if todo else []
        return "\n".join([*lines, f"{len(self) - len(self.open)} of {len(self)} good."])

    __repr__ = __str__

    def _repr_html_(self):
        head = "<tr><th>good?</th><th>check</th><th>what it saw</th><th>what it cannot see</th><th>next</th></tr>"
        rows = [
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(visible(cell))}</td>' for cell in cells)
            + "</tr>"
            for cells in ((SIGNS[f.verdict], f.name, f.saw, f.unseen, f.todo) for f in self)
        ]
        return f"<table>{head}{''.join(rows)}</table><p>{len(self) - len(self.open)} of {len(self)} good.</p>"


def _folded(head, text):
    wrapped = textwrap.wrap(visible(text), WIDTH - len(head) - 2) or [""]
    return [f"{head}  {wrapped[0]}", *(" " * (len(head) + 2) + line for line in wrapped[1:])]
