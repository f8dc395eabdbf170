"""A checkpoint's own classification head, and the classes that a reader names: they meet by name, never by place."""

import re


def checked_labels(labels):
    """Class names as a list of strings.

    Raises:
        TypeError: they have no order, or are no list.
        ValueError: a name occurs twice.

    >>> checked_labels({"neg", "pos"})
    Traceback (most recent call last):
    TypeError: labels must be a list of names in the order of the outputs; got a set, which has no order.
    """
    kind = type(labels).__name__
    if isinstance(labels, (set, frozenset, dict)):
        raise TypeError(
            f"labels must be a list of names in the order of the outputs; got a {kind}, which has no order."
        )
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        raise TypeError(f"labels must be a list of names in the order of the outputs; got {labels!r}.")
    names = [str(name) for name in labels]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"labels must name each class once; got {names}.")
    return names


def order_of(labels, own):
    """For each of the labels, which output of the checkpoint's head it is; None when the head is for other classes.

    Args:
        labels: the names wanted, a list of strings.
        own: the checkpoint's.

    Upper and lower case are one when nothing is twice by that. ``LABEL_0``, ``LABEL_1``, … are no names but what
    stands where nobody gave any: then the places are all there is.

    >>> order_of(["positive", "negative"], ["NEGATIVE", "POSITIVE"])
    [1, 0]
    >>> order_of(["spam", "ham"], ["NEGATIVE", "POSITIVE"]) is None
    True
    """
    if len(labels) != len(own):
        return None
    if is_unnamed(own):
        return list(range(len(own)))
    for spelling in (str, lambda name: name.strip().casefold()):
        places = {spelling(name): place for place, name in enumerate(own)}
        wanted = [spelling(name) for name in labels]
        if len(places) == len(own) and len(set(wanted)) == len(wanted) and set(wanted) == set(places):
            return [places[name] for name in wanted]
    return None


def is_unnamed(own):
    """Are these transformers' stand-ins for names?"""
    return all(re.fullmatch(rf"LABEL_{place}", name) for place, name in enumerate(own))


def sentence(labels, own, order):
    """What becomes of the checkpoint's head, in one line."""
    theirs = ", ".join(own[:6]) + (", …" if len(own) > 6 else "")
    if order is None:
        return f"The checkpoint's own head is for {theirs}; for {', '.join(labels[:6])} a fresh one is trained."
    if is_unnamed(own):
        return f"The checkpoint's own head is kept. It has no names: its outputs are taken for {', '.join(labels[:6])}."
    what = "in the order that you gave" if order != list(range(len(own))) else "in their order"
    return f"The checkpoint's own head for {theirs} is kept, its classes matched by name, {what}."
