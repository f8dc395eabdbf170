"""Set a part of the training texts aside for validation."""

import numpy as np

from ktlearn.kinds import CLASSES, REGRESSION


def split(y, kind, val_pct, seed):
    """Indices of the training and of the validation part; each class keeps its share where it can.

    Args:
        y: encoded labels ``(N, outputs)``.
        kind: one of the kinds of ``ktlearn.text.labels``.
        val_pct: the share of the validation part; it gets at least one text, and so does the other.
        seed: of the random choice.

    Raises:
        ValueError: there is one text only, or a class would be left without a training text.
    """
    from sklearn.model_selection import train_test_split

    N = len(y)
    if N < 2:
        raise ValueError("One text cannot be split into a training and a validation part.")
    held = min(max(1, round(val_pct * N)), N - 1)
    stratify = None
    if kind == CLASSES and y.sum(0).min() >= 2 and min(held, N - held) >= y.shape[1]:
        stratify = y.argmax(1)
    kept, held = train_test_split(np.arange(N), test_size=held, random_state=seed, stratify=stratify)
    if kind != REGRESSION and not y[kept].any(0).all():
        raise ValueError("After the split, no training text is left for some class. Lower val_pct, or add texts.")
    return np.sort(kept), np.sort(held)
