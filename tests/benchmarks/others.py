"""Whether a benchmark had the machine for itself: the processor cores that other programs kept busy meanwhile."""

import resource
import time

import psutil
from rows import BUSY


class Others:
    """How many cores all other programs kept busy since this was made, on average.

    What this program and those that it has started and waited for have used is not counted.
    """

    def __init__(self):
        self._start = time.perf_counter(), _busy(), _own()

    def seconds(self):
        """The CPU time that they used; 0 at least, since the system counts in steps of a hundredth of a second."""
        _, busy, own = self._start
        return max(0.0, _busy() - busy - (_own() - own))

    def cores(self):
        """The mean number of cores."""
        return self.seconds() / (time.perf_counter() - self._start[0])

    def warning(self, advice):
        """A line for the reader of the figures, with what to make of them; empty on a quiet machine."""
        cores = self.cores()
        return f"NOT ALONE: other programs kept {cores:.1f} cores busy. {advice}\n" if cores > BUSY else ""


def _busy():
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "nice", 0)


def _own():
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
