"""A function compiled by the backend: Python runs it once for each shape of its arguments, then no more."""

from ktlearn.backend import keras


def traced(model, function):
    """Compile a function that computes with a model's weights, as they are at each call.

    Args:
        model: a Keras model, whose weights the function reads and does not change; or anything without ``variables``.
        function: takes and returns tensors, in tuples and dictionaries too.

    Returns:
        A function that does the same, much faster where it is called often or loops.

    >>> from ktlearn.backend import ops
    >>> double = traced(None, lambda x: 2 * x)
    >>> float(double(ops.convert_to_tensor(3.0)))
    6.0
    """
    return _TRACED[keras.backend.backend()](model, function)


def _with_tensorflow(model, function):
    import tensorflow as tf

    return tf.function(function, autograph=False)


def _with_jax(model, function):
    import jax

    variables = getattr(model, "variables", [])

    @jax.jit
    def compiled(values, args):
        with keras.StatelessScope(state_mapping=zip(variables, values, strict=True)):
            return function(*args)

    return lambda *args: compiled([variable.value for variable in variables], args)


def _with_torch(model, function):
    import torch

    return torch.no_grad()(function)


_TRACED = {"tensorflow": _with_tensorflow, "jax": _with_jax, "torch": _with_torch}
