"""The bytes of a table's file: compressed or not, with a bar while a long one is read."""

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

BAR_FROM_BYTES = 20_000_000
PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
OTHERS = {
    b"PAR1": ("a Parquet file", "pd.read_parquet"),
    b"\xd0\xcf\x11\xe0": ("an Excel file", "pd.read_excel"),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "pd.read_csv"),
}
DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)


@contextlib.contextmanager
def opened(path, verbose=0):
    """Open a table's file to read its bytes; gzip, bzip2, xz, zip and tar are unpacked, whatever the file's name.

    Args:
        path: a ``pathlib.Path``.
        verbose: 1 for a bar when the file is long.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, an archive of several files, or a table that is no text.
    """
    from tqdm.auto import tqdm

    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    size = path.stat().st_size
    bar = tqdm(total=size, desc="reading", unit="B", unit_scale=True, disable=not verbose or size < BAR_FROM_BYTES)
    with bar, io.BufferedReader(_Watched(path, bar)) as file:
        try:
            with _unpacked(file, path) as content:
                yield content
        except (*DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's or the system's, not the file's
                raise
            raise ValueError(f"{path} is damaged or was cut short ({error}). Get the file again.") from error


def _unpacked(file, path):
    start = file.peek(8)[:8]
    for mark, (what, reader) in OTHERS.items():
        if start.startswith(mark):
            raise ValueError(f"{path} is {what}. Give the frame of {reader} to texts_from_df.")
    unpack = next((unpack for mark, unpack in PACKED.items() if start.startswith(mark)), None)
    if start.startswith(b"PK\3\4"):
        archive = zipfile.ZipFile(file)
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
        if "xl/workbook.xml" in names:
            raise ValueError(f"{path} is an Excel file. Give the frame of pd.read_excel to texts_from_df.")
        try:
            return archive.open(_only(names, path))
        except (RuntimeError, NotImplementedError) as error:  # a password, or an unusual compression
            raise ValueError(f"{path} cannot be unpacked ({error}). Unpack it first.") from error
    if tarfile.is_tarfile(file):
        archive = tarfile.open(fileobj=file)  # noqa: SIM115 (the caller closes the file below it)
        members = {member.name: member for member in archive.getmembers() if member.isfile()}
        return archive.extractfile(members[_only(list(members), path)])
    file.seek(0)
    return unpack(file) if unpack else contextlib.nullcontext(file)


def _only(names, path):
    if len(names) != 1:
        raise ValueError(f"{path} is an archive of {len(names)} files, {names[:5]}. Give one with a single table.")
    return names[0]


class _Watched(io.FileIO):
    """A file that moves a bar while it is read."""

    def __init__(self, path, bar):
        super().__init__(path)
        self.bar = bar

    def readinto(self, buffer):
        count = super().readinto(buffer)
        self.bar.update(max(0, self.tell() - self.bar.n))  # a part may be read twice
        return count
