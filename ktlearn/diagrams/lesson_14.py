"""The diagrams of lesson 14: what each method learns from a few examples, and which data may decide what."""

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still
from ktlearn.widgets.model.picture import mixed

METHODS = {  # method: for each block from the bottom, is it learned (True), kept (False), or learned beside (None)?
    "word counts": None,
    "frozen vectors": (False, False, False, True),
    "LoRA": (False, None, True, True),
    "fine-tuned": (True, True, True, True),
    "random start": (True, True, True, True),
}
BLOCKS = ("embeddings", "layers", "pooler", "head")


def what_is_learned():
    """Five methods as towers of blocks: what a few examples must teach, and what pretraining has taught already.

    Source: Howard and Ruder 2018, section 1; Hu et al. 2021, figure 1.

    >>> "frozen vectors" in what_is_learned().data
    True
    """
    sheet = Sheet(820, 316, PAPER)
    for number, (name, learned) in enumerate(METHODS.items()):
        x = 100 + 156 * number
        sheet.text(name, x, 22, INK, 14, "middle", bold=True)
        if learned is None:
            box(sheet, x, 230, 130, 44, "counts", FAINT, "of words, letters")
            box(sheet, x, 66, 130, 44, "head", ORANGE, "learned")
            arrow(sheet, [(x, 208), (x, 90)])
            continue
        for place, (block, is_learned) in enumerate(zip(BLOCKS, learned, strict=True)):
            y = 230 - 164 / 3 * place
            if block == "pooler" and name == "frozen vectors":
                box(sheet, x, y, 130, 44, "mean", FAINT, "of the tokens")
            elif is_learned:
                start = "from random" if block == "head" or name == "random start" else "from pretrained"
                start = "learned" if name == "frozen vectors" else start  # a logistic regression starts nowhere
                box(sheet, x, y, 130, 44, block, ORANGE, start)
            elif is_learned is None:
                box(sheet, x, y, 130, 44, block + " + A · B", PURPLE, "A and B learned")
            else:
                box(sheet, x, y, 130, 44, block, BLUE, "kept")
            if place:
                arrow(sheet, [(x, y + 164 / 3 - 22), (x, y + 22)])
    for x, colour, words in (
        (130, ORANGE, "learned from your examples"),
        (390, BLUE, "kept as pretrained"),
        (590, PURPLE, "a small change is learned"),
    ):
        sheet.rectangle(x, 282, 16, 16, mixed(colour, PAPER, 0.1), mixed(colour, PAPER, 0.9), 1.5, radius=4)
        sheet.caption(words, x + 24, 290, INK, size=13)
    return Still(sheet, "five methods as towers: which blocks are learned from the examples, which stay as they were")


def fair_comparison():
    """From the pool to the score: what a seed draws, and which data may decide what.

    Source: lessons 07 and 09; Dodge et al. 2020, section 2.

    >>> "the seed draws these" in fair_comparison().data
    True
    """
    sheet = Sheet(830, 220, PAPER)
    box(sheet, 70, 80, 110, 50, "pool", FAINT, "430 examples")
    box(sheet, 232, 80, 116, 50, "sample", BLUE, "n examples")
    arrow(sheet, [(125, 80), (172, 80)])
    box(sheet, 420, 40, 150, 50, "settings", GREEN, "no test text is read")
    box(sheet, 420, 124, 150, 50, "training", PURPLE, "head, order, dropout")
    arrow(sheet, [(290, 72), (316, 72), (316, 40), (343, 40)])
    arrow(sheet, [(290, 88), (316, 88), (316, 124), (343, 124)])
    arrow(sheet, [(420, 65), (420, 97)])
    box(sheet, 604, 124, 122, 50, "180 tests", ORANGE, "the same for all")
    arrow(sheet, [(495, 124), (541, 124)])
    box(sheet, 758, 124, 110, 50, "a score", FAINT, "for this seed")
    arrow(sheet, [(665, 124), (701, 124)])
    sheet.caption("the seed draws these", 222, 124, INK, "middle", 13)
    sheet.caption("the seed draws these, too", 420, 168, INK, "middle", 13)
    sheet.caption("several seeds: their mean, and a band from the smallest to the largest", 758, 200, INK, "end", 13)
    return Still(sheet, "the same samples, the same tests, several seeds; settings are chosen without the tests")
