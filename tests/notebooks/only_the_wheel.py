"""The surroundings of Google Colab: a notebook alone in a folder, ktlearn from its wheel, nothing of the repository."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

# Every Python process runs this first. A checkout that is installed for its developers (`pip install -e .`) stands at
# the end of the search path; what a lesson takes from there, no reader has.
_HIDE_THE_CHECKOUT = """\
import os
import sys
sys.path[:] = [place for place in sys.path if not os.path.isfile(os.path.join(place, "pyproject.toml"))]
"""


class Place(NamedTuple):
    """Two folders: of the packages, for PYTHONPATH, and of the lessons."""

    packages: Path
    lessons: Path


@contextlib.contextmanager
def only_the_wheel(wheel):
    """Install a wheel of ktlearn, and nothing else, into a folder of its own, and take the lessons out of it.

    Args:
        wheel: its path.

    Raises:
        RuntimeError: pip cannot install it.
    """
    with tempfile.TemporaryDirectory(prefix="ktlearn-wheel-") as folder:
        place = Place(Path(folder) / "packages", Path(folder) / "content")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
        if subprocess.run([*command, "--target", place.packages, wheel]).returncode:
            raise RuntimeError(f"{wheel} could not be installed; pip's lines say why.")
        (place.packages / "sitecustomize.py").write_text(_HIDE_THE_CHECKOUT, encoding="utf-8")
        place.lessons.mkdir()
        for lesson in (place.packages / "ktlearn/notebooks").glob("*.ipynb"):
            shutil.copy(lesson, place.lessons)
        yield place
