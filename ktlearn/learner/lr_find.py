"""The learning-rate finder: train a little with a rate that rises, and watch where the loss falls.

Source: Smith 2015, "Cyclical Learning Rates", arXiv:1506.01186, section 3.3.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from ktlearn.backend import keras
from ktlearn.learner import pictures
from ktlearn.learner.base import LearnerBase
from ktlearn.learner.model_state import unchanged
from ktlearn.learner.suggestions import suggest
from ktlearn.schedules import Schedule, rising
from ktlearn.support.arguments import check_flag, check_number, check_whole
from ktlearn.support.bars import Progress
from ktlearn.support.characters import say
from ktlearn.support.distributed import from_first, is_first, replica_count, spread

HIGHEST = 10.0  # the rate that a search never passes
SMOOTHING = 0.98  # of the loss: each batch counts 2 %
LR_MULT = 1.01  # ktrain's default
FEW_STEPS = 64  # batches in an epoch; with fewer, five epochs are run, as in ktrain
ENOUGH_STEPS = 100  # below, the curve would be too coarse to read


class RateFinding(LearnerBase):
    """The part of the :class:`ktlearn.learner.Learner` that looks for a learning rate."""

    def lr_find(
        self,
        start_lr=1e-7,
        lr_mult=LR_MULT,
        max_epochs=None,
        class_weight=None,
        stop_factor=4,
        show_plot=False,
        suggest=False,
        restore_weights_only=False,
        verbose=1,
        *,
        sample_weight=None,
    ):
        """Train a little with a rate that rises from batch to batch, and watch the loss.

        Afterwards, and after an interruption too, everything is as it was before: weights, the optimizer's
        memory and settings, what is frozen, loss, metrics, random numbers. The model object stays the same.

        Args:
            start_lr: the lowest rate.
            lr_mult: each batch has a rate so many times higher.
            max_epochs: so many epochs from the lowest rate to 10, in place of ``lr_mult``. Left out, it is
                5 (and at least 100 batches) where an epoch has 64 batches or fewer and ``lr_mult`` was not chosen.
            class_weight, sample_weight: as in :meth:`fit`.
            stop_factor: stop when the smoothed loss is so many times its lowest value.
            show_plot: True to call :meth:`lr_plot` at the end.
            suggest: with ``show_plot``, mark the suggestions.
            restore_weights_only: ktrain's; accepted, and without effect: everything is restored.
            verbose: 0 prints nothing.

        Returns:
            The :class:`ktlearn.learner.suggestions.Suggestions`; :meth:`lr_estimate` gives them again.

        Raises:
            ValueError: an argument is unusable, or there are no labelled training data.

        Source: Smith 2015, arXiv:1506.01186, section 3.3.

        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), batch_size=1)
        >>> learner.lr_find(start_lr=1e-3, max_epochs=20, verbose=0)
        Suggested learning rates
          valley           ...
        """
        check_flag("show_plot", show_plot)
        check_flag("suggest", suggest)
        plan = SearchPlan(start_lr, lr_mult, max_epochs, stop_factor, verbose)
        data = self._ready_data(class_weight, sample_weight)
        self.search = search_rates(self.model, data, self.batch_size, plan)
        if show_plot:
            self.lr_plot(suggest=suggest)
        return self.lr_estimate()

    def lr_plot(self, n_skip_beginning=10, n_skip_end=5, suggest=False, return_fig=False):
        """Draw the loss over the rate, from the last :meth:`lr_find`.

        Args:
            n_skip_beginning, n_skip_end: batches left out at the two ends of the curve.
            suggest: True to mark the suggestions in the curve, and print them.
            return_fig: True to get the figure back.

        Raises:
            ValueError: there was no search, or it is too short for a curve.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> suggestions = learner.lr_find(max_epochs=30, verbose=0)
        >>> learner.lr_plot(return_fig=True).axes[0].get_xlabel()
        'learning rate (logarithmic axis)'
        """
        for name, number in (("n_skip_beginning", n_skip_beginning), ("n_skip_end", n_skip_end)):
            if number != 0:
                check_whole(name, number)
        check_flag("suggest", suggest)
        suggestions = self.lr_estimate()
        ax = pictures.rate_curve(
            self.search.rates, self.search.losses, n_skip_beginning, n_skip_end, suggestions if suggest else None
        )
        if suggest:
            say(suggestions)
        return ax.figure if return_fig else None

    def lr_estimate(self):
        """The suggestions of the last :meth:`lr_find`: ``(steepest, minimum_over_10, valley)``, by name too.

        Raises:
            ValueError: there was no search.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> suggestions = learner.lr_find(max_epochs=30, verbose=0)
        >>> learner.lr_estimate() == suggestions
        True
        """
        if self.search is None:
            raise ValueError("There is no search yet: call lr_find() first.")
        return suggest(self.search.rates, self.search.losses)


@dataclass(frozen=True)
class SearchPlan:
    """What a search is, checked when it is made: the arguments of :meth:`RateFinding.lr_find`.

    Raises:
        ValueError: a number that is none, or too large or small.
    """

    start_lr: float
    lr_mult: float
    max_epochs: int | None
    stop_factor: float
    verbose: int

    def __post_init__(self):
        check_number("start_lr", self.start_lr, 0, HIGHEST / 10, 1e-7)
        check_number("lr_mult", self.lr_mult, 1, 10, LR_MULT)
        check_number("stop_factor", self.stop_factor, 1, 1e6, 4)
        if self.max_epochs is not None:
            check_whole("max_epochs", self.max_epochs)

    def steps_and_end(self, per_epoch):
        """Number of steps and last rate, by ktrain's rules; only, a chosen ``lr_mult`` always counts."""
        max_epochs = self.max_epochs
        if max_epochs is None and per_epoch <= FEW_STEPS and self.lr_mult == LR_MULT:
            max_epochs = max(5, math.ceil(ENOUGH_STEPS / per_epoch))
        if max_epochs is not None:
            return max_epochs * per_epoch, HIGHEST
        steps = math.floor(math.log(HIGHEST / self.start_lr) / math.log(self.lr_mult)) + 1
        return steps, self.start_lr * self.lr_mult ** (steps - 1)


def search_rates(model, data, batch_size, plan):
    """Run the search on a model that is ready to train; the model comes out of it unchanged.

    Args:
        model: a compiled Keras model.
        data: :class:`ktlearn.learner.learning_data.LearningData` with labels.
        batch_size: examples in a step.
        plan: a :class:`SearchPlan`.

    Returns:
        The :class:`RateSearch`; after an interruption with what was seen until then.
    """
    steps_per_epoch = None if data.knows_its_length else ENOUGH_STEPS
    with unchanged(model), spread(model):
        seed = from_first(int(np.random.randint(2**31)))
        batches = data.training_batches(batch_size, seed, steps_per_epoch, replica_count(model))
        steps, end = plan.steps_and_end(len(batches))
        schedule = Schedule(functools.partial(rising, start=plan.start_lr, end=end), steps)
        search = RateSearch(schedule, plan.stop_factor)
        is_shown = plan.verbose and is_first()
        if is_shown:
            say(f"Trying rates from {plan.start_lr:.0e} to {end:.2g}, one for each of at most {steps:,} batches …")
        try:
            model.fit(
                batches.for_keras(),
                epochs=math.ceil(steps / len(batches)),
                steps_per_epoch=batches.steps_per_epoch,
                callbacks=[schedule, search, *([SearchProgress(search)] if is_shown else [])],
                class_weight=batches.class_weight,
                verbose=0,
                shuffle=False,  # the batches shuffle themselves
            )
        except KeyboardInterrupt:
            say("\nInterrupted. The model is as it was before; the curve so far is kept.")
    return search


class RateSearch(keras.callbacks.Callback):
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
        """The rate of each batch whose loss is kept."""
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
