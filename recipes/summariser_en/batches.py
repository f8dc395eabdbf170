"""Batches of sources and targets for an encoder–decoder, drawn anew for each epoch."""

import numpy as np

from ktlearn.backend import keras
from recipes.summariser_en.few_scores import with_candidates
from recipes.summariser_en.gap_sentences import LONGEST, TARGET
from recipes.summariser_en.tokens import CLS, PAD


class SummaryBatches(keras.utils.PyDataset):
    """For each step ``(inputs, labels)``: the decoder reads the target shifted by one, and shall say it.

    Sources and targets are about equally long, so all batches have one shape, such as ``(B, 208)`` and ``(B, 72)``:
    that needs one graph only.

    Args:
        draw: a function of NumPy's generator that returns a list of source ids and one of target ids, always equally
            many; called for each epoch.
        batch_size: B.
        widths: of sources and of targets, in tokens.
        vocab_size: None for plain labels; with a number, candidates stand behind them (`few_scores.py`).
        shuffle: True for another order in each epoch. The last examples, too few for a batch, are then left out of it.
        seed: for what is drawn and for the order.
    """

    def __init__(self, draw, batch_size, shuffle=False, seed=0, widths=(LONGEST, TARGET), vocab_size=None):
        super().__init__()
        self.draw, self.batch_size, self.shuffle, self.seed = draw, batch_size, shuffle, seed
        self.widths, self.vocab_size = widths, vocab_size
        self.begin(0)

    def __len__(self):
        whole, rest = divmod(len(self.order), self.batch_size)
        return whole if self.shuffle or not rest else whole + 1

    def __getitem__(self, number):
        chosen = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        source, labels = (
            rectangle([rows[i] for i in chosen], width)
            for rows, width in zip((self.sources, self.targets), self.widths, strict=True)
        )
        shifted = np.concatenate([np.full_like(labels[:, :1], CLS), labels[:, :-1]], axis=1)
        inputs = {"input_ids": source, "attention_mask": (source != PAD).astype("int32"), "decoder_input_ids": shifted}
        if self.vocab_size is not None:
            rng = np.random.default_rng([self.seed, self.epoch, number])
            labels = with_candidates(labels, source, self.vocab_size, rng)
        return inputs, labels

    def follow(self):
        """A Keras callback for ``fit``: an epoch has its own examples, also when the run goes on after a stop."""
        return keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs=None: self.begin(epoch))

    def begin(self, epoch):
        """Draw the examples of an epoch and their order."""
        self.epoch, rng = epoch, np.random.default_rng([self.seed, epoch])
        self.sources, self.targets = self.draw(rng)
        N = len(self.sources)
        self.order = rng.permutation(N) if self.shuffle else np.arange(N)


def rectangle(rows, width):
    """Token ids in one array ``(B, width)``, with padding behind; what is longer is cut, its last token stays."""
    rows = [row if len(row) <= width else [*row[: width - 1], row[-1]] for row in rows]
    return np.array([[*row, *[PAD] * (width - len(row))] for row in rows], "int32")
