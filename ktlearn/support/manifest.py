"""The checksums of a folder, in a file of its own, as ``sha256sum`` writes and checks them.

They tell whether all files of a folder are of one and the same save, and as it wrote them.
"""

import errno
import hashlib
import os
import re
from pathlib import Path

from ktlearn.support.paths import check_regular

MANIFEST = "ktlearn.sha256"
LARGEST = 10_000_000  # bytes of a manifest


def write_manifest(folder, others=()):
    """Write the checksums of all files of a folder; each file is on the disk when this returns.

    Args:
        folder: the folder.
        others: checksums to be listed too, as :func:`read_manifest` gives them.
    """
    folder = Path(folder)
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    sums = dict(others) | {name: _checksum(path, sync=True) for name, path in found.items() if name != MANIFEST}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", errors="surrogateescape", newline="\n")


def read_manifest(folder):
    """The checksums of a folder: a dictionary from names to them; an empty one where none are written.

    Raises:
        ValueError: the manifest is damaged.
        PermissionError: it may not be read.
    """
    path = Path(folder) / MANIFEST
    if not os.path.lexists(path):
        return {}
    check_regular(path)
    sums = {}
    text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.stat().st_size < LARGEST else "?"
    for line in text.splitlines():
        found = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
        if not found or Path(found[2]).is_absolute() or ".." in Path(found[2]).parts:
            raise ValueError(f"{path} is damaged: {line[:80]!r} is no checksum with a name. {_what_to_do(folder)}")
        sums[found[2]] = found[1]
    return sums


def check_whole(folder, large=True):
    """Hold the files of a folder against the checksums of the save; without a manifest nothing is known.

    Args:
        folder: the folder.
        large: False to leave out weights, which are checked when they are read.

    Raises:
        ValueError: a file is missing, damaged, edited, or of another save.
        PermissionError: a file may not be read.
    """
    for name, digest in read_manifest(folder).items():
        if large or not name.endswith((".safetensors", ".h5")):
            check_file(Path(folder) / name, digest, folder)


def check_file(path, digest, folder):
    """Hold one file against its checksum.

    Raises:
        ValueError, PermissionError: as :func:`check_whole`.
    """
    if not os.path.lexists(path):
        raise ValueError(f"{path} is missing: it was saved here. {_what_to_do(folder)}")
    check_regular(path)
    if _checksum(path) != digest:
        raise ValueError(
            f"{path} is not as it was saved here: it is damaged, was edited, or is of another save (its checksum is "
            f"not the one in {MANIFEST}). {_what_to_do(folder)}"
        )


def _what_to_do(folder):
    return f"Save or copy the folder again; if the change is yours and meant, delete {Path(folder) / MANIFEST}."


def _checksum(path, sync=False):
    with path.open("rb") as file:
        if sync:
            _to_disk(file)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(file):
    """Wait until the disk has it, where file systems can tell. A full disk speaks up here at the latest."""
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOSYS, errno.ENOTSUP, errno.EACCES, errno.EPERM):
            raise
