"""Each view as a still picture on light paper, for files and for notebooks where no script may run."""

import numpy as np

from ktlearn.widgets.attention.words import WORDS
from ktlearn.widgets.base.colours import LIGHT, hex_of, ink_on, is_light, shade
from ktlearn.widgets.base.sheet import Sheet, short, width_of

SLANT = 63  # degrees
WIDTH = 760  # of the strip


def draw(view):
    """The sheet of an AttentionView as it is now."""
    paint = {"heatmap": _heatmap, "lines": _lines, "grid": _grid, "strip": _strip, "steps": _steps}[view.view]
    return paint(VisiblePart(view))


class VisiblePart:
    """What of a view is to be seen: the tokens that are left, and their weights, as the browser computes them."""

    def __init__(self, view):
        self.view, self.maps = view, view.blocks[view.block]
        self.is_special = [np.isin(side, view._special) for side in (self.maps.tokens, self.maps.key_tokens)]
        removed = view.special == "remove"
        self.rows, self.columns = (np.flatnonzero(~special | (not removed)) for special in self.is_special)
        self.title = f"{self.maps.layers[view.layer]}, {', '.join(self.maps.heads[head] for head in view.heads)}"
        self.title = f"{view.block}: {self.title}" if len(view.blocks) > 1 else self.title

    def weights(self, heads=None, layer=None, mass=None):
        """``(rows, columns)``, the mean of some heads; -inf where a query may not look."""
        view, maps = self.view, self.maps
        heads = view.heads if heads is None else heads
        at = (view.step, view.layer if layer is None else layer, heads)
        weights = maps.weights[at].mean(0)
        if maps.mask is not None:
            weights = np.where(maps.mask[at].all(0), weights, -np.inf)
        weights = weights[np.ix_(self.rows, self.columns)]
        if view.special == "remove" and not maps.signed:
            weights = renormalised(weights)
        return keep_mass(weights, view.threshold if mass is None else mass)

    def top(self, weights):
        """The weight with the strongest colour."""
        if self.view.full_scale:
            return self.maps.scale
        finite = np.abs(weights[np.isfinite(weights)])
        return float(finite.max(initial=0)) or 1.0

    def colours(self, weights, top=None):
        """Colours, uint8 ``(..., 3)``; the weight ``top`` has the strongest, None: see :meth:`top`."""
        return shade(weights, self.top(weights) if top is None else top, self.maps.signed)

    def names(self, side):
        """The tokens left of a side: 0 looks, 1 is looked at."""
        tokens, kept = ((self.maps.tokens, self.rows), (self.maps.key_tokens, self.columns))[side]
        return [tokens[i] for i in kept]

    def ink(self, side, i):
        """The colour to write the i-th token left of a side with: special ones may be dimmed."""
        is_faint = self.view.special == "dim" and self.is_special[side][(self.rows, self.columns)[side][i]]
        return LIGHT["faint"] if is_faint else LIGHT["ink"]

    def pinned(self):
        """Row and column of what is pinned, None where it is not to be seen."""
        spot = self.view.pinned or (None, None)
        found = [np.flatnonzero(side == i) for side, i in zip((self.rows, self.columns), spot, strict=True)]
        return [int(each[0]) if each.size else None for each in found]


def renormalised(weights):
    """Each row divided by its sum; a row of nothing stays one."""
    sums = np.maximum(weights, 0).sum(1, keepdims=True)
    return weights / np.where(sums > 0, sums, 1)


def keep_mass(weights, mass):
    """Zero all but the strongest weights of each row that together hold the share ``mass`` of it."""
    if mass >= 1:
        return weights
    sizes = np.where(np.isfinite(weights), np.abs(weights), 0)
    order = np.sort(sizes, axis=1)[:, ::-1]
    before = np.cumsum(order, 1) - order  # the mass of all that are stronger
    smallest = np.where(before < mass * sizes.sum(1, keepdims=True) - 1e-6, order, np.inf).min(1, keepdims=True)
    return np.where((sizes >= smallest) | ~np.isfinite(weights), weights, 0)


def _heatmap(shown):
    weights = shown.weights()
    R, C = weights.shape
    cell = max(2, min(44, 520 // max(R, C)))
    size = max(9, min(13, cell - 2)) if cell >= 10 else 0
    left = 24 + (max(width_of(name, size) for name in shown.names(0)) if size else 0)
    long = max(width_of(name, size) for name in shown.names(1)) if size else 0
    is_flat = long + 8 <= cell
    top = 40 if is_flat else 34 + 0.9 * long
    sheet = Sheet(max(left + C * cell + 0.5 * long, 320) + 16, top + R * cell + 46, LIGHT["paper"])
    sheet.caption(shown.title, 12, 16, LIGHT["faint"])
    sheet.cells(left, top, C * cell, R * cell, shown.colours(weights))
    sheet.rectangle(left, top, C * cell, R * cell, stroke=LIGHT["rule"])
    if cell >= 34:
        for (r, c), weight in np.ndenumerate(weights):
            x, y = left + (c + 0.5) * cell, top + (r + 0.5) * cell
            _number(sheet, weight, x, y, shown.colours(weights[r, c : c + 1], shown.top(weights))[0])
    row, column = shown.pinned()
    for r, name in enumerate(shown.names(0) if size else []):
        sheet.text(name, left - 8, top + (r + 0.5) * cell, shown.ink(0, r), size, "end", bold=r == row)
    for c, name in enumerate(shown.names(1) if size else []):
        x, style = left + (c + 0.5) * cell, {"size": size, "bold": c == column}
        place = {"anchor": "middle"} if is_flat else {"angle": SLANT}
        sheet.text(name, x, top - 10, shown.ink(1, c), **style, **place)
    if row is not None and column is not None:
        sheet.rectangle(left + column * cell, top + row * cell, cell, cell, stroke=LIGHT["accent"], line=2.5)
    _legend(sheet, shown, shown.top(weights), left, top + R * cell + 14)
    return sheet


def _lines(shown):
    names, mean = [shown.names(0), shown.names(1)], shown.weights()
    many = max(mean.shape)
    step = max(3, min(26, 560 // many))
    size = max(9, min(13, step - 2)) if step >= 10 else 0
    left, after = (max(width_of(name, size) for name in side) + 22 if size else 30 for side in names)
    left, right, top = max(left, 60), max(left, 60) + min(320, 160 + many * 4), 56
    sheet = Sheet(right + max(after, 90) + 12, top + many * step + 12, LIGHT["paper"])
    sheet.caption(shown.title, 12, 16, LIGHT["faint"])
    chosen, strongest = shown.pinned(), shown.top(mean)
    is_chosen = chosen != [None, None]
    for head in shown.view.heads:
        weights = shown.weights([head])
        strength = np.minimum(np.where(np.isfinite(weights), np.abs(weights), 0) / strongest, 1)
        for r, c in np.argwhere(strength >= 0.04):
            s, is_on = strength[r, c], all(one in (None, i) for one, i in zip(chosen, (r, c), strict=True))
            colour = LIGHT["heads"][head % 8]
            if shown.maps.signed:
                colour = LIGHT["signed"][2 if weights[r, c] < 0 else 6]
            alpha = (0.1 + 0.85 * s) * (1 if is_on or not is_chosen else 0.15)
            ys = (top + (i + 0.5) * step for i in (r, c))
            sheet.curve(left, next(ys), right, next(ys), colour, 0.6 + 2.4 * s, alpha)
    for side, x, anchor in ((0, left - 10, "end"), (1, right + 10, "start")):
        sheet.caption(WORDS["sides"][side], x, 38, LIGHT["faint"], anchor)
        for i, name in enumerate(names[side] if size else []):
            y = top + (i + 0.5) * step
            sheet.text(name, x, y, shown.ink(side, i), size, anchor, bold=i == chosen[side])
    return sheet


def _grid(shown):
    maps, view = shown.maps, shown.view
    L, H = len(maps.layers), len(maps.heads)
    size = max(24, min(128, 760 // H - 8))
    pitch, left, top = size + 8, max(width_of(name, 11) for name in maps.layers) + 22, 44
    sheet = Sheet(left + H * pitch + 8, top + L * pitch + 8, LIGHT["paper"])
    if len(view.blocks) > 1:
        sheet.caption(view.block, 12, 14, LIGHT["faint"])
    for layer in range(L):
        y = top + layer * pitch
        sheet.text(maps.layers[layer], left - 10, y + size / 2, LIGHT["faint"], 11, "end")
        for head in range(H):
            x, weights = left + head * pitch, pooled(shown.weights([head], layer, 1), 2 * size)
            sheet.cells(x, y, size, size, shown.colours(weights))
            is_on = layer == view.layer and head in view.heads
            sheet.rectangle(x, y, size, size, stroke=LIGHT["accent" if is_on else "rule"], line=2.5 if is_on else 1)
            if layer == 0:
                name = maps.heads[head].removeprefix("head ") if size < 56 else maps.heads[head]
                sheet.text(name, x + size / 2, 30, LIGHT["faint"], 11, "middle")
    return sheet


def pooled(weights, size):
    """At most ``size × size`` weights: the strongest of each patch, sign apart.

    Pairs that may not attend are weaker than all others, and what is not a number is stronger, so that it is seen.
    """
    for axis in (0, 1):
        length = weights.shape[axis]
        if length > size:
            starts = np.unique(np.arange(length) * size // length, return_index=True)[1]
            known = np.where(np.isneginf(weights), 0, weights)
            low, high = np.minimum.reduceat(known, starts, axis), np.maximum.reduceat(known, starts, axis)
            is_masked = np.isneginf(np.maximum.reduceat(weights, starts, axis))
            weights = np.where(is_masked, -np.inf, np.where(high < -low, low, high))
    return weights


def _strip(shown):
    weights, (row, _) = shown.weights(), shown.pinned()
    mean = np.maximum(weights, 0).mean(0)
    looked_at = mean if row is None else weights[row]
    is_square = shown.maps.tokens == shown.maps.key_tokens
    lines = [(0 if is_square else 1, looked_at, row if is_square else None)]
    if not is_square:
        lines.insert(0, (0, None, row))
    spots, y = [], 64
    for side, values, chosen in lines:
        x, title = 12, (WORDS["sides"][2 if is_square else side], 12, y - 26)
        for i, name in enumerate(shown.names(side)):
            wide = width_of(name, 14) + 12
            if x + wide > WIDTH and x > 12:
                x, y = 12, y + 30
            spots.append((side, i, name, x, y, wide, None if values is None else values[i], i == chosen, title))
            x += wide + 4
        y += 72
    sheet = Sheet(WIDTH + 24, y - 46, LIGHT["paper"])
    sheet.caption(shown.title, 12, 16, LIGHT["faint"])
    top = shown.top(weights) if shown.view.full_scale else shown.top(looked_at)
    for side, i, name, x, y, wide, value, is_chosen, title in spots:
        if i == 0:
            sheet.caption(*title, LIGHT["faint"])
        colour = (255, 255, 255) if value is None else shown.colours(np.array([value]), top)[0]
        edge = {"stroke": LIGHT["accent" if is_chosen else "rule"], "line": 2 if is_chosen else 1}
        sheet.rectangle(x, y - 12, wide, 24, hex_of(colour), **edge)
        ink = shown.ink(side, i) if is_light(colour) else LIGHT["paper"]
        sheet.text(name, x + 6, y, ink, 14, bold=is_chosen)
    return sheet


def _steps(shown):
    view, maps, head = shown.view, shown.maps, shown.view.heads[0]
    if maps.queries is None:
        sheet = Sheet(WIDTH + 24, 60, LIGHT["paper"])
        sheet.caption("No queries and keys are here.", 12, 30, LIGHT["faint"])
        return sheet
    row, column = shown.pinned()
    row = row or 0
    at = (view.step, view.layer, head)
    q, k = maps.queries[at][shown.rows[row]], maps.keys[at][shown.columns]
    scores, d, weights = k @ q, len(q), shown.weights([head], mass=1)[row]
    top = float(np.abs(np.concatenate([q[None], k])).max()) or 1.0
    first = max(width_of(name, 13) for name in [*shown.names(1), "query: " + short(shown.names(0)[row])]) + 24
    xs = [first, first + 250, first + 320, first + 390, first + 404]
    sheet = Sheet(xs[4] + 130, 92 + 26 * len(k), LIGHT["paper"])
    sheet.caption(f"{maps.layers[view.layer]}, {maps.heads[head]}", 12, 16, LIGHT["faint"])
    sheet.text(f"query: {short(shown.names(0)[row])}", first - 10, 44, LIGHT["accent"], 13, "end", bold=True)
    sheet.cells(first, 36, 180, 16, shade(q[None], top, signed=True))
    titles = [title.replace("#", str(d)) for title in WORDS["table"][1:6]]
    for title, x, anchor in zip(titles, (first - 10, *xs[:4]), ("end", "start", "end", "end", "end"), strict=True):
        sheet.caption(title, x, 70, LIGHT["faint"], anchor)
    for i, name in enumerate(shown.names(1)):
        y = 96 + 26 * i
        sheet.text(name, first - 10, y, shown.ink(1, i), 13, "end", bold=i == column)
        sheet.cells(first, y - 8, 180, 16, shade(k[i][None], top, signed=True))
        sheet.rectangle(first, y - 8, 180, 16, stroke=LIGHT["rule"])
        weight = WORDS["masked"] if np.isneginf(weights[i]) else f"{weights[i]:.3f}"
        for text, x in zip((f"{scores[i]:.2f}", f"{scores[i] / d**0.5:.2f}", weight), xs[1:4], strict=True):
            sheet.text(text, x, y, LIGHT["ink"], 12, "end")
        if weights[i] > 0:
            sheet.rectangle(xs[4], y - 6, 110 * float(weights[i]), 12, LIGHT["weights"][6])
    return sheet


def _number(sheet, weight, x, y, colour):
    text = "–" if np.isneginf(weight) else "?" if np.isnan(weight) else f"{weight:.2f}"
    if abs(weight) >= 0.005 or np.isnan(weight):
        sheet.text(text, x, y, ink_on(colour), 11, "middle")


def _legend(sheet, shown, top, x, y):
    low = -top if shown.maps.signed else 0
    sheet.text(f"{low:.2g}", x, y + 6, LIGHT["faint"], 11)
    sheet.cells(x + 30, y, 120, 10, shade(np.linspace(low, top, 60)[None], top, shown.maps.signed))
    sheet.rectangle(x + 30, y, 120, 10, stroke=LIGHT["rule"])
    sheet.text(f"{top:.2g}", x + 158, y + 6, LIGHT["faint"], 11)
