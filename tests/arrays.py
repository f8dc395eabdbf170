"""Arrays for tests of the layers: drawn, and read back."""

import numpy as np

from ktlearn.backend import ops


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def numbers(tensor):
    """A tensor of any float type, bfloat16 too, as NumPy compares it."""
    return np.array(ops.cast(tensor, "float32"))
