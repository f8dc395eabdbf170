"""The JavaScript and the style of a widget, each as one text.

A script says where its names come from, as in ``import { h } from "../base/kit.js";``, so that editors, linters and
Node take the files as they are. Here a script and all that it imports are put one after the other, and these lines
are left out: a live widget is one module, and a frozen copy is one script for any page. The style of a widget lies
beside its scripts: to ``kit.js`` belongs ``kit.css``.
"""

import functools
import re
from pathlib import Path

from ktlearn.widgets.base.colours import variables

WIDGETS = Path(__file__).parents[1]
FROZEN = "base/frozen.js"
IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:default .*;$)?", re.MULTILINE)

# What JavaScript is made of. A pattern, as /\s/, follows a bracket, a comma or an equals sign; a template is one line.
TOKEN = re.compile(
    r"""(?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\\n])*`
                | (?:(?<=\()|(?<=[,=]\ )) / (?![/*]) (?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+ / )
      | (?P<gap>  (?: \s | //[^\n]* | /\*.*?\*/ )+ )
      | (?P<word> [\w$]+ )
      | (?P<sign> . )""",
    re.VERBOSE | re.DOTALL,
)


@functools.cache
def as_module(script):
    """The widget whose script this is, a path inside ``ktlearn/widgets``, as a module: what anywidget asks for."""
    return "".join(map(_code, scripts(script))) + "export default{render};\n"


@functools.cache
def as_script(script):
    """The same with what thaws a frozen copy, as a plain script for any page: nothing is exported."""
    return "".join(map(_code, scripts(script, FROZEN)))


@functools.cache
def stylesheet(script):
    """The style of the widget, with Python's colours for light and for dark pages."""
    styles = [path.with_suffix(".css") for path in scripts(script)]
    rules = "".join(path.read_text(encoding="utf-8") for path in styles if path.exists())
    themes = {".kt-widget": "light", ".kt-widget.kt-dark": "dark"}
    colours = (f"{name} {{ {_declared(variables(theme))} }}\n" for name, theme in themes.items())
    return "".join(colours) + re.sub(r"(?<=[{;,\n])\s+", "", re.sub(r"(?s)/\*.*?\*/", "", rules)).lstrip()


def scripts(*names):
    """The paths of scripts and of all that they import, each once and after what it imports itself."""
    found = {}

    def add(path):
        if path not in found:
            found[path] = path.read_text(encoding="utf-8")
            for name in IMPORT.findall(found[path]):
                add((path.parent / name).resolve())
            found[path] = found.pop(path)  # to the end

    for name in names:
        add(WIDGETS / name)
    return list(found)


def small(code):
    """JavaScript without comments, and without the space that means nothing: each instance carries a copy of it.

    Line breaks go too, so every statement must end with a semicolon, as the formatter writes it; and ``const``, which
    an author needs and a browser does not, becomes ``let``.

    >>> small('const sum = a + b; // as in "a + b"')
    'let sum=a+b;'
    """
    parts = [""]
    for token in TOKEN.finditer(code):
        kind, text = token.lastgroup, token[0]
        if kind == "gap":
            text = _space(parts[-1][-1:], code[token.end() : token.end() + 1])
        elif (text == "}" and parts[-1] == ";") or (text in ")]}" and parts[-1] == ","):
            parts.pop()
        if text:
            parts.append("let" if text == "const" else text)
    return "".join(parts)


def _space(before, after):
    """What must stay between two characters: a space where they would become one word, or one sign."""
    is_needed = all(re.match(r"[\w$]", each) for each in (before, after)) or (before == after and before in "+-")
    return " " if is_needed else ""


def _code(path):
    return small(EXPORT.sub("", IMPORT.sub("", path.read_text(encoding="utf-8")))) + "\n"


def _declared(colours):
    return " ".join(f"{name}: {colour};" for name, colour in colours.items())
