"""A gradient that Keras itself does not offer: of a number with respect to an input, on its backends."""

import numpy as np

from ktlearn.backend import keras


def gradient(function, x):
    """How much ``function(x)`` grows with each element of ``x``: an array of x's shape.

    Args:
        function: takes a tensor and returns one number as a tensor.
        x: a float array.

    >>> from ktlearn.backend import ops
    >>> gradient(lambda x: ops.sum(x * x), np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """
    return _GRADIENTS[keras.backend.backend()](function, x)


def _with_tensorflow(function, x):
    import tensorflow as tf

    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return tape.gradient(value, x).numpy()


def _with_jax(function, x):
    import jax

    return np.array(jax.grad(function)(x))


def _with_torch(function, x):
    x = keras.ops.convert_to_tensor(x).detach().requires_grad_(True)
    function(x).backward()
    return x.grad.cpu().numpy()


_GRADIENTS = {"tensorflow": _with_tensorflow, "jax": _with_jax, "torch": _with_torch}
