"""The diagram of lesson 04: one layer of the encoder, post-norm beside pre-norm, with the shapes on its arrows."""

from ktlearn.diagrams.boxes import arrow, box
from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

BOTTOM, STEP, HALF = 470, 64, 20  # where x comes in, from one part to the next, half the height of a box
LABELS = {
    "attention": ("self-attention", "H maps (L, L)", LIGHT["heads"][1]),
    "feed-forward": ("feed-forward", "inside (B, L, F)", LIGHT["heads"][0]),
    "norm": ("LayerNorm", "over the D entries", LIGHT["heads"][4]),
}
POST = ("attention", "add", "norm", "feed-forward", "add", "norm")
PRE = ("norm", "attention", "add", "norm", "feed-forward", "add")


def encoder_layers():
    """One encoder layer, drawn twice: post-norm (the paper, BERT) and pre-norm (GPT-2 and later).

    Source: Vaswani et al. 2017, figure 1; Xiong et al. 2020, figure 1.

    >>> "post-norm" in encoder_layers().data
    True
    """
    sheet = Sheet(720, 505, LIGHT["paper"])
    _layer(sheet, 190, "post-norm", POST)
    _layer(sheet, 550, "pre-norm", PRE)
    return Still(sheet, "one encoder layer, post-norm beside pre-norm")


def _layer(sheet, x, title, parts):
    heights = [BOTTOM - (i + 1) * STEP for i in range(len(parts))]
    sheet.rectangle(x - 150, heights[-1] - 34, 300, BOTTOM - heights[-1] + 18, "#f7f8f9", LIGHT["rule"], radius=12)
    sheet.text(title, x, 18, LIGHT["ink"], 15, "middle", bold=True)
    sheet.text("x", x, BOTTOM + 20, LIGHT["ink"], 14, "middle")
    below = BOTTOM + 10
    for part, y in zip(parts, heights, strict=True):
        half = 10 if part == "add" else HALF
        arrow(sheet, [(x, below), (x, y + half)])
        sheet.caption("(B, L, D)", x + 8, (below + y + half) / 2, LIGHT["faint"])
        if part == "add":
            _plus(sheet, x, y)
        else:
            label, detail, colour = LABELS[part]
            box(sheet, x, y, 160, 2 * HALF, label, colour, detail)
        below = y - half
    arrow(sheet, [(x, below), (x, 32)])
    sheet.caption("(B, L, D)", x + 8, 42, LIGHT["faint"])
    for first in (0, 3):  # each half of the layer has its residual, from below its first part to its sum
        start, end = heights[first] + HALF + 14, heights[first + parts[first:].index("add")]
        way = [(x, start), (x - 125, start), (x - 125, end), (x - 10, end)]
        arrow(sheet, way, colour=LIGHT["heads"][2], line=2.2)


def _plus(sheet, x, y):
    sheet.disc(x, y, 10, LIGHT["paper"], LIGHT["ink"], 1.3)
    for points in ([(x - 5, y), (x + 5, y)], [(x, y - 5), (x, y + 5)]):
        sheet.path(points, LIGHT["ink"], 1.3)
