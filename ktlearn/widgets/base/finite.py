"""A trait for numbers: NaN passes every limit of traitlets' own, and no browser can read it."""

import math

import traitlets


class Finite(traitlets.Float):
    """A number within limits, neither NaN nor infinite."""

    info_text = "a finite number"

    def validate(self, obj, value):
        """The number; traitlets' error when it is none."""
        value = super().validate(obj, value)
        if not math.isfinite(value):
            self.error(obj, value)
        return value
