"""What a text shows of each block beside its answer: the vectors that it adds, its inner ones, and numbers by token."""

import re

import numpy as np

# Behind a block's path: what comes into a layer, what positions add, what lies between the matrices of a feed-forward
# network, and the learned vectors of a normalisation.
BEHIND = re.compile(r" (<|added|inside|γ|β)$")
LEARNED = {"γ": "gamma", "β": "beta"}


def facts(structure, passage, reading):
    """The vectors and the numbers: ``(path → (L, D), path → {name: one number for each token})``.

    The numbers are of whole vectors; a name is one of ``words.WORDS["facts"]``. None stands for what is no number.

    >>> from ktlearn.layers import LayerNorm
    >>> from ktlearn.widgets.model.forward import forward
    >>> from ktlearn.widgets.model.reading import read_inputs
    >>> from ktlearn.widgets.model.structure import read
    >>> x = np.array([[[1.0, 3.0], [5.0, 5.0]]], "float32")
    >>> found = read([LayerNorm()])
    >>> facts(found, forward(found, x), read_inputs(found, x, None))[1]["[0]"]
    {'mean': [2.0, 5.0], 'spread': [1.0, 0.0]}
    """
    from ktlearn.backend import ops  # with it comes TensorFlow, which the other widgets do not need

    vectors, numbers = {}, {}
    for tower in structure.towers:
        for block, before, base in steps(tower):
            came, answer = passage.answers.get(before), passage.answers.get(block.path)
            if answer is None:
                continue
            if block.kind in ("positions", "segments"):
                vectors[f"{block.path} added"] = answer - came
                numbers[block.path] = _added(came, answer - came, answer)
            elif block.kind == "residual":
                first = passage.answers[base]
                numbers[block.path] = _added(first, came, answer)
                numbers[before]["share"] = numbers[block.path]["share"]
            elif block.kind == "norm":
                numbers[block.path] = _spread(block.layer, came)
                vectors |= _learned(block)
            elif block.kind == "feed_forward" and hasattr(block.layer, "expand"):
                inner = np.asarray(block.layer.activation(block.layer.expand(ops.convert_to_tensor(came[None]))))[0]
                vectors[f"{block.path} inside"] = inner
                numbers[block.path] = {"above": (inner > 0).sum(-1)}
            elif block.kind == "embedding" and before == tower.name:
                ids = reading.ids(tower.name)
                numbers[block.path] = {"id": ids, "length": _length(answer)} if ids is not None else {}
            elif block.kind in ("attention", "cross_attention", "head"):
                numbers[block.path] = {}
            else:
                numbers[block.path] = {"length": _length(np.atleast_2d(answer))}
    for path, vector in vectors.items():
        if path.endswith(tuple(LEARNED)):
            numbers[path] = {"least": [vector.min()], "most": [vector.max()]}
    return vectors, {path: {name: _told(column) for name, column in each.items()} for path, each in numbers.items()}


def steps(tower):
    """``(block, path of what comes in, path of what a residual adds it to)`` for each block, in their order."""
    before = tower.name
    for block in tower.blocks:
        yield block, before, None
        history = [before]
        for part in block.parts:
            yield part, history[-1], history[-1 - part.back] if part.kind == "residual" else None
            history.append(part.path)
        before = block.path


def _added(before, added, after):
    """How long what is added is beside what it is added to, and how far that is turned."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (before * after).sum(-1) / (_length(before) * _length(after))
        return {"share": _length(added) / _length(before), "cosine": cosine}


def _spread(layer, came):
    from ktlearn.layers import RMSNorm

    if isinstance(layer, RMSNorm):
        return {"rms": np.sqrt(np.square(came).mean(-1))}
    return {"mean": came.mean(-1), "spread": came.std(-1)}


def _learned(block):
    """The learned vectors of a normalisation, ``(1, D)`` each."""
    found = {sign: getattr(block.layer, name, None) for sign, name in LEARNED.items()}
    return {f"{block.path} {sign}": np.asarray(each)[None] for sign, each in found.items() if each is not None}


def _length(x):
    return np.linalg.norm(x, axis=-1)


def _told(column):
    """A list for JSON: whole numbers as they are, others with two decimals."""
    column = np.asarray(column)
    if column.dtype.kind in "iu":
        return column.tolist()
    return [round(float(each), 2) if np.isfinite(each) else None for each in column]
