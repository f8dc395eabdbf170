"""Paths that a reader gives: what cannot be one is named before any work."""

import os
from pathlib import Path


def checked_path(path, name="folder"):
    """A path with ``~`` and links followed; it need not exist.

    Args:
        path: a string or a path.
        name: the argument's name, for errors.

    Raises:
        TypeError: it is something else.
        ValueError: it is empty, no name that a file can have, or a link to itself.

    >>> checked_path("")
    Traceback (most recent call last):
    ValueError: folder: the name is empty. Give a name; "." is the current folder.
    """
    if not isinstance(path, (str, os.PathLike)) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"{name} must be a path, such as 'my/{name}'; got {path!r}.")
    text = os.fspath(path)
    if not text.strip():
        raise ValueError(f'{name}: the name is empty. Give a name; "." is the current folder.')
    try:
        os.fsencode(text)
        return Path(text).expanduser().resolve()
    except (ValueError, RuntimeError, OSError) as error:
        raise ValueError(f"{name}: {text!r} cannot be the name of a file or folder ({error}). Give another.") from error


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
