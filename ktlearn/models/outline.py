"""A model without its numbers: to hold what a config asks for against what a file has, before anything is built."""

import random
from concurrent.futures import ThreadPoolExecutor

from ktlearn.backend import keras


def outline(build, *args):
    """Build a model whose variables have shapes and no numbers: it takes no memory, however wide it is.

    Args:
        build: what makes the model.
        *args: its arguments.

    Returns:
        The model; only the shapes of its variables are of use.

    >>> layer = outline(lambda: [dense := keras.layers.Dense(10**9), dense.build((None, 10**9))][0])
    >>> tuple(layer.kernel.shape)
    (1000000000, 1000000000)
    """

    def in_scope():
        with keras.StatelessScope(initialize_variables=False):
            return build(*args)

    drawn = random.getstate()  # Keras draws a seed for each layer; a reader's later draws stay as they would be
    try:
        # Each thread has a list of variables that wait for their numbers. This one ends with its thread.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(in_scope).result()
    finally:
        random.setstate(drawn)
