"""From the labels a person writes (names, numbers, one-hot rows) to the arrays a model is trained on."""

import numpy as np

CLASSES, MULTILABEL, REGRESSION = "classes", "multilabel", "regression"


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

    Integers without class names are classes too: they never turn into a regression silently.

    Args:
        class_names: the classes in the order of the model's outputs; empty to take them from the labels.
        is_regression: True to predict the number itself, also from integers.
    """

    def __init__(self, class_names=(), is_regression=False):
        names = [str(name) for name in class_names]
        if len(set(names)) < len(names):
            raise ValueError(f"class_names: a name occurs twice in {names}.")
        if len(names) == 1:
            raise ValueError(f"class_names: at least two classes are needed; got {names}.")
        if names and is_regression:
            raise ValueError("class_names and is_regression=True exclude each other: numbers have no classes.")
        self.class_names, self.kind = names, REGRESSION if is_regression else None
        self._values = None  # what stands for each class in y, when it is not its name or position

    def fit(self, y, count):
        """Learn what the training labels mean, and encode them.

        Args:
            y: list, array or Series of labels.
            count: number of texts.

        Returns:
            float32 array: ``(N, classes)`` of 0 and 1, or ``(N, 1)`` numbers for a regression.

        Raises:
            ValueError: labels that do not fit the texts or each other; says which and what to do.
        """
        y = _as_array(y, count)
        if self.kind is None:
            self.kind = self._kind_of(y)
        if self.kind == CLASSES and y.ndim == 1 and not self.class_names:
            self._values = np.unique(y)
            self.class_names = [str(value) for value in self._values]
        encoded = self.encode(y, count)
        if self.kind != REGRESSION:
            self._check_seen(encoded)
        return encoded

    def encode(self, y, count):
        """Encode labels of the kind that :meth:`fit` has seen."""
        y = _as_array(y, count)
        if self.kind == REGRESSION:
            return self._numbers(y)
        if y.ndim == 2:
            return self._rows(y)
        if self.kind == MULTILABEL:
            raise ValueError(f"y: rows of 0 and 1, one column a class {self.class_names}, are needed; got {y.shape}.")
        return np.eye(len(self.class_names), dtype="float32")[self._positions(y)]

    def _kind_of(self, y):
        if y.ndim == 2 and y.shape[1] > 1:
            if not self.class_names:
                raise ValueError(f"y has {y.shape[1]} columns: say what they are with class_names=[…].")
            return CLASSES if np.all(y.sum(1) == 1) else MULTILABEL
        if y.dtype.kind == "f" and not self.class_names:
            return REGRESSION
        return CLASSES

    def _numbers(self, y):
        try:
            numbers = y.astype("float32").reshape(-1, 1)
        except ValueError:
            raise ValueError("y: a regression needs numbers; got text.") from None
        if not np.isfinite(numbers).all():
            raise ValueError(f"y: item {int(np.argmin(np.isfinite(numbers)))} is not a finite number.")
        return numbers

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
        if self._values is not None or y.dtype.kind in "US":
            values = self._values if self._values is not None else np.array(self.class_names)
            order = {value: position for position, value in enumerate(values.tolist())}
            try:
                return np.array([order[value] for value in y.tolist()])
            except KeyError as error:
                index = next(i for i, value in enumerate(y.tolist()) if value not in order)
                raise ValueError(
                    f"y: item {index} has the unknown label {error.args[0]!r}. Known: {list(order)}."
                ) from None
        positions = y.astype("int64")
        if (positions != y).any():
            raise ValueError("y: fractions cannot be classes. Leave out class_names to predict numbers.")
        wrong = (positions < 0) | (positions >= len(self.class_names))
        if wrong.any():
            index = int(np.argmax(wrong))
            raise ValueError(
                f"y: item {index} has the label {positions[index]}, but the {len(self.class_names)} classes "
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
    if isinstance(y, str) or not hasattr(y, "__len__"):
        raise TypeError(f"y: accepted are a list, array or Series of labels; got {type(y).__name__}.")
    if len(y) != count:
        raise ValueError(f"y: there are {count} texts, but {len(y)} labels.")
    y = np.asarray(y.tolist() if hasattr(y, "tolist") else list(y))
    if y.dtype.kind not in "biufUS" or y.ndim > 2:
        raise ValueError("y: labels must be all strings, all numbers, or equally long rows of 0 and 1.")
    if y.dtype.kind == "f" and np.isnan(y).any():
        raise ValueError(f"y: item {int(np.argmax(np.isnan(y.reshape(len(y), -1)).any(1)))} has no label (NaN).")
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
