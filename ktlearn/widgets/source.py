"""The JavaScript and the style of a widget, as one module each: kit.js in front of its own file."""

import functools
import re
from pathlib import Path

HERE = Path(__file__).parent


@functools.cache
def module(name):
    """The JavaScript of a widget as a module."""
    return _code("kit.js", f"{name}.js")


@functools.cache
def script(name):
    """The same with what thaws a frozen copy, as a plain script for any page: nothing is exported."""
    return re.sub(r"(?m)^export (default .*;$\n)?", "", _code("kit.js", f"{name}.js", "frozen.js"))


def _code(*files):
    """The files one after the other. Comments and indentation stay behind: each instance carries a copy of the rest."""
    code = "".join((HERE / file).read_text(encoding="utf-8") for file in files)
    lines = (re.sub(r"(^|\s)(//|/\*\*) .*", "", line).strip() for line in code.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


@functools.cache
def style(name):
    return (HERE / f"{name}.css").read_text(encoding="utf-8")
