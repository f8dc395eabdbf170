"""The quick tests and the first lessons with the oldest, the newest and Colab's versions: what matrix.yml runs weekly.

    python tests/matrix.py               all, on this machine: `make matrix`
    python tests/matrix.py oldest        with these versions only

Each gets an environment of its own, .venv-oldest-3.11 and so on, of 3 GB. A run whose Python is not here is named, and
not run.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = [  # versions and Python: the oldest versions do not exist for 3.13, and Colab has no 3.11
    ("oldest", "3.11"),
    ("newest", "3.11"),
    ("newest", "3.13"),
    ("colab", "3.13"),
]
LESSONS = "00 01 A1"


def constraints(versions):
    """The file that holds pip to these versions, or "" for the newest ones."""
    return "" if versions == "newest" else f"tests/{versions}-constraints.txt"


def command(versions, python, interpreter):
    """What runs the tests, as a list: a call of make."""
    settings = {
        "VENV": f".venv-{versions}-{python}",
        "PYTHON": interpreter,
        "CONSTRAINTS": constraints(versions),
        "LESSONS": LESSONS,
    }
    return ["make", "test-quick", "test-notebooks", *(f"{name}={value}" for name, value in settings.items())]


def find(python):
    """The interpreter of a version such as "3.11" on this machine, or None."""
    for candidate in (sys.executable, shutil.which(f"python{python}")):
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if candidate and subprocess.run(asked, capture_output=True, text=True).stdout.strip() == python:
            return candidate
    return None


def run_all(runs):
    """Run them one after the other, and tell how each one ended: ``{"oldest, Python 3.11": "passed", …}``."""
    ends = {}
    for versions, python in runs:
        interpreter = find(python)
        if interpreter is None:
            end = f"not run: there is no Python {python} here"
        else:
            done = subprocess.run(command(versions, python, interpreter), cwd=ROOT)
            end = "FAILED, see above" if done.returncode else "passed"
        ends[f"{versions}, Python {python}"] = end
    return ends


def main():
    wanted = sys.argv[1:]
    unknown = set(wanted) - {versions for versions, _ in RUNS}
    if unknown:
        sys.exit(f"There are no versions {', '.join(sorted(unknown))}: choose from oldest, newest, colab.")
    ends = run_all([each for each in RUNS if not wanted or each[0] in wanted])
    print("\n" + "\n".join(f"{name}: {end}" for name, end in ends.items()))
    return int(any(end.startswith("FAILED") for end in ends.values()))


if __name__ == "__main__":
    sys.exit(main())
