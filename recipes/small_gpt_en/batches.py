"""The training text, packed: windows of equal length without padding, and what comes next at each position."""

import numpy as np

from ktlearn.backend import keras


class Windows(keras.utils.PyDataset):
    """For each step ``(ids, next ids)``, ``(B, L)`` each, windows of one long row of ids.

    A pass cuts the row into windows at another offset than the pass before, and draws their order. Keras' epochs
    are shorter than a pass, so that a run is kept often: each goes on where the last one stopped. Which windows a
    step has follows from its number and the epoch's alone; so a run that goes on after a stop reads what it would have
    read. :meth:`follow` makes the callback that says which epoch begins.

    Args:
        stream: token ids ``(N,)``.
        length: L.
        size: B.
        steps: batches in an epoch; None for one pass in the order of the text, as validation wants it.
        seed: for offsets and orders.

    Raises:
        ValueError: the row is too short for a batch.
    """

    def __init__(self, stream, length, size, steps=None, seed=0):
        super().__init__()
        self.stream, self.length, self.size, self.seed = stream, length, size, seed
        self.is_shuffled, self.epoch = steps is not None, 0
        # One window less than there is room for: that is what the offset takes.
        windows = (len(stream) - 1) // length - (1 if self.is_shuffled else 0)
        self.per_pass = windows // size
        if self.per_pass < 1:
            raise ValueError(f"stream: {len(stream)} tokens are too few for a batch of {size} windows of {length}.")
        self.steps = steps or self.per_pass
        self._drawn = (None, None)

    def __len__(self):
        return self.steps

    def __getitem__(self, number):
        turn, place = divmod(self.epoch * self.steps + number, self.per_pass)
        starts = self._starts(turn)[place * self.size : (place + 1) * self.size]
        rows = self.stream[starts[:, None] + np.arange(self.length + 1)]  # (B, L + 1)
        return {"input_ids": rows[:, :-1]}, rows[:, 1:]

    def follow(self):
        """A Keras callback for ``fit``: an epoch reads on where the one before stopped, in this run or an earlier."""

        def begin(epoch, logs=None):
            self.epoch = epoch

        return keras.callbacks.LambdaCallback(on_epoch_begin=begin)

    def _starts(self, turn):
        """Where the windows of one pass begin, in its order: ``(W,)``."""
        drawn = self._drawn  # taken once: Keras may still read ahead in a thread of the epoch before
        if drawn[0] != turn:
            starts = np.arange(self.per_pass * self.size) * self.length
            if self.is_shuffled:
                rng = np.random.default_rng([self.seed, turn])
                windows = (len(self.stream) - 1) // self.length - 1
                starts = rng.integers(self.length) + rng.permutation(windows)[: len(starts)] * self.length
            drawn = self._drawn = (turn, starts)
        return drawn[1]
