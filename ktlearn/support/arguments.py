"""Checks of numbers that many methods take, with one wording for each."""

import numbers


def check_whole(name, number, what=None):
    """A whole number, at least 1.

    Args:
        name: the argument's name.
        number: its value.
        what: what the number is, where the name does not say it.

    Raises:
        ValueError: it is something else.

    >>> check_whole("rank", 0)
    Traceback (most recent call last):
    ValueError: rank must be a whole number, at least 1; got 0.
    """
    if not isinstance(number, numbers.Integral) or isinstance(number, bool) or number < 1:
        name = f"{name}: {what}" if what else name
        raise ValueError(f"{name} must be a whole number, at least 1; got {number!r}.")


def check_number(name, number, low, high, example):
    """A number above ``low`` and at most ``high``.

    Args:
        name: the argument's name.
        number: its value.
        low, high: its limits.
        example: a usual value, for the message.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(number, numbers.Real) or isinstance(number, bool) or not low < number <= high:
        raise ValueError(f"{name} must be a number above {low} and at most {high}, such as {example}; got {number!r}.")


def check_rate(lr):
    """A learning rate; returns it as a float.

    Raises:
        ValueError: it is not between 0 and 100.
    """
    if not isinstance(lr, numbers.Real) or not 0 < lr < 100:
        raise ValueError(f"lr must be a positive number, such as 5e-5; got {lr!r}.")
    return float(lr)
