"""The diagrams of lesson 10: a translator from text to text, and the beams of a search with small numbers."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still


def translator():
    """A translator from text to text: pieces, encoder, decoder, the one matrix of pieces, the search; with shapes.

    Source: Vaswani et al. 2017, sections 3.1 and 3.4.

    >>> "(T, V)" in translator().data
    True
    """
    sheet = Sheet(800, 232, PAPER)
    box(sheet, 62, 60, 100, 44, "English", GREEN, "S pieces")
    box(sheet, 62, 162, 100, 44, "Chinese", BLUE, "T pieces so far")
    box(sheet, 205, 111, 96, 40, "matrix E", PURPLE, "(V, D)")
    arrow(sheet, [(112, 60), (205, 60), (205, 89)])
    arrow(sheet, [(112, 162), (205, 162), (205, 133)])
    box(sheet, 340, 60, 96, 44, "encoder", FAINT)
    box(sheet, 340, 162, 96, 44, "decoder", FAINT)
    arrow(sheet, [(253, 104), (270, 104), (270, 60), (290, 60)], colour=GREEN)
    arrow(sheet, [(253, 118), (270, 118), (270, 162), (290, 162)], colour=BLUE)
    sheet.caption("(S, D)", 266, 44, INK, "middle", 12)
    sheet.caption("(T, D)", 266, 182, INK, "middle", 12)
    arrow(sheet, [(340, 82), (340, 138)], colour=GREEN)
    sheet.caption("memory (S, D)", 350, 110, INK, size=12)
    arrow(sheet, [(388, 162), (466, 162)], "(T, D)")
    box(sheet, 514, 162, 92, 44, "× Eᵀ", PURPLE, "and a bias")
    arrow(sheet, [(560, 162), (642, 162)], "(T, V)")
    box(sheet, 700, 162, 112, 44, "search", ORANGE, "greedy, beams")
    arrow(sheet, [(700, 186), (700, 214), (62, 214), (62, 187)], colour=ORANGE)
    sheet.caption("the next piece", 400, 203, INK, "middle", 12)
    return Still(sheet, "a translator: one matrix for the pieces of both languages, encoder, decoder and search")


STEPS = (
    # each step: (beam it comes from, piece, log-probability so far), the best first; the last two are lost
    [(None, "a", -0.7), (None, "b", -0.9), (None, "c", -2.3)],
    [("a", "end", -1.8), ("b", "d", -1.9), ("a", "e", -2.1), ("b", "f", -2.6)],
    [("b d", "g", -2.2), ("a e", "h", -2.5), ("b d", "k", -3.4)],
    [("b d g", "end", -2.4), ("a e h", "end", -3.0), ("b d g", "m", -4.1)],
)


def beams():
    """Two beams over four steps: what is kept, what is lost, and what is put aside because it has ended.

    Source: transformers' beam search, in which a finished text leaves its place to one that still grows.

    >>> "put aside" in beams().data
    True
    """
    sheet = Sheet(760, 262, PAPER)
    places, left, step = {None: (44, 50)}, 170, 170
    box(sheet, 44, 50, 64, 34, "start", FAINT)
    for t, kept in enumerate(STEPS):
        x, growing = left + t * step, 0
        sheet.caption(f"step {t + 1}", x, 16, FAINT, "middle", 12)
        for row, (parent, piece, log_p) in enumerate(kept):
            y = 50 + 56 * row
            has_ended = piece == "end"
            is_kept = has_ended or growing < 2
            growing += not has_ended
            colour = ORANGE if has_ended else BLUE if is_kept else FAINT
            x0, y0 = places[parent]
            arrow(sheet, [(x0 + (46 if parent else 32), y0), (x - 50, y)], colour=colour)
            text = "put aside" if has_ended else "" if is_kept else "lost"
            box(sheet, x, y, 92, 34, f"{piece}  −{-log_p:.1f}", colour, is_pale=not is_kept)
            if text:
                sheet.caption(text, x, y + 26, INK if has_ended else FAINT, "middle", 11)
            if is_kept and not has_ended:
                places[f"{parent} {piece}" if parent else piece] = (x, y)
    return Still(sheet, "two beams over four steps: kept, lost, put aside")
