"""How far probabilities are from what happens, and how far they would be by chance alone."""

import numpy as np

from ktlearn.support.arguments import check_whole

DRAWS, SHARE = 1000, 0.95  # of calibrated models; the share of them that stays below the limit


def calibration_error(p, truth, bins=10):
    """The expected calibration error: how sure, and how often right, bin by bin; the mean distance over the texts.

    Args:
        p: probabilities ``(N, classes)``.
        truth: the number of each text's class ``(N,)``.
        bins: of equal width, from 0 to 1.

    Raises:
        ValueError: the shapes do not fit, or a probability is no number.

    Source: Guo, Pleiss, Sun and Weinberger 2017, section 2, "expected calibration error".

    >>> calibration_error(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]))
    0.45
    """
    p, truth = np.asarray(p, "float64"), np.asarray(truth)
    if p.ndim != 2 or truth.shape != p.shape[:1] or not len(p):
        raise ValueError(f"p must be (N, classes) and truth (N,), with N from 1 on; got {p.shape} and {truth.shape}.")
    if not np.isfinite(p).all():
        raise ValueError(f"p: row {int(np.argwhere(~np.isfinite(p))[0][0])} holds what is no number.")
    return round(float(_errors(p.max(1), (p.argmax(1) == truth)[None], bins)[0]), 12)


def error_by_chance(p, bins=10, seed=0):
    """The calibration error below which 95 % of *calibrated* models stay that are as sure as this one.

    With few texts nobody measures 0: of three answers given with 0.8, two or three are right, and never 2.4.

    Args:
        p: probabilities ``(N, classes)``.
        bins: as in :func:`calibration_error`.
        seed: of the draws.

    >>> few, many = (error_by_chance(np.full((N, 1), 0.8)) for N in (10, 1000))
    >>> few > 0.2 > 0.03 > many
    True
    """
    sure = np.asarray(p, "float64").max(1)
    right = np.random.default_rng(seed).random((DRAWS, len(sure))) < sure  # (draws, N)
    return float(np.quantile(_errors(sure, right, bins), SHARE))


def _errors(sure, right, bins):
    """The error of each row of ``right`` (draws, N)."""
    check_whole("bins", bins)
    place = np.minimum((sure * bins).astype(int), bins - 1)
    in_bin = np.eye(bins)[place]  # (N, bins)
    return np.abs((right - sure) @ in_bin).sum(1) / len(sure)
