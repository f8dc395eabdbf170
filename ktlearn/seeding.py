"""The same random start on every machine and every version of Keras.

`keras.utils.set_random_seed` gives other weights on Keras 3.13 than on 3.15, because the layers ask
for their seeds in another order. Numbers drawn by NumPy do not change, so the lessons use those.
"""

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.support.arguments import check_number, check_whole
from ktlearn.support.keras_internals import all_layers


def seed_weights(model, seed, stddev=None):
    """Draw every matrix of a built model or layer again with NumPy, and reseed its dropout.

    Args:
        model: a built Keras model or layer; changed in place. Vectors (biases, normalisations) are
            left as they are.
        seed: an integer.
        stddev: None for Glorot's uniform; a number for a normal distribution cut at two standard
            deviations, as BERT's (0.02).

    Returns:
        The model.

    Raises:
        ValueError, TypeError: the model has no weights yet, or is none; a seed or a deviation that is none.

    Source: Glorot and Bengio 2010; Devlin et al. 2019.

    >>> layer = keras.layers.Dense(1)
    >>> layer.build((None, 2))
    >>> seed_weights(layer, seed=0).kernel.numpy().tolist()
    [[0.39], [-0.65]]
    """
    if not isinstance(model, keras.Layer):
        raise TypeError(f"model must be a Keras model or layer; got {model!r:.80}.")
    check_whole("seed", seed, least=0)
    if stddev is not None:
        check_number("stddev", stddev, 0, 100, 0.02, or_low=True)
    if not model.weights:
        raise ValueError(f"seed_weights: {model.name!r} has no weights yet. Call it once on data, or build it, first.")
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        if len(variable.shape) >= 2:
            variable.assign(_draw(rng, variable.shape, stddev))
    for number, layer in enumerate(_dropouts(model)):
        layer.seed_generator.state.assign(ops.convert_to_tensor([seed % 2**32, number], "uint32"))
    return model


def _draw(rng, shape, stddev):
    if stddev is None:
        limit = np.sqrt(6 / (shape[-2] + shape[-1]))
        return rng.uniform(-limit, limit, shape).astype("float32")
    return np.clip(rng.normal(0, stddev, shape), -2 * stddev, 2 * stddev).astype("float32")


def _dropouts(layer):
    return [x for x in all_layers(layer) if isinstance(x, keras.layers.Dropout) and x.rate]
