"""One batch answered: the model alone, without what Keras' ``predict`` does around it for many batches."""

import contextlib
import threading

from ktlearn.backend import keras
from ktlearn.support.distributed import spread

# JAX lends the weights to the step that computes with them, and has them back after it: one step at a time.
TURN = threading.Lock() if keras.backend.backend() == "jax" else contextlib.nullcontext()


def answer(model, inputs):
    """A model's outputs for one batch; several threads may ask the same model.

    TensorFlow traces the model when it answers for the first time, once more when a second length comes and once
    more when a second number of texts does; these graphs then serve every shape.

    Args:
        model: a Keras model.
        inputs: an array whose first axis counts the examples, or a dictionary or list of them.

    Returns:
        NumPy arrays, their first axis as long.

    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    >>> answer(model, np.array([[1.0, 2.0]])).tolist()
    [[3.0]]
    """
    with TURN, spread(model):
        outputs = model.predict_on_batch(inputs)
    count = len(keras.tree.flatten(inputs)[0])
    # Of a model on several devices each answers the whole batch, and Keras joins the answers.
    return keras.tree.map_structure(lambda array: array[:count], outputs)
