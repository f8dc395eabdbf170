"""What AttentionView says, in the browser and in pictures."""

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
