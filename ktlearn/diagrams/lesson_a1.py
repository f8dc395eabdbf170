"""The diagrams of lesson A1: the loop of training, slopes on their way back, and epochs cut into batches."""

from itertools import pairwise

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, arrow, box
from ktlearn.support.arguments import check_whole
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

DATA, MODEL, JUDGE = GREEN, BLUE, ORANGE


def training_loop():
    """The loop of every training: data, prediction, loss, gradient, step, and the model again.

    >>> "gradient" in training_loop().data
    True
    """
    sheet = Sheet(780, 260, PAPER)
    top, bottom, height = 92, 204, 52
    arrow(sheet, [(80, top - 26), (80, 26), (690, 26), (690, top - 28)], "the right answers y")
    for x, end, words in ((140, 208, "x"), (352, 428, ""), (552, 628, "")):
        arrow(sheet, [(x, top), (end, top)], words)
    arrow(sheet, [(690, top + 26), (690, bottom - 28)])
    arrow(sheet, [(628, bottom), (552, bottom)])
    arrow(sheet, [(428, bottom), (280, bottom), (280, top + 28)])
    sheet.caption("new parameters", 354, bottom - 12, INK, "middle", 12)
    box(sheet, 80, top, 120, height, "data", DATA, "a few examples")
    box(sheet, 280, top, 144, height, "model", MODEL, "with parameters w")
    box(sheet, 490, top, 124, height, "prediction", MODEL, "what it answers")
    box(sheet, 690, top, 124, height, "loss", JUDGE, "how wrong it was")
    box(sheet, 690, bottom, 124, height, "gradient", JUDGE, "a slope for each w")
    box(sheet, 490, bottom, 124, height, "step", JUDGE, "by the optimizer")
    return Still(sheet, "data, prediction, loss, gradient, step, and the model again")


def slopes_backward(w, x, y):
    """One example through prediction, error and square: values on the way there, slopes on the way back.

    Args:
        w: the parameter.
        x, y: the example and the right answer.

    Source: the chain rule; Rumelhart et al. 1986, "Learning representations by back-propagating errors".

    >>> "−12" in slopes_backward(w=0, x=3, y=2).data
    True
    """
    prediction, error = w * x, w * x - y
    sheet, middle = Sheet(780, 210, PAPER), 104
    nodes = [("w", w), ("w · x", prediction), ("error", error), ("error²", error**2)]
    slopes = [2 * error * x, 2 * error, 2 * error, 1]
    factors = [f"× x = {_number(x)}", "× 1", f"× 2 · error = {_number(2 * error)}"]
    places = [130, 300, 480, 700]
    for (left, right), forward, factor in zip(
        pairwise(places),
        [f"· {_number(x)}", f"− {_number(y)}", "squared"],
        factors,
        strict=True,
    ):
        arrow(sheet, [(left + 48, middle - 12), (right - 50, middle - 12)], forward, MODEL)
        arrow(sheet, [(right - 48, middle + 12), (left + 50, middle + 12)], colour=JUDGE)
        sheet.caption(factor, (left + right) / 2, middle + 26, INK, "middle", 12)
    for place, (name, value), slope in zip(places, nodes, slopes, strict=True):
        box(sheet, place, middle, 96, 50, name, FAINT)
        sheet.text(_number(value), place, 52, MODEL, 17, "middle", bold=True)
        sheet.text(_number(slope), place, 158, JUDGE, 17, "middle", bold=True)
    sheet.caption("values →", 12, 52, MODEL, size=13)
    sheet.caption("← slopes", 12, 158, JUDGE, size=13)
    sheet.caption("slope of the loss, error², with respect to what stands above", 410, 190, FAINT, "middle", 12)
    return Still(sheet, "values on the way there, slopes on the way back")


def epochs_and_batches(examples, batch_size, epochs=2):
    """One bar an epoch, cut into its batches; the number of the step stands in the first and the last of each bar.

    Args:
        examples, batch_size, epochs: whole numbers, from 1 on.

    Raises:
        ValueError, TypeError: one is no whole number from 1 on.

    >>> "step 66" in epochs_and_batches(1055, 32).data
    True
    """
    for name, value in {"examples": examples, "batch_size": batch_size, "epochs": epochs}.items():
        check_whole(name, value)
    steps = -(-examples // batch_size)
    left, width, row = 92, 640, 76
    sheet = Sheet(780, 30 + row * epochs, PAPER)
    for epoch in range(epochs):
        y = 22 + row * epoch
        sheet.text(f"epoch {epoch + 1}", 12, y + 15, INK, 14, bold=True)
        for step in range(steps):
            first = step * batch_size
            size = min(batch_size, examples - first)
            x = left + width * first / examples
            sheet.rectangle(x, y, width * size / examples, 30, "#dbe9f6", MODEL, 1)
        for step, x, anchor in ((1, left, "start"), (steps, left + width, "end")):
            sheet.caption(f"step {epoch * steps + step}", x, y + 44, INK, anchor, 12)
        whole, rest = divmod(examples, batch_size)
        parts = f"{whole} batches of {batch_size}" + (f", and one of {rest}" if rest else "")
        sheet.caption(parts, left + width / 2, y + 44, FAINT, "middle", 12)
    return Still(sheet, "epochs cut into batches")


def _number(value):
    return f"{value:g}".replace("-", "−")
