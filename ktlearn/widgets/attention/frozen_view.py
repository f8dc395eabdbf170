"""What the frozen copy of an AttentionView holds: its traits, and as many of its numbers as there is room for."""

import hashlib
import json

import numpy as np

from ktlearn.widgets.attention import packing
from ktlearn.widgets.attention.controls import controls

FEW_VECTORS, MORE_VECTORS = 8_000, 40_000  # numbers
STATE = ("view", "step", "heads", "pinned", "threshold", "special", "full_scale", "zoom")


def in_words(view):
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


def to_freeze(view, most):
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
    of_all, of_layer, of_head = (), shown[:3], shown
    for wanted in (of_all, of_layer, of_head):  # block, snapshot, layer and head begin like this
        questions = [
            json.dumps(["vectors", *head], separators=(",", ":")) for head in heads if head[: len(wanted)] == wanted
        ]
        found = {each: np.frombuffer(packing.answer(blocks, json.loads(each)), "float32") for each in questions}
        if wanted is of_head or sum(map(len, found.values())) <= most:
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
