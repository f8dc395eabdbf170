"""The colours and the words of the widgets, in one place for the browser and for pictures made by Python.

Colours are safe for colour-blind readers: one hue from the paper to the strongest ink for weights, orange
against blue for differences; heads are told apart by their number too.
"""

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "faint": "#667080",
    "rule": "#d5d9df",
    "masked": "#e3e6ea",
    "nan": "#cc79a7",
    "accent": "#d55e00",
    "weights": ["#ffffff", "#dbe9f6", "#bad6eb", "#89bedc", "#539ecd", "#2b7bba", "#0b559f", "#08306b"],
    "signed": [
        "#7f2704",
        "#c1440e",
        "#f08c4b",
        "#fbd0ad",
        "#ffffff",
        "#bad6eb",
        "#539ecd",
        "#0b559f",
        "#08306b",
    ],
    "heads": ["#0072b2", "#d55e00", "#009e73", "#b5528a", "#a87300", "#3a9bd6", "#6a4fb3", "#6b7280"],
}
DARK = {
    "paper": "#14181e",
    "ink": "#e6e9ee",
    "faint": "#9aa3af",
    "rule": "#3a414b",
    "masked": "#2b313a",
    "nan": "#d98cc0",
    "accent": "#ffb454",
    "weights": ["#14181e", "#163353", "#1a4f82", "#2172ab", "#3799c9", "#6cc0d8", "#b2e0dc", "#f4f9e0"],
    "signed": [
        "#ffe0bd",
        "#f8a55a",
        "#c9661a",
        "#6d3a17",
        "#14181e",
        "#183f66",
        "#2172ab",
        "#55b7df",
        "#d0efff",
    ],
    "heads": ["#4aa8e8", "#ff8a4c", "#2fc79a", "#e08fc4", "#e6b03a", "#8ad0ff", "#a995f0", "#a8b0bb"],
}
COLOURS = {"light": LIGHT, "dark": DARK}

WORDS = {
    "heatmap": "Each row is a token that looks, each column a token looked at: the stronger the colour, the larger "
    "the weight.",
    "lines": "The tokens on the left look at the tokens on the right: the stronger the line, the larger the weight.",
    "grid": "One small map for each head of each layer. Click a map to open it.",
    "strip": "Point at a token to see what it looks at. Until then, the colour is how much a token is looked at, "
    "on average.",
    "steps": "One query meets every key, and the scores become weights that sum to 1. Choose the query above the "
    "table.",
    "caution": "Attention shows where a head looks, not why the model decides.",
    "signed": "A difference: blue is more, orange is less.",
    "removed": "Special tokens are removed, and each row is divided by what is left, so that it sums to 1 again.",
    "hint": "Point at a cell, a token or a small map to read it here; a click keeps or opens it.",
    "sides": ["looks", "is looked at", "looks, and is looked at"],
    "most": [" is looked at most by", " looks most at"],
    "table": ["query q", "key", "vector k, d_k = #", "q · k", "÷ √#", "softmax", ""],
    "mean": "mean of ",
    "masked": "may not look",
    "waiting": "The vectors of this head are not here. A frozen copy may hold those of another head or layer only.",
    "missing": "This view needs the queries and the keys: make it with AttentionView.from_model, or give queries= and "
    "keys=.",
    "heads": "Click: only this head. With Shift: one more, or one less.",
    "run": "run",
    "keyboard": "Attention map. Arrow keys move, Enter keeps or opens, Escape clears, brackets change the layer, "
    "comma and full stop the head.",
}

VIEWS = ("heatmap", "lines", "grid", "strip", "steps")
SPECIAL = ("show", "dim", "remove")
MOST_FOR_LINES = 300  # tokens on a side; above, lines are a grey cloud


def controls(blocks, has_special):
    """What the browser shows above the map, as JSON: groups of buttons, which set traits, and sliders.

    Args:
        blocks: descriptions from ``packing.pack``.
        has_special: whether any token is a special one.
    """
    views = [view for view in VIEWS if view in fitting_views(blocks)]
    groups = [_choice("", "view", views, views)]
    if len(blocks) > 1:
        names = [block["name"] for block in blocks]
        start = {"layer": 0, "heads": [0], "pinned": None}
        groups.append({"label": "", "options": [{"label": name, "set": {"block": name, **start}} for name in names]})
    for block in blocks:
        own = {"block": block["name"]}
        if len(block["layers"]) > 1:
            layers = block["layers"]
            names = [name.removeprefix("layer ") for name in layers]
            groups.append(_choice("layer", "layer", range(len(layers)), names) | own | {"views": _without("grid")})
        if len(block["heads"]) > 1:
            groups.append(_heads(block["heads"]) | own | {"views": _without("grid")})
    if len(blocks[0]["steps"]) > 1:
        last = len(blocks[0]["steps"]) - 1
        groups.append(_slider("snapshot", "step", 0, last, 1))
    groups.append(_slider("keep the strongest", "threshold", 0.1, 1, 0.01) | {"views": ["heatmap", "lines"]})
    if has_special:
        groups.append(_choice("special tokens", "special", SPECIAL, SPECIAL))
    scale = _choice("colours up to", "full_scale", (True, False), ("1", "the largest"))
    groups.append(scale | {"views": _without("steps")})
    groups.append(_slider("zoom", "zoom", 0.5, 8, 0.1) | {"views": ["heatmap", "lines", "grid"]})
    return groups


def fitting_views(blocks):
    """The views that show these blocks: lines of many tokens are a grey cloud, and the steps need vectors."""
    longest = max(len(side) for block in blocks for side in block["tokens"])
    unfit = {"lines"} if longest > MOST_FOR_LINES else set()
    if not any(block["vectors"] for block in blocks):
        unfit.add("steps")
    return set(VIEWS) - unfit


def _choice(label, trait, values, names):
    options = [{"label": name, "set": {trait: value}} for value, name in zip(values, names, strict=True)]
    return {"label": label, "options": options}


def _slider(label, trait, low, high, step):
    return {"label": label, "range": {"name": trait, "aria-label": label, "min": low, "max": high, "step": step}}


def _heads(names):
    options = [{"label": name.removeprefix("head "), "head": i, "set": {"heads": [i]}} for i, name in enumerate(names)]
    return {"label": "heads", "options": [*options, {"label": "all", "set": {"heads": list(range(len(names)))}}]}


def _without(view):
    return [each for each in VIEWS if each != view]
