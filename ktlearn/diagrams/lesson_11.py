"""The diagrams of lesson 11: sentences as a graph, and one model that is told its task in words."""

import math

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.support.arguments import as_numbers
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still
from ktlearn.widgets.model.picture import mixed

SIZE, RING = 340, 118  # the picture, and the circle on which the sentences stand


def sentence_graph(alike, scores, marked=()):
    """The sentences of a text on a circle: a line where two share words, a larger disc for a higher score.

    Args:
        alike: ``(N, N)``, how alike each two are; the thickness of their line.
        scores: ``(N,)``; the area of their discs.
        marked: the positions of those that are taken; they are drawn in orange.

    Returns:
        A picture, :class:`ktlearn.widgets.base.still.Still`.

    Raises:
        ValueError: ``alike`` is not ``(N, N)``, or there is not one score for each sentence.

    Source: Mihalcea and Tarau 2004, figure 2, draws such a graph.

    >>> ">2<" in sentence_graph([[0, 1, 0], [1, 0, 2], [0, 2, 0]], [0.2, 0.5, 0.3], marked=[1]).data
    True
    """
    alike, scores = as_numbers("alike", alike), as_numbers("scores", scores)
    if alike.shape != (len(scores), len(scores)):
        raise ValueError(f"alike: {len(scores)} sentences need a table of that size; got {alike.shape}.")
    N, largest = len(scores), float(alike.max()) or 1.0
    sheet = Sheet(SIZE, SIZE, PAPER)
    turns = [2 * math.pi * i / N - math.pi / 2 for i in range(N)]
    places = [(SIZE / 2 + RING * math.cos(turn), SIZE / 2 + RING * math.sin(turn)) for turn in turns]
    for i in range(N):
        for j in range(i):
            share = float(alike[i, j]) / largest
            if share > 0:
                sheet.path([places[i], places[j]], mixed(BLUE, PAPER, 0.2 + 0.7 * share), 0.5 + 7 * share)
    for i, (x, y) in enumerate(places):
        colour = ORANGE if i in marked else FAINT
        radius = 9 + 60 * float(scores[i]) / max(1.0, float(scores.sum()))
        sheet.disc(x, y, radius, mixed(colour, PAPER, 0.25), colour, 2)
        sheet.text(str(i), x, y, INK, 14, "middle", bold=True)
        away = 1 + (radius + 19) / RING
        x, y = SIZE / 2 + RING * away * math.cos(turns[i]), SIZE / 2 + RING * away * math.sin(turns[i])
        sheet.caption(f"{scores[i]:.2f}", x, y, INK, "middle", 12)
    taken = f"; taken: {', '.join(map(str, marked))}" if len(marked) else ""
    return Still(sheet, f"a graph of {N} sentences, a line where two share words{taken}")


def text_to_text():
    """One encoder–decoder, and what goes in and comes out for three tasks: the prefix tells it which.

    Source: Raffel et al. 2020 (T5), figure 1; the prefixes are those of their appendix D.

    >>> "summarize:" in text_to_text().data
    True
    """
    sheet = Sheet(800, 210, PAPER)
    tasks = [
        (40, "a report", "summarize: …", GREEN, "a summary"),
        (105, "a sentence", "translate English to German: …", BLUE, "the German sentence"),
        (170, "a review", "sst2 sentence: …", PURPLE, "positive"),
    ]
    for y, what, prefix, colour, out in tasks:
        box(sheet, 140, y, 250, 46, what, colour, prefix)
        box(sheet, 690, y, 190, 46, out, colour)
        arrow(sheet, [(265, y), (317, y)])
        arrow(sheet, [(493, y), (592, y)])
    box(sheet, 405, 105, 170, 186, "encoder–decoder", ORANGE, "one set of weights")
    return Still(sheet, "one encoder–decoder for several tasks, each named by a prefix of its text")
