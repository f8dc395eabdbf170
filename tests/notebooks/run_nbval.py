"""Run the lessons and compare every output with the saved one: ``make test`` calls this.

    python tests/notebooks/run_nbval.py                  all lessons
    python tests/notebooks/run_nbval.py 01 07            two of them
    python tests/notebooks/run_nbval.py -n 2             two at a time (needs pytest-xdist)

One process is the default, because TensorFlow already uses all cores. Options it does not
know, such as -x, go to pytest.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from lesson import ROOT, find_lessons
from lesson_environment import CELL_TIMEOUT, lesson_environment

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="01, or a file; all when none is named")
    parser.add_argument("-n", "--processes", type=int, default=1, help="lessons run at a time")
    options, more = parser.parse_known_args()
    lessons = find_lessons(options.lessons)
    if not lessons:
        raise SystemExit("There are no lessons in notebooks/.")
    if options.processes > 1:
        # The cells of one lesson share a kernel, so they stay in one process.
        more = ["-n", str(options.processes), "--dist", "loadfile", *more]
    return compare(lessons, more).returncode


def compare(lessons, more=(), **kwargs):
    """Run pytest over the notebooks in a process of its own; returns the finished process."""
    command = [
        *(sys.executable, "-m", "pytest", "--nbval", "-p", "strict_nbval", "-p", "no:cacheprovider"),
        *("--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "--nbval-cell-timeout", str(CELL_TIMEOUT)),
        *(
            "--rootdir",
            str(lessons[0].parent),
            f"--color={'yes' if sys.stdout.isatty() else 'no'}",
            *map(str, lessons),
            *more,
        ),
    ]
    with tempfile.TemporaryDirectory(prefix="ktlearn-ipython-") as folder:
        environment = lesson_environment(folder)
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE), environment["PYTHONPATH"]])
        return subprocess.run(command, env=environment, cwd=ROOT, **kwargs)


if __name__ == "__main__":
    raise SystemExit(main())
