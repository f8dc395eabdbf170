"""From the labels a person writes (names, numbers, one-hot rows) to the arrays a model is trained on."""

import numbers

import numpy as np

from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION


class Labels:
    """What the labels of a data set mean, learned from the training labels.

    ========================================  =======================================================
    labels                                    become
    ========================================  =======================================================
    strings                                   classes: the class names, in their order if it is given
    integers, booleans                        classes: positions in the class names, if these are given
    rows of 0 and 1, one 1 in each            classes (one-hot); needs class names
    rows of 0 and 1, any number of 1          multilabel (multi-hot); needs class names
    floats, or ``is_regression=True``         regression
    ========================================  =======================================================

    Integers without class names are classes too: they never turn into a regression silently. Class
    names that are integers themselves, such as ``[1, 2, 3, 4, 5]`` for stars, are the labels, no positions.

    Args:
        class_names: the classes in the order of the model's outputs; empty to take them from the labels.
        is_regression: True to predict the number itself, also from integers.

    Attributes:
        kind: "classes", "multilabel" or "regression"; None until :meth:`fit` has seen labels.
        class_names: the classes as strings.
        values: the classes as they are written in the data: strings, or numbers.

    Raises:
        ValueError: a class name twice, a single one, or class names for a regression.

    >>> labels = Labels(["negative", "positive"])
    >>> labels.fit(["positive", "negative"], count=2)
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """

    def __init__(self, class_names=(), is_regression=False):
        self._set_classes(np.asarray(list(class_names)).tolist())
        if len(set(self.class_names)) < len(self.class_names):
            raise ValueError(f"class_names: a name occurs twice in {self.class_names}.")
        if len(self.class_names) == 1:
            raise ValueError(f"class_names: at least two classes are needed; got {self.class_names}.")
        if self.class_names and is_regression:
            raise ValueError("class_names and is_regression=True exclude each other: numbers have no classes.")
        self.kind = REGRESSION if is_regression else None

    def fit(self, y, count):
        """Learn what the training labels mean, and encode them.

        Args:
            y: list, tuple, array, Series or DataFrame of labels.
            count: number of texts.

        Returns:
            float32 array: ``(N, classes)`` of 0 and 1, or ``(N, 1)`` numbers for a regression.

        Raises:
            ValueError, TypeError: labels that do not fit the texts or each other; says which and what to do.
        """
        y = _as_array(y, count)
        if self.kind is None:
            self.kind = self._kind_of(y)
        if self.kind == CLASSES and y.ndim == 1 and not self.class_names:
            self._set_classes(np.unique(y).tolist())
        encoded = self._encode(y)
        if self.kind != REGRESSION:
            self._check_seen(encoded)
        return encoded

    def encode(self, y, count):
        """Encode labels of the kind that :meth:`fit` has seen."""
        return self._encode(_as_array(y, count))

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
            return CLASSES if np.all(y.sum(1) == 1) else MULTILABEL
        if y.dtype.kind == "f" and not self.class_names:
            return REGRESSION
        return CLASSES

    def _numbers(self, y):
        if y.ndim == 2 or y.dtype.kind == "U":
            raise ValueError("y: a regression needs one number for each text.")
        if not np.isfinite(y).all():
            raise ValueError(f"y: item {int(np.argmin(np.isfinite(y)))} is not a finite number.")
        return y.astype("float32")[:, None]

    def _rows(self, y):
        if y.shape[1] != len(self.class_names):
            raise ValueError(f"y has {y.shape[1]} columns, but there are {len(self.class_names)} class names.")
        if not np.isin(y, (0, 1)).all():
            raise ValueError("y: rows may hold only 0 and 1 (one-hot or multi-hot).")
        if self.kind == CLASSES and not np.all(y.sum(1) == 1):
            row = int(np.argmax(y.sum(1) != 1))
            raise ValueError(f"y: row {row} holds {int(y[row].sum())} ones; each needs exactly one, as in training.")
        return y.astype("float32")

    def _positions(self, y):
        """The number of each label's class, ``(N,)``."""
        are_names, have_names = y.dtype.kind == "U", isinstance(self.values[0], str)
        if have_names and not are_names:
            return self._checked_positions(y)
        places = {value: place for place, value in enumerate(self.class_names if are_names else self.values)}
        for index, label in enumerate(y.tolist()):
            if label not in places:
                raise ValueError(f"y: item {index} has the unknown label {label!r}. Known: {list(places)}.")
        return np.array([places[label] for label in y.tolist()])

    def _checked_positions(self, y):
        positions = y.astype("int64")
        if (positions != y).any():
            raise ValueError("y: fractions cannot be classes. Leave out class_names to predict numbers.")
        wrong = (positions < 0) | (positions >= len(self.class_names))
        if wrong.any():
            index = int(np.argmax(wrong))
            raise ValueError(
                f"y: item {index} has the unknown label {positions[index]}: the {len(self.class_names)} classes "
                f"{self.class_names} are numbered 0 to {len(self.class_names) - 1}."
            )
        return positions

    def _check_seen(self, encoded):
        missing = [name for name, seen in zip(self.class_names, encoded.any(0), strict=True) if not seen]
        if missing:
            raise ValueError(
                f"y: no training text has the class {', '.join(map(repr, missing))}, so it cannot be learned. "
                "Add examples, or leave it out of class_names."
            )
        if len(self.class_names) < 2:
            raise ValueError(f"y: all training labels are {self.class_names[0]!r}; at least two classes are needed.")


def _as_array(y, count):
    """The labels as an array: strings or numbers ``(N,)``, or rows of numbers ``(N, columns)``."""
    if isinstance(y, (str, dict, set)) or not hasattr(y, "__len__"):
        raise TypeError(f"y: accepted are a list, tuple, array or Series of labels; got {type(y).__name__}.")
    if len(y) != count:
        raise ValueError(f"y: there are {count} texts, but {len(y)} labels.")
    y = y.to_numpy() if hasattr(y, "to_numpy") else y  # pandas
    y = [item.tolist() if hasattr(item, "tolist") else item for item in y]  # NumPy's scalars and rows
    if all(isinstance(item, (list, tuple)) and len(item) == 1 for item in y):  # one column
        y = [item[0] for item in y]
    for index, item in enumerate(y):
        if _sort(item) is None:
            raise ValueError(
                f"y: item {index} is {item!r}, which is no label. Accepted are names, numbers and rows of 0 and 1. "
                "Remove the text, or give it a label."
            )
        if _sort(item) != _sort(y[0]):
            raise ValueError(
                f"y: item {index} is {item!r}, but item 0 is {y[0]!r}. "
                "Labels must be all names, all numbers, or all rows of 0 and 1."
            )
    if _sort(y[0]) == "row" and (
        len({len(row) for row in y}) > 1 or any(_sort(x) != "number" for row in y for x in row)
    ):
        raise ValueError(
            "y: rows must hold a 0 or a 1 for each class. "
            "For lists of names, sklearn.preprocessing.MultiLabelBinarizer makes such rows."
        )
    return np.asarray(y)


def _sort(label):
    """ "name", "number" or "row"; None for what cannot be a label: a missing value, or another object."""
    if isinstance(label, str):
        return "name"
    if isinstance(label, numbers.Real):
        return "number" if label == label else None  # only NaN differs from itself
    return "row" if isinstance(label, (list, tuple)) and label else None
