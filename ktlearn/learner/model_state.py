"""All that training changes in a model, as arrays: to look back, to try something, to go on another day."""

import contextlib

import numpy as np


def read_state(model):
    """The weights, the states of the dropouts' random numbers, and the optimizer's memory.

    Args:
        model: a compiled Keras model whose optimizer is built.

    Returns:
        ``{"model": arrays, "optimizer": arrays}``, copies in a fixed order.
    """
    return {
        "model": [np.array(variable.numpy()) for variable in model.variables],
        "optimizer": [np.array(variable.numpy()) for variable in model.optimizer.variables],
    }


def write_state(model, state):
    """Put back what :func:`read_state` gave.

    Raises:
        ValueError: the arrays are not those of this model and this optimizer. Nothing is then changed.
    """
    pairs = []
    for name, owner in (("model", model), ("optimizer", model.optimizer)):
        arrays, variables = state[name], owner.variables
        if [array.shape for array in arrays] != [tuple(variable.shape) for variable in variables]:
            raise ValueError(f"The state is of another {name}: its {len(arrays)} arrays do not fit.")
        pairs += zip(variables, arrays, strict=True)
    for variable, array in pairs:
        variable.assign(array)


def broken_weights(model):
    """The name of a variable of the model that holds NaN or infinity; None when all are numbers."""
    for variable in model.variables:
        array = np.asarray(variable.numpy())
        if array.dtype.kind in "biu":
            continue
        with np.errstate(invalid="ignore"):
            total = array.sum(dtype="float64")  # quicker than a look at each number
        if not np.isfinite(total) and not np.isfinite(array).all():
            return variable.path
    return None


@contextlib.contextmanager
def unchanged(model):
    """Whatever is trained inside the block, the model comes out of it as it went in; NumPy's seed too.

    An exception or an interruption is no exception to that.

    >>> from ktlearn.backend import keras
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    >>> model.compile("sgd", "mse")
    >>> with unchanged(model):
    ...     kernel = model.layers[0].kernel.assign([[5.0]])
    >>> model.get_weights()[0].tolist()
    [[1.0]]
    """
    state, random = read_state(model), np.random.get_state()
    try:
        yield
    finally:
        write_state(model, state)
        np.random.set_state(random)
