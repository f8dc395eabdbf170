"""What the frozen copy of a ModelView holds: its traits, and the numbers of its text, as far as there is room."""

import base64
import json
import zlib

import numpy as np

from ktlearn.widgets.attention.packing import decimals
from ktlearn.widgets.base.trait_widget import rounded
from ktlearn.widgets.model.facts import BEHIND

MOST_VECTORS = 12_000  # numbers of queries and keys
LEFT_OUT = ("_data", "_answers", "_wanted", "_status", "text", "pair")


def to_freeze(view, most):
    """The traits, the bytes and the vectors of a view, ready for JSON: as much as ``most`` allows."""
    state = {name: rounded(getattr(view, name)) for name in view._design["traits"] if name not in LEFT_OUT}
    state |= {"_design": view._design, "_status": "", "text": None, "pair": None}
    state["_table"], state["_facts"], data = _part(view, most)
    numbers = {"deflated": base64.b64encode(zlib.compress(data, 6)).decode()} if data else {}
    return {"state": state, "numbers": numbers, "vectors": _vectors(view), "links": []}


def _part(view, most):
    """All answers, or of equal layers those of the one shown: ``(table, facts, bytes)``."""
    if most is None or len(view._data) * 1.3 <= most:
        return view._table, view._facts, view._data
    table, parts, places = {}, [], {}
    for path, (offset, rows, columns, scale) in view._table.items():
        if _is_shown(view, path):
            if offset not in places:
                places[offset] = sum(map(len, parts))
                parts.append(view._data[offset : offset + rows * columns])
            table[path] = [places[offset], rows, columns, scale]
    facts = {path: numbers for path, numbers in view._facts.items() if _is_shown(view, path)}
    return table, facts, b"".join(parts)


def _is_shown(view, path):
    key, number = view._ids.get(BEHIND.sub("", path), (path, None))
    if number is None:
        return True
    group = view._groups[int(key.partition("#")[2].partition("]")[0])]
    return number == min(max(group["first"], view.layer), group["first"] + group["count"] - 1)


def _vectors(view):
    """Queries and keys of the open attention: of all its heads, or of the one shown."""
    step = view._passage and view._passage.steps.get(view.selection)
    if step is None:
        return {}
    heads = range(np.shape(step.weights)[1])
    found = {head: np.frombuffer(view._numbers(view.selection, head), "float32") for head in heads}
    if sum(map(len, found.values())) > MOST_VECTORS:
        found = {view.head: found[min(view.head, len(found) - 1)]}
    return {_question(view.selection, head): decimals(numbers) for head, numbers in found.items()}


def _question(path, head):
    """As the browser asks it."""
    return json.dumps(["head", path, head], separators=(",", ":"), ensure_ascii=False)
