"""The JavaScript and the style of a widget, as one module each: the kit in front of its own files."""

import functools
import re
from pathlib import Path

WIDGETS = Path(__file__).parents[1]


@functools.cache
def as_module(*names):
    """The JavaScript of a widget as a module."""
    return _code("base/kit", *names)


@functools.cache
def as_script(*names):
    """The same with what thaws a frozen copy, as a plain script for any page: nothing is exported."""
    return re.sub(r"(?m)^export (default .*;$\n)?", "", _code("base/kit", *names, "base/frozen"))


@functools.cache
def stylesheet(*names):
    return "".join((WIDGETS / f"{name}.css").read_text(encoding="utf-8") for name in ("base/kit", *names))


def _code(*names):
    """The files one after the other. Comments, indentation and the spaces around operators that no text contains
    stay behind: each instance carries a copy of the rest."""
    code = "".join((WIDGETS / f"{name}.js").read_text(encoding="utf-8") for name in names)
    lines = (re.sub(r"(^|\s)(//|/\*\*) .*", "", line).strip() for line in code.splitlines())
    return re.sub(r" (=>|[!=]==|&&|\|\||\?\?) ", r"\1", "\n".join(line for line in lines if line) + "\n")
