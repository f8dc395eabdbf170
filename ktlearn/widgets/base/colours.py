"""The colours of the widgets, in one place for the browser and for pictures made by Python.

Colours are safe for colour-blind readers: one hue from the paper to the strongest ink for weights, orange
against blue for differences; heads are told apart by their number too.
"""

import numpy as np

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

# What only a style needs: the face of a button, and of what is pressed or full.
FACES = {
    "light": {"button": "#f1f3f5", "full": "#0b559f"},
    "dark": {"button": "#252b34", "full": "#6cc0d8"},
}


def variables(theme):
    """The colours of a theme, "light" or "dark", as variables of CSS: a dict, ``--kt-ink`` → "#1f2328" and so on."""
    colours = {name: colour for name, colour in (COLOURS[theme] | FACES[theme]).items() if isinstance(colour, str)}
    colours |= {f"heads-{i}": colour for i, colour in enumerate(COLOURS[theme]["heads"])}
    return {f"--kt-{name}": colour for name, colour in colours.items()}


def shade(weights, top, signed=False):
    """Colours, uint8 ``(..., 3)``, of weights that reach their strongest colour at ``top``."""
    stops = np.array([_rgb(colour) for colour in LIGHT["signed" if signed else "weights"]])
    share = np.where(np.isfinite(weights), weights, 0) / top
    share = np.clip(0.5 + share / 2 if signed else share, 0, 1) * (len(stops) - 1)
    colours = np.stack([np.interp(share, range(len(stops)), stops[:, channel]) for channel in range(3)], -1)
    colours[np.isneginf(weights)] = _rgb(LIGHT["masked"])
    colours[np.isnan(weights)] = _rgb(LIGHT["nan"])
    return np.rint(colours).astype("uint8")


def is_light(colour):
    """Whether ``(red, green, blue)`` is so light that ink is read on it."""
    return np.dot(colour, (0.3, 0.59, 0.11)) > 140


def ink_on(colour):
    """Black or white, whichever has more contrast on a colour: at least 4.58 : 1 (WCAG's formula)."""
    red_green_blue = np.asarray(colour) / 255
    linear = np.where(red_green_blue > 0.04045, ((red_green_blue + 0.055) / 1.055) ** 2.4, red_green_blue / 12.92)
    return "#000000" if np.dot(linear, (0.2126, 0.7152, 0.0722)) > 0.179 else "#ffffff"


def hex_of(colour):
    """``(red, green, blue)`` as pages write it: "#0b559f"."""
    return f"#{bytes(bytearray(int(channel) for channel in colour)).hex()}"


def _rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
