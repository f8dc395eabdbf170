"""Reading a learning rate from the curve of a search.

The suggestions are fastai's, from its ``callback/schedule.py``.
"""

import bisect
from typing import NamedTuple

import numpy as np


class Suggestions(NamedTuple):
    """Learning rates read from a search; None where the curve is too short or does not fall.

    ==================  ===========================================================================
    steepest            where the smoothed loss falls fastest
    minimum_over_10     a tenth of the rate with the lowest loss
    valley              the middle of the longest way down
    ==================  ===========================================================================
    """

    steepest: float | None
    minimum_over_10: float | None
    valley: float | None

    def __repr__(self):
        def shown(rate):
            return "none: the curve is too short, or does not fall" if rate is None else f"{rate:.1e}"

        return (
            "Suggested learning rates\n"
            f"  valley           {shown(self.valley)}\n"
            f"  steepest         {shown(self.steepest)}\n"
            f"  minimum / 10     {shown(self.minimum_over_10)}"
        )


def suggest(rates, losses):
    """Read the three :class:`Suggestions` from a curve, without its first tenth.

    There the mean is of a few batches only, and jumps more than the curve ever falls; fastai leaves it out too.

    Args:
        rates, losses: one number for each batch, the rates rising by the same factor each time.

    >>> rates = [10.0**power for power in range(-6, 1)]
    >>> suggest(rates, [5, 5, 4, 1, 0.5, 3, 9])
    Suggested learning rates
      valley           1.0e-04
      steepest         1.0e-04
      minimum / 10     1.0e-03
    """
    if len(losses) < 3:
        return Suggestions(None, None, None)
    settled = len(losses) // 10
    rates, losses = np.asarray(rates)[settled : len(losses)], np.asarray(losses)[settled:]
    lowest = int(losses.argmin())
    if lowest == 0:
        return Suggestions(None, None, None)
    slopes = np.gradient(losses)[: lowest + 1]
    first, last = longest_way_down(losses)
    return Suggestions(
        steepest=float(rates[slopes.argmin()]),
        minimum_over_10=float(rates[lowest] / 10),
        valley=float(rates[(first + last) // 2]),
    )


def longest_way_down(losses):
    """First and last index of the longest falling series in the losses; what lies between may be skipped.

    >>> longest_way_down([5, 6, 4, 4.5, 3, 7, 2, 8])
    (1, 6)
    """
    # lasts[k] ends the best series of k + 1 losses found so far: the one with the highest last loss.
    lasts, starts = [], []
    for index, loss in enumerate(losses):
        place = bisect.bisect_left(lasts, -loss, key=lambda last: -losses[last])  # the first that is not above
        start = starts[place - 1] if place else index
        if place == len(lasts):
            lasts.append(index)
            starts.append(start)
        else:
            lasts[place], starts[place] = index, start
    return starts[-1], lasts[-1]
