"""A scene as a still picture, for files and for notebooks where no script may run."""

import numpy as np

from ktlearn.widgets.base.colours import COLOURS
from ktlearn.widgets.base.sheet import Sheet

FAINT = 0.16  # how much of its colour a box has


def draw(machine, mark=(), theme="light"):
    """The sheet of a scene.

    Args:
        machine: of :func:`ktlearn.widgets.model.scene.scene`.
        mark: the ids that are marked; all others are pale then.
        theme: "light" or "dark".
    """
    colours = COLOURS[theme]
    sheet = Sheet(machine["w"], machine["h"], colours["paper"])
    for kind, *rest in machine["shapes"]:
        PAINT[kind](sheet, colours, mark, *rest)
    return sheet


def mixed(colour, paper, share):
    """A colour on paper, so thin that it has this share.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = [(int(colour[i : i + 2], 16), int(paper[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _box(sheet, colours, mark, path, x, y, w, h, label, detail, colour):
    is_on = path in mark
    edge = colours["heads"][colour]
    share = 0.42 if is_on else 0.06 if mark else FAINT
    line = {"stroke": colours["accent"], "line": 2.5} if is_on else {"stroke": mixed(edge, colours["paper"], 0.75)}
    sheet.rectangle(x, y, w, h, mixed(edge, colours["paper"], share), **line, radius=6)
    ink = colours["faint"] if mark and not is_on else colours["ink"]
    middle = y + h / 2
    is_two = detail and h > 30
    sheet.text(label, x + w / 2, middle - (7 if is_two else 0), ink, 12.5 if w > 100 else 11.5, "middle", bold=True)
    if is_two:
        sheet.caption(detail, x + w / 2, middle + 9, colours["faint"], "middle", 10)
    elif detail and w > 100:
        sheet.caption(detail, x + w - 8, middle, colours["faint"], "end", 10)


def _frame(sheet, colours, mark, path, x, y, w, h, label, times):
    is_on = path in mark
    stroke = {"stroke": colours["accent" if is_on else "rule"], "line": 2.5 if is_on else 1.2}
    sheet.rectangle(x, y, w, h, mixed(colours["faint"], colours["paper"], 0.05), **stroke, radius=12)
    sheet.caption(label, x + w - 8, y + h - 10, colours["faint"], "end", 10)
    if times:
        sheet.text(f"× {times}", x + w - 12, y + 18, colours["ink"], 15, "end", bold=True)


def _add(sheet, colours, mark, path, x, y):
    colour = colours["accent" if path in mark else "ink"]
    sheet.disc(x, y, 9, colours["paper"], colour, 1.3)
    for points in ([(x - 4.5, y), (x + 4.5, y)], [(x, y - 4.5), (x, y + 4.5)]):
        sheet.path(points, colour, 1.3)


def _line(sheet, colours, mark, points, kind):
    is_memory = kind == "memory"
    colour = colours["heads"][2] if is_memory else colours["faint"]
    sheet.path(points, colour, 1.8 if is_memory else 1.3)
    if kind == "plain":
        return
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = np.sign(x1 - x0), np.sign(y1 - y0)
    side = (-dy, dx)
    base = (x1 - 6 * dx, y1 - 6 * dy)
    ends = [(base[0] + s * 3.2 * side[0], base[1] + s * 3.2 * side[1]) for s in (1, -1)]
    sheet.area([(x1, y1), *ends], colour)


def _shape(sheet, colours, mark, x, y, letters):
    sheet.caption(f"({', '.join(letters)})", x, y, colours["faint"], "start", 10)


def _strip(*_):
    """Numbers are in the live widget only."""


def _mask(sheet, colours, mark, path, x, y, size, kind):
    cell = size / 5
    allowed = allowed_in(kind)
    for (i, j), is_open in np.ndenumerate(allowed):
        fill = colours["weights"][5] if is_open else colours["paper"]
        sheet.rectangle(x + j * cell, y + i * cell, cell, cell, fill)
    sheet.rectangle(x, y, size, size, stroke=colours["faint"], line=0.8)


def allowed_in(kind):
    """A mask of five tokens, the last one padding, as a sign for its kind: boolean ``(5, 5)``.

    >>> allowed_in("causal")[0].tolist()
    [True, False, False, False, False]
    """
    allowed = np.tri(5, dtype=bool) if "causal" in kind else np.ones((5, 5), bool)
    if "padding" in kind:
        allowed[:, 4] = False
    if "window" in kind:
        allowed &= ~np.tri(5, k=-3, dtype=bool)
    return allowed


def _text(sheet, colours, mark, x, y, words, anchor):
    is_letter = len(words) == 1
    sheet.caption(words, x, y, colours["faint"], anchor, 9 if is_letter else 12)


PAINT = {
    "box": _box, "frame": _frame, "add": _add, "line": _line,
    "shape": _shape, "strip": _strip, "mask": _mask, "text": _text,
}  # fmt: skip
