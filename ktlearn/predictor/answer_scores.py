"""How well an answer in words agrees with the right one: exact match and F1, as SQuAD measures.

Before they are compared, both lose capitals, punctuation, the articles "a", "an", "the", and spaces too many.

Source: Rajpurkar et al. 2016, "SQuAD", arXiv:1606.05250, 6.1; for no answer, Rajpurkar et al. 2018, arXiv:1806.03822.
"""

import re
import string
from collections import Counter

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized(text):
    """The words of an answer that count, with one space between them.

    >>> normalized("The  herring merchants, of Dunmarrow.")
    'herring merchants of dunmarrow'
    """
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact_match(found, right):
    """1 when both are the same words, else 0.

    >>> exact_match("the Lighthouse", "Lighthouse."), exact_match("", "Lighthouse"), exact_match("", "")
    (1, 0, 1)
    """
    return int(normalized(found) == normalized(right))


def f1(found, right):
    """From 0 to 1: the harmonic mean of precision and recall of the words.

    Where one of the two is "no answer", the empty text, only the same is right.

    >>> f1("in the old lighthouse", "the lighthouse")  # 1 of 3 words is right, and no word is missing
    0.5
    >>> f1("", "the lighthouse"), f1("", "")
    (0.0, 1.0)
    """
    found, right = normalized(found).split(), normalized(right).split()
    if not found or not right:
        return float(found == right)
    shared = sum((Counter(found) & Counter(right)).values())
    return 2 * shared / (len(found) + len(right))
