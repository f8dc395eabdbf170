"""Write a folder or a file all or nothing: a full disk, a kill or an interruption leaves what was there before.

Everything is first written to a draft. A new folder then gets its name in one step. In a folder that is there
already, it may be the reader's own, the mount point of a volume, or in a place where nothing else can be written,
the finished draft gets the name :data:`PENDING` in one step: from then on the save counts. Its files move to their
places one by one, and whoever reads or writes the folder next finishes what a kill left undone
(:func:`finish_save`). The last file is the manifest, with a checksum of every file.
"""

import contextlib
import errno
import os
import platform
import shutil
import tempfile
import time
import uuid
import zlib
from pathlib import Path

from ktlearn.support.manifest import MANIFEST, read_manifest, write_manifest
from ktlearn.support.paths import resolved

PENDING = ".ktlearn.save"
DRAFT = ".ktlearn.draft."
DAY = 86400  # seconds


@contextlib.contextmanager
def atomic_folder(folder):
    """Yield an empty folder to write into; at the end its files are in ``folder``, all or none.

    Files of other names that are in ``folder`` already stay, and so do their checksums.

    Raises:
        TypeError, ValueError: ``folder`` is no path.
        NotADirectoryError: ``folder`` is a file.
        IsADirectoryError: a folder in it has the name of a file to be written.
        OSError: nothing can be written there.
    """
    folder = resolved(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; give the name of a folder to save into.")
    with _errors_that_help(folder):
        place = folder if folder.exists() else folder.parent  # on the same disk, so that a rename is enough
        place.mkdir(parents=True, exist_ok=True)
        _clean(folder.parent)
        _clean(folder)
        draft = place / _draft_name()
        draft.mkdir()
    try:
        yield draft
        _share(draft)
        with _errors_that_help(folder):
            finish_save(folder)
            write_manifest(draft, _checksums_that_stay(folder))
            _put(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def atomic_file(path):
    """Yield the path of a draft to write; at the end it stands at ``path``, in one step.

    Args:
        path: of the file; the draft's name ends like it. Its folder is made when it is not there.

    Raises:
        TypeError, ValueError: ``path`` is no path.
        IsADirectoryError: ``path`` is a folder.
        OSError: nothing can be written there.
    """
    path = resolved(path, "file")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it, such as {path / 'result'}.")
    with _errors_that_help(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _clean(path.parent)
        draft, is_beside = path.parent / f"{_draft_name()}.{path.name}", not path.exists() or path.is_file()
        try:
            draft.touch() if is_beside else None  # now, and not after the work
        except OSError:
            if not path.exists():
                raise
            is_beside = False
        if not is_beside:  # a device, or a file of one's own where nothing may be added: it is written over at the end
            draft = Path(tempfile.gettempdir()) / draft.name
    try:
        yield draft
        _allow(draft, 0o666)
        with _errors_that_help(path):
            _move(draft, path) if is_beside else shutil.copyfile(draft, path)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def finish_save(folder):
    """Bring a save to its end that was complete when it was interrupted. Otherwise nothing happens.

    Any number of programs may do this at once: a file can be moved only once, and the next save waits for the last.

    Raises:
        OSError: the folder may not be written.
    """
    pending = Path(folder) / PENDING
    while pending.is_dir():
        inside = []
        with contextlib.suppress(FileNotFoundError):  # another program was faster
            inside = _in_order(pending)
        for path in inside:
            target = Path(folder) / path.relative_to(pending)
            with contextlib.suppress(FileNotFoundError):
                target.mkdir(exist_ok=True) if path.is_dir() else os.replace(path, target)
        for path in (*reversed(inside), pending):
            try:
                path.rmdir()
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise


def _put(draft, folder):
    """The moment of the save, see the top of this file."""
    if not folder.exists():
        try:
            os.rename(draft, folder)
            return
        except OSError:
            folder.mkdir(exist_ok=True)  # another save was faster, or folders have no rename here
    for path in draft.rglob("*"):
        target = folder / path.relative_to(draft)
        if target.is_dir() != path.is_dir() and target.exists():
            raise IsADirectoryError(f"{target} is in the way of the file that is to be saved there. Move it away.")
    while True:
        finish_save(folder)
        try:
            os.rename(draft, folder / PENDING)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # another save came between
                continue
            _copy(draft, folder)
        finish_save(folder)
        return


def _copy(draft, folder):
    """Where folders have no rename (some mounted buckets): file by file, so that at least the manifest tells."""
    for path in _in_order(draft):
        target = folder / path.relative_to(draft)
        target.mkdir(exist_ok=True) if path.is_dir() else shutil.copyfile(path, target)


def _in_order(folder):
    """All that is in it, a folder before its files, and the manifest last."""
    return sorted(folder.rglob("*"), key=lambda path: (path.name == MANIFEST, path))


def _move(draft, path):
    try:
        os.replace(draft, path)
    except OSError:
        shutil.copyfile(draft, path)  # no rename here


def _checksums_that_stay(folder):
    """The old manifest's lines for files that are still there."""
    try:
        return {name: digest for name, digest in read_manifest(folder).items() if (folder / name).exists()}
    except (OSError, ValueError):
        return {}  # it is about to be replaced by a whole one


def _draft_name():
    """Says who writes it: a draft without its program is left over."""
    return f"{DRAFT}{os.getpid()}.{_host()}.{uuid.uuid4().hex[:8]}"


def _host():
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _clean(place):
    """Remove drafts that a kill left behind; those of running programs, and of other machines for a day, stay."""
    for path in place.glob(f"{DRAFT}*") if place.is_dir() else ():
        pid, host, *_ = [*path.name.removeprefix(DRAFT).split("."), "", ""]
        with contextlib.suppress(OSError):
            is_left = host == _host() and pid.isdecimal() and not _is_running(int(pid))
            if is_left or time.time() - path.stat().st_mtime > DAY:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def _is_running(pid):
    if os.name == "nt":  # there, os.kill asks no question: it kills
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    return True


def _share(draft):
    """Some writers make private files: give all of them the rights that the user's other files get."""
    for path in draft.rglob("*"):
        _allow(path, 0o777 if path.is_dir() else 0o666)


def _allow(path, mode):
    mask = os.umask(0)
    os.umask(mask)
    with contextlib.suppress(OSError):  # some file systems refuse it, and the rights are a nicety
        path.chmod(mode & ~mask)


@contextlib.contextmanager
def _errors_that_help(path):
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise  # one of ours
        raise OSError(
            error.errno,
            f"{error.strerror}: {path} cannot be written. What was to be saved is still in memory: save it into "
            "another place",
            error.filename,
        ) from error
