"""The diagrams of lesson 15: what a training step keeps, and two processes that train one model."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still
from ktlearn.widgets.model.picture import mixed


def four_things():
    """A training step over time: what is in the memory on the way there, on the way back, and in Adam's step.

    Source: Rajbhandari et al. 2020 (ZeRO), section 3.

    >>> "activations" in four_things().data
    True
    """
    sheet = Sheet(760, 290, PAPER)
    left, right, turn, step = 150, 740, 400, 640
    for y, name, detail, colour in (
        (250, "weights", "4 bytes each", BLUE),
        (200, "Adam", "8 bytes each", PURPLE),
    ):
        sheet.rectangle(left, y - 17, right - left, 34, mixed(colour, PAPER, 0.3), colour, 1.5)
        sheet.text(name, 138, y - 8, INK, 13, "end", bold=True)
        sheet.caption(detail, 138, y + 10, INK, "end", 12)
    sheet.area([(left, 166), (turn, 60), (step, 166)], mixed(ORANGE, PAPER, 0.3))
    sheet.path([(left, 166), (turn, 60), (step, 166)], ORANGE, 1.5)
    sheet.text("activations", 138, 112, INK, 13, "end", bold=True)
    sheet.caption("batch × length", 138, 130, INK, "end", 12)
    sheet.area([(turn, 166), (step, 100), (right, 100), (right, 166)], mixed(GREEN, PAPER, 0.45))
    sheet.path([(turn, 166), (step, 100), (right, 100), (right, 166)], GREEN, 1.5)
    sheet.text("gradients", 690, 128, INK, 13, "middle", bold=True)
    sheet.caption("4 bytes each", 690, 146, INK, "middle", 12)
    for x, words in (((left + turn) / 2, "forward"), ((turn + step) / 2, "back"), ((step + right) / 2, "step")):
        sheet.caption(words, x, 24, INK, "middle", 13)
    for x in (turn, step):
        sheet.path([(x, 14), (x, 270)], FAINT, 1, 4)
    return Still(
        sheet, "memory over one training step: weights and Adam stay, activations rise and fall, gradients come"
    )


def data_parallel():
    """Two processes with the same weights, half of a batch each, and the mean of their gradients.

    Source: docs/scale/README.md.

    >>> "mean" in data_parallel().data
    True
    """
    sheet = Sheet(860, 220, PAPER)
    box(sheet, 70, 110, 110, 50, "a batch", FAINT, "64 texts")
    for y, number in ((50, 1), (170, 2)):
        box(sheet, 235, y, 130, 50, f"process {number}", BLUE, "half, all weights")
        box(sheet, 410, y, 110, 50, "gradient", ORANGE, "of its half")
        box(sheet, 775, y, 140, 50, "the same step", GREEN, "so the same weights")
        arrow(sheet, [(125, 110), (148, 110), (148, y), (169, y)])
        arrow(sheet, [(300, y), (354, y)])
        arrow(sheet, [(465, y), (505, y), (505, 110), (529, 110)])
        arrow(sheet, [(650, 110), (676, 110), (676, y), (704, y)])
    box(sheet, 590, 110, 120, 50, "mean", PURPLE, "over the network")
    return Still(sheet, "two processes: each has half of a batch, the mean of their gradients goes to both, one step")
