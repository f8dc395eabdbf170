"""Checks of arguments that many methods take, with one wording for each."""

import numbers
import os
from pathlib import Path

import numpy as np


def is_whole(number):
    """Is it a whole number? True and False are none, though Python counts with them.

    >>> is_whole(np.int64(1)), is_whole(1.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(number, numbers.Integral) and not isinstance(number, bool)


def is_number(number):
    """Is it a number, whole or not? True and False are none.

    >>> is_number(np.float32(0.5)), is_number("0.5"), is_number(True)
    (True, False, False)
    """
    return isinstance(number, numbers.Real) and not isinstance(number, bool)


def check_whole(name, number, what=None, least=1):
    """A whole number, at least 1, or another least one.

    Args:
        name: the argument's name.
        number: its value.
        what: what the number is, where the name does not say it.
        least: the smallest one.

    Raises:
        ValueError: it is something else.

    >>> check_whole("rank", 0)
    Traceback (most recent call last):
    ValueError: rank must be a whole number, at least 1; got 0.
    """
    if not is_whole(number) or number < least:
        name = f"{name}: {what}" if what else name
        raise ValueError(f"{name} must be a whole number, at least {least}; got {number!r}.")


def check_number(name, number, low, high, example, or_low=False):
    """A number above ``low`` and at most ``high``.

    Args:
        name: the argument's name.
        number: its value.
        low, high: its limits.
        example: a usual value, for the message.
        or_low: True when ``low`` itself is a good value too.

    Raises:
        ValueError: it is something else.
    """
    if not is_number(number) or not (low < number <= high or (or_low and number == low)):
        limits = f"from {low} to {high}" if or_low else f"above {low} and at most {high}"
        raise ValueError(f"{name} must be a number {limits}, such as {example}; got {number!r}.")


def check_rate(lr, name="lr"):
    """A learning rate; returns it as a float.

    Args:
        lr: its value.
        name: the argument's name.

    Raises:
        ValueError: it is not between 0 and 100.
    """
    if not is_number(lr) or not 0 < lr < 100:
        raise ValueError(f"{name} must be a positive number, such as 5e-5; got {lr!r}.")
    return float(lr)


def check_momenta(highest, lowest):
    """The two ends between which a momentum goes.

    Raises:
        ValueError: they are not ``0 <= lowest <= highest < 1``.

    >>> check_momenta(0.95, 1.5)
    Traceback (most recent call last):
    ValueError: min_momentum must be a number from 0 to 0.95, such as 0.85; got 1.5.
    """
    check_number("max_momentum", highest, 0, 0.999999, 0.95, or_low=True)
    check_number("min_momentum", lowest, 0, highest, 0.85, or_low=True)


def check_path(name, path, what="folder"):
    """The name of a file or folder, as a ``Path`` with ``~`` resolved.

    Args:
        name: the argument's name.
        path: its value.
        what: "folder" or "file", for the message.

    Raises:
        TypeError, ValueError: it is no name, an empty one, or one that no file system takes.

    >>> check_path("fpath", "")
    Traceback (most recent call last):
    ValueError: fpath must name a folder; got ''.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must name a {what}; got {path!r}.")
    try:
        os.fsencode(path)  # half a character, say, is in no name
        if str(path).strip() and "\0" not in str(path):
            return Path(path).expanduser()
    except (ValueError, RuntimeError):
        pass
    raise ValueError(f"{name} must name a {what}; got {path!r}.")


def check_share(name, number):
    """A share: a number between 0 and 1, neither of them.

    Raises:
        ValueError: it is something else.

    >>> check_share("val_pct", 20)
    Traceback (most recent call last):
    ValueError: val_pct must be a share between 0 and 1, such as 0.1; got 20.
    """
    if not is_number(number) or not 0 < number < 1:
        raise ValueError(f"{name} must be a share between 0 and 1, such as 0.1; got {number!r}.")


def check_flag(name, value):
    """True or False, and no word for it: the string "no" would count as true.

    Raises:
        TypeError: it is something else.

    >>> check_flag("is_regression", "no")
    Traceback (most recent call last):
    TypeError: is_regression must be True or False; got 'no'.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {value!r}.")


def check_name(name, value, example):
    """A string that is not empty, or a path.

    Args:
        name: the argument's name.
        value: its value.
        example: what could be given.

    Raises:
        TypeError, ValueError: it is something else, or empty.

    >>> check_name("model_name", None, '"bert-base-uncased"')
    Traceback (most recent call last):
    TypeError: model_name must be a string, such as "bert-base-uncased"; got None.
    """
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a string, such as {example}; got {value!r}.")
    if not str(value).strip() or "\0" in str(value):
        raise ValueError(f"{name} must be a string, such as {example}; got {str(value)!r}.")


def check_seed(name, seed):
    """A seed: a whole number from 0 to 2³² − 1, a ``np.random.RandomState``, or None to draw one.

    Raises:
        ValueError: it is something else.

    >>> check_seed("random_state", -1)
    Traceback (most recent call last):
    ValueError: random_state must be a whole number from 0 to 4294967295, or None; got -1.
    """
    is_seed = is_whole(seed) and 0 <= seed < 2**32
    if seed is not None and not is_seed and not isinstance(seed, np.random.RandomState):
        raise ValueError(f"{name} must be a whole number from 0 to 4294967295, or None; got {seed!r}.")


def check_dropout(name, share):
    """A share that may be 0, but not all.

    Raises:
        ValueError: it is something else.

    >>> check_dropout("dropout", 5)
    Traceback (most recent call last):
    ValueError: dropout must be a share, at least 0 and less than 1; got 5.
    """
    if not is_number(share) or not 0 <= share < 1:
        raise ValueError(f"{name} must be a share, at least 0 and less than 1; got {share!r}.")


def as_numbers(name, values):
    """An array, a tensor or nested lists of numbers as a NumPy array with at least one axis.

    Args:
        name: the argument's name.
        values: its value.

    Raises:
        TypeError: it is something else, or lists of several lengths.

    >>> as_numbers("weights", [[1, 2], [3]])
    Traceback (most recent call last):
    TypeError: weights must be an array of numbers, all rows of one length; got [[1, 2], [3]].
    """
    try:
        array = np.asarray(values)
    except ValueError:  # rows of several lengths
        array = np.empty(())
    if array.ndim == 0 or array.dtype.kind in "OSUMm":
        raise TypeError(f"{name} must be an array of numbers, all rows of one length; got {values!r:.80}.")
    return array


def as_names(name, names):
    """Names as a list of strings; a string is none, since its letters would be taken for the names.

    Args:
        name: the argument's name.
        names: its value.

    Raises:
        TypeError: it is one string, a set, which has no order, or no list at all.

    >>> as_names("tokens", "she won")
    Traceback (most recent call last):
    TypeError: tokens must be a list of names; got one string, 'she won'. Split it first.
    """
    if isinstance(names, str):
        raise TypeError(f"{name} must be a list of names; got one string, {names[:40]!r}. Split it first.")
    if isinstance(names, (bytes, dict, set, frozenset)) or not hasattr(names, "__iter__"):
        raise TypeError(f"{name} must be a list of names; got {names!r:.80}.")
    return [str(each) for each in names]
