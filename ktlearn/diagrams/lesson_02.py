"""The diagram of lesson 02: queries, keys and values from one text."""

from ktlearn.diagrams.boxes import arrow, box
from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

QUERY, KEY, VALUE, MASK = (LIGHT["heads"][n] for n in (0, 1, 2, 3))


def self_attention(with_mask=False):
    """Self-attention: one text makes queries, keys and values, the shapes on the arrows.

    Args:
        with_mask: draw the mask too, where it acts: on the scores, before the softmax.

    Source: Vaswani et al. 2017, figure 2, on the left.

    >>> "W_Q" in self_attention().data, "mask" in self_attention(with_mask=True).data
    (True, True)
    """
    sheet = Sheet(800, 262, LIGHT["paper"])
    box(sheet, 42, 142, 68, 52, "X", detail="the text")
    for name, y, colour, width in (("Q", 62, QUERY, "d_k"), ("K", 142, KEY, "d_k"), ("V", 222, VALUE, "d_v")):
        arrow(sheet, [(76, 142), (128, 142), (128, y), (170, y)] if y != 142 else [(76, 142), (170, 142)])
        box(sheet, 208, y, 76, 44, f"W_{name}", colour, f"(D, {width})")
        end = {"Q": [(380, 62), (380, 82)], "K": [(318, 142), (318, 102), (328, 102)], "V": [(640, 222), (640, 124)]}
        arrow(sheet, [(246, y), *end[name]], colour=colour)
        sheet.caption(f"{name}  (L, {width})", 282, y - 10, LIGHT["ink"], "middle")
    sheet.caption("(L, D)", 101, 132, LIGHT["ink"], "middle")
    box(sheet, 380, 102, 104, 40, "scores", LIGHT["faint"], "Q Kᵀ / √d_k")
    arrow(sheet, [(432, 102), (480, 102)])
    sheet.caption("(L, L)", 456, 114, LIGHT["ink"], "middle")
    box(sheet, 516, 102, 72, 40, "softmax", LIGHT["faint"], "each row")
    arrow(sheet, [(552, 102), (600, 102)])
    sheet.caption("map", 575, 78, LIGHT["ink"], "middle")
    sheet.caption("(L, L)", 575, 92, LIGHT["ink"], "middle")
    box(sheet, 640, 102, 80, 44, "map × V", LIGHT["faint"], "averages")
    arrow(sheet, [(680, 102), (738, 102)], "(L, d_v)")
    sheet.text("output", 744, 102, LIGHT["ink"], bold=True)
    if with_mask:
        box(sheet, 456, 32, 124, 44, "mask", MASK, "True = may attend")
        arrow(sheet, [(456, 54), (456, 98)], colour=MASK)
    return Still(sheet, "one text makes queries, keys and values; scores, softmax, average")
