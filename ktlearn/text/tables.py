"""Texts and labels from the columns of a table."""

import re
from pathlib import Path

import numpy as np

from ktlearn.support.arguments import check_name, is_whole
from ktlearn.text.encodings import check_encoding, detect_encoding, not_of, say_encoding
from ktlearn.text.swallowed import check_not_swallowed
from ktlearn.text.table_files import opened

FORMS = (
    (int, re.compile(r"-?(0|[1-9]\d*)", re.ASCII)),
    (float, re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)),
    (str, re.compile(".*", re.DOTALL)),
)
FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def texts_and_labels(frame, text_column, label_columns, name):
    """The texts, the labels and the class names in some columns of a data frame.

    Args:
        frame: the data frame.
        text_column: a column's name, or a list of two for pairs of texts.
        label_columns: a column's name, or a list of columns of 0 and 1.
        name: how errors call the frame.

    Returns:
        ``(texts, labels, class_names)``: strings or pairs of strings; a column, or rows of 0 and 1; the class
        names of such rows, else an empty list.

    Raises:
        ValueError: a column is missing or there twice, there are no rows, or a cell is empty.
        TypeError: ``frame`` is no data frame.
    """
    if not hasattr(frame, "columns"):
        raise TypeError(f"{name} must be a pandas DataFrame; got {type(frame).__name__}.")
    texts, labels = _text_columns(text_column), _names(label_columns, "label_columns")
    _check_columns(list(frame.columns), texts, labels, name)
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
    return read, frame[labels].to_numpy(), [str(label) for label in labels]


def read_csv(path, text_column, label_columns, encoding=None, sep=",", quoting=0, header=0, verbose=0):
    """The named columns of a CSV file as a data frame of strings, as they stand in the file.

    "NA" and "None" are words, an empty cell is missing. Compressed files are unpacked.

    Args:
        path: the file.
        text_column, label_columns: as in :func:`texts_and_labels`.
        encoding: None to have it detected.
        sep, quoting, header: as in pandas' ``read_csv``.
        verbose: 1 for a bar when the file is long, and to say an unusual encoding.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is empty, is no table, lacks a column, is of another encoding, or a text that begins with a
            quotation mark holds the lines after it.
        TypeError: an argument is of another kind.
    """
    import pandas as pd

    path = _checked(path, encoding, sep, quoting, header)
    texts, labels = _text_columns(text_column), _names(label_columns, "label_columns")
    columns = [*texts, *labels]
    if not encoding:
        with opened(path) as lines:
            encoding = say_encoding(detect_encoding(lines, path), path, verbose)
    how = {"encoding": encoding, "sep": sep, "keep_default_na": False, "dtype": str, "quoting": quoting}
    try:
        with opened(path) as file:  # the names as they are: pandas would call a second "text" "text.1"
            first = pd.read_csv(file, nrows=1, header=None, **how)
        there = [name or f"Unnamed: {place}" for place, name in enumerate(first.iloc[0].tolist())]
        there = list(range(len(there))) if header is None else there
        _check_columns(there, texts, labels, path, sep, header)
        with opened(path, verbose) as file:
            frame = pd.read_csv(file, header=header, na_values={column: [""] for column in columns}, **how)
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path} is empty.") from None
    except pd.errors.ParserError as error:
        raise ValueError(_no_table(path, sep, quoting, error)) from error
    except UnicodeError as error:
        with opened(path) as lines:
            raise ValueError(not_of(encoding, path, lines)) from error
    if quoting != 3:
        check_not_swallowed(frame, there, labels, sep, path)
    if not isinstance(frame.index, pd.RangeIndex):  # pandas would take the first cells of the rows for their names
        raise ValueError(_no_table(path, sep, quoting, "the rows have more cells than the first line has names"))
    return frame[columns]


def labels_as_written(train, val, label_columns, is_regression=False):
    """What the label cells of tables of strings say: integers or numbers where every one is written so.

    Codes with leading zeros stay strings, as do all cells when one of them is no number. Both tables are read
    alike. Tables with an empty label are left as they are: :func:`texts_and_labels` names it.

    Args:
        train, val: data frames of strings; ``val`` may be None.
        label_columns: as in :func:`texts_and_labels`.
        is_regression: True when the labels must be numbers.

    Raises:
        ValueError: a number, or a 0 or 1 of several columns, is wanted, and a cell is none; it is named.

    >>> import pandas as pd
    >>> train, val = pd.DataFrame({"y": ["1", "2"]}), pd.DataFrame({"y": ["1", "unknown"]})
    >>> labels_as_written(train, train, "y")[0]["y"].tolist(), labels_as_written(train, val, "y")[0]["y"].tolist()
    ([1, 2], ['1', '2'])
    """
    labels = _names(label_columns, "label_columns")
    frames = [frame for frame in (train, val) if frame is not None]
    if any(frame[labels].isna().any(axis=None) for frame in frames):
        return train, val
    if is_regression or len(labels) > 1:
        wanted = _as_number if is_regression else _as_flag
    else:
        written = [cell for frame in frames for cell in frame[labels[0]]]
        wanted = next(read for read, form in FORMS if all(form.fullmatch(cell) for cell in written))
    read = [_converted(frame, labels, wanted) for frame in frames]
    return read[0], None if val is None else read[1]


def _converted(frame, labels, wanted):
    frame = frame.copy()
    for label in labels:
        cells = []
        for row, cell in enumerate(frame[label]):
            try:
                cells.append(wanted(cell))
            except (ValueError, KeyError):
                raise ValueError(
                    f"the column {label!r} holds {cell!r} in row {row} (counted from 0); {WANTED[wanted]}."
                ) from None
        frame[label] = np.array(cells, object)
    return frame


def _as_flag(cell):
    return FLAGS[cell.strip().lower()]


def _as_number(cell):
    return float(cell)


WANTED = {
    _as_flag: "several label columns must hold 0 and 1. For one column of names give that one",
    _as_number: "a regression needs numbers with a decimal point, such as 12.5",
}


def _checked(path, encoding, sep, quoting, header):
    check_name("the path of the file", path, '"reviews.csv"')
    check_encoding(encoding)
    if not isinstance(sep, str) or not sep:
        raise TypeError(f'sep must be the sign between two cells, such as "," or "\\t"; got {sep!r}.')
    if quoting not in (0, 1, 2, 3) or isinstance(quoting, bool):
        raise ValueError(f"quoting must be 0, 1, 2, or 3 (no quotation mark has a meaning); got {quoting!r}.")
    if header not in (0, None) or isinstance(header, bool):
        raise ValueError(f"header must be 0, or None for a file without a line of names; got {header!r}.")
    return Path(path).expanduser()


def _no_table(path, sep, quoting, error):
    reason = " ".join(str(error).split())
    if "EOF inside string" in reason or (quoting != 3 and "EOF" in reason):
        return (
            f"{path}: a text begins with a quotation mark, and there is no second one ({reason}). If quotation marks "
            "are letters like others in this file, say quoting=3."
        )
    return f"{path} is no table with sep={sep!r} ({reason}). Does a text hold that sign without quotes around it?"


def _text_columns(text_column):
    columns = _names(text_column, "text_column")
    if len(columns) not in (1, 2):
        raise ValueError(f"text_column must be one name, or two names for pairs of texts; got {text_column!r}.")
    return columns


def _names(columns, argument):
    """The names of columns as a list; a number is a name too."""
    is_one = isinstance(columns, (str, bytes)) or not hasattr(columns, "__iter__")
    columns = [columns] if is_one else list(columns)
    if not columns:
        raise ValueError(f"{argument} must be the name of a column, or a list of names; got no name.")
    for column in columns:
        if not isinstance(column, str) and not is_whole(column):
            raise TypeError(f"{argument} must be the name of a column, or a list of names; got {column!r}.")
    return columns


def _check_columns(there, texts, labels, name, sep=None, header=0):
    wanted = [*texts, *labels]
    missing = [column for column in wanted if column not in there]
    if missing:
        hint = f" Is sep={sep!r} right?" if sep and len(there) == 1 else ""
        alike = [column for column in there if str(column).strip().lower() in {str(m).strip().lower() for m in missing}]
        if alike:
            hint += f" Is {alike[0]!r} meant?"
        if sep and header == 0 and not alike and len(there) > 1:
            hint += " The first line is taken for names; for a file without such a line say header=None and 0, 1, …."
        raise ValueError(f"{name} has no column {', '.join(map(repr, missing))}. Its columns are {there}.{hint}")
    twice = [column for column in wanted if there.count(column) > 1]
    if twice:
        raise ValueError(f"{name} has the column {twice[0]!r} twice, so it is not clear which is meant. Rename one.")
    again = [column for column in wanted if wanted.count(column) > 1]
    if again:
        raise ValueError(f"text_column and label_columns name {again[0]!r} twice: each column has one meaning.")
