"""Which sentences a summary is made of, learned from reports with summaries: the extractive way with a teacher.

A sentence is described by its vector, by where it stands, by how long it is and how near to the whole. A linear model
says how much ROUGE-1 the sentence would have above the mean of its report. Some hundred reports are enough for that.

Source: Kupiec, Pedersen and Chen 1995, "A Trainable Document Summarizer" (the idea, and the position as a feature);
Liu and Lapata 2019, "Text Summarization with Pretrained Encoders" (vectors of sentences from an encoder).
"""

import itertools

import numpy as np
from sklearn.linear_model import RidgeCV

from ktlearn.text import extractive
from ktlearn.text.rouge import rouge_n

PENALTIES = (1, 3, 10, 30, 100, 300, 1000)  # of large weights; which one, RidgeCV finds out on the training reports


class Selector:
    """Scores for the sentences of a report, once it has learned from others."""

    def __init__(self):
        self.ridge = RidgeCV(PENALTIES)

    def fit(self, whole, vectors, summaries):
        """Learn from reports with summaries; the selector itself is answered.

        Args:
            whole: a list with the sentences of each report.
            vectors: those of its sentences, :func:`vectors_of`.
            summaries: a list of texts.
        """
        x, y = np.concatenate(list(map(features, whole, vectors))), []
        for each, summary in zip(whole, summaries, strict=True):
            gain = np.array([rouge_n(sentence, summary).f1 for sentence in each])
            y.append(gain - gain.mean())
        self.mean, self.spread = x.mean(axis=0), x.std(axis=0) + 1e-6
        self.ridge.fit((x - self.mean) / self.spread, np.concatenate(y))
        return self

    def scores(self, whole, vectors):
        """One number for each sentence of one report, ``(N,)``."""
        return self.ridge.predict((features(whole, vectors) - self.mean) / self.spread)


def features(whole, vectors):
    """What is known of each sentence, ``(N, D + 7)``.

    Args:
        whole: the sentences of one report.
        vectors: ``(N, D)``.
    """
    place = np.arange(len(whole))
    length = np.array([len(sentence.split()) for sentence in whole])
    own = (place == 0, place == 1, place == len(whole) - 1, place / len(whole), np.log(length))
    return np.column_stack([*own, extractive.central(vectors), extractive.textrank(whole) * len(whole), vectors])


def vectors_of(encoder, whole):
    """The vectors of all sentences of each report: a list of ``(N, D)``.

    Args:
        encoder: a :class:`ktlearn.SentenceEncoder`.
        whole: a list with the sentences of each report.
    """
    vectors = encoder.encode(list(itertools.chain(*whole)), verbose=0)
    return np.split(vectors, np.cumsum([len(each) for each in whole])[:-1])
