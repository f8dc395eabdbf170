"""Helpers for checks: compare a reader's function with the solution, and name the mistake.

Everything here takes what a reader may give (a list, a NumPy array, a tensor of any backend) and raises
``NotYet`` with one sentence.
"""

import sys

import numpy as np

from ktlearn.exercises.exercise import NotYet


def compare(answer, solution, *inputs, mistakes=(), names=("the output",), atol=1e-5):
    """Call the answer and the solution with the same inputs, and compare what they return.

    Args:
        answer: the reader's function.
        solution: the right function.
        inputs: the arguments, by position. Arrays are copied for each call.
        mistakes: pairs ``(function, sentence)``. If the answer returns what a wrong function returns,
            its sentence is the diagnosis.
        names: what the results are called; more than one if a tuple is returned: ``("output", "weights")``.
        atol: the largest difference that is accepted.

    Raises:
        NotYet: with the sentence of a known mistake, or the first thing that differs: how many results, their
            shape, numbers that are not finite, the numbers.

    >>> compare(lambda x: x + x, lambda x: 2 * x, np.ones(3), mistakes=[(lambda x: x * x, "that is the square.")])
    """
    found, right = answer(*_copies(inputs)), solution(*_copies(inputs))
    try:
        _must_be_the_same(found, right, names, atol)
    except NotYet:
        for wrong, sentence in mistakes:
            if _same_parts(found, wrong(*_copies(inputs)), atol):
                raise NotYet(sentence) from None
        raise


def must_be_close(found, expected, name="your answer", atol=1e-5):
    """Nothing, when ``found`` has the shape and the numbers of ``expected``.

    Raises:
        NotYet: with the first thing that differs: no numbers, the shape, not finite, the largest difference.
    """
    expected = as_array(expected)
    found = as_array(found, name, shape=expected.shape)
    if expected.dtype == bool and found.dtype != bool:
        raise NotYet(f"{name} must be boolean (True, False). Its type is {found.dtype}.")
    if np.isfinite(expected).all() and not np.isfinite(found).all():
        raise NotYet(f"{name} has numbers that are not finite (nan or inf).")
    if not np.allclose(found, expected, rtol=atol, atol=atol):
        if expected.dtype == bool:
            raise NotYet(f"{name} has the right shape, but {np.sum(found != expected)} of {found.size} are wrong.")
        raise NotYet(
            f"{name} has the right shape, but other numbers. "
            f"The largest difference is {np.abs(found.astype(float) - expected).max():.2g}."
        )


def is_close(found, expected, atol=1e-5):
    """Are both the same numbers in the same shape? Never raises: made for naming a known mistake."""
    try:
        must_be_close(found, expected, atol=atol)
    except Exception:
        return False
    return True


def as_array(x, name="your answer", shape=None):
    """A reader's value as a NumPy array.

    Raises:
        NotYet: there is nothing yet, these are no numbers, or they have another shape than ``shape``.

    >>> as_array([1, 2, 3], shape=(3,)).tolist()
    [1, 2, 3]
    """
    if x is None or x is ...:
        raise NotYet(f"{name} is {'None. Is a `return` missing?' if x is None else 'still `...`.'}")
    if callable(x) and not hasattr(x, "shape"):
        raise NotYet(f"{name} must be numbers. It is a function.")
    array = _numpy(x)
    if array is None or array.dtype.kind not in "biuf":
        raise NotYet(f"{name} must be numbers, with rows of one length. It is {_kind(x)}.")
    if shape is not None and array.shape != tuple(shape):
        raise NotYet(f"{name} must {_has(shape, 'have', 'be')}, and it {_has(array.shape, 'has', 'is')}.")
    return array


def _must_be_the_same(found, right, names, atol):
    right = _parts(right)
    if len(right) > 1 and not (isinstance(found, (tuple, list)) and len(found) == len(right)):
        raise NotYet(f"your function must return {len(right)} things: {', '.join(names)}.")
    if len(right) == 1 and isinstance(found, tuple) and len(found) > 1:
        raise NotYet(f"your function must return one thing, {names[0]}. It returns {len(found)}.")
    found = list(found) if len(right) > 1 else _parts(found)
    for name, mine, expected in zip(names, found, right, strict=True):
        must_be_close(mine, expected, name, atol)


def _numpy(x):
    try:
        if "keras" in sys.modules and hasattr(x, "shape") and not isinstance(x, np.ndarray):
            return np.asarray(sys.modules["keras"].ops.convert_to_numpy(x))
        return np.asarray(x)
    except Exception:  # rows of different lengths, a symbolic tensor, …
        return None


def _parts(result):
    return list(result) if isinstance(result, tuple) else [result]


def _same_parts(found, wrong, atol):
    found, wrong = _parts(found), _parts(wrong)
    return len(found) == len(wrong) and all(is_close(a, b, atol) for a, b in zip(found, wrong, strict=True))


def _copies(inputs):
    return [x.copy() if isinstance(x, np.ndarray) else x for x in inputs]


def _has(shape, has, is_):
    return f"{has} the shape {tuple(int(n) for n in shape)}" if len(shape) else f"{is_} a single number"


def _kind(x):
    kind = type(x).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
