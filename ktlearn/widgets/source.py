"""The JavaScript and the style of a widget, as one module each: the kit in front of its own files."""

import functools
import re
from pathlib import Path

HERE = Path(__file__).parent


@functools.cache
def module(*names):
    """The JavaScript of a widget as a module."""
    return _code("kit", *names)


@functools.cache
def script(*names):
    """The same with what thaws a frozen copy, as a plain script for any page: nothing is exported."""
    return re.sub(r"(?m)^export (default .*;$\n)?", "", _code("kit", *names, "frozen"))


@functools.cache
def style(*names):
    return "".join((HERE / f"{name}.css").read_text(encoding="utf-8") for name in ("kit", *names))


def _code(*names):
    """The files one after the other. Comments, indentation and the spaces around operators that no text contains
    stay behind: each instance carries a copy of the rest."""
    code = "".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)
    lines = (re.sub(r"(^|\s)(//|/\*\*) .*", "", line).strip() for line in code.splitlines())
    return re.sub(r" (=>|[!=]==|&&|\|\||\?\?) ", r"\1", "\n".join(line for line in lines if line) + "\n")
