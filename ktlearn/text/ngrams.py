"""Runs of n tokens in a row, which BLEU, chrF and ROUGE count."""

from collections import Counter


def runs(sequence, n):
    """Its runs of n, each with how often it occurs.

    Args:
        sequence: a list of tokens, or a string.
        n: how many in a row.

    >>> runs("abab", 2)["a", "b"]
    2
    """
    return Counter(zip(*(sequence[i:] for i in range(n)), strict=False))
