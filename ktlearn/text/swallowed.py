"""Notice that a text which begins with a quotation mark has taken in the lines after it.

A quotation mark at the beginning of a cell says that the cell goes on to the next quotation mark, over the ends of
lines. Files that were written without that rule, as many tab-separated ones, hold texts that simply begin with one.
"""


def check_not_swallowed(frame, columns, labels, sep, path):
    """Refuse a table in whose cells stand whole lines of the table.

    A text of several lines is fine; one whose lines have as many cells as the table, with a label that the table
    knows in the place of a label, is not.

    Args:
        frame: the table as strings.
        columns: its column names.
        labels: which of them hold labels.
        sep: what stands between two cells.
        path: how errors call the file.

    Raises:
        ValueError: a cell has swallowed lines.
    """
    places = [columns.index(label) for label in labels]
    known = [set(frame.iloc[:, place].dropna()) for place in places]
    for place in range(len(columns)):
        column = frame.iloc[:, place].dropna()
        for cell in column[column.str.contains("\n", regex=False)]:
            if _holds_lines(cell, place, len(columns), sep, places, known):
                count = len(cell.strip("\n").splitlines()) - 1
                raise ValueError(
                    f"{path}: the cell {cell[:40]!r}… of the column {columns[place]!r} begins with a quotation mark, "
                    f"and so it holds the {count} lines of the table after it, up to the next quotation mark. If "
                    "quotation marks are letters like others in this file, say quoting=3. If the cell is right, read "
                    "the file with pd.read_csv and give the frame to texts_from_df."
                )


def _holds_lines(cell, place, count, sep, places, known):
    """Do all the line ends in a cell look like the ends of the table's lines?"""
    rows = [line.rstrip("\r").split(sep) for line in cell.split("\n")]
    rows[0] = [None] * place + rows[0]  # the cells before this one are read already
    if count < 2 or any(len(row) != count for row in rows[:-1]) or len(rows[-1]) != place + 1:
        return False
    rows[-1].pop()  # the end of this cell
    return any(
        row[where] is not None and (row[where] in labels or all(map(_is_number, [row[where], *labels])))
        for row in rows
        for where, labels in zip(places, known, strict=True)
        if where < len(row)
    )


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True
