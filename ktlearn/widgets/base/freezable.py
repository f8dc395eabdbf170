"""A widget without a kernel: HTML that stays interactive, and a picture for where scripts may not run.

Everything in it follows from the state of the widget: no clock, no counter, no random id.
"""

import base64
import hashlib
import html
import json
import re
import uuid

import anywidget
import traitlets
from IPython.display import display

from ktlearn.support.arguments import check_path
from ktlearn.support.atomic import atomic_file
from ktlearn.support.characters import whole
from ktlearn.widgets.base.bundle import as_module, as_script, stylesheet

SMALL, LARGE = 300_000, 3_000_000  # characters of numbers: beside a live widget, and in a frozen one
# Where the live widget is, its copy is not to be seen; where it is not, JupyterLab's "model not found" is not.
ONLY_ALONE = """\
body:has([data-kt-live="NAME"]) [data-kt-copy="NAME"] { display: none; }
.jp-OutputArea-child:not(:has([data-kt-live], > [data-mime-type])):has(+ .jp-OutputArea-child [data-kt-copy="NAME"])\
 { display: none; }
"""


class FreezableWidget(anywidget.AnyWidget):
    """A widget that can be frozen into a notebook and written to a file.

    A subclass names its script in ``_script``, a path inside ``ktlearn/widgets``: all that this imports and the styles
    beside it come along. It gives three methods: ``_to_freeze(most)`` answers what its frozen copy must know, ready
    for JSON and with ``most`` characters of numbers (None: all); ``_sheet()`` draws it; ``_alt()`` says it in words.

    Raises:
        TypeError: a name that is no part of the widget's state.
    """

    _live = traitlets.Unicode().tag(sync=True)  # by this name the copy beside a live widget knows it

    def __init__(self, **state):
        unknown = sorted(set(state) - set(self.trait_names()))
        if unknown:  # a widget would take it without a word, and do nothing with it
            known = ", ".join(
                name for name in sorted(state.get("_design", {}).get("traits", [])) if not name.startswith("_")
            )
            raise TypeError(f"{type(self).__name__} has no {unknown[0]!r} to set. Its state is: {known}.")
        super().__init__(**state)

    def __init_subclass__(cls, **kwargs):
        if "_script" in vars(cls):
            cls._esm, cls._css = as_module(cls._script), stylesheet(cls._script)
        super().__init_subclass__(**kwargs)

    @traitlets.default("_live")
    def _new_name(self):
        return uuid.uuid4().hex

    def freeze(self):
        """A copy that needs no kernel: put it as a cell's last line, and it stays in the saved notebook.

        It is still interactive, offline and in nbconvert's pages; where scripts are not allowed it is a picture.
        Made again from the same data it is the same, byte for byte. A live widget that is a cell's last line is
        saved with such a copy, too, which shows itself when the kernel is gone. Inside another widget, as in
        ``HBox([view, slider])``, it is not: what a reopened notebook shows then is up to Jupyter.
        """
        return Frozen(self)

    def export(self, path):
        """Write the widget as it is now to a file: ``.png``, ``.svg``, or ``.html``, which is whole and interactive.

        A file that is there already is replaced in one step, when the new one is written.

        Raises:
            ValueError, TypeError: another ending, no name, or a folder that is not there.
        """
        path = check_path("path", path, "file")
        if not path.parent.is_dir():
            raise ValueError(f"export: there is no folder {path.parent} for {str(path)!r}. Make it first.")
        make = {
            ".png": lambda: self._sheet().png(scale=2),
            ".svg": lambda: whole(self._sheet().svg()).encode(),
            ".html": lambda: page(self).encode(),
        }.get(path.suffix)
        if make is None:
            raise ValueError(f"export: the file must end in .png, .svg or .html; got {path.name!r}.")
        with atomic_file(path) as draft:
            draft.write_bytes(make())

    def _ipython_display_(self, **kwargs):
        """Show the live widget, and after it, in an output of its own, the copy that a saved notebook keeps.

        One output with both is not enough: JupyterLab, opening a notebook again, would take the live widget from
        it and show "model not found". ipywidgets 7, as on Colab, would not even ask for a second kind.
        """
        if self.comm is None:  # closed
            return print(repr(self))
        data, metadata = super()._repr_mimebundle_(**kwargs)
        display(data, metadata=metadata, raw=True)
        copy = mimebundle(self, SMALL, beside=self._live)
        display({kind: copy[kind] for kind in ("text/html", "image/png")}, raw=True)


class Frozen:
    """What ``freeze`` answers: the last line of a cell, to be kept in the saved notebook."""

    def __init__(self, widget):
        self._bundle = mimebundle(widget, LARGE)

    def _repr_mimebundle_(self, **kwargs):
        return self._bundle

    def __repr__(self):
        return self._bundle["text/plain"]


def mimebundle(widget, most, beside=None):
    """The frozen widget as a notebook's output: HTML and a picture. ``beside``: see :func:`fragment`."""
    picture = base64.b64encode(widget._sheet().png(scale=1)).decode()
    return {
        "text/plain": whole(repr(widget)),
        "text/html": fragment(widget, most, f"png;base64,{picture}", beside),
        "image/png": picture,
    }


def page(widget):
    """The widget as a whole HTML page, with all its numbers."""
    picture = f"webp;base64,{base64.b64encode(widget._sheet().webp(scale=1)).decode()}"
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(whole(repr(widget)[1:-1]))}</title>\n{fragment(widget, None, picture)}\n</html>\n"
    )


def fragment(widget, most, picture, beside=None):
    """The widget as HTML to put into a page or an output, with its ``picture`` until the script runs.

    ``picture`` is its kind and its bytes, as in a data URL: "png;base64,…".
    ``beside`` is the name of the live widget next to which it stands: it shows itself only where that is not.
    """
    frozen = widget._to_freeze(most)
    # "<" appears in no JSON but in strings, and there it may be written so: no token can end the script.
    data = json.dumps(frozen, ensure_ascii=False).replace("<", "\\u003c")
    name = _name({key: value for key, value in frozen.items() if key not in ("numbers", "vectors")})
    mark = f' data-kt-copy="{beside}"' if beside else ""
    only_alone = ONLY_ALONE.replace("NAME", beside) if beside else ""
    return whole(
        f'<div class="kt-frozen" id="kt-{name}"{mark}>\n<style>\n{stylesheet(widget._script)}{only_alone}</style>\n'
        f'<img alt="{html.escape(widget._alt())}" src="data:image/{picture}" style="max-width: 100%">\n'
        f"<script>\n(() => {{\n/* ktlearn widget */\n{as_script(widget._script)}/* end of ktlearn widget */\n"
        f"const frozen = {data};\nconst script = document.currentScript?.parentElement ?? document;\n"
        f'const host = script.closest?.("#kt-{name}") ?? script.querySelector("#kt-{name}");\n'
        f"{'thawAlone' if beside else 'thaw'}(host, frozen, render);\n}})();\n</script>\n</div>"
    )


def _name(state):
    """An id from what the widget shows. Decimals stay out: their last digit differs between processors."""
    words = re.sub(r"-?\d+\.\d+(e-?\d+)?", "", json.dumps(state, sort_keys=True))
    return hashlib.sha256(words.encode()).hexdigest()[:12]
