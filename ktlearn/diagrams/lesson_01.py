"""The diagrams of lesson 01: one query on its way to its output, and the formula as rectangles with their shapes."""

import numpy as np

from ktlearn.diagrams.boxes import BLUE, FAINT, GREEN, INK, ORANGE, PAPER, PURPLE, arrow, box
from ktlearn.support.arguments import as_names, as_numbers, check_whole
from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still
from ktlearn.widgets.model.picture import mixed

ROW, TOP = 56, 84
STAGES = ("scores", "weights", "output")


def one_query(tokens, query, keys, values=None, until="output"):
    """One query on its way to its output, in numbers: its scores, its weights, the mix of the values.

    Args:
        tokens: L_k strings, the tokens looked at.
        query: ``(d_k,)``.
        keys: ``(L_k, d_k)``.
        values: ``(L_k, d_v)``; only the last stage needs them.
        until: how far the picture goes: "scores", "weights" or "output".

    Raises:
        ValueError, TypeError: an argument does not fit the tokens or the query, or ``until`` is no stage.

    Source: Vaswani et al. 2017, figure 2 (left), for one query and with its numbers.

    >>> picture = one_query(["Mia", "Tom"], [2, 0], [[1, 0], [0, 1]], until="scores")
    >>> "scores" in picture.data, "weights" in picture.data
    (True, False)
    """
    tokens, query, keys, values = _checked(tokens, query, keys, values, until)
    scores = keys @ query
    scaled = scores / np.sqrt(len(query))
    weights = np.exp(scaled - scaled.max())
    weights /= weights.sum()
    sheet = Sheet({"scores": 450, "weights": 660, "output": 950}[until], TOP + ROW * len(tokens) - 18, PAPER)
    places = [TOP + ROW * i for i in range(len(tokens))]
    middle = (places[0] + places[-1]) / 2
    for y in places:
        arrow(sheet, [(141, middle), (207, y)], colour=BLUE)
    box(sheet, 78, middle, 126, 46, "query", BLUE, _words(query))
    _column(sheet, 268, places, "keys (L_k, d_k)", keys, GREEN, tokens)
    _step(sheet, places, 328, 376, "q · k")
    _column(sheet, 404, places, "scores", scores, ORANGE)
    if until != "scores":
        _step(sheet, places, 432, 476, "÷ √d_k")
        _column(sheet, 504, places, "scaled", scaled, ORANGE)
        _step(sheet, places, 532, 586, "softmax")
        _column(sheet, 618, places, "weights", weights, ORANGE)
    if until == "output":
        for y, weight in zip(places, weights, strict=True):
            sheet.text("×", 668, y, INK, 16, "middle")
            arrow(sheet, [(796, y), (839, middle)], colour=PURPLE, line=0.6 + 9 * weight)
        _column(sheet, 740, places, "values (L_k, d_v)", values, PURPLE, tokens)
        sheet.caption("sum", 822, places[0] - 8, INK, "middle", 12)
        box(sheet, 892, middle, 106, 46, "output", BLUE, _words(weights @ values))
    return Still(sheet, f"one query on its way to its {until}")


def _checked(tokens, query, keys, values, until):
    if until not in STAGES:
        raise ValueError(f"one_query: until must be one of {', '.join(STAGES)}; got {until!r}.")
    tokens, query, keys = as_names("tokens", tokens), as_numbers("query", query), as_numbers("keys", keys)
    if query.ndim != 1 or keys.shape != (len(tokens), len(query)):
        raise ValueError(
            f"one_query: {len(tokens)} tokens and a query {query.shape} need keys (L_k, d_k); got {keys.shape}."
        )
    values = None if values is None and until != "output" else as_numbers("values", values)
    if values is not None and (values.ndim != 2 or len(values) != len(tokens)):
        raise ValueError(f"one_query: {len(tokens)} tokens need as many values, (L_k, d_v); got {values.shape}.")
    return tokens, query, keys, values


def _column(sheet, x, places, title, numbers, colour, tokens=None):
    """One box for each token: with its name and a vector, or with one number."""
    sheet.text(title, x, 22, INK, 13, "middle", bold=True)
    for i, y in enumerate(places):
        if tokens:
            box(sheet, x, y, 112, 42, tokens[i], colour, _words(numbers[i]))
        else:
            box(sheet, x, y, 64 if title == "weights" else 52, 32, _words(numbers[i]), colour)


def _step(sheet, places, start, end, words):
    for y in places:
        arrow(sheet, [(start, y), (end, y)])
    sheet.caption(words, (start + end) / 2, places[0] - 32, INK, "middle", 12)


def matrices(L_q, L_k, d_k, d_v):
    """The formula as rectangles: as high as a matrix has rows, as wide as it has columns, with the letters on them.

    Args:
        L_q, L_k, d_k, d_v: the lengths and widths, whole numbers from 1 on.

    Raises:
        ValueError, TypeError: one is no whole number from 1 on.

    Source: Vaswani et al. 2017, equation 1.

    >>> "softmax" in matrices(L_q=3, L_k=5, d_k=4, d_v=2).data
    True
    """
    for name, value in {"L_q": L_q, "L_k": L_k, "d_k": d_k, "d_v": d_v}.items():
        check_whole(name, value)
    unit = 19
    high = unit * max(L_q, L_k, d_k)
    sheet, middle, x = Sheet(0, high + 84, PAPER), 20 + high / 2, 34
    parts = [("Q", L_q, d_k, "L_q", "d_k", BLUE), "@", ("Kᵀ", d_k, L_k, "d_k", "L_k", GREEN), "=",
             ("scores", L_q, L_k, "L_q", "L_k", ORANGE), "→", ("weights", L_q, L_k, "L_q", "L_k", ORANGE), "@",
             ("V", L_k, d_v, "L_k", "d_v", PURPLE), "=", ("output", L_q, d_v, "L_q", "d_v", BLUE)]  # fmt: skip
    for part in parts:
        if part == "→":
            arrow(sheet, [(x - 8, middle), (x + 72, middle)])
            sheet.caption("÷ √d_k", x + 32, middle - 28, INK, "middle", 12)
            sheet.caption("softmax", x + 32, middle - 12, INK, "middle", 12)
            x += 104
        elif isinstance(part, str):
            sheet.text(part, x, middle, INK, 18, "middle")
            x += 42
        else:
            name, rows, columns, first, second, colour = part
            w, h = unit * columns, unit * rows
            _grid(sheet, x, middle - h / 2, rows, columns, unit, colour)
            sheet.text(name, x + w / 2, high + 42, INK, 14, "middle", bold=True)
            sheet.caption(f"({first}, {second})", x + w / 2, high + 64, FAINT, "middle", 12)
            x += w + 26
    sheet.width = round(x)
    return Still(sheet, "the formula as rectangles with their shapes")


def _grid(sheet, x, y, rows, columns, unit, colour):
    for i, j in np.ndindex(rows, columns):
        sheet.rectangle(x + j * unit, y + i * unit, unit - 1.5, unit - 1.5, mixed(colour, PAPER, 0.35))


def _words(numbers):
    """Numbers as a reader writes them: whole ones without a point, others with three digits."""
    numbers = np.asarray(numbers, dtype="float64")
    if numbers.ndim == 0:
        return f"{numbers:.3f}" if numbers % 1 else f"{numbers:.0f}"
    digits = "{:.2f}" if (numbers % 1).any() else "{:.0f}"
    return f"[{', '.join(digits.format(number).replace('-', '−') for number in numbers)}]"
