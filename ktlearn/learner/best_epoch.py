"""Which epoch was the best, and what to do when no better one comes."""

import warnings

from ktlearn.backend import keras
from ktlearn.support.characters import say
from ktlearn.support.keras_internals import rises

# Parts of a figure's name, for a metric that is a function, or a callback's figure: Keras knows no direction of these.
HIGHER_IS_BETTER = ("acc", "auc", "f1", "precision", "recall", "r2")


def check_monitor(monitor, model):
    """Is there a figure of that name? Where a metric's name is not known before the first step, nothing is said.

    Raises:
        ValueError: the model has no such figure; the message lists those that it has.
    """
    if monitor.removeprefix("val_") == "loss":
        return
    names = ["loss", *_metric_names(model)]
    if None not in names and monitor.removeprefix("val_") not in names:
        raise ValueError(f"monitor: there is no {monitor!r}; this model has {', '.join(names)}, each with val_ too.")


def _metric_names(model):
    """The names of a compiled model's metrics; None in place of one that does not say it yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a function without a name is no mistake here
            config = model.get_compile_config() or {}
    except Exception:  # what a loss or metric of the reader's own raises
        return [None]
    metrics = [config.get("metrics") or [], config.get("weighted_metrics") or []]
    if not all(isinstance(group, list) for group in metrics):
        return [None]
    return [metric if isinstance(metric, str) else _name(metric) for group in metrics for metric in group]


def _name(config):
    """The name of a metric in a model's compile config; None when that does not say it."""
    inner = config.get("config") if isinstance(config, dict) else None
    return inner.get("name") if isinstance(inner, dict) else None


class BestEpoch(keras.callbacks.Callback):
    """Watch one figure; lower the rate, or stop, when it has not improved for some epochs.

    Args:
        monitor: the figure: "val_loss", "val_accuracy", …
        stop_after: stop after so many epochs without a better one, and keep the best weights to put back.
        reduce_after: divide the learning rate after so many.
        factor: by this number.
        schedule: the :class:`ktlearn.schedules.Schedule` of the run, whose rates are divided.
        verbose: 0 prints nothing.

    Attributes:
        epoch: the best epoch so far, counted from 0; None before there is one.
        improved: was the last epoch the best?
        weights: those of the best epoch, with ``stop_after``.
    """

    def __init__(self, monitor, stop_after, reduce_after, factor, schedule, verbose=1):
        super().__init__()
        self.monitor, self.stop_after, self.reduce_after, self.factor = monitor, stop_after, reduce_after, factor
        self.schedule, self.verbose = schedule, verbose
        self.best, self.epoch, self.since_best, self.since_reduced = float("inf"), None, 0, 0
        self.improved, self.weights = False, None

    def on_epoch_end(self, epoch, logs=None):
        """Compare the epoch's figure with the best so far.

        Raises:
            ValueError: the run has no such figure.
        """
        if self.monitor not in logs:
            raise ValueError(f"monitor: there is no {self.monitor!r}; this run has {', '.join(sorted(logs))}.")
        value = (-1 if self._rises() else 1) * float(logs[self.monitor])
        self.improved = value < self.best
        if self.improved:
            self.best, self.epoch, self.since_best, self.since_reduced = value, epoch, 0, 0
            self.weights = self.model.get_weights() if self.stop_after else None
            return
        self.since_best += 1
        self.since_reduced += 1
        if self.stop_after and self.since_best >= self.stop_after:
            self.model.stop_training = True
        elif self.reduce_after and self.since_reduced >= self.reduce_after:
            self.schedule.divide(self.factor)
            self.since_reduced = 0
            if self.verbose:
                say(f"{self.monitor} stands still: the learning rate is divided by {self.factor}.")

    def restore(self, model):
        """Put the best weights back into the model, and say so."""
        if self.weights is None:
            return
        model.set_weights(self.weights)
        if self.verbose:
            say(f"The model has the weights of its best epoch, number {self.epoch + 1}.")

    def state(self):
        """What a checkpoint keeps of it, as plain numbers."""
        return {name: getattr(self, name) for name in ("best", "epoch", "since_best", "since_reduced")}

    def go_on_from(self, state, weights):
        """Take up what :meth:`state` gave, and the weights of the best epoch or None."""
        for name, value in state.items():
            setattr(self, name, value)
        self.weights = weights

    def _rises(self):
        known = rises(self.model, self.monitor.removeprefix("val_"))
        return any(part in self.monitor for part in HIGHER_IS_BETTER) if known is None else known
