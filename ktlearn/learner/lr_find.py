"""The learning-rate finder: train a little with a rate that rises, and watch where the loss falls.

Source: Smith 2015, "Cyclical Learning Rates", arXiv:1506.01186, section 3.3; the suggestions are fastai's.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from ktlearn.backend import keras
from ktlearn.learner.learning_data import ReadyBatches, training_batches
from ktlearn.learner.model_state import unchanged
from ktlearn.schedules import Schedule, rising
from ktlearn.support.bars import Progress

HIGHEST = 10.0  # the rate that a search never passes
SMOOTHING = 0.98  # of the loss: each batch counts 2 %
LR_MULT = 1.01  # ktrain's default
FEW_STEPS = 64  # batches in an epoch; with fewer, five epochs are run, as in ktrain
ENOUGH_STEPS = 100  # below, the curve would be too coarse to read


class Suggestions(NamedTuple):
    """Learning rates read from a search; None where the curve is too short or does not fall.

    ==================  ===========================================================================
    steepest            where the smoothed loss falls fastest
    minimum_over_10     a tenth of the rate with the lowest loss
    valley              the middle of the longest way down
    ==================  ===========================================================================
    """

    steepest: float | None
    minimum_over_10: float | None
    valley: float | None

    def __repr__(self):
        def shown(rate):
            return "none: the curve is too short, or does not fall" if rate is None else f"{rate:.1e}"

        return (
            "Suggested learning rates\n"
            f"  valley           {shown(self.valley)}\n"
            f"  steepest         {shown(self.steepest)}\n"
            f"  minimum / 10     {shown(self.minimum_over_10)}"
        )


class Search(keras.callbacks.Callback):
    """The curve of a search, kept batch by batch; it stops where ktrain's does.

    Args:
        schedule: the :class:`ktlearn.schedules.Schedule` that raises the rate.
        stop_factor: stop when the smoothed loss is so many times its lowest value.

    Attributes:
        rates, losses: one number for each batch; the losses are smoothed.
    """

    def __init__(self, schedule, stop_factor):
        super().__init__()
        self.schedule, self.stop_factor = schedule, stop_factor
        self.losses, self.average, self.lowest = [], 0.0, math.inf

    @property
    def rates(self):
        return self.schedule.learning_rates[: len(self.losses)]

    def on_train_batch_begin(self, batch, logs=None):
        self.model.reset_metrics()  # Keras reports the mean since the last reset: this batch alone is wanted

    def on_train_batch_end(self, batch, logs=None):
        self.average = SMOOTHING * self.average + (1 - SMOOTHING) * float(logs["loss"])
        smoothed = self.average / (1 - SMOOTHING ** (len(self.losses) + 1))
        diverges = len(self.losses) > 0 and smoothed > self.stop_factor * self.lowest
        if diverges or not math.isfinite(smoothed) or self.schedule.step >= self.schedule.steps:
            self.model.stop_training = True
        if math.isfinite(smoothed):
            self.losses.append(smoothed)
            self.lowest = min(self.lowest, smoothed)


class SearchProgress(Progress):
    """One bar for the whole search, in place of a line for each epoch. It leaves nothing behind."""

    def __init__(self, search):
        super().__init__(epochs=1, steps=search.schedule.steps)
        self.search = search

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 0:
            super().on_epoch_begin(epoch, logs)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(self.search.schedule.step - 1, logs)

    def on_epoch_end(self, epoch, logs=None):
        """A search has no epochs worth a line."""

    def on_train_end(self, logs=None):
        if self.wipe:
            self._write("", end="\r")

    def _head(self):
        return f"rate {self.search.schedule.learning_rates[-1]:.1e}"


def search_rates(model, data, batch_size, start_lr, lr_mult, max_epochs, class_weight, stop_factor, verbose):
    """Run the search on a model that is ready to train; the model comes out of it unchanged.

    Returns:
        The :class:`Search`; after an interruption with what was seen until then.
    """
    is_endless = isinstance(data, ReadyBatches) and data.count is None
    steps_per_epoch = ENOUGH_STEPS if is_endless else None
    with unchanged(model):
        batches = training_batches(data, batch_size, int(np.random.randint(2**31)), steps_per_epoch)
        steps, end = _length(len(batches), start_lr, lr_mult, max_epochs)
        schedule = Schedule(functools.partial(rising, start=start_lr, end=end), steps)
        search = Search(schedule, stop_factor)
        if verbose:
            print(f"Trying rates from {start_lr:.0e} to {end:.2g}, one for each of at most {steps:,} batches …")
        try:
            model.fit(
                batches.for_keras(),
                epochs=math.ceil(steps / len(batches)),
                steps_per_epoch=steps_per_epoch,
                callbacks=[schedule, search, *([SearchProgress(search)] if verbose else [])],
                class_weight=class_weight,
                verbose=0,
                shuffle=False,  # the batches shuffle themselves
            )
        except KeyboardInterrupt:
            print("\nInterrupted. The model is as it was before; the curve so far is kept.")
    return search


def _length(per_epoch, start_lr, lr_mult, max_epochs):
    """Number of steps and last rate of a search, by ktrain's rules; only, a chosen ``lr_mult`` always counts."""
    if max_epochs is None and per_epoch <= FEW_STEPS and lr_mult == LR_MULT:
        max_epochs = max(5, math.ceil(ENOUGH_STEPS / per_epoch))
    if max_epochs is not None:
        return max_epochs * per_epoch, HIGHEST
    steps = math.floor(math.log(HIGHEST / start_lr) / math.log(lr_mult)) + 1
    return steps, start_lr * lr_mult ** (steps - 1)


def suggest(rates, losses):
    """Read the three :class:`Suggestions` from a curve, without its first tenth.

    There the mean is of a few batches only, and jumps more than the curve ever falls; fastai leaves it out too.

    Args:
        rates, losses: one number for each batch, the rates rising by the same factor each time.

    >>> rates = [10.0**power for power in range(-6, 1)]
    >>> suggest(rates, [5, 5, 4, 1, 0.5, 3, 9])
    Suggested learning rates
      valley           1.0e-04
      steepest         1.0e-04
      minimum / 10     1.0e-03
    """
    if len(losses) < 3:
        return Suggestions(None, None, None)
    settled = len(losses) // 10
    rates, losses = np.asarray(rates)[settled : len(losses)], np.asarray(losses)[settled:]
    lowest = int(losses.argmin())
    if lowest == 0:
        return Suggestions(None, None, None)
    slopes = np.gradient(losses)[: lowest + 1]
    first, last = longest_way_down(losses)
    return Suggestions(
        steepest=float(rates[slopes.argmin()]),
        minimum_over_10=float(rates[lowest] / 10),
        valley=float(rates[(first + last) // 2]),
    )


def longest_way_down(losses):
    """First and last index of the longest falling series in the losses; what lies between may be skipped.

    >>> longest_way_down([5, 6, 4, 4.5, 3, 7, 2, 8])
    (1, 6)
    """
    # lasts[k] ends the best series of k + 1 losses found so far: the one with the highest last loss.
    lasts, starts = [], []
    for index, loss in enumerate(losses):
        place = _first_not_above(lasts, loss, losses)
        start = starts[place - 1] if place else index
        if place == len(lasts):
            lasts.append(index)
            starts.append(start)
        else:
            lasts[place], starts[place] = index, start
    return starts[-1], lasts[-1]


def _first_not_above(lasts, loss, losses):
    low, high = 0, len(lasts)
    while low < high:
        middle = (low + high) // 2
        if losses[lasts[middle]] > loss:
            low = middle + 1
        else:
            high = middle
    return low
