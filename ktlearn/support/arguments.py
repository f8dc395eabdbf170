"""Checks of numbers that many methods take, with one wording for each."""

import numbers


def check_whole(name, number):
    """A whole number, at least 1."""
    if not isinstance(number, numbers.Integral) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name} must be a whole number, at least 1; got {number!r}.")


def check_number(name, number, low, high, example):
    """A number above ``low`` and at most ``high``."""
    if not isinstance(number, numbers.Real) or isinstance(number, bool) or not low < number <= high:
        raise ValueError(f"{name} must be a number above {low} and at most {high}, such as {example}; got {number!r}.")


def check_rate(lr):
    """A learning rate."""
    if not isinstance(lr, numbers.Real) or not 0 < lr < 100:
        raise ValueError(f"lr must be a positive number, such as 5e-5; got {lr!r}.")
    return float(lr)
