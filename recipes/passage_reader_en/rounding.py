"""Fewer bits for a model's matrices: the scale of each row chosen so that rounding moves the row least.

``ktlearn.models.quantized`` takes the largest number of a row for the scale. That is right for eight bits. With three
or four, most steps of the scale would lie where hardly a number is; here the few largest are cut off instead.
"""

import numpy as np

from ktlearn.models import quantized

SHARES = np.linspace(0.3, 1.0, 36)  # of a row's largest number: where it may be cut


def clipped(array, bits):
    """Each row of ``(R, C)`` cut where the squared error of rounding it to so many bits is least.

    >>> clipped(np.array([[1.0, 1.0, 1.0, 1.1]], "float32"), bits=2).round(2).tolist()
    [[1.0, 1.0, 1.0, 1.01]]
    """
    most = 2 ** (bits - 1) - 1
    largest = np.abs(array).max(axis=1, keepdims=True)  # (R, 1)
    best, least = largest, np.full(largest.shape, np.inf)
    for share in SHARES:
        limit = share * largest
        scale = np.where(limit > 0, limit / most, 1)
        rounded = np.clip(np.rint(array / scale), -most, most) * scale
        error = ((rounded - array) ** 2).sum(axis=1, keepdims=True)
        best, least = np.where(error < least, limit, best), np.minimum(error, least)
    return np.clip(array, -best, best).astype("float32")


def stored(tensors, bits):
    """The tensors as they go into the file: see :func:`ktlearn.models.quantized.quantize`.

    Args:
        tensors: float arrays by their published names.
        bits: a function from a matrix's name to its number of bits.
    """
    matrices = {name: bits(name) for name, array in tensors.items() if array.ndim == 2}
    cut = {name: clipped(array, matrices[name]) if name in matrices else array for name, array in tensors.items()}
    return quantized.quantize(cut, matrices)
