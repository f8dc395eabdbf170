"""BLEU and chrF: how much of a machine's translations stands, letter for letter, in those of a person.

Sources: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"; Popović 2015, "chrF:
character n-gram F-score for automatic MT evaluation". Why the way of counting must be told with the figure: Post 2018,
"A Call for Clarity in Reporting BLEU Scores".
"""

import math
import re

from ktlearn.text.ngrams import runs

# A Chinese character, and each mark, is a token of its own; letters and digits are taken together, "1,500.5" too.
TOKEN = re.compile(r"[A-Za-z0-9]+(?:(?<=\d)[.,]\d+)*|\S")
LONGEST = {"BLEU": 4, "chrF": 6}


def tokens(text):
    """What BLEU counts in a Chinese text: its characters, since Chinese has no spaces between words.

    Args:
        text: the text.

    >>> tokens("票价是 35 元。")
    ['票', '价', '是', '35', '元', '。']
    """
    return TOKEN.findall(text)


def counts(translation, reference, longest):
    """For n = 1 … longest: how many runs both have, the translation has, the reference has.

    A run that the translation has three times and the reference once is one common run.

    Args:
        translation, reference: lists of tokens, or strings.
        longest: the longest run.

    Returns:
        A list of ``longest`` rows ``[common, of_translation, of_reference]``.

    >>> counts("abc", "abd", 2)
    [[2, 3, 3], [1, 2, 2]]
    """
    rows = []
    for n in range(1, longest + 1):
        ours, theirs = runs(translation, n), runs(reference, n)
        rows.append([(ours & theirs).total(), ours.total(), theirs.total()])
    return rows


def bleu(translations, references):
    """BLEU of a whole set, between 0 and 100.

    The counts of all texts are added up first. These are the figures of sacrebleu with ``tokenize="zh"`` on texts of
    Chinese characters, digits and Latin letters; a precision of zero is smoothed as there (``smooth:exp``).

    Args:
        translations, references: lists of texts, one reference for each translation.

    Returns:
        100 · brevity penalty · the geometric mean of the precisions of runs of 1 to 4.

    Raises:
        ValueError: not as many references as translations, or none.

    >>> round(bleu(["我昨天丢了雨伞。"], ["我昨天丢了伞。"]), 1)
    59.5
    """
    total = _added(translations, references, tokens, LONGEST["BLEU"])
    if total[0][0] == 0:
        return 0.0
    logs, halved = [], 1.0
    for common, ours, _ in total:
        if ours == 0:  # no text has so long a run
            return 0.0
        if common == 0:
            halved *= 2
        logs.append(math.log((common or 1 / halved) / ours))
    length, wanted = total[0][1:]
    brevity = min(1.0, math.exp(1 - wanted / length))
    return 100 * brevity * math.exp(sum(logs) / len(logs))


def chrf(translations, references, beta=2):
    """chrF of a whole set, between 0 and 100: an F score of runs of 1 to 6 characters, spaces left out.

    The counts of all texts are added up first. These are the figures of sacrebleu's CHRF.

    Args:
        translations, references: lists of texts, one reference for each translation.
        beta: how many times as much recall counts as precision.

    Raises:
        ValueError: not as many references as translations, or none.

    >>> round(chrf(["我昨天丢了雨伞。"], ["我昨天丢了伞。"]), 1)
    52.4
    """
    rows = _added(translations, references, lambda text: "".join(text.split()), LONGEST["chrF"], only_if_both=True)
    rows = [row for row in rows if row[1] and row[2]]
    if not rows or not any(row[0] for row in rows):
        return 0.0
    precision = sum(common / ours for common, ours, _ in rows) / len(rows)
    recall = sum(common / theirs for common, _, theirs in rows) / len(rows)
    return 100 * (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


def _added(translations, references, cut, longest, only_if_both=False):
    """The counts of all pairs, added up; on request without runs that are longer than the reference of their pair."""
    if isinstance(translations, str) or isinstance(references, str):
        raise ValueError("translations and references must be lists of texts, not one text.")
    if not len(translations) or len(translations) != len(references):
        raise ValueError(
            f"each translation needs its reference; got {len(translations)} translations and {len(references)} "
            "references."
        )
    pairs = zip(translations, references, strict=True)
    each = [counts(cut(translation), cut(reference), longest) for translation, reference in pairs]
    if only_if_both:
        each = [[[common, ours if theirs else 0, theirs] for common, ours, theirs in rows] for rows in each]
    return [[sum(column) for column in zip(*rows, strict=True)] for rows in zip(*each, strict=True)]
