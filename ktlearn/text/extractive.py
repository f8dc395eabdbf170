"""Summaries made of a text's own sentences: which of them say the most?

Each function scores the sentences of one text; :func:`best` takes the highest, in the text's order. Letters in the
shapes: N sentences, D width of their vectors.
"""

import itertools
import math

import numpy as np

from ktlearn.text.rouge import rouge_n, words


def best(scores, n=2):
    """The positions of the n highest scores, from the first sentence to the last: a list. Of equal ones the earlier.

    Args:
        scores: ``(N,)``, one of each sentence.
        n: how many.

    >>> best([0.1, 0.5, 0.2, 0.5])
    [1, 3]
    """
    return sorted(np.argsort(-np.asarray(scores), kind="stable")[:n].tolist())


def shared_words(sentences):
    """How alike each two sentences are: the words that both have, divided by ``log |a| + log |b|``.

    Args:
        sentences: a list of N texts.

    Returns:
        ``(N, N)``, symmetric, with zeros on the diagonal.

    Source: Mihalcea and Tarau 2004, "TextRank: Bringing Order into Texts", section 4.1.

    >>> shared_words(["The bridge is open.", "The bridge is long."])[0, 1].round(3)  # 3 / (log 4 + log 4)
    np.float64(1.082)
    """
    rows = [words(sentence) for sentence in sentences]
    alike = np.zeros((len(rows), len(rows)))
    for i, j in itertools.combinations(range(len(rows)), 2):
        size = math.log(max(len(rows[i]), 1)) + math.log(max(len(rows[j]), 1))
        if size > 0:  # two sentences of one word each tell nothing
            alike[i, j] = alike[j, i] = len(set(rows[i]) & set(rows[j])) / size
    return alike


def rank(alike, damping=0.85, tolerance=1e-6):
    """PageRank's scores: a sentence matters if sentences that matter are like it.

    Each round a sentence gives away its score to those that are like it, in proportion, and keeps none:
    ``s ← (1 - d)/N + d·Pᵀs``, until nothing changes any more.

    Args:
        alike: ``(N, N)``, not negative.
        damping: d, the share that is given along the similarities; the rest goes to all alike.
        tolerance: the largest change of a score at which the rounds end.

    Returns:
        ``(N,)``; they sum to 1.

    Source: Brin and Page 1998; Mihalcea and Tarau 2004, section 2.

    >>> rank(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])).round(2).tolist()  # the middle one is like both others
    [0.26, 0.49, 0.26]
    """
    alike = np.asarray(alike, "float64")
    N, given = len(alike), alike.sum(axis=1, keepdims=True)
    # A sentence that is like no other gives to all.
    P = np.where(given > 0, alike / np.where(given > 0, given, 1), 1 / N)
    scores, change = np.full(N, 1 / N), np.inf
    while change > tolerance:
        after = (1 - damping) / N + damping * P.T @ scores
        change, scores = np.abs(after - scores).max(), after
    return scores


def textrank(sentences):
    """TextRank: :func:`rank` over :func:`shared_words`, ``(N,)``.

    Args:
        sentences: a list of N texts.

    >>> three = ["Rain fell in Brno.", "It was late.", "In Brno the rain stopped the trams."]
    >>> best(textrank(three))
    [0, 2]
    """
    return rank(shared_words(sentences))


def central(vectors):
    """How near each sentence is to what the whole text is about: its cosine with the mean of all vectors, ``(N,)``.

    Args:
        vectors: ``(N, D)``, as :meth:`ktlearn.SentenceEncoder.encode` gives them.

    Source: Radev et al. 2004, "Centroid-based summarization of multiple documents".

    >>> central([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]]).argmax()
    np.int64(2)
    """
    vectors = np.asarray(vectors)
    mean = vectors.mean(axis=0)
    return vectors @ mean / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(mean))


def oracle(sentences, reference, n=2):
    """The n sentences that have the highest ROUGE-1 F1 with a reference: a list of positions.

    No method may look at the reference; this is how far one could come that takes whole sentences.

    Args:
        sentences: a list of N texts.
        reference: the text that a person wrote.
        n: how many; all of them where the text has fewer.

    >>> oracle(["It rained.", "The bridge closed.", "Nobody was hurt."], "Nobody was hurt as the bridge closed.")
    [1, 2]
    """
    choices = itertools.combinations(range(len(sentences)), min(n, len(sentences)))
    return list(max(choices, key=lambda some: rouge_n(" ".join(sentences[i] for i in some), reference).f1))
