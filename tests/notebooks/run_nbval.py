"""Run the lessons and compare every output with the saved one: ``make test`` calls this.

    python tests/notebooks/run_nbval.py                  all lessons
    python tests/notebooks/run_nbval.py 01 07            two of them
    python tests/notebooks/run_nbval.py -n 2             two at a time (needs pytest-xdist)
    python tests/notebooks/run_nbval.py --wheel FILE     those of a wheel, with nothing of the repository beside them

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
from only_the_wheel import only_the_wheel

HERE = Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="01, or a file; all when none is named")
    parser.add_argument("-n", "--processes", type=int, default=1, help="lessons run at a time")
    parser.add_argument("--wheel", metavar="FILE", help="a wheel of ktlearn: its lessons, as on Colab")
    options, more = parser.parse_known_args()
    if options.processes > 1:
        # The cells of one lesson share a kernel, so they stay in one process.
        more = ["-n", str(options.processes), "--dist", "loadfile", "--no-loadscope-reorder", *more]
    # The last lessons first: they take longest, and a long one at the end would leave the other process idle.
    if options.wheel:
        with only_the_wheel(options.wheel) as place:
            return compare(find_lessons(options.lessons, place.lessons)[::-1], more, place.packages).returncode
    return compare(find_lessons(options.lessons)[::-1], more).returncode


def compare(lessons, more=(), packages=None, **kwargs):
    """Run pytest over the notebooks in a process of its own; returns the finished process.

    Args:
        lessons: the paths of the notebooks.
        more: further options of pytest.
        packages: the one folder where ktlearn is installed; None for the code beside the lessons.
    """
    if not lessons:
        raise SystemExit("There are no lessons here.")
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
        environment = lesson_environment(folder, packages)
        environment["PYTHONPATH"] = os.pathsep.join([str(HERE), environment["PYTHONPATH"]])
        return subprocess.run(command, env=environment, cwd=ROOT, **kwargs)


if __name__ == "__main__":
    raise SystemExit(main())
