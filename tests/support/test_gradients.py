"""The gradient of a number with respect to an input, on whatever backend runs this."""

import numpy as np

from ktlearn.backend import ops
from ktlearn.support.gradients import gradient


def test_the_gradient_is_the_slope_that_small_steps_measure():
    x = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")

    def function(x):
        return ops.sum(ops.tanh(x) * ops.square(x))

    def value(x):
        return (np.tanh(x) * x**2).sum()

    step, measured = 1e-5, np.zeros((2, 3))
    for place in np.ndindex(x.shape):
        moved = np.zeros(x.shape)
        moved[place] = step
        measured[place] = (value(x + moved) - value(x - moved)) / (2 * step)
    np.testing.assert_allclose(gradient(function, x), measured, atol=1e-4)
