"""What the browser must know of a model and of a text in it, ready for JSON."""

import numpy as np

from ktlearn.widgets.model.counts import all_parameters as total
from ktlearn.widgets.model.counts import multiply_adds, parameters
from ktlearn.widgets.model.insides import inside
from ktlearn.widgets.model.packing import likely, mask_rows, pack

__all__ = ["blocks", "ids", "insides", "marked", "of_passage", "total"]

USUAL = 64  # tokens, where there is no text: for the multiply-adds


def ids(structure, groups):
    """Of each path its id in the scene and its layer's number, None outside of a group: path → ``(id, number)``.

    >>> from ktlearn.transformer import EncoderLayer
    >>> from ktlearn.widgets.model import machine, structure
    >>> found = structure.read([EncoderLayer(8, 2, 16), EncoderLayer(8, 2, 16)])
    >>> ids(found, machine.draw(found)[1])["[1].attention"]
    ('[#0].attention', 1)
    """
    found = {block.path: (block.path, None) for block in structure.walk()}
    for number, group in enumerate(groups):
        sign = f"[#{number}]"
        start = group["prefix"].removesuffix(sign)
        for layer in range(group["first"], group["first"] + group["count"]):
            own = f"{start}[{layer}]"
            for path in found:
                if path == own or path.startswith((own + ".", own + " ")):
                    found[path] = (start + sign + path.removeprefix(own), layer)
    return found


def insides(structure, ids):
    """The scenes of what is inside blocks, by their ids."""
    found = {}
    for block in structure.walk():
        key = ids[block.path][0]
        if key not in found and (drawn := inside(block)):
            found[key] = drawn
    return found


def blocks(structure, ids, sizes):
    """What is said of each block, by its id; ``sizes`` are the numbers of the letters."""
    lengths = {tower.length: USUAL for tower in structure.towers}
    found = {}
    for tower in structure.towers:
        before = tower.name
        for block in tower.blocks:
            key = ids[block.path][0]
            comes = f"{key} <" if block.kind == "layer" else before
            if key not in found:
                _describe(found, tower, block, comes, ids, lengths | sizes)
            before = key if block.kind != "layer" else block.path
    return found


def _describe(found, tower, block, before, ids, sizes):
    """Note a block and those inside; ``before`` is the id of what comes into it."""
    layer = block.layer if block.layer is not None else block.tied_to
    key = ids[block.path][0]
    told = {
        "label": block.label,
        "kind": block.kind,
        "class": type(layer).__name__,
        "tower": tower.name,
        "shape": list(block.shape),
        "before": before,
        "parameters": parameters(block),
        "macs": multiply_adds(block, sizes),
    }
    if block.kind in ("attention", "cross_attention") and hasattr(layer, "keys_and_values"):
        scale = layer.d_k**-0.5 if layer.scale is None else layer.scale
        is_biased = any(other.kind == "distances" for other in block.beside)
        told |= {"heads": layer.num_heads, "d_k": layer.d_k, "scale": scale, "biased": is_biased}
    found[key] = told
    for other in block.beside:
        if other.path not in found:
            _describe(found, tower, other, before, ids, sizes)
    history = [before]
    for part in block.parts:
        _describe(found, tower, part, history[-1], ids, sizes)
        part_id = ids[part.path][0]
        if part.kind == "residual":
            found[part_id]["added"] = [history[-1], history[-1 - part.back]]
        history.append(part_id)


def of_passage(structure, ids, passage, reading):
    """The traits that follow from a text."""
    answers = dict(passage.answers)
    table, data = pack({path: answer for path, answer in answers.items() if not _is_doubled(structure, path)})
    for tower in structure.towers:
        before = tower.name
        for block in tower.blocks:
            if block.kind == "layer":
                if before in table:
                    table[f"{block.path} <"] = table[before]
                if block.parts and block.parts[-1].path in table:
                    table[block.path] = table[block.parts[-1].path]
            before = block.path
    lengths = {tower.length: len(reading.tokens[tower.name]) for tower in structure.towers}
    sizes = structure.sizes | {"B": 1} | lengths
    masks = {ids[path][0]: mask_rows(step) for path, step in passage.steps.items()}
    positions = {name: _first_shown(tokens, name) for name, tokens in reading.tokens.items()}
    places = list(positions.values())
    return {
        "_tokens": reading.tokens,
        "_sizes": sizes,
        "_blocks": blocks(structure, ids, sizes),
        "_table": table,
        "_data": data,
        "_masks": masks,
        "_top": _top(structure, passage, reading),
        "token": places[0],
        "target": places[-1],
    }


def _is_doubled(structure, path):
    """A layer's answer is its last part's."""
    block = structure.find(path)
    return block is not None and block.kind == "layer" and block.parts and block.parts[-1].kind in ("norm", "residual")


def _first_shown(tokens, tower):
    """The token that is shown first: where something is to be guessed."""
    if "[MASK]" in tokens or "<mask>" in tokens:
        return next(i for i, token in enumerate(tokens) if token in ("[MASK]", "<mask>"))
    return len(tokens) - 1 if tower == "decoder" else 0


def _top(structure, passage, reading):
    """The most probable answers, where the model gives any."""
    tower = structure.towers[-1]
    last = tower.blocks[-1]
    if last.kind != "head" or last.shape[-1] not in ("V", "C"):
        return {}
    logits = np.atleast_2d(passage.tops[tower.name])
    names = reading.names
    if last.shape[-1] == "C":
        labels = structure.model.config.id2label
        names = [str(labels[i]) for i in range(logits.shape[-1])]
    return {"tower": tower.name, "kind": last.shape[-1]} | likely(
        logits, names or [str(i) for i in range(logits.shape[-1])]
    )


def marked(structure, ids, mark):
    """The ids of what is marked: kinds, names of towers, paths.

    A tower is all of it; a layer is its frame and all in it.
    """
    found = set()
    for tower in structure.towers:
        for block in tower.walk():
            if block.kind in mark or tower.name in mark or block.path in mark:
                found |= {ids[inner.path][0] for inner in (block, *block.parts)}
    return found
