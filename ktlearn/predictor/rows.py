"""Tables row by row, so that a file of any length fits into memory: CSV, tab-separated, and JSON lines.

A row is a dictionary. What is read from a CSV file is text, and is written again as it was read.
"""

import bz2
import csv
import gzip
import io
import itertools
import json
import lzma

from ktlearn.text.table_files import opened

KINDS = {".csv": ",", ".tsv": "\t", ".jsonl": None, ".ndjson": None}  # and what stands between two cells
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
LONGEST_CELL = 2**31 - 1  # characters; Python's own limit, 131,072, is shorter than some documents


def separator_of(path, name):
    """What stands between two cells of such a file; None for JSON lines.

    Args:
        path: its ending says it, behind ``.gz`` and the like.
        name: how errors call the argument.

    Raises:
        ValueError: another ending.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (*PACKERS, ".zip"):
        suffixes.pop()
    if not suffixes or suffixes[-1] not in KINDS:
        raise ValueError(
            f"{name}: {path.name} must end with one of {', '.join(KINDS)}, and may be compressed "
            f"({', '.join(PACKERS)}); the ending says how its rows are written."
        )
    return KINDS[suffixes[-1]]


def read_rows(path, verbose=0):
    """Yield each row of a file as a dictionary.

    Args:
        path: a ``pathlib.Path``, compressed or not.
        verbose: 1 for a bar when the file is long.

    Raises:
        FileNotFoundError, ValueError: there is no such file, it is damaged or not UTF-8, or a row is none; the row is
            named.
    """
    separator = separator_of(path, "source")
    with opened(path, verbose) as content:
        lines = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
        reader = _json_rows(lines) if separator is None else _csv_rows(lines, separator)
        for number in itertools.count(1):
            try:
                row = next(reader, None)
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}: row {number} is not UTF-8 ({error}). Save the file as UTF-8.") from error
            except (csv.Error, json.JSONDecodeError, _NoRow) as error:
                raise ValueError(f"{path}: row {number} cannot be read: {error}. Mend it, or leave it out.") from error
            if row is None:
                return
            yield row


def packed(rows, path, with_header):
    """Rows as the bytes that stand for them in such a file; one call's bytes can follow another's.

    Args:
        rows: dictionaries with the same keys; at least one.
        path: of the file, whose ending says the form.
        with_header: True for the first bytes of the file.
    """
    separator, text = separator_of(path, "target"), io.StringIO(newline="")
    if separator is None:
        text.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        writer = csv.DictWriter(text, rows[0].keys(), delimiter=separator, lineterminator="\n")
        if with_header:
            writer.writeheader()
        writer.writerows(rows)
    return PACKERS.get(path.suffix.lower(), bytes)(text.getvalue().encode("utf-8"))


class _NoRow(Exception):
    """A row has not the form of the others."""


def _csv_rows(lines, separator):
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    header = next(reader, [])
    if len(set(header)) < len(header):
        raise _NoRow(f"two columns have one name, in {header}")
    for cells in reader:
        if cells and len(cells) != len(header):
            raise _NoRow(f"it has {len(cells)} cells, the first line {len(header)}")
        if cells:
            yield dict(zip(header, cells, strict=True))


def _json_rows(lines):
    for line in lines:
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise _NoRow(f'accepted is an object such as {{"text": "…"}}; got {line.strip():.40}')
            yield row
