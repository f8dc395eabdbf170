"""What is shown while a model works: one tidy line per epoch of training, a bar for long predictions."""

import sys
import time

from tqdm.auto import tqdm

from ktlearn.backend import keras
from ktlearn.support.characters import say

BAR = 20  # characters
REFRESH = 0.5  # seconds
BAR_FROM = 500  # texts: below, a prediction is over before a bar helps
LONG = 3  # seconds: where nobody knows how long a text will take, a bar comes when it has taken so long


class Progress(keras.callbacks.Callback):
    """Print ``epoch 1/4  loss 0.5123  accuracy 0.7400  12 s``.

    The bar needs a place that understands a carriage return: a terminal or a notebook. In a log
    file only the finished lines appear.
    """

    def __init__(self, epochs, steps):
        super().__init__()
        self.epochs, self.steps = epochs, steps
        self.live = sys.stdout.isatty() or type(sys.stdout).__module__.startswith("ipykernel")
        self.wipe = 0  # characters of a bar that stand in the line

    def on_epoch_begin(self, epoch, logs=None):
        self.start = self.shown = time.monotonic()
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if self.live and now - self.shown > REFRESH:
            self.shown = now
            done = (batch + 1) / self.steps
            bar = ("█" * round(BAR * done)).ljust(BAR, "░")
            left = (now - self.start) * (1 - done) / done
            self._write(f"{self._head()}  {bar}  loss {logs['loss']:.4f}  {left:.0f} s left", end="")

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.monotonic() - self.start
        values = "  ".join(f"{name} {value:.4f}" for name, value in _in_order(logs))
        self._write(f"{self._head()}  {values}  {seconds:.0f} s", end="\n")

    def _head(self):
        return f"epoch {self.epoch + 1}/{self.epochs}"

    def _write(self, line, end):
        if self.live:
            bar, self.wipe = self.wipe, 0 if end else len(line)
            print(end="\r")
            line = line.ljust(bar)
        say(line, end, flush=True)


def _in_order(logs):
    """Training figures first, then those of the validation; of each the loss first."""
    return sorted((logs or {}).items(), key=lambda item: (item[0].startswith("val_"), not item[0].endswith("loss")))


class PredictionBar(keras.callbacks.Callback):
    """Count the texts that are done, in a terminal or in a notebook; only when there are many.

    Args:
        sizes: how many texts each batch has.
        verbose: 0 for no bar.
    """

    def __init__(self, sizes, verbose=1):
        super().__init__()
        self.sizes, self.count = sizes, sum(sizes)
        self.is_hidden = not verbose or self.count < BAR_FROM

    def on_predict_begin(self, logs=None):
        self.bar = tqdm(total=self.count, desc="predicting", unit=" texts", disable=self.is_hidden)

    def on_predict_batch_end(self, batch, logs=None):
        self.bar.update(self.sizes[batch])

    def on_predict_end(self, logs=None):
        self.bar.close()


def work_bar(count, what, verbose=1, at_once=1):
    """A bar for work whose texts take long each, as those that a model writes: it appears after some seconds.

    Args:
        count: how many texts there are.
        what: what is done, such as "translating".
        verbose: 0 for no bar.
        at_once: texts that are done in one go; where that is all of them, there is no progress to show.

    Returns:
        A bar, to be used in a ``with``; ``bar.update(n)`` counts n texts more.
    """
    return tqdm(total=count, desc=what, unit=" texts", delay=LONG, disable=not verbose or count <= at_once)
