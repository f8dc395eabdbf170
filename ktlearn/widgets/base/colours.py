"""The colours of the widgets, in one place for the browser and for pictures made by Python.

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
