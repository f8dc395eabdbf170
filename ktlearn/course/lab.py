"""``python -m ktlearn lab``: the lessons in a folder of the reader's own, opened in JupyterLab."""

import filecmp
import os
import shutil
from pathlib import Path

from ktlearn.support.atomic import atomic_file
from ktlearn.support.bundled import resource

FIRST_LESSON = "00_start_here.ipynb"
# Settings of JupyterLab for a reader: no question about news, and the notebooks before other files. A folder as Jupyter
# looks for them, so that a room can use it too: its name goes into JUPYTER_CONFIG_PATH.
SETTINGS = Path(__file__).with_name("jupyter")


def lab(folder, options=()):
    """Copy the lessons into ``folder`` and run JupyterLab there until it is stopped; return the exit code."""
    try:
        from jupyterlab.labapp import main as jupyterlab
    except ModuleNotFoundError as error:
        print(f"JupyterLab cannot start, {error.name} is missing. To install it: python -m pip install jupyterlab")
        return 1
    folder = Path(folder).expanduser()
    try:
        copied, kept = copy_lessons(folder)
    except OSError as error:
        print(f"The lessons could not be copied to {folder}: {error}. Name another folder with --folder.")
        return 1
    print(f"The lessons are in {folder.resolve()} ({len(copied)} new files).")
    for name in kept:
        print(f"kept yours: {name} (for ktlearn's version of it, rename yours and run this again)")
    places = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, places))
    os.chdir(folder)
    jupyterlab([FIRST_LESSON, *options])
    return 0


def copy_lessons(folder):
    """Copy the lessons that came with ktlearn into ``folder``. A file that is there is never changed.

    Returns:
        Two lists of names: the files that were copied, and those that were kept because they differ
        from ktlearn's.

    Raises:
        OSError: ``folder`` is a file, or cannot be written.
    """
    lessons, folder = resource("notebooks"), Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    copied, kept = [], []
    for source in sorted(path for path in lessons.rglob("*") if path.is_file()):
        inside = source.relative_to(lessons)
        target = folder / inside
        if any(part.startswith((".", "__")) for part in inside.parts):
            continue  # what editors and Python leave in a checkout
        if not target.exists():
            _copy_whole(source, target)
            copied.append(inside.as_posix())
        elif not filecmp.cmp(source, target, shallow=False):
            kept.append(inside.as_posix())
    return copied, kept


def _copy_whole(source, target):
    """Copy a file so that it appears all at once: an interruption leaves no half of a lesson."""
    with atomic_file(target) as draft:
        shutil.copyfile(source, draft)
