"""PositionExplorer: sinusoidal positions as a map, as clocks, as waves, and as what a dot product knows of distance."""

import numpy as np
import traitlets

from ktlearn.support.arguments import check_whole
from ktlearn.widgets.base.colours import LIGHT, shade
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.trait_widget import TraitWidget

LONGEST, WIDEST = 512, 64

WORDS = {
    "position": "position",
    "other": "other position",
    "map": "Each row is a position, each pair of columns one clock: its sine and its cosine.",
    "dimension": "dimension",
    "clocks": "one clock for each pair: both hands",
    "wave": "pair #: its sine and cosine along the positions",
    "dots": "dot product of position # with all others",
    "keys": "Map of positions. Up and down move the position, with Shift the other one; left and right the pair.",
    "clock": "pair",
    "live": ["Positions", "and", "apart: the dot product is", "of", "the Euclidean distance"],
    "turn": "Pair # turns once in",
    "positions": "positions",
    "aid": "Click a row for the position, with Shift for the other one; click a clock for its pair. The dot product is "
    "the sum of the cosines between the two hands of each clock: so only the distance of the positions counts.",
}


class PositionExplorer(TraitWidget):
    """The paper's position vectors, to turn and to compare.

    Args:
        length: how many positions, 2 to 512.
        d_model: how wide a vector is, an even number from 2 to 64.
        **state: traits, as ``position=10``.

    The state is traits: readable, settable and observable.

    - ``position``, ``other``: two positions;
    - ``pair``: the pair of dimensions, one sine and one cosine, whose wave is shown.

    Raises:
        ValueError: a length or a width that there is not.
        traitlets.TraitError: a state that there is not.

    Source: Vaswani et al. 2017, section 3.5.

    >>> explorer = PositionExplorer(length=50, d_model=4, position=0, other=1)
    >>> round(explorer.dot, 2)
    1.54
    """

    _script = "positions/explorer.js"
    _words = WORDS

    position = traitlets.Int(0).tag(sync=True)
    other = traitlets.Int(0).tag(sync=True)
    pair = traitlets.Int(0).tag(sync=True)

    _length = traitlets.Int(2).tag(sync=True)
    _width = traitlets.Int(2).tag(sync=True)

    def __init__(self, length=50, d_model=32, **state):
        check_whole("length", length)
        check_whole("d_model", d_model)
        if not 2 <= length <= LONGEST:
            raise ValueError(f"length must be from 2 to {LONGEST}; got {length}.")
        if d_model % 2 or not 2 <= d_model <= WIDEST:
            raise ValueError(f"d_model must be an even number from 2 to {WIDEST}; got {d_model}.")
        state = {"position": length // 5, "other": length // 5 + 3 if length > 5 else 1} | state
        super().__init__(_length=length, _width=d_model, **state)

    @property
    def vectors(self):
        """All positions, ``(length, d_model)``."""
        from ktlearn.layers import sinusoidal_positions

        return sinusoidal_positions(self._length, self._width)

    @property
    def dot(self):
        """The dot product of the two positions."""
        vectors = self.vectors
        return float(vectors[self.position] @ vectors[self.other])

    @property
    def distance(self):
        """The Euclidean distance of the two position vectors."""
        vectors = self.vectors
        return float(np.linalg.norm(vectors[self.position] - vectors[self.other]))

    def __repr__(self):
        places = f"at {self.position} and {self.other}"
        return f"<PositionExplorer: {self._length} positions, {self._width} dimensions, {places}>"

    @traitlets.validate("position", "other", "pair")
    def _check_number(self, proposal):
        count = self._width // 2 if proposal.trait.name == "pair" else self._length
        if not 0 <= proposal.value < count:
            raise traitlets.TraitError(f"{proposal.trait.name} must be from 0 to {count - 1}; got {proposal.value}.")
        return proposal.value

    def _alt(self):
        return (
            f"Sinusoidal positions, {self._length} by {self._width}. Positions {self.position} and {self.other} have "
            f"the dot product {self.dot:.2f}, of {self._width / 2:g} at most."
        )

    def _sheet(self):
        return _draw(self)


def _draw(widget):
    """The explorer as a still picture: the map on the left; clocks, wave and dot products on the right."""
    vectors, faint = widget.vectors, LIGHT["faint"]
    L, D = vectors.shape
    high, wide, left, top = 380, max(160, min(320, 10 * D)), 46, 28
    right = left + wide + 56
    sheet = Sheet(right + 392, top + high + 44, LIGHT["paper"])
    sheet.cells(left, top, wide, high, shade(vectors, 1, signed=True))
    sheet.rectangle(left, top, wide, high, stroke=LIGHT["rule"])
    cell = max(high / L, 3)
    for place, colour in ((widget.other, _colour(1)), (widget.position, _colour(0))):
        y = top + (place + 0.5) * high / L
        sheet.rectangle(left - 1, y - cell / 2, wide + 2, cell, stroke=colour, line=2)
        sheet.text(str(place), left - 8, y, colour, 12, "end", bold=True)
    sheet.rectangle(left + 2 * widget.pair * wide / D, top - 6, 2 * wide / D, 4, _colour(0))
    sheet.caption(WORDS["dimension"], left + wide / 2, top + high + 16, faint, "middle")
    sheet.caption(WORDS["position"], 6, 14, faint)
    bottom = _clocks(sheet, widget, right, 14)
    room = (top + high - bottom - 76) / 2
    at = np.arange(L)
    rate = 10000 ** (-2 * widget.pair / D)
    waves = [np.sin(at * rate), np.cos(at * rate)]
    _chart(sheet, widget, right, bottom + 22, room, WORDS["wave"].replace("#", str(widget.pair)), waves, (-1, 1))
    dots = vectors @ vectors[widget.position]
    title, limits = WORDS["dots"].replace("#", str(widget.position)), (min(0, dots.min()), D / 2)
    _chart(sheet, widget, right, bottom + 66 + room, room, title, [dots], limits)
    return sheet


def _clocks(sheet, widget, x, y):
    """All clocks in rows of eight; answers where they end."""
    sheet.caption(WORDS["clocks"], x, y, LIGHT["faint"])
    count = widget._width // 2
    size = 44 if count <= 16 else 22
    row = 352 // size
    for pair in range(count):
        cx, cy = x + (pair % row + 0.5) * size, y + 14 + (pair // row + 0.5) * size
        is_on = pair == widget.pair
        edge = {"stroke": _colour(0) if is_on else LIGHT["rule"], "line": 2 if is_on else 1}
        sheet.disc(cx, cy, size * 0.42, **edge)
        for place, n in ((widget.other, 1), (widget.position, 0)):
            angle = place * 10000 ** (-2 * pair / widget._width)
            tip = (cx + size * 0.36 * np.sin(angle), cy - size * 0.36 * np.cos(angle))
            sheet.path([(cx, cy), tip], _colour(n), 2)
    return y + 14 + size * -(-count // row)


def _chart(sheet, widget, x, y, high, title, curves, limits):
    """Curves over the positions, the second one broken, with a ring at each of the two positions."""
    wide, (low, top) = 376, limits

    def spot(place, value):
        return x + (place + 0.5) / widget._length * wide, y + (top - value) / (top - low) * high

    sheet.caption(title, x, y - 12, LIGHT["faint"])
    sheet.path([spot(-0.5, 0), spot(widget._length - 0.5, 0)], LIGHT["rule"], 1)
    styles = ((LIGHT["ink"], 2, 0), (LIGHT["faint"], 1.2, 4))
    for values, style in zip(curves, styles, strict=False):
        sheet.path([spot(*each) for each in enumerate(values)], *style)
        for place, n in ((widget.other, 1), (widget.position, 0)):
            sheet.disc(*spot(place, values[place]), 4.5, LIGHT["paper"], _colour(n), 2)


def _colour(n):
    return LIGHT["heads"][n]
