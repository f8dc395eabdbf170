"""Batches of sentence pairs that are about equally long."""

import numpy as np

from ktlearn.backend import keras
from recipes.translator_en_zh.tokens import PAD

TOKENS = 1200  # in a batch, source and target, padding included: many small steps, for the pairs are few


class PairBatches(keras.utils.PyDataset):
    """For each step ``(inputs, labels)``: the decoder reads the target shifted by one, and shall say it.

    Args:
        sources, targets: token ids of the sentences, each with its end.
        shuffle: True draws an order of the batches, and of what is equally long, for each epoch.
        tokens: how many tokens a batch has at most.
        seed: for the order.
    """

    def __init__(self, sources, targets, shuffle=False, tokens=TOKENS, seed=0):
        super().__init__()
        self.sources, self.targets, self.shuffle, self.tokens = sources, targets, shuffle, tokens
        self.seed = seed
        self.lengths = np.array([[len(s), len(t)] for s, t in zip(sources, targets, strict=True)])
        self.draw(0)

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, number):
        chosen = self.batches[number]
        source = _rectangle([self.sources[i] for i in chosen])
        labels = _rectangle([self.targets[i] for i in chosen])  # (B, T)
        # The decoder's first token is the padding token, as Marian's is.
        shifted = np.concatenate([np.full_like(labels[:, :1], PAD), labels[:, :-1]], axis=1)
        inputs = {"input_ids": source, "attention_mask": (source != PAD).astype("int32"), "decoder_input_ids": shifted}
        return inputs, labels

    def follow(self):
        """A Keras callback for ``fit``: an epoch has its own order, also when the run goes on after a stop."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs=None: self.draw(epoch))

    def draw(self, epoch):
        """Draw the batches of an epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        jitter = rng.random(len(self.lengths)) if self.shuffle else np.zeros(len(self.lengths))
        order = np.lexsort((jitter, self.lengths[:, 0] + self.lengths[:, 1], self.lengths.max(axis=1)))
        self.batches, start = [], 0
        while start < len(order):
            size = 1
            while start + size < len(order):
                widths = self.lengths[order[start : start + size + 1]].max(axis=0)
                if (size + 1) * widths.sum() > self.tokens:
                    break
                size += 1
            self.batches.append(order[start : start + size])
            start += size
        # Keras reads off the first two batches which sizes may change: the shortest and the longest differ in all.
        between = range(1, len(self.batches) - 1)
        order = rng.permutation(between) if self.shuffle else between
        self.batches = [self.batches[i] for i in dict.fromkeys((0, len(self.batches) - 1, *order))]


def _rectangle(rows):
    width = max(map(len, rows))
    return np.array([[*row, *[PAD] * (width - len(row))] for row in rows], "int32")
