"""What the diagrams are made of: boxes with a name, and arrows with words on them."""

from ktlearn.widgets.base.colours import LIGHT


def box(sheet, x, y, w, h, label, colour, detail=None):
    """A box around its middle ``(x, y)``, its label in bold and a small line below it."""
    sheet.rectangle(x - w / 2, y - h / 2, w, h, LIGHT["paper"], colour, 1.6, radius=6)
    sheet.text(label, x, y - (8 if detail else 0), LIGHT["ink"], anchor="middle", bold=True)
    if detail:
        sheet.caption(detail, x, y + 9, LIGHT["faint"], "middle")


def arrow(sheet, points, words=None, colour=LIGHT["faint"]):
    """Straight lines through points ``(x, y)``, a head at the end, and words above the first line."""
    sheet.path(points, colour)
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - 7 * dx, y1 - 7 * dy)
    sheet.area([(x1, y1), (back[0] - 3.5 * dy, back[1] + 3.5 * dx), (back[0] + 3.5 * dy, back[1] - 3.5 * dx)], colour)
    if words:
        (x0, y0), (x1, _) = points[:2]
        sheet.caption(words, (x0 + x1) / 2, y0 - 10, LIGHT["ink"], "middle")


def shown(sheet):
    """The sheet as the last line of a cell."""
    from IPython.display import SVG

    return SVG(sheet.svg())
