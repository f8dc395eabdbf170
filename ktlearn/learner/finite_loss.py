"""A loss that is no number any more: nothing is learned from there on, and what was learned is lost."""

import math

from ktlearn.backend import keras
from ktlearn.learner.model_state import broken_weights

EVERY = 16  # batches between two looks: each look waits for the device


class FiniteLoss(keras.callbacks.Callback):
    """Stop a training whose loss is NaN or infinite.

    In float16 a batch may overflow: Keras' loss scaling leaves that step out, so only broken weights count there.

    Args:
        schedule: the :class:`ktlearn.schedules.Schedule` of the run, which knows the rate.
    """

    def __init__(self, schedule):
        super().__init__()
        self.schedule, self.epoch = schedule, 0

    def on_epoch_begin(self, epoch, logs=None):
        """Remember the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Look now and then.

        Raises:
            FloatingPointError: the loss is no number.
        """
        if batch % EVERY == 0:
            self._check(logs["loss"])

    def on_epoch_end(self, epoch, logs=None):
        """Look at the whole epoch.

        Raises:
            FloatingPointError: the loss is no number.
        """
        self._check(logs["loss"])

    def _check(self, loss):
        if math.isfinite(loss):
            return
        broken = broken_weights(self.model)
        if broken is None and isinstance(self.model.optimizer, keras.optimizers.LossScaleOptimizer):
            return
        place = f"epoch {self.epoch + 1}, step {self.schedule.step} of {self.schedule.steps}"
        lost = f"The model's weights are lost: {broken} holds no numbers any more. " if broken else ""
        raise FloatingPointError(
            f"The loss is {float(loss)} in {place}, at the rate {self.schedule.learning_rates[-1]:.1e}. {lost}"
            "reset_weights() begins again, load_model takes a saved model. Try a tenth of the rate; if that fails too, "
            "look for inputs or labels that are no numbers."
        )
