"""The diagrams of lesson 13: a decoder alone, and what changed from GPT-2 to Llama."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

ROW = 178  # the height of one machine
GPT2 = {
    "name": "GPT-2, 2019",
    "embedding": ("tokens", "+ positions"),
    "norm": ("LayerNorm", None),
    "attention": ("attention", "causal mask"),
    "feed_forward": ("feed-forward", "GELU"),
}
LLAMA = {
    "name": "Llama, 2023",
    "embedding": ("tokens", None),
    "norm": ("RMSNorm", None),
    "attention": ("attention", "causal, rotary, grouped"),
    "feed_forward": ("feed-forward", "SwiGLU"),
}


def decoder_alone():
    """GPT-2 from the ids to the logits, with the shapes on its arrows; one block stands for all N.

    Source: Radford et al. 2019, section 2.3.

    >>> "(B, L, V)" in decoder_alone().data
    True
    """
    sheet = Sheet(1004, ROW, PAPER)
    _machine(sheet, 0, GPT2, changed=())
    return Still(sheet, "a decoder alone: embedding, N blocks of attention and feed-forward, norm, logits")


def gpt2_and_llama():
    """Two such machines, one above the other; the boxes of the second that differ are orange.

    Source: Touvron et al. 2023 (Llama), section 2.2; grouped queries: Llama 2, section 2.2.

    >>> "RMSNorm" in gpt2_and_llama().data
    True
    """
    sheet = Sheet(1004, 2 * ROW, PAPER)
    _machine(sheet, 0, GPT2, changed=())
    _machine(sheet, ROW, LLAMA, changed=[part for part in GPT2 if GPT2[part] != LLAMA[part]])
    return Still(sheet, "GPT-2 above, Llama below: its embedding, norms, attention and feed-forward differ")


def _machine(sheet, top, parts, changed):
    """One machine from left to right, its block in a frame, the residuals above it."""
    colours = {"embedding": GREEN, "norm": FAINT, "attention": BLUE, "feed_forward": PURPLE}
    colours |= dict.fromkeys(changed, ORANGE)
    y = top + 110
    sheet.caption(parts["name"], 12, top + 20, INK, size=13)
    sheet.caption("ids", 16, y, INK, "middle", 12)
    arrow(sheet, [(28, y), (44, y)])
    box(sheet, 87, y, 84, 44, parts["embedding"][0], colours["embedding"], parts["embedding"][1])
    sheet.rectangle(184, top + 38, 609, 126, PAPER, FAINT, 1.5, radius=8)
    sheet.caption("× N", 771, top + 150, INK, "middle", 12)
    arrow(sheet, [(129, y), (208, y)])
    sheet.caption("(B, L, D)", 156, y - 11, INK, "middle", 12)
    box(sheet, 257, y, 98, 40, parts["norm"][0], colours["norm"])
    arrow(sheet, [(306, y), (318, y)])
    box(sheet, 398, y, 160, 48, parts["attention"][0], colours["attention"], parts["attention"][1])
    arrow(sheet, [(478, y), (491, y)])
    _plus(sheet, 500, y)
    arrow(sheet, [(195, y), (195, top + 58), (500, top + 58), (500, y - 9)])
    arrow(sheet, [(509, y), (530, y)])
    box(sheet, 579, y, 98, 40, parts["norm"][0], colours["norm"])
    arrow(sheet, [(628, y), (640, y)])
    box(sheet, 699, y, 118, 48, parts["feed_forward"][0], colours["feed_forward"], parts["feed_forward"][1])
    arrow(sheet, [(758, y), (766, y)])
    _plus(sheet, 775, y)
    arrow(sheet, [(519, y), (519, top + 58), (775, top + 58), (775, y - 9)])
    arrow(sheet, [(784, y), (806, y)])
    box(sheet, 855, y, 98, 40, parts["norm"][0], colours["norm"])
    arrow(sheet, [(904, y), (940, y)], "× Eᵀ")
    sheet.caption("logits", 972, y - 8, INK, "middle", 12)
    sheet.caption("(B, L, V)", 972, y + 10, INK, "middle", 12)


def _plus(sheet, x, y):
    sheet.rectangle(x - 9, y - 9, 18, 18, PAPER, INK, 1.5, radius=9)
    sheet.caption("+", x, y, INK, "middle", 14)
