"""Pictures used by the lessons: maps of attention and of signed numbers, and plain curves.

Every picture has its own opaque light paper and dark ink, so it reads the same in a light and in a
dark theme. Colours are safe for colour-blind readers: one hue from light to dark for attention, red
against blue for signed numbers; lines differ in dash, and short ones in marker, as well as in colour.

Every picture carries an alternative text, made from its numbers, in the metadata of the notebook's
output, where IPython's ``Image(alt=…)`` puts it too. ``jupyter nbconvert --template classic`` writes
it into its pages; JupyterLab 4.6 ignores it, so a lesson also says in its prose what a picture shows.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from ktlearn.support.arguments import as_names, as_numbers, check_number, check_whole

PAPER, INK = "white", "#222222"
# Okabe and Ito's colours, those that are dark enough for a line on white.
LINES = [("#0072b2", "o", "-"), ("#d55e00", "s", "--"), ("#009e73", "^", "-."), ("#cc79a7", "D", ":")]
LARGEST_MAP_WITH_VALUES = 10  # rows or columns: above this the numbers would not be readable
LONGEST_LINE_WITH_MARKERS = 50  # points: above this the markers would hide the line
QUERY, KEY = "query: the token that looks", "key: the token looked at"


def attention_map(weights, query_tokens, key_tokens=None, title=None, ax=None, values=None):
    """Draw attention weights: one row for each query token, one column for each key token.

    The colour scale always goes from 0 to 1, so that two maps can be compared. Tokens and title are
    drawn letter by letter: ``$`` and ``_`` have no special meaning.

    Args:
        weights: ``(L_q, L_k)``, numbers from 0 to 1; an array, a tensor or nested lists.
        query_tokens: L_q strings, the tokens that look.
        key_tokens: L_k strings, the tokens looked at; None when they are the query tokens.
        title: a line above the map, or None.
        ax: Matplotlib Axes to draw into, without a colour bar; None makes a new figure.
        values: write the numbers into the cells? None means: only in a map of at most 10 × 10.

    Returns:
        The Matplotlib Axes.

    Raises:
        ValueError, TypeError: the weights are not ``(L_q, L_k)`` or not between 0 and 1, or the tokens do not fit them.

    Source: the map itself is figure 3 of Bahdanau et al. 2015.

    >>> ax = attention_map([[0.9, 0.1], [0.5, 0.5]], ["she", "won"])
    >>> ax.get_ylabel()
    'query: the token that looks'
    """
    weights, query_tokens, key_tokens = _checked_map(weights, query_tokens, key_tokens)
    ax, image = _map(weights, ax, values, "Blues", (0, 1), largest=8)
    _name_ticks(ax.yaxis, query_tokens, QUERY)
    _name_ticks(ax.xaxis, key_tokens, KEY)
    if image:
        _colour_bar(ax.figure, image, [ax], [0, 0.5, 1], "weight")
    return _finish(ax, title, _weights_in_words(weights, query_tokens, key_tokens))


def head_maps(weights, query_tokens, key_tokens=None, titles=None, columns=4):
    """Draw the attention maps of several heads side by side, with one colour bar for all.

    Args:
        weights: ``(H, L_q, L_k)``, one map for each head; or for each layer, or for each step of training.
        query_tokens, key_tokens: as in ``attention_map``, the same for every head.
        titles: H strings; None means "head 0", "head 1", …
        columns: how many maps stand in one row.

    Returns:
        A list of H Matplotlib Axes.

    Raises:
        ValueError, TypeError: the weights are not ``(H, L_q, L_k)``, there is not one title for each map, or one
            of the maps is refused by ``attention_map``.

    >>> import numpy as np
    >>> axes = head_maps(np.full((2, 3, 3), 1 / 3), ["Mia", "met", "Tom"])
    >>> [ax.get_title() for ax in axes]
    ['head 0', 'head 1']
    """
    weights = as_numbers("weights", weights).astype("float32")
    check_whole("columns", columns)
    if weights.ndim != 3 or 0 in weights.shape:
        raise ValueError(
            f"head_maps: weights must have the shape (heads, queries, keys); got {weights.shape}. "
            "Choose one example first, for example weights[0]."
        )
    H, L_q, L_k = weights.shape
    titles = [f"head {h}" for h in range(H)] if titles is None else titles
    if len(as_names("titles", titles)) != H:
        raise ValueError(f"head_maps: {H} maps need {H} titles; got {len(titles)}.")
    columns = min(columns, H)
    rows = -(-H // columns)

    size = (1.6 + columns * (0.5 + min(0.45 * L_k, 4)), rows * (0.9 + max(min(0.5 * L_q, 4), 1.2)))  # inches
    figure, grid = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for ax in grid.flat[H:]:
        ax.remove()
    axes = list(grid.flat[:H])
    for h, ax in enumerate(axes):
        attention_map(weights[h], query_tokens, key_tokens, titles[h], ax)
        if h % columns:  # the words stand at the left and at the bottom only
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)
        if h + columns < H:
            ax.set_xlabel("")
            ax.tick_params(labelbottom=False)
    _colour_bar(figure, axes[0].images[0], axes, [0, 0.5, 1], "weight")
    return axes


def signed_map(
    numbers, ylabel, xlabel, row_names=None, column_names=None, limit=None, title=None, ax=None, values=None
):
    """Draw a matrix whose numbers may be negative: blue above zero, white at zero, red below.

    For position vectors, similarities, and scores before the softmax.

    Args:
        numbers: ``(R, C)``; an array, a tensor or nested lists.
        ylabel, xlabel: what the rows and the columns are.
        row_names, column_names: R and C strings; None numbers them from 0.
        limit: the colours go from ``-limit`` to ``limit``; None takes the largest number, sign apart.
        title: a line above the map, or None.
        ax: Matplotlib Axes to draw into, without a colour bar; None makes a new figure.
        values: write the numbers into the cells? None means: only in a map of at most 10 × 10.

    Returns:
        The Matplotlib Axes.

    Raises:
        ValueError, TypeError: the numbers are not ``(R, C)`` or not finite, the limit is not positive, or the
            number of names does not fit.

    >>> ax = signed_map([[1, -0.5], [-0.5, 1]], "position", "position")
    >>> ax.images[0].get_clim()
    (-1.0, 1.0)
    """
    numbers = as_numbers("numbers", numbers).astype("float32")
    if numbers.ndim != 2 or 0 in numbers.shape:
        raise ValueError(f"signed_map: numbers must have the shape (rows, columns); got {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise ValueError("signed_map: numbers must be finite; got NaN or infinity. Draw them before the mask.")
    limit = float(np.abs(numbers).max()) or 1.0 if limit is None else limit
    check_number("limit", limit, 0, 1e38, 1.0)
    largest = 5 if row_names is None and column_names is None else 8  # inches
    ax, image = _map(numbers, ax, values, "RdBu", (-limit, limit), largest)
    for axis, names, length, label, argument in (
        (ax.yaxis, row_names, len(numbers), ylabel, "row_names"),
        (ax.xaxis, column_names, numbers.shape[1], xlabel, "column_names"),
    ):
        if names is None:
            axis.set_major_locator(MaxNLocator(integer=True))
            axis.set_label_text(label, parse_math=False)
        else:
            _name_ticks(axis, _checked_names("signed_map", argument, names, numbers.shape, length), label)
    if image:
        _colour_bar(ax.figure, image, [ax], [-limit, 0, limit])
    return _finish(
        ax,
        title,
        f"Map of {len(numbers)} rows ({ylabel}) and {numbers.shape[1]} columns ({xlabel}), "
        f"with numbers from {numbers.min():.2f} to {numbers.max():.2f}.",
    )


def curves(x, lines, xlabel, ylabel, title=None, ax=None):
    """Draw one or several lines over the same x.

    Args:
        x: ``(N,)`` numbers.
        lines: a dict, name of a line → its ``(N,)`` numbers. The names make the legend.
        xlabel, ylabel: what the axes measure, with the unit if there is one.
        title: a line above the picture, or None.
        ax: Matplotlib Axes to draw into; None makes a new figure.

    Returns:
        The Matplotlib Axes; for example ``curves(...).set_xscale("log")``.

    Raises:
        ValueError, TypeError: no line, more than four, or a line whose length is not that of x.

    >>> ax = curves([1, 2, 3], {"training": [0.9, 0.5, 0.4]}, xlabel="epoch", ylabel="loss")
    >>> ax.get_xlabel(), len(ax.lines)
    ('epoch', 1)
    """
    x = as_numbers("x", x)
    if not isinstance(lines, dict):
        raise TypeError(f"curves: lines must be a dictionary, the name of each line → its numbers; got {lines!r:.80}.")
    if not 1 <= len(lines) <= len(LINES):
        raise ValueError(
            f"curves: lines must hold 1 to {len(LINES)} lines; got {len(lines)}. Draw more in a second picture."
        )
    lines = {name: as_numbers(f"lines[{name!r}]", y) for name, y in lines.items()}
    for name, y in lines.items():
        if y.shape != x.shape:
            raise ValueError(f"curves: x and lines[{name!r}] must have the same shape; got {x.shape} and {y.shape}.")
    if ax is None:
        _, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")

    for (name, y), (color, marker, dash) in zip(lines.items(), LINES, strict=False):
        marker = marker if x.size <= LONGEST_LINE_WITH_MARKERS else ""
        ax.plot(x, y, color=color, marker=marker, linestyle=dash, markersize=5, label=name)
    ax.set_xlabel(xlabel, parse_math=False)
    ax.set_ylabel(ylabel, parse_math=False)
    ax.grid(color="#dddddd")
    ax.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        for text in ax.legend(frameon=False, labelcolor=INK).get_texts():
            text.set_parse_math(False)
    ends = (f"{name} from {y[0]:.3g} to {y[-1]:.3g}" for name, y in lines.items() if x.size)
    return _finish(ax, title, f"Chart of {ylabel} over {xlabel}: {'; '.join(ends)}.")


def _checked_map(weights, query_tokens, key_tokens):
    weights = as_numbers("weights", weights).astype("float32")
    if weights.ndim != 2 or 0 in weights.shape:
        raise ValueError(
            "attention_map: weights must have the shape (queries, keys); got "
            f"{weights.shape}. Choose one example and one head first, for example weights[0, 0]."
        )
    if not (weights.min() >= -1e-3 and weights.max() <= 1 + 1e-3):  # written so that NaN is refused
        raise ValueError(
            "attention_map: weights must lie between 0 and 1; got numbers from "
            f"{weights.min():.3g} to {weights.max():.3g}. Are these scores? Take their softmax first."
        )
    key_tokens = query_tokens if key_tokens is None else key_tokens
    query_tokens = _checked_names("attention_map", "query_tokens", query_tokens, weights.shape, len(weights))
    return (
        weights,
        query_tokens,
        _checked_names("attention_map", "key_tokens", key_tokens, weights.shape, weights.shape[1]),
    )


def _checked_names(function, argument, names, shape, length):
    names = as_names(argument, names)
    if len(names) != length:
        raise ValueError(
            f"{function}: a map {shape} needs {length} {argument}; got {len(names)}. "
            "The shape counts the rows, then the columns."
        )
    return names


def _map(numbers, ax, values, colours, limits, largest):
    """The coloured cells; returns the Axes, and the image when it needs a colour bar of its own."""
    R, C = numbers.shape
    is_alone = ax is None
    if is_alone:
        size = (2.2 + min(0.55 * C, largest), max(1.4 + min(0.5 * R, largest), 2.9))  # inches
        _, ax = plt.subplots(figsize=size, layout="constrained")
    low, high = limits
    image = ax.imshow(numbers, cmap=colours, vmin=low, vmax=high, aspect="auto" if max(R, C) > 20 else "equal")
    ax.tick_params(length=0)
    if values is None:
        values = max(R, C) <= LARGEST_MAP_WITH_VALUES
    for (row, column), number in np.ndenumerate(numbers) if values else ():
        colour = PAPER if abs(number) > 0.65 * high else INK
        size = 10 if max(R, C) <= 6 else 7
        ax.text(column, row, f"{number:z.2f}", ha="center", va="center", size=size, color=colour)
    return ax, image if is_alone else None


def _name_ticks(axis, names, label):
    axis.set_ticks(range(len(names)), labels=names, parse_math=False)
    axis.set_label_text(label, parse_math=False)
    if axis.axis_name == "x" and sum(len(name) + 2 for name in names) > 30:
        axis.set_tick_params(rotation=90)


def _colour_bar(figure, image, axes, ticks, label=""):
    bar = figure.colorbar(image, ax=axes, ticks=ticks, format="%.3g", shrink=0.8)
    bar.set_label(label, color=INK)
    bar.ax.tick_params(colors=INK)


def _finish(ax, title, words):
    """Opaque paper and dark ink, whatever style or theme the reader has chosen; the alternative text."""
    if title is not None:
        ax.set_title(title, parse_math=False)
        words = f"{title}. {words}"
    figure = ax.figure
    figure.set_facecolor(PAPER)
    ax.set_facecolor(PAPER)
    ax.tick_params(colors=INK)
    for part in (ax.xaxis.label, ax.yaxis.label, ax.title):
        part.set_color(INK)
    for spine in ax.spines.values():
        spine.set_color(INK)
    # IPython asks an object for its data and their metadata under this name; the data stay IPython's own.
    if not hasattr(figure, "_repr_mimebundle_"):
        figure._repr_mimebundle_ = _AlternativeText()
    figure._repr_mimebundle_.sentences.append(words)
    return ax


class _AlternativeText:
    """Answers IPython with the sentences about a picture."""

    def __init__(self):
        self.sentences = []

    def __call__(self, **_):
        return {}, {"image/png": {"alt": " ".join(self.sentences)}}


def _weights_in_words(weights, query_tokens, key_tokens):
    words = f"Attention map, {len(query_tokens)} queries by {len(key_tokens)} keys."
    if len(query_tokens) > LARGEST_MAP_WITH_VALUES:
        return words
    best = weights.argmax(axis=1)
    rows = (
        f"{q} looks most at {key_tokens[b]} ({w[b]:.2f})" for q, w, b in zip(query_tokens, weights, best, strict=True)
    )
    return f"{words} {'; '.join(rows)}."
