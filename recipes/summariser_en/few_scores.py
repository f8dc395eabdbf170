"""Scores for a tenth of the vocabulary: the right words of a batch, all that its sources hold, and some drawn ones.

With 20,000 pieces the scores of all would be a third of all work, and hardly one of them matters at any step. So each
batch brings its own list of candidates, the same for all its places. Those that were drawn stand for all the others:
each of them counts as many times as there are others for one drawn. On average the loss is then that of all scores.

Source: Bengio and Senécal 2003, "Quick training of probabilistic neural nets by importance sampling"; Jean et al.
2015, "On Using Very Large Target Vocabulary for Neural Machine Translation".
"""

import contextlib

import numpy as np

from ktlearn.backend import keras, ops
from recipes.summariser_en.tokens import PAD

CANDIDATES = 2048


def with_candidates(labels, sources, vocab_size, rng, count=CANDIDATES):
    """Labels ``(B, T)`` as places in a list of candidates, and behind them in each row this list, ``(B, T + count)``.

    The drawn candidates are negative. The first is the padding, so its label stays 0.

    Raises:
        ValueError: there are more different tokens in the batch than candidates.
    """
    there = np.unique(np.concatenate([[PAD], labels.ravel(), sources.ravel()]))
    if len(there) > count:
        raise ValueError(f"{len(there)} different tokens in a batch are more than {count} candidates.")
    others = np.setdiff1d(np.arange(vocab_size), there, assume_unique=True)
    drawn = rng.choice(others, count - len(there), replace=False)
    candidates = np.broadcast_to(np.concatenate([there, -drawn]), (len(labels), count))
    return np.concatenate([np.searchsorted(there, labels), candidates], axis=1).astype("int32")


@contextlib.contextmanager
def without_scores(model):
    """Within this, the model answers with its last hidden states ``(B, T, D)``: the loss computes the scores."""
    model.logits = lambda hidden: None
    try:
        yield model
    finally:
        del model.logits


def scores(model, labels, hidden, count=CANDIDATES):
    """The labels alone, ``(B, T)``, and the scores of the candidates, ``(B, T, count)``."""
    labels = ops.cast(labels, "int32")
    labels, candidates = labels[:, :-count], labels[0, -count:]
    drawn = ops.cast(candidates < 0, "float32")
    number = ops.sum(drawn)
    others = model.vocab_size - count + number
    matrix = ops.take(model.embedding.embeddings, ops.abs(candidates), axis=0)
    bias = ops.take(model.head.bias[0], ops.abs(candidates), axis=0)
    bias = bias + drawn * ops.log(ops.maximum(others, 1.0) / ops.maximum(number, 1.0))
    return labels, ops.matmul(ops.cast(hidden, "float32"), ops.transpose(matrix)) + bias


class OfCandidates(keras.losses.Loss):
    """A loss of all scores, such as ``TokenCrossentropy``, for those of the candidates."""

    def __init__(self, model, loss, **kwargs):
        super().__init__(name=loss.name, **kwargs)
        self.of = lambda labels, hidden: loss.call(*scores(model, labels, hidden))

    def call(self, labels, hidden):
        return self.of(labels, hidden)


class AccuracyOfCandidates(keras.metrics.Mean):
    """The share of right tokens, of those that are no padding: a little too low, for what is drawn counts for many."""

    def __init__(self, model, name="token_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.of = lambda labels, hidden: scores(model, labels, hidden)

    def update_state(self, labels, hidden, sample_weight=None):
        labels, logits = self.of(labels, hidden)
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels
        super().update_state(ops.cast(right, "float32"), sample_weight=ops.cast(labels != PAD, "float32"))
