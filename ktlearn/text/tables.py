"""Texts and labels from the columns of a table."""

import io
from pathlib import Path

from ktlearn.text.encodings import detect_encoding, not_of, say_encoding

BAR_FROM_BYTES = 20_000_000


def texts_and_labels(frame, text_column, label_columns, name):
    """The texts, the labels and the class names in some columns of a data frame.

    Returns:
        ``(texts, labels, class_names)``: strings or pairs of strings; a column, or rows of 0 and 1; the class
        names of such rows, else an empty list.

    Raises:
        ValueError: a column is missing, there are no rows, or a cell is empty.
        TypeError: ``frame`` is no data frame.
    """
    if not hasattr(frame, "columns"):
        raise TypeError(f"{name} must be a pandas DataFrame; got {type(frame).__name__}.")
    texts, labels = _text_columns(text_column), _label_columns(label_columns)
    _check_columns(frame.columns, [*texts, *labels], name)
    if not len(frame):
        raise ValueError(f"{name} has no rows.")
    for column in (*texts, *labels):
        empty = frame[column].isna().to_numpy()
        if empty.any():
            raise ValueError(
                f"{name}: {int(empty.sum()):,} of {len(frame):,} cells of the column {column!r} are empty, the first "
                f"in row {int(empty.argmax())} (counted from 0). Leave those rows out: df.dropna(subset=[{column!r}])."
            )
    read = list(zip(*(frame[column] for column in texts), strict=True)) if len(texts) == 2 else frame[texts[0]].tolist()
    if len(labels) == 1:
        return read, frame[labels[0]], []
    return read, frame[labels].to_numpy(), labels


def read_csv(path, text_column, label_columns, encoding, sep, verbose):
    """The named columns of a CSV file as a data frame; "NA" and "None" are words, an empty cell is missing.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is empty, is no table, lacks a column, or is of another encoding.
    """
    import pandas as pd
    from tqdm.auto import tqdm

    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    if not encoding:
        with path.open("rb") as lines:
            encoding = say_encoding(detect_encoding(lines, path), path, verbose)
    texts, labels = _text_columns(text_column), _label_columns(label_columns)
    columns = [*texts, *labels]
    how = {"encoding": encoding, "sep": sep, "keep_default_na": False}
    size = path.stat().st_size
    try:
        _check_columns(pd.read_csv(path, nrows=0, **how).columns, columns, path, sep)
        bar = tqdm(total=size, desc="reading", unit="B", unit_scale=True, disable=not verbose or size < BAR_FROM_BYTES)
        with bar, io.BufferedReader(_Watched(path, bar)) as file:
            types, missing = dict.fromkeys(texts, str), {column: [""] for column in columns}
            frame = pd.read_csv(file, dtype=types, na_values=missing, **how)
        _check_width(frame, pd)
        return frame[columns]
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path} is empty.") from None
    except pd.errors.ParserError as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{path} is no table with sep={sep!r} ({reason}). Does a text hold that sign without quotes around it?"
        ) from error
    except (UnicodeError, LookupError) as error:
        raise ValueError(not_of(encoding, path, error)) from error


def _check_width(frame, pd):
    if not isinstance(frame.index, pd.RangeIndex):  # pandas would take the first cells of the rows for their names
        raise pd.errors.ParserError("the rows have more cells than the first line has names")


class _Watched(io.FileIO):
    """A file that moves a bar while it is read."""

    def __init__(self, path, bar):
        super().__init__(path)
        self.bar = bar

    def readinto(self, buffer):
        count = super().readinto(buffer)
        self.bar.update(count)
        return count


def _text_columns(text_column):
    columns = [text_column] if isinstance(text_column, str) else list(text_column)
    if len(columns) not in (1, 2):
        raise ValueError(f"text_column must be one name, or two names for pairs of texts; got {text_column!r}.")
    return columns


def _label_columns(label_columns):
    columns = [label_columns] if isinstance(label_columns, str) else list(label_columns)
    if not columns:
        raise ValueError("label_columns: name the column with the labels, or several columns of 0 and 1.")
    return columns


def _check_columns(there, wanted, name, sep=None):
    missing = [column for column in wanted if column not in there]
    if missing:
        hint = f" Is sep={sep!r} right?" if sep and len(there) == 1 else ""
        raise ValueError(f"{name} has no column {', '.join(map(repr, missing))}. Its columns are {list(there)}.{hint}")
