"""What several widgets compute."""

import numpy as np


def softmax(x):
    """Weights along the last axis that sum to 1; a row that holds nothing but -inf becomes NaN.

    >>> softmax(np.array([2.0, 0, 1, 1])).round(3).tolist()
    [0.534, 0.072, 0.197, 0.197]
    """
    with np.errstate(invalid="ignore"):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)
