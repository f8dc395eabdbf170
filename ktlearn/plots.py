"""Pictures used by the lessons: the attention map and plain curves.

Every picture has its own opaque light paper and dark ink, so it reads the same in a light and in a
dark theme. Colours are safe for colour-blind readers: one hue from light to dark for maps; lines
differ in marker and dash as well as in colour.
"""

import matplotlib.pyplot as plt
import numpy as np

PAPER, INK = "white", "#222222"
# Okabe and Ito's colours, those that are dark enough for a line on white.
LINES = [("#0072b2", "o", "-"), ("#d55e00", "s", "--"), ("#009e73", "^", "-."), ("#cc79a7", "D", ":")]
LARGEST_MAP_WITH_VALUES = 10  # tokens a side: above this the numbers would not be readable


def attention_map(weights, query_tokens, key_tokens=None, title=None, ax=None, values=None):
    """Draw attention weights: one row for each query token, one column for each key token.

    The colour scale always goes from 0 to 1, so that two maps can be compared. Tokens and title are
    drawn letter by letter: ``$`` and ``_`` have no special meaning.

    Args:
        weights: ``(Q, K)``, numbers from 0 to 1; an array, a tensor or nested lists.
        query_tokens: Q strings, the tokens that look.
        key_tokens: K strings, the tokens looked at; None when they are the query tokens.
        title: a line above the map, or None.
        ax: Matplotlib Axes to draw into, without a colour bar; None makes a new figure.
        values: write the numbers into the cells? None means: only in a map of at most 10 × 10.

    Returns:
        The Matplotlib Axes.

    Raises:
        ValueError: the weights are not ``(Q, K)`` or not between 0 and 1, or the number of tokens
            does not fit them.

    Source: the map itself is figure 3 of Bahdanau et al. 2015.

    >>> ax = attention_map([[0.9, 0.1], [0.5, 0.5]], ["she", "won"])
    >>> ax.get_ylabel()
    'query: the token that looks'
    """
    weights, query_tokens, key_tokens = _checked_map(weights, query_tokens, key_tokens)
    Q, K = weights.shape
    is_alone = ax is None
    if is_alone:
        size = (2.2 + min(0.55 * K, 8), max(1.4 + min(0.5 * Q, 8), 2.9))  # inches
        _, ax = plt.subplots(figsize=size, layout="constrained")

    image = ax.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto" if max(Q, K) > 20 else "equal")
    _token_axis(ax.xaxis, key_tokens, "key: the token looked at")
    _token_axis(ax.yaxis, query_tokens, "query: the token that looks")
    ax.tick_params(length=0)
    if values is None:
        values = max(Q, K) <= LARGEST_MAP_WITH_VALUES
    if values:
        _write_values(ax, weights)
    if is_alone:
        bar = ax.figure.colorbar(image, ax=ax, ticks=[0, 0.5, 1], shrink=0.8)
        bar.set_label("weight", color=INK)
        bar.ax.tick_params(colors=INK)
    return _on_paper(ax, title)


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
        ValueError: no line, more than four, or a line whose length is not that of x.

    >>> ax = curves([1, 2, 3], {"training": [0.9, 0.5, 0.4]}, xlabel="epoch", ylabel="loss")
    >>> ax.get_xlabel(), len(ax.lines)
    ('epoch', 1)
    """
    x = np.asarray(x)
    if not 1 <= len(lines) <= len(LINES):
        raise ValueError(
            f"curves: lines must hold 1 to {len(LINES)} lines; got {len(lines)}. Draw more in a second picture."
        )
    for name, y in lines.items():
        if np.shape(y) != x.shape:
            raise ValueError(
                f"curves: x and lines[{name!r}] must have the same shape; got {x.shape} and {np.shape(y)}."
            )
    if ax is None:
        _, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")

    for (name, y), (color, marker, dash) in zip(lines.items(), LINES, strict=False):
        ax.plot(x, y, color=color, marker=marker, linestyle=dash, markersize=5, label=name)
    ax.set_xlabel(xlabel, parse_math=False)
    ax.set_ylabel(ylabel, parse_math=False)
    ax.grid(color="#dddddd")
    ax.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        for text in ax.legend(frameon=False, labelcolor=INK).get_texts():
            text.set_parse_math(False)
    return _on_paper(ax, title)


def _checked_map(weights, query_tokens, key_tokens):
    weights = np.asarray(weights).astype("float32")
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
    for name, tokens, length in (
        ("query_tokens", query_tokens, len(weights)),
        ("key_tokens", key_tokens, weights.shape[1]),
    ):
        if isinstance(tokens, str):
            raise ValueError(
                f"attention_map: {name} must be a list of tokens; got one string, {tokens!r}. Split it first."
            )
        if len(tokens) != length:
            raise ValueError(
                f"attention_map: weights {weights.shape} need {length} {name}; got {len(tokens)}. "
                "Rows are queries, columns are keys."
            )
    return weights, [str(t) for t in query_tokens], [str(t) for t in key_tokens]


def _token_axis(axis, tokens, label):
    axis.set_ticks(range(len(tokens)), labels=tokens, parse_math=False)
    axis.set_label_text(label)
    if axis.axis_name == "x" and sum(len(token) + 2 for token in tokens) > 30:
        axis.set_tick_params(rotation=90)


def _write_values(ax, weights):
    size = 10 if max(weights.shape) <= 6 else 7
    for (row, column), weight in np.ndenumerate(weights):
        ax.text(
            column, row, f"{weight:.2f}", ha="center", va="center", size=size, color=PAPER if weight > 0.65 else INK
        )


def _on_paper(ax, title):
    """Opaque paper and dark ink, whatever style or theme the reader has chosen."""
    if title is not None:
        ax.set_title(title, parse_math=False)
    ax.figure.set_facecolor(PAPER)
    ax.set_facecolor(PAPER)
    ax.tick_params(colors=INK)
    for part in (ax.xaxis.label, ax.yaxis.label, ax.title):
        part.set_color(INK)
    for spine in ax.spines.values():
        spine.set_color(INK)
    return ax
