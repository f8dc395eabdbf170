"""The diagrams of lesson 12: from two texts to a span, and the windows over a long text."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.support.arguments import check_whole
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

BAR, ROW = 18, 28  # the height of a window, and from one to the next


def span_head():
    """A reader of passages: encoder, span head, the table of pairs and the sum at position 0, with the shapes.

    Source: Devlin et al. 2019 (BERT), section 4.2 and figure 1.

    >>> "(L, 2)" in span_head().data
    True
    """
    sheet = Sheet(800, 190, PAPER)
    box(sheet, 72, 52, 120, 44, "question", GREEN, "segment 0")
    box(sheet, 72, 138, 120, 44, "passage", BLUE, "segment 1")
    box(sheet, 235, 95, 96, 60, "encoder", FAINT, "of lesson 04")
    arrow(sheet, [(132, 52), (160, 52), (160, 85), (187, 85)])
    arrow(sheet, [(132, 138), (160, 138), (160, 105), (187, 105)])
    arrow(sheet, [(283, 95), (363, 95)], "(L, D)")
    box(sheet, 415, 95, 104, 60, "span head", ORANGE, "W  (D, 2)")
    arrow(sheet, [(467, 85), (500, 85), (500, 48), (583, 48)], "(L, 2)")
    box(sheet, 654, 48, 142, 44, "table of sums", BLUE, "(L, L): the best pair")
    arrow(sheet, [(467, 105), (500, 105), (500, 142), (583, 142)], "row 0")
    box(sheet, 654, 142, 142, 44, "[CLS]", PURPLE, "no answer: one sum")
    arrow(sheet, [(725, 48), (765, 48), (765, 84)])
    arrow(sheet, [(725, 142), (765, 142), (765, 106)])
    sheet.caption("margin", 765, 95, INK, "middle", 13)
    return Still(sheet, "from a question and a passage to the best span and its margin")


def window_starts(length, room, overlap):
    """Where windows of ``room`` tokens begin, each with ``overlap`` tokens of the one before, until the text is read.

    Raises:
        ValueError: the overlap leaves no step forward.

    >>> window_starts(10, room=4, overlap=1)
    [0, 3, 6]
    """
    for name, value, least in (("length", length, 1), ("room", room, 1), ("overlap", overlap, 0)):
        check_whole(name, value, least=least)
    if overlap >= room:
        raise ValueError(f"overlap: a window of {room} tokens must have less than that in common; got {overlap}.")
    return list(range(0, max(1, length - overlap), room - overlap))


def text_windows(length, room, overlap, answer):
    """A long text as a bar, and the windows over it, without an overlap and with one; whole answers are framed.

    Args:
        length: tokens of the text.
        room: tokens of it in a window.
        overlap: tokens that neighbours share, in the lower half of the picture.
        answer: the first token of the answer, and the one behind its last.

    Raises:
        ValueError: the overlap leaves no step forward.

    Source: the windows are those of Devlin's ``run_squad.py`` (2018).

    >>> "overlap 40" in text_windows(430, 120, 40, (112, 128)).data
    True
    """
    halves = [(shared, window_starts(length, room, shared)) for shared in (0, overlap)]
    scale, left = 560 / length, 150
    sheet = Sheet(740, BAR + 32 + sum(44 + ROW * (len(starts) - 1) for _, starts in halves), PAPER)
    y = 16
    sheet.caption("the text", 12, y + BAR / 2, INK, size=13)
    _bar(sheet, left, y, (0, length), scale, FAINT, answer)
    for shared, starts in halves:
        y += 44
        sheet.caption(f"overlap {shared}", 12, y + BAR / 2, INK, size=13)
        for number, start in enumerate(starts):
            end = min(start + room, length)
            _bar(sheet, left, y, (start, end), scale, BLUE, answer)
            is_whole = start <= answer[0] and answer[1] <= end
            if start < answer[1] and answer[0] < end:
                sheet.caption("whole" if is_whole else "cut", left + end * scale + 8, y + BAR / 2, INK, size=12)
            y += ROW if number + 1 < len(starts) else 0
    return Still(sheet, f"windows of {room} tokens over {length}, without an overlap and with one of {overlap}")


def _bar(sheet, left, y, piece, scale, colour, answer):
    """A piece of the text, with what it has of the answer."""
    start, end = piece
    sheet.rectangle(left + start * scale, y, (end - start) * scale, BAR, PAPER, colour, 1.5, radius=3)
    first, last = max(start, answer[0]), min(end, answer[1])
    if first < last:
        sheet.rectangle(left + first * scale, y, (last - first) * scale, BAR, ORANGE)
