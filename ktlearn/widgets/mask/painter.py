"""MaskPainter: a mask to paint, the weights it leaves, and the ways in which a mask goes wrong."""

import numpy as np
import traitlets

from ktlearn.support.arguments import as_numbers
from ktlearn.widgets.base.colours import LIGHT, hex_of, ink_on, shade
from ktlearn.widgets.base.numbers import softmax
from ktlearn.widgets.base.sheet import Sheet, width_of
from ktlearn.widgets.base.trait_widget import TraitWidget, checked_names

PADDING = ("<pad>", "[PAD]")
MOST_TOKENS = 16
BIG = 1e30
WAYS = ("right", "-inf", "flipped", "after", "times", "axis")

WORDS = {
    "mask": "mask: row may look at column",
    "weights": "weights",
    "sum": "sum",
    "presets": "mask",
    "preset": {"none": "none", "padding": "padding", "causal": "causal", "both": "padding & causal"},
    "ways": "how it is used",
    "way": {
        "right": ["−1e30, then softmax", "A hidden score becomes −1e30 before the softmax. This is right."],
        "-inf": ["−∞, then softmax", "Right too, but a row that may look nowhere divides 0 by 0: not a number."],
        "flipped": ["flipped", "Somebody took True for hidden: each token looks exactly where it must not."],
        "after": [
            "after softmax",
            "Multiplied by the mask too late: what is hidden took its share, and is heard.",
        ],
        "times": ["score × 0", "A score of 0 is not hidden: e⁰ = 1 is a share like any other."],
        "axis": ["wrong axis", "The softmax runs down the columns: each key has 1 to give, not each query."],
    },
    "alarms": ["rows add up to 1", "nothing hidden has weight", "what is hidden changes nothing"],
    "nowhere": "may look nowhere. −1e30 alone gives such a row the same share of everything; ktlearn makes it zeros.",
    "may": "may look at",
    "may not": "may not look at",
    "weight": "weight",
    "not a number": "not a number",
    "aid": "1: may look, True in Python. 0: may not. Click or drag over cells, or click a token for its whole row or "
    "column. With the keyboard: arrow keys, then the space bar.",
    "hint": "Point at a cell to read it here.",
    "row": "change the row of",
    "column": "change the column of",
}


class MaskPainter(TraitWidget):
    """A mask over tokens, to paint by clicks, beside the weights that it leaves.

    Args:
        tokens: 1 to 16 strings. Those that are ``<pad>`` or ``[PAD]`` are padding.
        scores: what softmax gets without a mask, ``(Q, K)``, already divided by √d_k; None: all alike.
        preset: "none", "padding", "causal" or "both".
        **state: traits, as ``way="flipped"``.

    The state is traits: readable, settable and observable.

    - ``mask``: the mask as a boolean array ``(Q, K)``, True = may attend, to read and to set; the trait behind it,
      to observe, is ``allowed``, a list of lists;
    - ``way``: how the mask is used. "right": hidden scores become -1e30 before the softmax. And five others:
      "-inf", "flipped" (True taken for hidden), "after" (the softmax), "times" (score times 0), "axis" (the wrong one);
    - ``cell``: ``(query, key)``, what is pointed at, or None.

    Raises:
        ValueError, TypeError: no tokens or too many, scores or a mask that do not fit, a preset that there is not.
        traitlets.TraitError: a state that there is not.

    >>> painter = MaskPainter(["Tom", "won", "<pad>"], preset="both")
    >>> painter.mask.astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 0]]
    >>> painter.weights.tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]]
    """

    _script = "mask/painter.js"
    _words = WORDS

    allowed = traitlets.List(traitlets.List(traitlets.Bool())).tag(sync=True)
    way = traitlets.Enum(WAYS, "right").tag(sync=True)
    cell = traitlets.Tuple(traitlets.Int(), traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)

    _tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _scores = traitlets.List(traitlets.List(traitlets.Float())).tag(sync=True)
    _pads = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, tokens, scores=None, *, preset="none", **state):
        tokens = checked_names(tokens, None, "tokens")
        if not 1 <= len(tokens) <= MOST_TOKENS:
            raise ValueError(f"tokens: give 1 to {MOST_TOKENS}; got {len(tokens)}. Take a part of a longer text.")
        scores = np.zeros((len(tokens),) * 2) if scores is None else as_numbers("scores", scores).astype("float64")
        if scores.shape != (len(tokens),) * 2 or not np.isfinite(scores).all():
            wanted = f"finite numbers ({len(tokens)}, {len(tokens)})"
            raise ValueError(f"scores: give {wanted}; got {scores.shape}, {scores.tolist()!r:.60}.")
        pads = [i for i, token in enumerate(tokens) if token in PADDING]
        if preset not in WORDS["preset"]:
            raise ValueError(f"preset must be one of {list(WORDS['preset'])}; got {preset!r}.")
        state = {"allowed": _preset(preset, len(tokens), pads).tolist()} | state
        super().__init__(_tokens=tokens, _scores=scores.tolist(), _pads=pads, **state)

    @property
    def tokens(self):
        """The tokens, a list of strings."""
        return list(self._tokens)

    @property
    def mask(self):
        """Boolean ``(Q, K)``, True = may attend: to read and to set.

        Raises:
            ValueError: set to an array that is not boolean.
            traitlets.TraitError: set to another shape.
        """
        return np.array(self.allowed, dtype=bool)

    @mask.setter
    def mask(self, mask):
        mask = np.asarray(mask)
        if mask.dtype != bool:
            raise ValueError(f"mask must be boolean, True = may attend; got {mask.dtype}.")
        self.allowed = mask.tolist()

    @property
    def weights(self):
        """What the mask, used in this way, makes of the scores. ``(Q, K)``."""
        return weigh(np.array(self._scores), self.mask, self.way)

    @property
    def alarms(self):
        """Which of three invariants are broken: rows that do not add up to 1, hidden weights, hidden influence."""
        return alarms(np.array(self._scores), self.mask, self.way)

    def __repr__(self):
        return f"<MaskPainter: {len(self._tokens)} tokens, {int(self.mask.sum())} of {self.mask.size} cells may attend>"

    @traitlets.validate("allowed")
    def _check_allowed(self, proposal):
        size = len(proposal.value) if not self._tokens else len(self._tokens)
        if [len(row) for row in proposal.value] != [size] * size:
            raise traitlets.TraitError(f"the mask must be ({size}, {size}), a row and a column for each token.")
        return proposal.value

    @traitlets.validate("cell")
    def _check_cell(self, proposal):
        if proposal.value and not all(0 <= i < len(self.allowed) for i in proposal.value):
            raise traitlets.TraitError(f"cell must be two numbers from 0 to {len(self.allowed) - 1}, or None.")
        return proposal.value

    def _alt(self):
        rows = ", ".join(f"{token[:60]}: {sum(row)}" for token, row in zip(self._tokens, self.allowed, strict=True))
        return f"A mask, and the weights it leaves, used like this: {WORDS['way'][self.way][0]}. May look at, {rows}."

    def _sheet(self):
        return _draw(self)


def _preset(name, size, pads):
    mask = np.ones((size, size), bool)
    if name in ("padding", "both"):
        mask[:, pads] = False
    return np.tril(mask) if name in ("causal", "both") else mask


def weigh(scores, mask, way):
    """The weights ``(Q, K)`` for scores and a mask, used in one of the ``WAYS``."""
    if way == "after":
        return softmax(scores) * mask
    if way == "times":
        return softmax(scores * mask)
    if way == "axis":
        return softmax(np.where(mask, scores, -BIG).T).T
    hidden = mask if way == "flipped" else ~mask
    return softmax(np.where(hidden, -np.inf if way == "-inf" else -BIG, scores))


def alarms(scores, mask, way):
    """True for each invariant that is broken: row sums, hidden weight, hidden influence."""
    weights = weigh(scores, mask, way)
    changes = [_without(scores, mask, row, way) for row in range(len(scores))]
    is_heard = any(not np.allclose(weights[row], change, equal_nan=True) for row, change in enumerate(changes))
    hidden = not np.allclose(weights[~mask], 0)
    return [not np.allclose(weights.sum(1), 1), hidden, hidden or is_heard]


def _without(scores, mask, row, way):
    """The weights of a row after all that it may not see has changed: hidden scores and the other rows."""
    other = scores + 1
    other[row, mask[row]] = scores[row, mask[row]]
    return weigh(other, mask, way)[row]


def _draw(widget):
    """The painter as a still picture: the mask on the left, the weights and their sums on the right."""
    size, mask, weights = len(widget._tokens), widget.mask, widget.weights
    cell = 54 if size <= 8 else 34
    side = max(width_of(token, 13) for token in widget._tokens)
    top = 46 if side + 6 <= cell else 40 + 0.9 * side
    left, gap = side + 28, side + 44
    second = left + size * cell + gap
    sheet = Sheet(max(second + size * cell + max(70, side / 2), 640), top + size * cell + 74, LIGHT["paper"])
    for x, title in ((left, WORDS["mask"]), (second, f"{WORDS['weights']}: {WORDS['way'][widget.way][0]}")):
        sheet.caption(title, x, 14, LIGHT["faint"])
        for i, token in enumerate(widget._tokens):
            sheet.text(token, x - 8, top + (i + 0.5) * cell, LIGHT["ink"], 13, "end")
            place = {"anchor": "middle"} if side + 6 <= cell else {"angle": 63}
            sheet.text(token, x + (i + 0.5) * cell, top - 12, LIGHT["ink"], 13, **place)
    for (i, j), is_open in np.ndenumerate(mask):
        y = top + i * cell
        fill = LIGHT["weights"][6] if is_open else LIGHT["masked"]
        sheet.rectangle(left + j * cell + 1, y + 1, cell - 2, cell - 2, fill)
        ink = LIGHT["paper" if is_open else "faint"]
        sheet.text(str(int(is_open)), left + (j + 0.5) * cell, y + cell / 2, ink, 13, "middle", bold=bool(is_open))
        colour = shade(weights[i : i + 1, j], 1)[0]
        is_leak = not is_open and weights[i, j] > 5e-4
        fill = LIGHT["masked"] if not is_open and weights[i, j] == 0 else hex_of(colour)
        edge = {"stroke": LIGHT["accent"], "line": 2} if is_leak else {"stroke": LIGHT["rule"]}
        sheet.rectangle(second + j * cell + 1, y + 1, cell - 2, cell - 2, fill, **edge)
        word = "nan" if np.isnan(weights[i, j]) else f"{weights[i, j]:.2f}" if weights[i, j] >= 0.005 else ""
        if word:
            sheet.text(word, second + (j + 0.5) * cell, y + cell / 2, ink_on(colour), 11, "middle")
    sums = weights.sum(1)
    sheet.caption(WORDS["sum"], second + size * cell + 12, 32 if side + 6 > cell else top - 12, LIGHT["faint"])
    for i, total in enumerate(sums):
        colour = LIGHT["faint" if abs(total - 1) < 5e-4 else "accent"]
        word = "nan" if np.isnan(total) else f"{total:.2f}"
        sheet.text(word, second + size * cell + 12, top + (i + 0.5) * cell, colour, 12)
    x, y = 16, top + size * cell + 24
    for words, is_broken in zip(WORDS["alarms"], widget.alarms, strict=True):
        sheet.caption(f"{'✗' if is_broken else '✓'} {words}", x, y, LIGHT["accent" if is_broken else "faint"])
        x += 6.4 * len(words) + 36
    sheet.caption(WORDS["way"][widget.way][1], 16, y + 24, LIGHT["faint"])
    return sheet
