"""The diagrams of lesson 05: who asks and who answers, the shift of teacher forcing, the tree of a beam search."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, RULE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

TARGET, SOURCE, OUTPUT = BLUE, GREEN, ORANGE


def cross_attention():
    """Cross-attention: queries from the target, keys and values from the source, the shapes on the arrows.

    Source: Vaswani et al. 2017, section 3.2.3.

    >>> "memory" in cross_attention().data
    True
    """
    sheet = Sheet(760, 250, PAPER)
    rows = {"query": 46, "key": 125, "value": 200}
    box(sheet, 110, 46, 150, 44, "target so far", TARGET)
    box(sheet, 110, 162, 150, 112, "memory", SOURCE, "the encoder's output")
    for name, y in rows.items():
        colour = TARGET if name == "query" else SOURCE
        arrow(sheet, [(185, y), (263, y)], "(T, D)" if name == "query" else "(S, D)")
        box(sheet, 300, y, 74, 36, {"query": "W_Q", "key": "W_K", "value": "W_V"}[name], colour)
    arrow(sheet, [(337, 46), (440, 46), (440, 60)], "Q  (T, d_k)")
    arrow(sheet, [(337, 125), (440, 125), (440, 102)], "K  (S, d_k)")
    box(sheet, 440, 81, 120, 38, "softmax", FAINT, "of Q Kᵀ / √d_k")
    arrow(sheet, [(500, 81), (600, 81), (600, 121)], "map  (T, S)")
    arrow(sheet, [(337, 200), (600, 200), (600, 163)], "V  (S, d_k)")
    box(sheet, 600, 142, 110, 42, "map × V", FAINT)
    arrow(sheet, [(655, 142), (740, 142)], "(T, d_k)")
    return Still(sheet, "queries from the target, keys and values from the memory")


def teacher_forcing(reads, writes):
    """Two rows of tokens: what a decoder reads, and above it what it must write; each label is read one step later.

    Args:
        reads: T strings, from ``"<start>"`` on.
        writes: T strings, up to ``"<end>"``.

    Raises:
        ValueError: the rows differ in length.

    Source: Williams and Zipser 1989, "A Learning Algorithm for Continually Running Fully Recurrent Neural Networks".

    >>> "März" in teacher_forcing(["<start>", "5", "März"], ["5", "März", "<end>"]).data
    True
    """
    if len(reads) != len(writes):
        raise ValueError(f"teacher_forcing: both rows need one length; got {len(reads)} tokens and {len(writes)}.")
    step, left = 74, 130
    right = left + step * (len(reads) - 1)
    sheet = Sheet(right + 50, 206, PAPER)
    sheet.rectangle(left - 34, 82, right - left + 68, 42, "#eef1f4", RULE, radius=6)
    for words, y in (("must write", 34), ("decoder", 103), ("has read", 172)):
        sheet.caption(words, 12, y, INK, size=13)
    for t, (read, write) in enumerate(zip(reads, writes, strict=True)):
        x = left + t * step
        if t + 1 < len(reads):
            sheet.path([(x + 14, 51), (x + step - 14, 153)], ORANGE, 1.5, dash=5)
        arrow(sheet, [(x, 154), (x, 126)])
        arrow(sheet, [(x, 80), (x, 54)])
        box(sheet, x, 34, 60, 32, write, OUTPUT)
        box(sheet, x, 172, 60, 32, read, TARGET)
        sheet.caption(str(t), x, 198, FAINT, "middle", 10)
    return Still(sheet, "what the decoder has read, and what it must write, one position later")


def beam_tree():
    """The tree of a search with two steps, its probabilities, and the two ways through it: greedy and best.

    >>> "0.36" in beam_tree().data
    True
    """
    sheet = Sheet(640, 230, PAPER)
    box(sheet, 70, 115, 84, 32, "<start>", FAINT)
    for first, p, y in (("a", 0.6, 60), ("b", 0.4, 170)):
        is_best = first == "b"
        arrow(sheet, [(112, 115), (218, y)], colour=OUTPUT if is_best else TARGET)
        sheet.caption(f"{p}", 160, (115 + y) / 2 - (16 if y < 115 else -16), INK, "middle", 12)
        box(sheet, 250, y, 60, 32, first, OUTPUT if is_best else TARGET)
        nexts = (("c", 0.9), ("d", 0.1)) if is_best else (("c", 0.5), ("d", 0.5))
        for (second, q), z in zip(nexts, (y - 24, y + 24), strict=True):
            is_on = second == "c"
            colour = (OUTPUT if is_best else TARGET) if is_on else FAINT
            arrow(sheet, [(280, y), (388, z)], colour=colour)
            sheet.caption(f"{q}", 338, (y + z) / 2 - (10 if z < y else -10), INK, "middle", 12)
            box(sheet, 420, z, 60, 30, second, colour)
            way = {"a": "greedy", "b": "best"}[first] if is_on else ""
            sheet.caption(f"{p} × {q} = {p * q:.2f}  {way}", 462, z, INK, size=13)
    return Still(sheet, "the tree of a search with two steps")
