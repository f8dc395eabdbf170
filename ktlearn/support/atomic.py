"""Write a folder all or nothing: a full disk or an interruption leaves what was there before."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


@contextlib.contextmanager
def atomic_folder(folder):
    """Yield an empty folder to write into; at the end its files move to ``folder`` in one step each.

    Files of other names that are in ``folder`` already stay. When the block raises, nothing changes.

    Raises:
        NotADirectoryError: ``folder`` is a file.
    """
    folder = Path(folder).expanduser()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; give the name of a folder to save into.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename within one disk.
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield draft
        _share(draft)
        if not folder.exists():
            os.rename(draft, folder)
        else:
            for path in sorted(draft.iterdir()):
                os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _share(draft):
    """Give the folder and its files the rights that the user's other files get: drafts are private."""
    mask = os.umask(0)
    os.umask(mask)
    draft.chmod(0o777 & ~mask)
    for path in draft.iterdir():
        path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)
