"""The diagrams of lesson 00: two ways through a sentence, three families, and thirty years on a line."""

from itertools import pairwise

import numpy as np

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, RULE, arrow, box
from ktlearn.support.arguments import as_names
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still

# When, what, what it removed or left behind, what it added.
HISTORY = (
    ("1997", "LSTM", "fast forgetting", "a memory cell with gates: an RNN that remembers longer"),
    ("2014", "Sequence to sequence", "rules and tables of phrases", "one RNN reads, another writes"),
    ("2014", "Bahdanau's attention", "the bottleneck of one vector", "the writer looks back at every source word"),
    ("2017", "The Transformer", "the RNN", "self-attention: the words of one text look at each other"),
    ("2018", "ELMo, GPT, BERT", "training from zero for each task", "pretraining on plain text, then fine-tuning"),
    ("2019", "GPT-2, T5", "a layer of its own for each task", "every task is text in, text out"),
    ("2020", "GPT-3, scaling laws", "often even the fine-tuning", "examples in the prompt; loss predicted from size"),
    ("2022", "InstructGPT, ChatGPT", "prompts that imitate a text", "training on instructions and ratings"),
    ("today", "Llama and others", "position vectors, the norm’s mean", "rotary positions, RMSNorm, grouped queries"),
)  # fmt: skip


def two_ways(words):
    """The way from the first word to the last: through every word in an RNN, in one step with attention.

    Args:
        words: two strings or more.

    Raises:
        ValueError, TypeError: these are not two words or more.

    Source: Vaswani et al. 2017, table 1, "maximum path length".

    >>> "3 steps" in two_ways(["She", "closed", "her", "eyes"]).data
    True
    """
    words = as_names("words", words)
    if len(words) < 2:
        raise ValueError(f"two_ways: words must hold two words or more; got {len(words)}.")
    step, left, n = 104, 66, len(words)
    places = [left + step * i for i in range(n)]
    sheet = Sheet(left + step * (n - 1) + 60, 312, PAPER)
    for top, title, y in ((46, f"RNN: {n - 1} steps", 22), (246, "attention: 1 step", 132)):
        sheet.text(title, 16, y, INK, 14, bold=True)
        for word, x in zip(words, places, strict=True):
            is_end = word is words[0] or word is words[-1]
            box(sheet, x, top + 30, 78, 32, word, BLUE if is_end else FAINT)
    for i, (x0, x1) in enumerate(pairwise(places), start=1):
        arrow(sheet, [(x0 + 40, 76), (x1 - 40, 76)], colour=ORANGE, line=2.5)
        sheet.caption(str(i), (x0 + x1) / 2, 62, ORANGE, "middle", 12)
    for i, x in enumerate(places[:-1]):
        is_first = i == 0
        _arc(sheet, x, places[-1] - 6 * i, 258, 16 + 74 * (n - 1 - i) / (n - 1), ORANGE if is_first else RULE, is_first)
    sheet.caption("1", (places[0] + places[-1]) / 2, 156, ORANGE, "middle", 12)
    return Still(sheet, "the way from the first word to the last: word by word in an RNN, one step with attention")


def _arc(sheet, x0, x1, y, high, colour, is_thick):
    angles = np.linspace(np.pi, 0, 40)
    middle, half = (x0 + x1) / 2, (x1 - x0) / 2
    points = [(middle + half * np.cos(a), y - high * np.sin(a)) for a in angles]
    arrow(sheet, points, colour=colour, line=2.5 if is_thick else 1.5)


def families(length=5):
    """Who may look at whom in the three families: a row looks, a column is looked at, blue is allowed.

    Args:
        length: tokens of each text.

    Source: Raffel et al. 2020 (T5), figure 3, draws the masks so.

    >>> "encoder–decoder" in families().data
    True
    """
    sheet, cell, top = Sheet(880, 240, PAPER), 18, 66
    size, full, causal = cell * length, np.ones((length, length), bool), np.tri(length, dtype=bool)
    for x, name, known, good in (
        (100, "encoder", "BERT", "reads a text that is there"),
        (306, "decoder", "GPT", "writes, token after token"),
        (642, "encoder–decoder", "the Transformer of 2017, T5", "makes one text from another"),
    ):
        sheet.text(name, x, 22, INK, 15, "middle", bold=True)
        sheet.caption(known, x, 42, FAINT, "middle", 12)
        sheet.caption(good, x, 222, INK, "middle", 12)
    for x, allowed, colour, *words in (
        (100, full, BLUE, "every token sees", "every token"),
        (306, causal, BLUE, "a token sees itself", "and all to its left"),
        (494, full, BLUE, "a source token sees", "the whole source"),
        (642, full, GREEN, "a target token sees", "the whole source,"),
        (790, causal, BLUE, "and of the target itself", "and all to its left"),
    ):
        _mask(sheet, x - size / 2, top, cell, allowed, colour)
        for line, y in zip(words, (top + size + 18, top + size + 34), strict=True):
            sheet.caption(line, x, y, INK, "middle", 11)
    for x in (203, 412):
        sheet.path([(x, 16), (x, 230)], RULE, 1)
    return Still(sheet, "where a token may look: encoder, decoder, encoder–decoder")


def _mask(sheet, x, y, cell, allowed, colour):
    for (i, j), is_open in np.ndenumerate(allowed):
        fill = colour if is_open else PAPER
        sheet.rectangle(x + j * cell, y + i * cell, cell - 1.5, cell - 1.5, fill, None if is_open else RULE)


def timeline():
    """From the LSTM to today: what each step removed or left behind, and what it added.

    Source: the papers in "Further reading" of lesson 00.

    >>> "Bahdanau" in timeline().data
    True
    """
    row, top = 46, 54
    sheet = Sheet(930, top + row * len(HISTORY), PAPER)
    for words, x, colour in (("− removed", 292, ORANGE), ("+ added", 536, GREEN)):
        sheet.text(words, x, 24, colour, 14, bold=True)
    sheet.path([(84, top), (84, top + row * (len(HISTORY) - 1))], RULE, 3)
    for i, (year, name, removed, added) in enumerate(HISTORY):
        y, is_ours = top + row * i, name == "The Transformer"
        if is_ours:
            sheet.rectangle(8, y - 19, 914, 38, "#e8f1f8", radius=8)
        sheet.disc(84, y, 7, BLUE if is_ours else PAPER, BLUE, 2.5)
        sheet.text(year, 66, y, INK, 13, "end", bold=True)
        sheet.text(name, 104, y, INK, 14, bold=True)
        sheet.caption(removed, 292, y, INK, size=13)
        sheet.caption(added, 536, y, INK, size=13)
    return Still(sheet, "from the LSTM of 1997 to today's models, with what each removed and added")
