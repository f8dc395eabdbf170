"""Tokens that would do harm if a page took them for anything but text."""

import numpy as np

TOKENS = [
    "</script><script>window.harm = 1</script>",
    "<img src=x onerror=window.harm=1>",
    "<!--",
    "]]>",
    '"onmouseover=window.harm=1 x="',
    "\u202ereversed\u202c",  # right-to-left override
    "long" * 2500,
    "👩‍👩‍👧‍👦",
    "e\u0301\u0323",  # combining marks
    "\n\t ",
    "",
    "\x00\x1b",
    "&amp;{{7*7}}${window.harm=1}",
    "$\\frac{1}{2}$",
    "שלום",
    "你好",
]


def softmax_maps(layers, heads, queries, keys=None, seed=0):
    """Random weights ``(layers, heads, queries, keys)`` whose rows sum to 1."""
    scores = np.random.default_rng(seed).normal(0, 2, (layers, heads, queries, keys or queries)).astype("float32")
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)
