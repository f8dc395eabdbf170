"""From the labels a person writes (names, numbers, one-hot rows) to the arrays a model is trained on."""

import unicodedata
import warnings

import numpy as np

from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.support.arguments import check_flag
from ktlearn.text.read_labels import looks_like_a_number, read_class_names, read_labels


class Labels:
    """What the labels of a data set mean, learned from the training labels.

    ========================================  =======================================================
    labels                                    become
    ========================================  =======================================================
    strings                                   classes: the class names, in their order if it is given
    integers, booleans                        classes: positions in the class names, if these are given
    rows of 0 and 1, one 1 in each            classes (one-hot); needs class names
    rows of probabilities that add up to 1    classes, each as far as it is likely; needs class names
    rows of 0 and 1, any number of 1          multilabel (multi-hot); needs class names
    floats, or ``is_regression=True``         regression
    ========================================  =======================================================

    Probabilities are what another model has answered: a small model that learns them learns more from a text than from
    one name (distillation, Hinton et al. 2015).

    Integers without class names are classes too: they never turn into a regression silently. Class
    names that are numbers themselves, such as ``[1, 2, 3, 4, 5]`` or ``["1", "2", "3"]`` for stars, are the labels,
    no positions.

    Args:
        class_names: the classes in the order of the model's outputs; empty to take them from the labels.
        is_regression: True to predict the number itself, also from integers.

    Attributes:
        kind: "classes", "multilabel" or "regression"; None until :meth:`fit` has seen labels.
        class_names: the classes as strings.
        values: the classes as they are written in the data: strings, or numbers.
        unit: mean and standard deviation of the training numbers of a regression; None until they are known.
        are_given: True when the reader gave the class names, so that integers may be positions in them.

    Raises:
        ValueError, TypeError: unusable class names; see :func:`ktlearn.text.read_labels.read_class_names`.

    >>> labels = Labels(["negative", "positive"])
    >>> labels.fit(["positive", "negative"], count=2)
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """

    def __init__(self, class_names=(), is_regression=False):
        check_flag("is_regression", is_regression)
        self._set_classes(read_class_names(class_names))
        self.are_given = bool(self.values)
        if self.class_names and is_regression:
            raise ValueError("class_names and is_regression=True exclude each other: numbers have no classes.")
        self.kind = REGRESSION if is_regression else None
        self.unit = None

    def fit(self, y, count):
        """Learn what the training labels mean, and encode them.

        Args:
            y: list, tuple, array, Series or DataFrame of labels.
            count: number of texts.

        Returns:
            float32 array: ``(N, classes)`` of 0 to 1, or ``(N, 1)`` numbers for a regression.

        Raises:
            ValueError, TypeError: labels that do not fit the texts or each other; says which and what to do.
        """
        y = read_labels(y, count)
        is_known = self.kind is not None  # asked for, or a loaded predictor's
        if not is_known:
            self.kind = self._kind_of(y)
            if self.kind == REGRESSION:
                _warn_of_whole_numbers(y)
        if self.kind == CLASSES and y.ndim == 1 and not self.class_names:
            self._set_classes(np.unique(y).tolist())
        encoded = self._encode(y)
        if self.kind != REGRESSION and not is_known:
            self._check_seen(encoded)
        return encoded

    def encode(self, y, count):
        """Encode labels of the kind that :meth:`fit` has seen."""
        return self._encode(read_labels(y, count))

    def learn_unit(self, encoded):
        """Note mean and spread of a regression's training numbers ``(N, 1)``; those of a saved predictor stay."""
        if self.kind == REGRESSION and self.unit is None:
            numbers = encoded.astype("float64")
            self.unit = float(numbers.mean()), float(numbers.std()) or 1.0

    def settings(self):
        """What a saved predictor keeps of the labels, ready for JSON; :meth:`from_settings` reads it."""
        settings = {"kind": self.kind, "class_names": self.values, "class_names_given": self.are_given}
        return settings | ({"unit": list(self.unit)} if self.unit else {})

    @classmethod
    def from_settings(cls, settings):
        """The labels of a saved predictor.

        Raises:
            KeyError, TypeError, ValueError: the settings are damaged.
        """
        labels = cls(settings["class_names"], settings["kind"] == REGRESSION)
        labels.kind, labels.are_given = settings["kind"], settings.get("class_names_given", True)
        if "unit" in settings:
            mean, spread = (float(number) for number in settings["unit"])
            if not (np.isfinite(mean) and 0 < spread < np.inf):
                raise ValueError(f"the unit {settings['unit']}")
            labels.unit = mean, spread
        return labels

    def _encode(self, y):
        if self.kind == REGRESSION:
            return self._numbers(y)
        if y.ndim == 2:
            return self._rows(y)
        if self.kind == MULTILABEL:
            raise ValueError(f"y: rows of 0 and 1, one column a class {self.class_names}, are needed; got {y.shape}.")
        return np.eye(len(self.class_names), dtype="float32")[self._positions(y)]

    def _set_classes(self, values):
        self.values, self.class_names = values, [str(value) for value in values]

    def _kind_of(self, y):
        if y.ndim == 2:
            if not self.class_names:
                raise ValueError(f"y has {y.shape[1]} columns: say what they are with class_names=[…].")
            return CLASSES if _are_shares(y).all() else MULTILABEL
        if y.dtype.kind == "f" and not self.class_names:
            return REGRESSION
        return CLASSES

    def _numbers(self, y):
        if y.ndim == 2 or y.dtype.kind == "U":
            raise ValueError("y: a regression needs one number for each text.")
        with np.errstate(over="ignore"):
            finite = np.abs(y) <= np.finfo("float32").max
        if not finite.all():
            raise ValueError(f"y: item {int(np.argmin(finite))} is {y[np.argmin(finite)]}, not a finite number.")
        return y.astype("float32")[:, None]

    def _rows(self, y):
        if y.shape[1] != len(self.class_names):
            raise ValueError(f"y has {y.shape[1]} columns, but there are {len(self.class_names)} class names.")
        shares = _are_shares(y)
        if not (np.isin(y, (0, 1)) | (shares[:, None] & (self.kind == CLASSES))).all():
            raise ValueError(
                "y: rows may hold only 0 and 1 (one-hot or multi-hot), or probabilities that add up to 1 in each row."
            )
        if self.kind == CLASSES and not shares.all():
            row = int(np.argmin(shares))
            raise ValueError(f"y: row {row} holds {int(y[row].sum())} ones; each needs exactly one, as in training.")
        return y.astype("float32")

    def _positions(self, y):
        """The number of each label's class, ``(N,)``."""
        labels, known = y.tolist(), self.class_names
        if y.dtype.kind != "U":
            if not isinstance(self.values[0], str):
                known = self.values
            elif self.are_given and not any(map(looks_like_a_number, self.class_names)):
                return self._checked_positions(y)
            else:  # a number means the class that is written like it, never a position
                labels = [
                    str(int(label) if isinstance(label, float) and label.is_integer() else label) for label in labels
                ]
        places = {value: place for place, value in enumerate(known)}
        for index, label in enumerate(labels):
            if label not in places:
                raise ValueError(
                    f"y: item {index} has the unknown label {y.tolist()[index]!r}. Known: {list(places)}."
                    f"{self._hint(label)}"
                )
        return np.array([places[label] for label in labels])

    def _checked_positions(self, y):
        y = np.where(np.abs(y) > 2**31, -1, y)  # no class has such a number, and no integer of NumPy either
        positions = y.astype("int64")
        if (positions != y).any():
            fraction = y[positions != y][0]
            raise ValueError(
                f"y: fractions cannot be classes; got {fraction}. Leave out class_names to predict numbers."
            )
        wrong = (positions < 0) | (positions >= len(self.class_names))
        if wrong.any():
            index = int(np.argmax(wrong))
            raise ValueError(
                f"y: item {index} has the unknown label {positions[index]}: the {len(self.class_names)} classes "
                f"{self.class_names} are numbered 0 to {len(self.class_names) - 1}."
            )
        return positions

    def _hint(self, label):
        if isinstance(self.values[0], str) and not self.are_given and str(label).lstrip("-").isdigit():
            return " Numbers are positions of classes only with class_names=[…], in their order."
        alike = [name for name in self.class_names if folded(name) == folded(str(label))]
        return f" Is {alike[0]!r} meant? They differ only by spaces or case." if alike else ""

    def _check_seen(self, encoded):
        missing = [name for name, seen in zip(self.class_names, encoded.any(0), strict=True) if not seen]
        if missing:
            raise ValueError(
                f"y: no training text has the class {', '.join(map(repr, missing))}, so it cannot be learned. "
                "Add examples, or leave it out of class_names."
            )
        if len(self.class_names) < 2:
            raise ValueError(f"y: all training labels are {self.class_names[0]!r}; at least two classes are needed.")


def folded(name):
    """A class name without what is easily typed in another way: spaces, case, the form of its characters.

    >>> folded("Boot\\xa0 ") == folded("boot")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def likeliest(encoded):
    """One 1 in each row, at its largest number: of probabilities the likeliest class.

    >>> likeliest(np.array([[0.25, 0.75]])).tolist()
    [[0.0, 1.0]]
    """
    return np.eye(encoded.shape[1])[encoded.argmax(1)]


def _are_shares(y):
    """Which rows could be probabilities of one class each, ``(N,)``; one 1 among zeros is such a row."""
    return (y >= 0).all(1) & (np.abs(y.sum(1) - 1) < 1e-3)


def _warn_of_whole_numbers(y):
    """Integers of a table with a hole become floats, and would be predicted as numbers without a word."""
    if np.isfinite(y).all() and (y == np.round(y)).all():
        shown = ", ".join(f"{number:g}" for number in np.unique(y)[:4])
        warnings.warn(
            f"y: the labels are floats, so they are predicted as numbers (a regression), but all of them are whole: "
            f"{shown}, … If they are classes, make them integers: y.astype(int). If they are numbers, "
            "is_regression=True says so.",
            stacklevel=4,
        )
