"""Set a part of the training texts aside for validation."""

import numpy as np

from ktlearn.kinds import CLASSES, REGRESSION
from ktlearn.text.labels import likeliest


def split(y, kind, val_pct, seed):
    """Indices of the training and of the validation part; each class keeps its share where it can.

    A class with a single text keeps it for training, and of every other class at least one text stays there.

    Args:
        y: encoded labels ``(N, outputs)``.
        kind: one of the kinds of ``ktlearn.kinds``.
        val_pct: the share of the validation part; it gets at least one text, and so does the other.
        seed: of the random choice.

    Raises:
        ValueError: there is one text only, or a class would be left without a training text.

    >>> kept, held = split(np.eye(2)[[0, 0, 0, 0, 1, 1, 1, 1]], CLASSES, val_pct=0.25, seed=0)
    >>> len(kept), len(held)
    (6, 2)
    """
    from sklearn.utils import check_random_state

    N = len(y)
    if N < 2:
        raise ValueError("One text cannot be split into a training and a validation part.")
    y = likeliest(y) if kind == CLASSES else y
    held = min(max(1, round(val_pct * N)), N - 1)
    kept = np.arange(N) if kind == REGRESSION else np.flatnonzero(~_only_ones(y))
    alone = np.setdiff1d(np.arange(N), kept)
    if held < len(kept):
        rest, held_places = _shared_out(y, kept, held, kind, seed)
        if kind == REGRESSION or y[np.concatenate([rest, alone])].any(0)[y.any(0)].all():
            return np.sort(np.concatenate([rest, alone])), np.sort(held_places)
    rng = check_random_state(seed)
    must_stay = _one_of_each(y, rng.permutation(N))
    free = rng.permutation(np.setdiff1d(np.arange(N), must_stay))
    if len(free) < held:
        raise ValueError(
            f"val_pct={val_pct} would set {held} of {N} texts aside, and no training text is left for some class. "
            "Lower val_pct, or add texts."
        )
    return np.setdiff1d(np.arange(N), free[:held]), np.sort(free[:held])


def _shared_out(y, places, held, kind, seed):
    """The places cut in two by chance; each class by its share where there is room for all of them."""
    from sklearn.model_selection import train_test_split

    stratify, counts = None, y[places].sum(0)
    counts = counts[counts > 0]
    if kind == CLASSES and counts.min() >= 2 and min(held, len(places) - held) >= len(counts):
        stratify = y[places].argmax(1)
    return train_test_split(places, test_size=held, random_state=seed, stratify=stratify)


def _only_ones(y):
    """Which texts are the only one of some class, ``(N,)``."""
    return y[:, y.sum(0) == 1].any(1)


def _one_of_each(y, order):
    """Places with a text of every class, each the first in the order that brings a new class."""
    missing, places = y.any(0), []
    for place in order:
        if (y[place].astype(bool) & missing).any():
            places.append(place)
            missing &= ~y[place].astype(bool)
    return np.array(places, int)
