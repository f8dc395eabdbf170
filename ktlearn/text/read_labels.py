"""Look at the labels and at the class names before any work is done with them."""

import re

import numpy as np

from ktlearn.support.characters import visible

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?|true|false", re.IGNORECASE)


def read_labels(y, count):
    """The labels as an array: strings or numbers ``(N,)``, or rows of numbers ``(N, columns)``.

    Args:
        y: list, tuple, array, Series or DataFrame of labels.
        count: the number of texts.

    Raises:
        ValueError: not as many as texts, or an item is no label; it is named.
        TypeError: ``y`` is something else.

    >>> read_labels(("no", "yes"), 2).tolist()
    ['no', 'yes']
    """
    if isinstance(y, (str, bytes, dict, set, frozenset)) or not hasattr(y, "__len__"):
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
                f"{_advice(item)}"
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


def read_class_names(class_names):
    """The class names as a list: strings, or whole numbers for labels that are such numbers.

    Raises:
        TypeError: they are in no order, or one of them is neither a string nor a whole number.
        ValueError: one string, fewer than two names, a name twice, or one that no file could keep.

    >>> read_class_names(("negative", "positive"))
    ['negative', 'positive']
    """
    if class_names is None:
        return []
    if isinstance(class_names, str):
        raise ValueError(f"class_names must be a list of names; got one string, {class_names!r}.")
    if isinstance(class_names, (bytes, dict, set, frozenset)) or not hasattr(class_names, "__len__"):
        raise TypeError(
            f"class_names must be a list of names, in the order of the model's outputs; got {class_names!r:.60}."
        )
    names = class_names.tolist() if hasattr(class_names, "tolist") else list(class_names)
    names = [name.item() if isinstance(name, np.generic) else name for name in names]
    for index, name in enumerate(names):
        if not isinstance(name, (str, int)) or isinstance(name, str) != isinstance(names[0], str):
            raise TypeError(
                f"class_names: item {index} is {name!r}; accepted are strings, or whole numbers for labels that are "
                "such numbers, all of one kind."
            )
        if isinstance(name, str) and (trouble := _trouble(name)):
            raise ValueError(f"class_names: item {index} is {name!r}, {trouble}.")
    written = [str(name) for name in names]
    if len(set(written)) < len(written):
        raise ValueError(f"class_names: a name occurs twice in {written}.")
    if len(names) == 1:
        raise ValueError(f"class_names: at least two classes are needed; got {written}.")
    return names


def looks_like_a_number(name):
    """Is a class name written like a number (or a truth value), so that a number may mean it?

    >>> looks_like_a_number("03"), looks_like_a_number("three")
    (True, False)
    """
    return _NUMBER.fullmatch(name.strip()) is not None


def _trouble(name):
    if not name.strip():
        return "which is no name"
    if re.search("[\ud800-\udfff]", name):
        return "which holds half a character (a lone surrogate), so no file can keep it"
    return None if visible(name) == name else "which holds a control character"


def _sort(label):
    """ "name", "number" or "row"; None for what cannot be a label: a missing value, or another object."""
    if isinstance(label, str):
        return None if _trouble(label) else "name"
    if isinstance(label, (int, float)):
        return "number" if label == label else None  # only NaN differs from itself
    return "row" if isinstance(label, (list, tuple)) and label else None


def _advice(item):
    if isinstance(item, bytes):
        return 'Bytes become a name so: item.decode("utf-8").'
    if isinstance(item, str) and item.strip():
        return f"It is a name {_trouble(item)[6:]}."
    return "Remove the text, or give it a label."
