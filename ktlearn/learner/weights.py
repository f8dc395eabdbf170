"""How much each example counts in the loss: as much as its class, times a weight of its own."""

import numpy as np

from ktlearn.support.arguments import is_number, is_whole


def class_weights(given, labels, count):
    """A weight for each class, in the order of the classes.

    Args:
        given: ``{class: weight}``, the class by its name or as its label is written; classes that are left out
            count 1. Or an array of a weight for each class, in their order, as scikit-learn's
            ``compute_class_weight`` gives it.
        labels: the data's :class:`ktlearn.text.labels.Labels`; None when the classes are numbers from 0 on.
        count: how many classes there are; None when that is not known.

    Returns:
        A float array ``(classes,)``, or None when nothing is given.

    Raises:
        ValueError, TypeError: a class that is not there, a weight that is none, or not as many as classes.

    >>> class_weights({1: 3}, None, 2).tolist()
    [1.0, 3.0]
    """
    if given is None:
        return None
    names = labels.class_names if labels else []
    if isinstance(given, dict):
        places = _places(labels, count)
        count = count or 1 + max(filter(is_whole, given), default=0)
        weights = np.ones(count)
        for key, weight in given.items():
            place = places.get(_plain(key)) if places else _place(key)
            if place is None:
                known = ", ".join(repr(key) for key in places) if places else "0, 1, 2, …"
                raise ValueError(f"class_weight: there is no class {key!r}. The classes are {known}.")
            weights[place] = _weight("class_weight", f"of {key!r}", weight)
    elif isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
        raise TypeError(f"class_weight must be {{class: weight}}, or a weight for each class; got {given!r}.")
    else:
        weights = np.array([_weight("class_weight", f"number {i}", weight) for i, weight in enumerate(given)])
        if count and len(weights) != count:
            raise ValueError(
                f"class_weight: {count} weights are needed, one for each class {names}; got {len(weights)}."
            )
    if not weights.any():
        raise ValueError("class_weight: all weights are 0, so nothing could be learned.")
    return weights


def sample_weights(given, count):
    """A weight for each example as a float32 array ``(N,)``; None stays None.

    Args:
        given: a list, array or Series of N weights.
        count: N; None when it is not known.

    Raises:
        ValueError, TypeError: not as many weights as examples, or a weight that is none.

    >>> sample_weights([1, 0], 2).tolist()
    [1.0, 0.0]
    """
    if given is None:
        return None
    if isinstance(given, (str, bytes, dict)) or not hasattr(given, "__len__"):
        raise TypeError(f"sample_weight must be a list or array of a weight for each example; got {given!r}.")
    array = np.asarray(given)
    if count is not None and array.shape != (count,):
        raise ValueError(f"sample_weight must have the shape ({count},), one for each example; got {array.shape}.")
    weights = [_weight("sample_weight", f"number {i}", weight) for i, weight in enumerate(array.tolist())]
    if not any(weights):
        raise ValueError("sample_weight: all weights are 0, so nothing could be learned.")
    return np.array(weights, "float32")


def _weight(name, which, weight):
    if not is_number(weight) or not 0 <= weight < np.inf:
        raise ValueError(f"{name}: each weight must be a number, 0 or above; the one {which} is {weight!r}.")
    return float(weight)


def _places(labels, count):
    """The place of each class, by all that it may be called; empty when nothing is known of the classes."""
    if labels is None:
        return {place: place for place in range(count or 0)}
    by_name = {name: place for place, name in enumerate(labels.class_names)}
    if isinstance(labels.values[0], str):
        return by_name | {place: place for place in range(len(labels.class_names))}
    return by_name | {value: place for place, value in enumerate(labels.values)}


def _place(key):
    return int(key) if is_whole(key) and key >= 0 else None


def _plain(key):
    """NumPy's numbers as Python's; True is no class."""
    key = key.item() if isinstance(key, np.generic) else key
    return None if isinstance(key, bool) else key
