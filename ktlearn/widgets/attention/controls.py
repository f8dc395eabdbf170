"""The controls above the map of an AttentionView, as data that the browser turns into buttons and sliders."""

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
