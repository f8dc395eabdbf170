"""The diagrams of lesson 16: the way of a project, and what stands on what."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still


def project_way():
    """From a file to a service: which part of the data does what, and what leaves the notebook.

    Source: lessons 07 and 09.

    >>> "sealed" in project_way().data
    True
    """
    sheet = Sheet(930, 250, PAPER)
    box(sheet, 68, 125, 108, 50, "your file", FAINT, "read, clean")
    box(sheet, 208, 125, 108, 50, "split", FAINT, "by group")
    arrow(sheet, [(122, 125), (152, 125)])
    for y, name, colour, detail in (
        (45, "train", BLUE, "learn"),
        (125, "validation", GREEN, "choose"),
        (205, "test", ORANGE, "sealed"),
    ):
        box(sheet, 362, y, 118, 50, name, colour, detail)
    arrow(sheet, [(262, 115), (282, 115), (282, 45), (301, 45)])
    arrow(sheet, [(262, 125), (301, 125)])
    arrow(sheet, [(262, 135), (282, 135), (282, 205), (301, 205)])
    box(sheet, 532, 45, 132, 50, "models", BLUE, "several seeds")
    box(sheet, 532, 125, 132, 50, "the named one", GREEN, "epoch, temperature")
    box(sheet, 532, 205, 132, 50, "one number", ORANGE, "with its error")
    for y in (45, 125, 205):
        arrow(sheet, [(421, y), (464, y)])
    arrow(sheet, [(532, 70), (532, 98)])
    arrow(sheet, [(532, 150), (532, 178)])
    box(sheet, 690, 125, 108, 50, "predictor", PURPLE, "saved")
    box(sheet, 690, 205, 108, 50, "model card", PURPLE)
    arrow(sheet, [(598, 125), (634, 125)])
    arrow(sheet, [(598, 205), (634, 205)])
    arrow(sheet, [(690, 150), (690, 178)])
    for y, name, detail in ((45, "PyTorch", "a folder"), (125, "ONNX", "one file"), (205, "a service", "an address")):
        box(sheet, 858, y, 108, 50, name, FAINT, detail)
    arrow(sheet, [(744, 115), (770, 115), (770, 45), (802, 45)])
    arrow(sheet, [(744, 125), (802, 125)])
    arrow(sheet, [(858, 150), (858, 178)])
    return Still(sheet, "the way of a project: file, split, models, the named one, one test, and out")


def what_stands_on_what():
    """Four ways to write the same training, the most convenient on top; each stands on the one below it.

    Source: the documentation of Keras, "Customizing what happens in fit"; ktrain's README.

    >>> "GradientTape" in what_stands_on_what().data
    True
    """
    rows = (
        ("learner.fit_onecycle(…)", "ktlearn, ktrain: data, rates, epochs, reports", GREEN),
        ("model.fit(…)", "Keras: you bring batches, schedule, callbacks", BLUE),
        ("train_step, GradientTape", "your own loop, step by step", PURPLE),
        ("layers and keras.ops", "attention, masks, matrices (lessons 01 to 05)", FAINT),
    )
    sheet = Sheet(760, 40 + 52 * len(rows), PAPER)
    for number, (name, words, colour) in enumerate(rows):
        y = 38 + 52 * number
        box(sheet, 150, y, 240, 38, name, colour)
        sheet.caption(words, 292, y, INK, size=13)
        if number:
            arrow(sheet, [(150, y - 19), (150, y - 33)])
    sheet.caption("easier", 742, 38, FAINT, "end", 13)
    sheet.caption("freer", 742, 38 + 52 * (len(rows) - 1), FAINT, "end", 13)
    return Still(sheet, "four ways to train, from one call to single operations; each stands on the one below")
