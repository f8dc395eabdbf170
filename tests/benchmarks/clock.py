"""What each program of the benchmark measures of its training, in the same way. Standard library only."""

import json
import resource
import sys
import time


class Clock:
    """Wall and CPU seconds of one epoch; the first step, in which TensorFlow traces its graph, also apart.

    CPU seconds are those of all threads of this process.
    """

    def start(self):
        self.steps = 0
        self._start = _now()

    def step(self):
        """Call it after each training step."""
        self.steps += 1
        if self.steps == 1:
            self._first = _now()

    def stop(self):
        self._stop = _now()
        self.peak_memory = peak_memory()

    def figures(self, examples, batch_size):
        """The measurements of the epoch, as a dictionary: seconds, examples per second, MB (10⁶ bytes)."""
        wall, cpu = _between(self._start, self._stop)
        first_wall, first_cpu = _between(self._start, self._first)
        return {
            "wall": wall,
            "first_wall": first_wall,
            "rest_wall": wall - first_wall,
            "cpu": cpu,
            "first_cpu": first_cpu,
            "rest_cpu": cpu - first_cpu,
            "per_second": examples / wall,
            "rest_per_second": (examples - batch_size) / (wall - first_wall),
            "steps": self.steps,
            "peak_memory": self.peak_memory,
        }


def read_job():
    """The job that run.py wrote: a dictionary, from the file named on the command line."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def report(figures):
    """Answer run.py: one line of JSON, the last of the standard output."""
    print(json.dumps(figures))


def _now():
    return time.perf_counter(), time.process_time()


def _between(start, stop):
    return stop[0] - start[0], stop[1] - start[1]


def peak_memory():
    """Of this process so far, in MB of 10⁶ bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
