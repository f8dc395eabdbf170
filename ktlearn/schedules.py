"""Learning-rate policies, as plain functions of the step: call them, plot them, train with them.

Each takes the number of the step and of all steps, and returns ``(learning rate, momentum)``; a
momentum of None leaves the optimizer's own, which a cycle does not change for the run after it. ``learner.fit``
takes any such function as its ``lr``.

>>> [round(warm_up(step, 10, 1.0, share=0.2)[0], 2) for step in range(10)]
[0.5, 1.0, 0.89, 0.78, 0.67, 0.56, 0.44, 0.33, 0.22, 0.11]
"""

import math

from ktlearn.backend import keras
from ktlearn.optimizers import innermost
from ktlearn.support.arguments import check_momenta, check_number, check_whole
from ktlearn.support.distributed import on_all_devices

LOWEST = 1e-9  # where a cosine ends


def constant(step, steps, learning_rate):
    """The same rate at every step.

    Raises:
        ValueError: the rate is not a positive number.

    >>> constant(3, 10, 5e-5)
    (5e-05, None)
    """
    _check(step, steps, learning_rate=learning_rate)
    return learning_rate, None


def warm_up(step, steps, max_learning_rate, share=0.1):
    """Up in a straight line during the first ``share`` of the run, then down in one, towards zero.

    Args:
        step: 0 for the first batch of the run.
        steps: number of batches of the whole run.
        max_learning_rate: the highest rate.
        share: of the steps, on the way up.

    Raises:
        ValueError: a number that is none, or too large or small.

    Source: Devlin et al. 2019 (BERT), appendix A.2; Goyal et al. 2017 for the warm-up.

    >>> [round(warm_up(step, 4, 1.0, share=0.5)[0], 2) for step in range(4)]
    [0.5, 1.0, 0.67, 0.33]
    """
    _check(step, steps, max_learning_rate=max_learning_rate)
    check_number("share", share, 0, 1, 0.1, or_low=True)
    top = max(1, round(share * steps)) - 1  # the step with the highest rate
    part = (step + 1) / (top + 1) if step <= top else (steps - step) / (steps - top)
    return max_learning_rate * part, None


def one_cycle(step, steps, max_learning_rate, max_momentum=0.95, min_momentum=0.85):
    """Up to the highest rate at the middle of the run, and down again; momentum mirrors it.

    The rate starts at a tenth of the highest and ends near a thousandth of it.

    Args:
        step: 0 for the first batch of the run.
        steps: number of batches of the whole run.
        max_learning_rate: the highest rate.
        max_momentum, min_momentum: the momentum at the lowest and at the highest rate.

    Raises:
        ValueError: a number that is none, or too large or small.

    Source: Smith 2018, arXiv:1803.09820; the proportions are ktrain's.

    >>> [round(one_cycle(step, 4, 1.0)[0], 4) for step in range(4)]
    [0.1, 0.55, 1.0, 0.5005]
    """
    _check(step, steps, max_learning_rate=max_learning_rate)
    check_momenta(max_momentum, min_momentum)
    half = steps / 2
    if step < half:
        share, low = step / half, max_learning_rate / 10
    else:
        share, low = (steps - step) / half, max_learning_rate / 1000
    learning_rate = low + (max_learning_rate - low) * share
    return learning_rate, max_momentum - (max_momentum - min_momentum) * share


def triangular(step, steps, max_learning_rate, cycle, max_momentum=0.95, min_momentum=0.85):
    """A small :func:`one_cycle` again and again, ``cycle`` steps each. The policy of ``learner.autofit``.

    Args:
        step, steps, max_learning_rate, max_momentum, min_momentum: as in :func:`one_cycle`.
        cycle: number of steps of one way up and down.

    Raises:
        ValueError: a number that is none, or too large or small.

    Source: Smith 2015, arXiv:1506.01186.

    >>> [round(triangular(step, 8, 1.0, cycle=4)[0], 4) for step in range(8)]
    [0.1, 0.55, 1.0, 0.5005, 0.1, 0.55, 1.0, 0.5005]
    """
    check_whole("cycle", cycle)
    return one_cycle(step % cycle, cycle, max_learning_rate, max_momentum, min_momentum)


def sgdr(step, steps, max_learning_rate, cycle, mult=1, decay=1.0):
    """Down along half a cosine, then up again at once ("warm restart"), and so on.

    Args:
        step: 0 for the first batch of the run.
        steps: number of batches of the whole run.
        max_learning_rate: the rate of the first step.
        cycle: number of steps of the first way down.
        mult: each way down is so many times as long as the one before.
        decay: each begins at this share of the rate at which the one before began.

    Raises:
        ValueError: a number that is none, or too large or small.

    Source: Loshchilov and Hutter 2016, "SGDR", arXiv:1608.03983.

    >>> [round(sgdr(step, 6, 1.0, cycle=2, mult=2)[0], 4) for step in range(6)]
    [1.0, 0.5, 1.0, 0.8536, 0.5, 0.1464]
    """
    _check(step, steps, max_learning_rate=max_learning_rate)
    check_whole("cycle", cycle)
    check_number("mult", mult, 0, 1000, 2)
    check_number("decay", decay, 0, 1, 0.5)
    while step >= cycle:
        step, cycle, max_learning_rate = step - cycle, math.ceil(cycle * mult), max_learning_rate * decay
    low = min(LOWEST, max_learning_rate / 10)
    return low + (max_learning_rate - low) * (1 + math.cos(math.pi * step / cycle)) / 2, None


def rising(step, steps, start, end):
    """From ``start`` to ``end``, each step the same number of times higher: what a rate finder tries.

    Raises:
        ValueError: a number that is none, or too large or small.

    >>> [round(rising(step, 5, 1e-4, 1.0)[0], 6) for step in range(5)]
    [0.0001, 0.001, 0.01, 0.1, 1.0]
    """
    _check(step, steps, start=start, end=end)
    return start * (end / start) ** (step / max(1, steps - 1)), None


def _check(step, steps, **rates):
    check_whole("steps", steps)
    check_number("step", step, 0, steps, 0, or_low=True)
    for name, rate in rates.items():
        check_number(name, rate, 0, 100, 5e-5)


def check_policy(policy, steps):
    """Try a policy at the first and at the last step of a run.

    Raises:
        ValueError, TypeError: it is no function of ``(step, steps)``, or does not answer with a rate and a momentum.

    >>> check_policy(lambda step, steps: 0.1, 10)
    Traceback (most recent call last):
    ValueError: lr: a policy must answer with (learning rate, momentum or None) for a step; got 0.1 for step 0 of 10.
    """
    for step in (0, steps - 1):
        try:
            answer = policy(step, steps)
        except TypeError as error:
            raise TypeError(f"lr: a policy must be a function of (step, steps), such as one_cycle; {error}.") from error
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise ValueError(
                f"lr: a policy must answer with (learning rate, momentum or None) for a step; got {answer!r} for step "
                f"{step} of {steps}."
            )
        rate, momentum = answer
        check_number(f"lr: the policy's rate at step {step}", rate, 0, 100, 5e-5, or_low=True)
        if momentum is not None:
            check_number(f"lr: the policy's momentum at step {step}", momentum, 0, 0.999999, 0.9, or_low=True)


class Schedule(keras.callbacks.Callback):
    """Set the rate and the momentum before each batch, and keep what was set.

    Args:
        policy: a function of ``(step, steps)`` that returns ``(learning rate, momentum)``.
        steps: number of batches of the whole run.
        is_shared: True when other callbacks may set the rate too: all rates from there on change by the same factor.

    Attributes:
        scale: a number that multiplies the policy's rates; :meth:`divide` lowers it.
        learning_rates, momenta: what was set, one number for each batch.

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> schedule = Schedule(lambda step, steps: (1 - step / steps, None), steps=4)
    >>> x = keras.ops.ones((4, 1))
    >>> history = model.fit(x, x, batch_size=1, callbacks=[schedule], verbose=0)
    >>> schedule.learning_rates
    [1.0, 0.75, 0.5, 0.25]
    """

    def __init__(self, policy, steps, is_shared=False):
        super().__init__()
        self.policy, self.steps, self.step, self.scale, self.is_shared = policy, steps, 0, 1.0, is_shared
        self.learning_rates, self.momenta, self._was = [], [], None

    def on_train_begin(self, logs=None):
        """Set the first rate, so that other callbacks find it."""
        if self.is_shared and self.step < self.steps:
            self._set(self.policy(self.step, self.steps)[0] * self.scale)

    def on_train_batch_begin(self, batch, logs=None):
        """Set rate and momentum for this batch."""
        if self.is_shared:
            self._follow()
        learning_rate, momentum = self.policy(self.step, self.steps)
        learning_rate *= self.scale
        self._set(learning_rate)
        self.learning_rates.append(float(learning_rate))
        optimizer = innermost(self.model.optimizer)
        if momentum is not None and hasattr(optimizer, "set_momentum"):
            optimizer.set_momentum(momentum)
            self.momenta.append(float(momentum))
        self.step += 1

    def _set(self, learning_rate):
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()  # or the running state would overwrite what is set here
        self.model.optimizer.learning_rate = on_all_devices(learning_rate)
        self._was = learning_rate

    def _follow(self):
        """Where another callback has set the rate, change all rates from now on by the same factor."""
        is_now = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        if self._was and not math.isclose(is_now, self._was, rel_tol=1e-6):
            self.scale *= is_now / self._was

    def divide(self, number):
        """Divide all rates from now on by this number."""
        self.scale /= number

    def state(self):
        """What a checkpoint keeps of it, as plain numbers."""
        names = ("step", "scale", "learning_rates", "momenta")
        return {name: getattr(self, name) for name in names}

    def go_on_from(self, state):
        """Take up what :meth:`state` gave."""
        for name, value in state.items():
            setattr(self, name, value)
