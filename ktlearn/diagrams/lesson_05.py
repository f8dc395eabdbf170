"""The diagrams of lesson 05: who asks and who answers, the shift of teacher forcing, the tree of a beam search."""

from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.base.sheet import Sheet

TARGET, SOURCE, OUTPUT = LIGHT["heads"][0], LIGHT["heads"][2], LIGHT["heads"][1]


def cross_attention():
    """Cross-attention: queries from the target, keys and values from the source, the shapes on the arrows.

    Source: Vaswani et al. 2017, section 3.2.3.

    >>> "memory" in cross_attention().data
    True
    """
    sheet = Sheet(760, 250, LIGHT["paper"])
    rows = {"query": 50, "key": 125, "value": 200}
    _box(sheet, 110, 50, 150, 44, "target so far", TARGET)
    _box(sheet, 110, 162, 150, 112, "memory", SOURCE, "the encoder's output")
    for name, y in rows.items():
        colour = TARGET if name == "query" else SOURCE
        _arrow(sheet, [(185, y), (263, y)], "(T, D)" if name == "query" else "(S, D)")
        _box(sheet, 300, y, 74, 36, {"query": "W_Q", "key": "W_K", "value": "W_V"}[name], colour)
    _arrow(sheet, [(337, 50), (420, 50), (420, 66)], "Q  (T, d_k)")
    _arrow(sheet, [(337, 125), (420, 125), (420, 110)], "K  (S, d_k)")
    _box(sheet, 420, 88, 120, 42, "softmax", LIGHT["faint"], "of Q Kᵀ / √d_k")
    _arrow(sheet, [(480, 88), (585, 88), (585, 121)], "map  (T, S)")
    _arrow(sheet, [(337, 200), (585, 200), (585, 163)], "V  (S, d_k)")
    _box(sheet, 585, 142, 120, 42, "map × V", LIGHT["faint"])
    _arrow(sheet, [(645, 142), (735, 142)], "(T, d_k)")
    return _shown(sheet)


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
    sheet = Sheet(right + 50, 206, LIGHT["paper"])
    sheet.rectangle(left - 34, 82, right - left + 68, 42, "#eef1f4", LIGHT["rule"], radius=6)
    for words, y in (("must write", 34), ("decoder", 103), ("has read", 172)):
        sheet.caption(words, 12, y, LIGHT["ink"], size=13)
    for t, (read, write) in enumerate(zip(reads, writes, strict=True)):
        x = left + t * step
        if t + 1 < len(reads):
            sheet.path([(x + 14, 51), (x + step - 14, 153)], LIGHT["heads"][1], 1.5, dash=5)
        _arrow(sheet, [(x, 154), (x, 126)])
        _arrow(sheet, [(x, 80), (x, 54)])
        _box(sheet, x, 34, 60, 32, write, OUTPUT)
        _box(sheet, x, 172, 60, 32, read, TARGET)
        sheet.caption(str(t), x, 198, LIGHT["faint"], "middle", 10)
    return _shown(sheet)


def beam_tree():
    """The tree of a search with two steps, its probabilities, and the two ways through it: greedy and best.

    >>> "0.36" in beam_tree().data
    True
    """
    sheet = Sheet(640, 230, LIGHT["paper"])
    _box(sheet, 70, 115, 84, 32, "<start>", LIGHT["faint"])
    for first, p, y in (("a", 0.6, 60), ("b", 0.4, 170)):
        is_best = first == "b"
        _arrow(sheet, [(112, 115), (218, y)], colour=OUTPUT if is_best else TARGET)
        sheet.caption(f"{p}", 160, (115 + y) / 2 - (16 if y < 115 else -16), LIGHT["ink"], "middle", 12)
        _box(sheet, 250, y, 60, 32, first, OUTPUT if is_best else TARGET)
        nexts = (("c", 0.9), ("d", 0.1)) if is_best else (("c", 0.5), ("d", 0.5))
        for (second, q), z in zip(nexts, (y - 24, y + 24), strict=True):
            is_on = second == "c"
            colour = (OUTPUT if is_best else TARGET) if is_on else LIGHT["faint"]
            _arrow(sheet, [(280, y), (388, z)], colour=colour)
            sheet.caption(f"{q}", 338, (y + z) / 2 - (10 if z < y else -10), LIGHT["ink"], "middle", 12)
            _box(sheet, 420, z, 60, 30, second, colour)
            way = {"a": "greedy", "b": "best"}[first] if is_on else ""
            sheet.caption(f"{p} × {q} = {p * q:.2f}  {way}", 462, z, LIGHT["ink"], size=13)
    return _shown(sheet)


def _box(sheet, x, y, w, h, label, colour, detail=None):
    """A box around its middle."""
    sheet.rectangle(x - w / 2, y - h / 2, w, h, LIGHT["paper"], colour, 1.6, radius=6)
    sheet.text(label, x, y - (8 if detail else 0), LIGHT["ink"], anchor="middle", bold=True)
    if detail:
        sheet.caption(detail, x, y + 10, LIGHT["faint"], "middle")


def _arrow(sheet, points, words=None, colour=LIGHT["faint"]):
    """A line through points, a head at its end, and words above its first piece."""
    sheet.path(points, colour)
    (x0, y0), (x1, y1) = points[-2:]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - 7 * dx, y1 - 7 * dy)
    sheet.area([(x1, y1), (back[0] - 3.5 * dy, back[1] + 3.5 * dx), (back[0] + 3.5 * dy, back[1] - 3.5 * dx)], colour)
    if words:
        (x0, y0), (x1, _) = points[:2]
        sheet.caption(words, (x0 + x1) / 2, y0 - 10, LIGHT["ink"], "middle")


def _shown(sheet):
    from IPython.display import SVG

    return SVG(sheet.svg())
