"""A view without a kernel: HTML that stays interactive, and a picture for where scripts may not run.

Everything in it follows from the maps and the state of the view: no clock, no counter, no random id.
"""

import base64
import hashlib
import html
import json
from pathlib import Path

import numpy as np

from ktlearn.widgets import packing, source
from ktlearn.widgets.design import controls
from ktlearn.widgets.picture import png, svg

SMALL, LARGE = 300_000, 3_000_000  # characters of numbers: beside a live view, and in a frozen one
FEW_VECTORS, MORE_VECTORS = 8_000, 40_000  # numbers
STATE = ("view", "step", "heads", "pinned", "threshold", "special", "full_scale", "zoom")


class Frozen:
    """What :meth:`AttentionView.freeze` answers: the last line of a cell, to be kept in the saved notebook."""

    def __init__(self, view):
        self._bundle = bundle(view)

    def _repr_mimebundle_(self, **kwargs):
        return self._bundle

    def __repr__(self):
        return self._bundle["text/plain"]


def bundle(view, small=False):
    """The frozen view as a notebook's output: HTML and a picture."""
    return {
        "text/plain": repr(view),
        "text/html": fragment(view, SMALL if small else LARGE),
        "image/png": base64.b64encode(png(view)).decode(),
    }


def export(view, path):
    """Write a view to a ``.png``, ``.svg`` or ``.html`` file."""
    path = Path(path).expanduser()
    if path.suffix == ".png":
        path.write_bytes(png(view, scale=2))
    elif path.suffix == ".svg":
        path.write_text(svg(view), encoding="utf-8")
    elif path.suffix == ".html":
        path.write_text(page(view), encoding="utf-8")
    else:
        raise ValueError(f"export: the file must end in .png, .svg or .html; got {path.name!r}.")


def page(view):
    """The view as a whole HTML page, with all its numbers."""
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(repr(view)[1:-1])}</title>\n{fragment(view, most=None)}\n</html>\n"
    )


def fragment(view, most):
    """The view as HTML to put into a page or an output. ``most`` characters of numbers; None: all there are."""
    frozen = _frozen(view, most)
    name = hashlib.sha256(json.dumps([frozen["state"], frozen["links"]], sort_keys=True).encode()).hexdigest()[:12]
    picture = base64.b64encode(png(view)).decode()
    # "<" appears in no JSON but in strings, and there it may be written so: no token can end the script.
    data = json.dumps(frozen, ensure_ascii=False).replace("<", "\\u003c")
    code = source.script("attention")
    return (
        f'<div class="kt-frozen" id="kt-{name}">\n<style>\n{source.style("attention")}</style>\n'
        f'<img alt="{html.escape(described(view))}" src="data:image/png;base64,{picture}" style="max-width: 100%">\n'
        f"<script>\n(() => {{\n/* ktlearn widget */\n{code}/* end of ktlearn widget */\n"
        f"const frozen = {data};\nconst script = document.currentScript?.parentElement ?? document;\n"
        f'const host = script.closest?.("#kt-{name}") ?? script.querySelector("#kt-{name}");\n'
        "thaw(host, frozen, render);\n})();\n</script>\n</div>"
    )


def described(view):
    """The view in words, for who cannot see it: what it is, and the strongest weight."""
    maps = view.blocks[view.block]
    mean = maps.weights[view.step, view.layer, view.heads].mean(0)  # (Q, K)
    query, key = divmod(int(abs(mean).argmax()), mean.shape[1])
    heads = ", ".join(maps.heads[head] for head in view.heads)
    return (
        f"Attention, {view.view}: {maps.layers[view.layer]}, {heads}, {len(maps.tokens)} queries by "
        f"{len(maps.key_tokens)} keys. The strongest weight is {mean[query, key]:.2f}, from {maps.tokens[query][:60]} "
        f"to {maps.key_tokens[key][:60]}."
    )


def _frozen(view, most):
    """The traits, the numbers and the vectors of a view, ready for JSON: as much as ``most`` allows."""
    for part in _parts(view):
        blocks, layer, heads = part
        numbers = packing.numbers_for_page(blocks)
        if most is None or sum(map(len, numbers.values())) <= most:
            break
    described = packing.describe(blocks)
    is_part = blocks is not view.blocks
    notes = [*view._notes, *["A frozen part of a larger view: run the cell to see the rest."] * is_part]
    state = {name: getattr(view, name) for name in STATE} | {
        "layer": layer,
        "heads": heads,
        "block": view.block,
        "_blocks": described,
        "_special": view._special,
        "_notes": notes,
        "_design": view._design,
        "_controls": controls(described, bool(view._special)),
        "_status": "",
        "text": None,
        "pair": None,
        "hover": None,
    }
    limit = MORE_VECTORS if view.view == "steps" else FEW_VECTORS
    return {
        "state": state,
        "numbers": numbers,
        "vectors": _vectors(blocks, state, limit),
        "links": _links(view),
    }


def _parts(view):
    """Smaller and smaller parts of a view: (blocks, layer, heads)."""
    maps = view.blocks[view.block]
    yield view.blocks, view.layer, list(view.heads)
    yield {view.block: maps.part(layer=view.layer)}, 0, list(view.heads)
    yield {view.block: maps.part(layer=view.layer, heads=view.heads)}, 0, list(range(len(view.heads)))


def _vectors(blocks, state, most):
    """Queries and keys of all heads, of the layer shown or of the head shown: question → decimals."""
    shown = (list(blocks).index(state["block"]), state["step"], state["layer"], state["heads"][0])
    heads = [
        (number, *place)
        for number, maps in enumerate(blocks.values())
        if maps.queries is not None
        for place in np.ndindex(maps.queries.shape[:3])
    ]
    for alike in (0, 3, 4):  # how much of (block, snapshot, layer, head) must be that of the head shown
        questions = [
            json.dumps(["vectors", *head], separators=(",", ":")) for head in heads if head[:alike] == shown[:alike]
        ]
        found = {each: np.frombuffer(packing.answer(blocks, json.loads(each)), "float32") for each in questions}
        if alike == 4 or sum(map(len, found.values())) <= most:
            return {question: packing.decimals(vectors) for question, vectors in found.items()}


def _links(view):
    """With whom the view changes together: pairs find each other on a page by a name made from both."""

    def mark(one):
        return json.dumps([repr(one), one._blocks], sort_keys=True)

    return [
        {
            "traits": list(traits),
            "group": hashlib.sha256("".join(sorted([mark(view), mark(other)])).encode()).hexdigest()[:12],
        }
        for other, traits in view.links
    ]
