"""The learner's pictures: the loss over the rate, and what happened in training."""

import matplotlib.pyplot as plt
import numpy as np

from ktlearn.plots import INK, curves

PER_BATCH = ("lr", "momentum")  # figures kept for each batch; the others are kept for each epoch
NAMES = {"lr": "learning rate"}
# Markers that differ in shape as well as in colour.
MARKS = {
    "valley": ("valley", "#d55e00", "o"),
    "steepest": ("steepest", "#009e73", "^"),
    "minimum_over_10": ("minimum / 10", "#cc79a7", "s"),
}


def rate_curve(rates, losses, n_skip_beginning=10, n_skip_end=5, suggestions=None):
    """Draw the curve of a rate search, the rate on a logarithmic axis.

    Args:
        rates, losses: one number for each batch.
        n_skip_beginning, n_skip_end: numbers left out at the two ends.
        suggestions: a :class:`ktlearn.learner.suggestions.Suggestions` to mark, or None.

    Returns:
        The Matplotlib Axes.

    Raises:
        ValueError: fewer than two points are left.
    """
    shown = slice(n_skip_beginning, len(losses) - n_skip_end)
    if len(losses[shown]) < 2:
        raise ValueError(
            f"lr_plot: the search has {len(losses)} points; without the first {n_skip_beginning} and the last "
            f"{n_skip_end} there is no curve. Use smaller n_skip_beginning and n_skip_end, or lr_find(max_epochs=…)."
        )
    ax = curves(rates[shown], {"loss": losses[shown]}, xlabel="learning rate (logarithmic axis)", ylabel="loss")
    ax.set_xscale("log")
    for field, (name, colour, marker) in MARKS.items():
        rate = getattr(suggestions, field, None)
        if rate is not None:
            loss = np.interp(np.log(rate), np.log(rates), losses)
            ax.plot(rate, loss, color=colour, marker=marker, markersize=10, linestyle="", label=f"{name}: {rate:.1e}")
    if suggestions and any(suggestions):
        ax.legend(frameon=False, labelcolor=INK)
    return ax


def history_curves(history, what):
    """Draw one figure of a training, or all of them in one picture.

    Args:
        history: a dictionary, name → numbers, as in ``learner.history.history``.
        what: "loss", "lr", "momentum", the name of a metric, or "all".

    Returns:
        The Matplotlib Figure.

    Raises:
        ValueError: there is no such figure; the message lists those that are.
    """
    metrics = [name for name in history if name not in (*PER_BATCH, "iterations") and not name.startswith("val_")]
    known = sorted(metrics, key=lambda name: name != "loss") + [name for name in PER_BATCH if history.get(name)]
    known = [name for name in known if history[name]]
    if what != "all" and what not in known:
        raise ValueError(f"plot_type: there is no {what!r} in this training; choose from {', '.join([*known, 'all'])}.")
    if what != "all":
        return _one(history, what, None).figure
    columns = min(2, len(known))
    rows = -(-len(known) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(5 * columns, 3.2 * rows), layout="constrained", squeeze=False)
    for ax in grid.flat[len(known) :]:
        ax.remove()
    for name, ax in zip(known, grid.flat, strict=False):
        _one(history, name, ax)
    return figure


def _one(history, name, ax):
    values = history[name]
    if name in PER_BATCH:
        lines, x, xlabel = {name: values}, np.arange(len(values)), "batch"
    else:
        lines, x, xlabel = {"training": values}, np.arange(1, len(values) + 1), "epoch"
        if len(history.get(f"val_{name}", [])) == len(values):
            lines["validation"] = history[f"val_{name}"]
    ax = curves(x, lines, xlabel, NAMES.get(name, name), ax=ax)
    if xlabel == "epoch":
        ax.xaxis.get_major_locator().set_params(integer=True)
    return ax
