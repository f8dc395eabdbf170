"""What the diagrams are made of: boxes with a name, and arrows with words on them."""

from itertools import pairwise

from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.model.picture import mixed

INK, FAINT, RULE, PAPER = LIGHT["ink"], LIGHT["faint"], LIGHT["rule"], LIGHT["paper"]
BLUE, ORANGE, GREEN, PURPLE = LIGHT["heads"][:4]


def box(sheet, x, y, w, h, label, colour=FAINT, detail=None, is_pale=False):
    """A box around its middle ``(x, y)``, its label in bold and a smaller line below it."""
    stroke = mixed(colour, PAPER, 0.3 if is_pale else 0.9)
    sheet.rectangle(x - w / 2, y - h / 2, w, h, mixed(colour, PAPER, 0.1), stroke, 1.5, radius=6)
    sheet.text(label, x, y - (8 if detail else 0), FAINT if is_pale else INK, 13, "middle", bold=True)
    if detail:
        sheet.caption(detail, x, y + 10, FAINT if is_pale else INK, "middle", 12)


def arrow(sheet, points, words=None, colour=FAINT, line=1.5, dash=0):
    """A line through points ``(x, y)``, a head at its end, and words above its longest level piece."""
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy, size = (x1 - x0) / length, (y1 - y0) / length, 6 + line
    x, y = x1 - size * dx, y1 - size * dy
    sheet.path([*points[:-1], (x, y)], colour, line, dash)
    half = size / 2
    sheet.area([(x1, y1), (x - half * dy, y + half * dx), (x + half * dy, y - half * dx)], colour)
    if words:
        start, end = max(pairwise(points), key=lambda piece: abs(piece[1][0] - piece[0][0]))
        sheet.caption(words, (start[0] + end[0]) / 2, start[1] - 11, INK, "middle", 12)
