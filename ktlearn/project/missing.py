"""Rows in which a column has nothing."""

import numpy as np


def missing(values):
    """Which values are none: NaN, None, or nothing but spaces, as a boolean array ``(N,)``.

    >>> missing(["food", " ", None, float("nan"), 0]).tolist()
    [False, True, True, True, False]
    """
    import pandas as pd

    return np.array([bool(np.all(pd.isna(value))) or not str(value).strip() for value in values], bool)
