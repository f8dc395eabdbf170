"""SoftmaxPlayground: scores become weights, and what the width of the keys and a temperature do to them."""

import numpy as np
import traitlets

from ktlearn.support.arguments import as_numbers, check_whole
from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.base.finite import Finite
from ktlearn.widgets.base.numbers import softmax
from ktlearn.widgets.base.sheet import Sheet, short, width_of
from ktlearn.widgets.base.trait_widget import TraitWidget, checked_names

COLDEST, WARMEST = 0.25, 4.0
WIDTHS = [2**i for i in range(11)]  # 1 to 1024
MOST_KEYS = 8  # there is a colour for each

WORDS = {
    "aid": "A bar is the share of a key. The curves are the same shares for every size of the scores, the rings are "
    "where you are; the dotted curve is the slope of the key you have picked.",
    "model": "Wider keys make a score larger: by √d_k, as for random vectors. Dividing by √d_k takes it back.",
    "saturated": "Saturated: one key has nearly everything, and no slope is left to learn from.",
    "even": "Nearly even: the scores hardly matter.",
    "columns": ["key", "fit", "q · k", "", "softmax", "slope"],
    "width": "width d_k",
    "divide": "divide by √d_k",
    "temperature": "temperature",
    "yes": "yes",
    "no": "no",
    "x": "the scores at d_k = #, divided or multiplied",
    "chart": "The weight of each key for every size of the scores. Arrow keys change the temperature.",
    "live": ["has the weight", "its slope is", "Shared as by", "of", "keys"],
    "pick": "pick",
    "score": "score of",
}


class SoftmaxPlayground(TraitWidget):
    """Scores of one query, and the weights that softmax makes of them, to play with.

    Args:
        scores: q · k for each of 2 to 8 keys, of vectors ``d_k`` wide.
        labels: the names of the keys; None: key 0, key 1, …
        d_k: how wide queries and keys are.
        **state: traits, as ``divided=False``.

    The state is traits: readable, settable and observable.

    - ``scores``: as given, at the width that was given;
    - ``d_k``: a width to try. Each score grows with √d_k, as the scores of random vectors do on the average;
    - ``divided``: whether the scores are divided by √d_k; ``temperature``: by what they are divided besides, 0.25 to 4;
    - ``picked``: the number of the key whose slope is shown.

    Raises:
        ValueError: too few or too many scores, one that is not a finite number, names that do not fit.
        traitlets.TraitError: a state that there is not.

    >>> playground = SoftmaxPlayground([4, 0, 2, 2], ["Mia", "met", "Tom", "she"], d_k=4)
    >>> playground.weights.round(3).tolist()
    [0.534, 0.072, 0.197, 0.197]
    >>> playground.divided = False
    >>> playground.weights.round(3).tolist()
    [0.776, 0.014, 0.105, 0.105]
    """

    _script = "softmax/playground.js"
    _words = WORDS

    scores = traitlets.List(traitlets.Float()).tag(sync=True)
    d_k = traitlets.Int(1, min=1).tag(sync=True)
    divided = traitlets.Bool(True).tag(sync=True)
    temperature = Finite(1.0, min=COLDEST, max=WARMEST).tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)

    _labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _width = traitlets.Int(1).tag(sync=True)  # at which the scores are as given
    _widths = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, scores, labels=None, *, d_k=4, **state):
        check_whole("d_k", d_k)
        scores = [float(score) for score in as_numbers("scores", scores).ravel()]
        if not 2 <= len(scores) <= MOST_KEYS or not np.isfinite(scores).all():
            raise ValueError(f"scores: give 2 to {MOST_KEYS} finite numbers, one for each key; got {scores}.")
        if labels is None:
            labels = [f"key {i}" for i in range(len(scores))]
        state = {"picked": int(np.argmax(scores))} | state
        widths = {"_width": d_k, "_widths": sorted({*WIDTHS, d_k})}
        labels = checked_names(labels, len(scores), "labels")
        super().__init__(scores=scores, _labels=labels, d_k=d_k, **widths, **state)

    @property
    def inputs(self):
        """What softmax gets: the scores at this width, divided as the state says. ``(K,)``."""
        return self._factor * np.array(self.scores)

    @property
    def weights(self):
        """What softmax makes of them, ``(K,)``."""
        return softmax(self.inputs)

    @property
    def slopes(self):
        """How fast a weight grows with its own input, for a small push: w (1 - w). ``(L_k,)``."""
        return self.weights * (1 - self.weights)

    def __repr__(self):
        way = "divided by √d_k" if self.divided else "not divided"
        return (
            f"<SoftmaxPlayground: {len(self.scores)} keys, d_k {self.d_k}, {way}, temperature {self.temperature:.2f}>"
        )

    @property
    def _factor(self):
        grown = np.sqrt(self.d_k / self._width)
        return grown / (np.sqrt(self.d_k) if self.divided else 1) / self.temperature

    @traitlets.validate("scores")
    def _check_scores(self, proposal):
        if len(proposal.value) != len(self._labels) or not np.isfinite(proposal.value).all():
            raise traitlets.TraitError(
                f"scores must be {len(self._labels)} finite numbers, one for each key; got {proposal.value}."
            )
        return proposal.value

    @traitlets.validate("picked")
    def _check_picked(self, proposal):
        if not 0 <= proposal.value < len(self.scores):
            raise traitlets.TraitError(f"picked must be from 0 to {len(self.scores) - 1}; got {proposal.value}.")
        return proposal.value

    def _alt(self):
        pairs = zip(self._labels, self.weights, strict=True)
        return "Softmax: " + ", ".join(f"{label[:60]} {weight:.2f}" for label, weight in pairs) + "."

    def _sheet(self):
        return _draw(self)


def spread(weights):
    """How many keys would share like this if all had the same: the exponential of the entropy."""
    some = weights[weights > 0]
    return float(np.exp(-(some * np.log(some)).sum()))


def _draw(widget):
    """The playground as a still picture: the table with its bars, and the curves beside it."""
    ink, faint, rule = LIGHT["ink"], LIGHT["faint"], LIGHT["rule"]
    first = max(width_of(label, 13) for label in widget._labels) + 34
    K, inputs, weights, slopes = len(widget.scores), widget.inputs, widget.weights, widget.slopes
    left = first + 360
    sheet = Sheet(left + 350, max(96 + 28 * K, 270), LIGHT["paper"])
    way = "divided by √d_k" if widget.divided else "not divided"
    way = f"d_k = {widget.d_k}, {way}, temperature {widget.temperature:.2f}"
    sheet.caption(way, 12, 16, faint)
    columns = (first + 50, first + 112, first + 136, first + 272)
    grown = np.sqrt(widget.d_k / widget._width)
    titles = [WORDS["columns"][i] for i in (2, 3, 4, 5)]
    titles[1] = f"÷ {round(grown / widget._factor, 2):g}"
    for title, x, anchor in zip(titles, columns, ("end", "end", "start", "start"), strict=True):
        sheet.caption(title, x, 48, faint, anchor)
    sheet.path([(12, 60), (first + 346, 60)], rule, 1)
    for i, label in enumerate(widget._labels):
        y, colour = 78 + 28 * i, LIGHT["heads"][i]
        sheet.disc(18, y, 4, colour)
        sheet.text(label, 30, y, ink, 13, bold=i == widget.picked)
        sheet.text(f"{widget.scores[i] * grown:.2f}", columns[0], y, ink, 12, "end")
        sheet.text(f"{inputs[i]:.2f}", columns[1], y, ink, 12, "end")
        sheet.rectangle(columns[2], y - 7, max(84 * float(weights[i]), 1), 14, colour)
        sheet.text(f"{weights[i]:.3f}", columns[2] + 90, y, ink, 12)
        sheet.rectangle(columns[3], y - 3, max(128 * float(slopes[i]), 1), 6, faint)
        sheet.text(f"{slopes[i]:.3f}", columns[3] + 40, y, ink, 12)
    _curves(sheet, widget, left + 20, 40, 310, 180)
    return sheet


def _curves(sheet, widget, x, y, width, height):
    low, high = limits(widget)
    at = np.linspace(low, high, 121)
    rows = np.array([softmax(2**power * np.array(widget.scores)) for power in at])  # (121, K)

    def points(values):
        return zip(x + (at - low) / (high - low) * width, y + (1 - values) * height, strict=True)

    for share in (0, 0.5, 1):
        sheet.path([(x, y + (1 - share) * height), (x + width, y + (1 - share) * height)], LIGHT["rule"], 1)
        sheet.text(f"{share:g}", x - 8, y + (1 - share) * height, LIGHT["faint"], 11, "end")
    place = x + (np.log2(widget._factor) - low) / (high - low) * width
    sheet.path([(place, y), (place, y + height)], LIGHT["faint"], 1, dash=3)
    for i in range(len(widget.scores)):
        is_hidden = any(np.allclose(rows[:, i], rows[:, other]) for other in range(i))  # dashes let both be seen
        sheet.path(points(rows[:, i]), LIGHT["heads"][i], 2.6 if i == widget.picked else 1.6, dash=8 * is_hidden)
    chosen = rows[:, widget.picked]
    sheet.path(points(chosen * (1 - chosen)), LIGHT["heads"][widget.picked], 1.6, dash=3)
    sheet.caption(f"line: weight; dotted: slope of {short(widget._labels[widget.picked])}", x, y - 22, LIGHT["faint"])
    for i, weight in enumerate(widget.weights):
        sheet.disc(place, y + (1 - weight) * height, 4.5, LIGHT["paper"], LIGHT["heads"][i], 2)
    for power in range(-6, 9, 2):
        name = f"× {2**power}" if power >= 0 else f"÷ {2**-power}"
        if low <= power <= high:
            sheet.text(name, x + (power - low) / (high - low) * width, y + height + 14, LIGHT["faint"], 11, "middle")
    sheet.caption(WORDS["x"].replace("#", str(widget._width)), x + width / 2, y + height + 34, LIGHT["faint"], "middle")


def limits(widget):
    """The smallest and the largest factor that the controls reach, as powers of two."""
    low = -np.log2(widget._width) / 2 - np.log2(WARMEST)
    return low, np.log2(widget._widths[-1] / widget._width) / 2 + np.log2(1 / COLDEST)
