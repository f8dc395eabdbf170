"""Learning-rate policies, as plain functions of the step: call them, plot them, train with them.

Each returns ``(learning rate, momentum)``; a momentum of None leaves the optimizer's own.
"""

from ktlearn.backend import keras


def constant(step, steps, learning_rate):
    """The same rate at every step."""
    return learning_rate, None


def one_cycle(step, steps, max_learning_rate, max_momentum=0.95, min_momentum=0.85):
    """Up to the highest rate at the middle of the run, and down again; momentum mirrors it.

    The rate starts at a tenth of the highest and ends near a thousandth of it.

    Args:
        step: 0 for the first batch of the run.
        steps: number of batches of the whole run.

    Source: Smith 2018, arXiv:1803.09820; the proportions are ktrain's.

    >>> [round(one_cycle(step, 4, 1.0)[0], 4) for step in range(4)]
    [0.1, 0.55, 1.0, 0.5005]
    """
    half = steps / 2
    if step < half:
        share, low = step / half, max_learning_rate / 10
    else:
        share, low = (steps - step) / half, max_learning_rate / 1000
    learning_rate = low + (max_learning_rate - low) * share
    return learning_rate, max_momentum - (max_momentum - min_momentum) * share


class Schedule(keras.callbacks.Callback):
    """Set the rate and the momentum before each batch, and keep what was set.

    Args:
        policy: a function of ``(step, steps)`` that returns ``(learning rate, momentum)``.
        steps: number of batches of the whole run.
    """

    def __init__(self, policy, steps):
        super().__init__()
        self.policy, self.steps, self.step = policy, steps, 0
        self.learning_rates, self.momenta = [], []

    def on_train_batch_begin(self, batch, logs=None):
        learning_rate, momentum = self.policy(self.step, self.steps)
        optimizer = self.model.optimizer
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()  # or the running state would overwrite what is set here
        optimizer.learning_rate = learning_rate
        self.learning_rates.append(float(learning_rate))
        if momentum is not None and hasattr(optimizer, "set_momentum"):
            optimizer.set_momentum(momentum)
            self.momenta.append(float(momentum))
        self.step += 1
