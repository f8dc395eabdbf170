"""Text is the same when its words are, and its decimal numbers agree as far as they were written.

A number agrees within 1.5 units of the last digit that the lesson shows: 0.1234 accepts 0.1235, not
0.1236. Numbers differ like that between processors and library versions. Everything else is exact:
words, whole numbers, and decimals with fewer than two digits after the point, since one unit of
``0.5`` or of NumPy's ``1.`` is far more than a rounding. Only spaces beside a decimal may differ,
because NumPy pads a column to its longest number.

What a *trained* model says moves further: training adds up the small differences. A cell with the tag
``trained`` accepts 0.15 in a decimal, and in a count as much of the largest count of that output. The
lesson asserts a floor for the quality itself.
"""

import re

# Not inside a word, and not part of a version such as 3.15.1.
_DECIMAL = re.compile(r" *(?<![\w.])([-+]?\d+\.\d*(?:[eE][-+]?\d+)?)(?!\w|\.\w) *")


_NUMBER = re.compile(r" *(?<![\w.])([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?!\w|\.\w) *")
TRAINED = 0.15


def agree(reference, computed, trained=False):
    """True when ``computed`` is what the saved text ``reference`` promises."""
    if str.__eq__(reference, computed):
        return True
    # Odd pieces are the numbers, even ones the text between them.
    pattern = _NUMBER if trained else _DECIMAL
    saved, new = pattern.split(reference), pattern.split(computed)
    if saved[::2] != new[::2]:
        return False
    largest = max((abs(int(number)) for number in saved[1::2] if _is_count(number)), default=0)
    room = [_room(number, largest) if trained else _tolerance(number) for number in saved[1::2]]
    return all(map(_near, saved[1::2], new[1::2], room))


def _near(reference, computed, room):
    return abs(float(reference) - float(computed)) <= max(room, 1e-6 * abs(float(reference)))


def _tolerance(written):
    mantissa, _, exponent = written.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 1.5 * 10.0 ** (int(exponent or 0) - decimals) if decimals >= 2 else 0.0


def _room(written, largest):
    return TRAINED * largest if _is_count(written) else TRAINED


def _is_count(written):
    return written.lstrip("+-").isdigit()


class Tolerant(str):
    """A string that compares as `agree` does; nbval compares outputs with ``!=``."""

    trained = False
    __hash__ = str.__hash__

    def __eq__(self, other):
        return agree(self, other, self.trained)

    def __ne__(self, other):
        return not agree(self, other, self.trained)
