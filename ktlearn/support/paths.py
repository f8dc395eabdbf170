"""Paths that a reader gives: what cannot be one is named before any work."""

import os
from pathlib import Path

from ktlearn.support.arguments import check_path


def resolved(path, name="folder"):
    """A path with ``~`` and links followed; it need not exist.

    Args:
        path: a string or a path.
        name: the argument's name, for errors.

    Raises:
        TypeError, ValueError: it is no name of a file or folder, or a link to itself.
    """
    path = check_path(name, path, "file" if name == "file" else "folder")
    try:
        return path.resolve()
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{name}: {path} cannot be followed ({error}). Give another name.") from error


def check_regular(path):
    """A file that can be read to its end: no folder, no pipe, no device, no link that leads nowhere.

    Raises:
        FileNotFoundError: there is nothing of that name.
        PermissionError: it may not be read.
        ValueError: it is something else than a file.
    """
    path = Path(path)
    if not os.path.lexists(path):
        raise FileNotFoundError(f"There is no file {path}.")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device" if path.exists() else "a link that leads nowhere"
        raise ValueError(f"{path} must be a file, but it is {kind}. Get the file again.")
    try:
        path.open("rb").close()
    except PermissionError as error:
        raise PermissionError(f"{path} may not be read by you. Change its permissions, or copy it.") from error
