"""The diagram of lesson 03: how vectors are cut into heads, and how the heads are joined again."""

from ktlearn.diagrams.boxes import arrow, box
from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

LENGTH, HEADS, D_K = 3, 2, 4  # as in the lesson
CELL, ARROW, MIDDLE = 13, 94, 104
WIDE, NARROW, HIGH = HEADS * D_K * CELL, D_K * CELL, LENGTH * CELL


def split_and_join():
    """One text on its way through multi-head attention: reshape, transpose, attend and join, the shapes on the arrows.

    A row is a token, a colour is a head. Queries, keys and values are cut alike, so the cut is drawn once.

    Source: Vaswani et al. 2017, section 3.2.2 and figure 2, on the right.

    >>> "(B, H, L, d_k)" in split_and_join().data
    True
    """
    sheet = Sheet(950, 2 * MIDDLE, LIGHT["paper"])
    heads = (MIDDLE - 46, MIDDLE + 46)

    _grid(sheet, 10, MIDDLE, range(HEADS), "(B, L, D)")
    x = _step(sheet, 10 + WIDE, "reshape", "(B, L, H, d_k)")
    _grid(sheet, x, MIDDLE, range(HEADS), "each row is cut", gap=8)
    x = _step(sheet, x + WIDE + 8, "transpose", "(B, H, L, d_k)")
    for head, y in enumerate(heads):
        _grid(sheet, x, y, [head], f"head {head}")
    x = _step(sheet, x + NARROW, "q kᵀ, softmax", "(B, H, L, L)", heads)
    for head, y in enumerate(heads):
        box(sheet, x + HIGH / 2, y, HIGH, HIGH, "map", LIGHT["heads"][head])
    x = _step(sheet, x + HIGH, "times v", "(B, H, L, d_k)", heads)
    for head, y in enumerate(heads):
        _grid(sheet, x, y, [head], f"head {head}")
    x = _step(sheet, x + NARROW, "join", "(B, L, D)")
    _grid(sheet, x, MIDDLE, range(HEADS), "joined, then W_O")
    return Still(sheet, "vectors are cut into heads, each attends, the heads are joined")


def _step(sheet, x, words, shape, heights=(MIDDLE,)):
    """Arrows to the next picture: what is done above them, the shape that comes out below. Returns where it begins."""
    for y in heights:
        arrow(sheet, [(x + 6, y), (x + ARROW - 6, y)], words)
        sheet.caption(shape, x + ARROW / 2, y + 11, LIGHT["ink"], "middle")
    return x + ARROW


def _grid(sheet, x, y, heads, words, gap=0):
    """L rows of cells around the height y, d_k of them in the colour of each head, and words below."""
    for place, head in enumerate(heads):
        left = x + place * (NARROW + gap)
        for row in range(LENGTH):
            for column in range(D_K):
                corner = (left + column * CELL, y - HIGH / 2 + row * CELL)
                sheet.rectangle(*corner, CELL, CELL, LIGHT["heads"][head], LIGHT["paper"], 1)
    middle = x + (len(heads) * NARROW + (len(heads) - 1) * gap) / 2
    sheet.caption(words, middle, y + HIGH / 2 + 13, LIGHT["ink"], "middle")
