"""ROUGE: how much of a summary written by a person a machine's summary says in the same words.

Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", sections 2 and 3.
"""

import re
from typing import NamedTuple

from ktlearn.text.ngrams import runs

WORD = re.compile(r"[^\W_]+")  # a run of letters and digits, of any script with spaces between words


class Rouge(NamedTuple):
    """Three figures between 0 and 1.

    Attributes:
        precision: which share of the summary stands in the reference too.
        recall: which share of the reference stands in the summary too.
        f1: their harmonic mean, 2·P·R / (P + R).
    """

    precision: float
    recall: float
    f1: float


def words(text):
    """The words of a text as ROUGE counts them: in lower case, without punctuation, not reduced to their stems.

    Args:
        text: the text.

    >>> words("The town's 1.5 million")
    ['the', 'town', 's', '1', '5', 'million']
    """
    return WORD.findall(text.lower())


def rouge_n(summary, reference, n=1):
    """ROUGE-n: the runs of n words that both have. A run that one has twice and the other once counts once.

    On English text these are the figures of Google's ``rouge-score`` without its stemmer. Figures with another
    tokenizer, or with a stemmer, are not comparable.

    Args:
        summary: the text to be judged.
        reference: the text that a person wrote.
        n: 1 for words, 2 for pairs of words.

    Returns:
        A :class:`Rouge`; all zeros where one of the two has no run of n words.

    >>> rouge_n("the mayor opened the bridge", "the bridge was opened", n=1)  # "the", "bridge", "opened": 3 of 5, of 4
    Rouge(precision=0.6, recall=0.75, f1=0.66...)
    """
    ours, theirs = (runs(words(text), n) for text in (summary, reference))
    return _shares((ours & theirs).total(), ours.total(), theirs.total())


def rouge_l(summary, reference):
    """ROUGE-L: the longest common subsequence, words in the same order with anything between them.

    Args:
        summary: the text to be judged.
        reference: the text that a person wrote.

    Returns:
        A :class:`Rouge`.

    >>> rouge_l("the mayor opened the bridge", "the bridge was opened")  # "the … opened": 2 of 5, 2 of 4
    Rouge(precision=0.4, recall=0.5, f1=0.44...)
    """
    ours, theirs = words(summary), words(reference)
    before = [0] * (len(theirs) + 1)  # the longest one of what was read of ours, and of the first j of theirs
    for word in ours:
        row = [0]
        for j, other in enumerate(theirs):
            row.append(before[j] + 1 if word == other else max(before[j + 1], row[j]))
        before = row
    return _shares(before[-1], len(ours), len(theirs))


def rouge(summary, reference):
    """The F1 of ROUGE-1, ROUGE-2 and ROUGE-L: a dictionary.

    Args:
        summary: the text to be judged.
        reference: the text that a person wrote.

    >>> rouge("a b", "a b c")["ROUGE-1"]
    0.8
    """
    found = {f"ROUGE-{n}": rouge_n(summary, reference, n).f1 for n in (1, 2)}
    return found | {"ROUGE-L": rouge_l(summary, reference).f1}


def _shares(common, of_summary, of_reference):
    if not common:
        return Rouge(0.0, 0.0, 0.0)
    return Rouge(common / of_summary, common / of_reference, 2 * common / (of_summary + of_reference))
