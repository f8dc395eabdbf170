"""How many numbers a block has learned, and how much it multiplies."""

import math


def parameters(block):
    """The learned numbers in a block; None: it is not built yet. A matrix that it has from another is counted there.

    >>> from ktlearn.transformer import EncoderLayer
    >>> from ktlearn.widgets.model.structure import read
    >>> parameters(read([EncoderLayer(8, 2, 16)]).find("[0].attention"))
    288
    """
    return _sum([block])


def all_parameters(structure):
    """Those of the whole model, each counted once, however many blocks share it."""
    return _sum(structure.walk())


def _sum(blocks):
    owners = [block.layer for block in blocks if block.layer is not None and block.kind != "residual"]
    if not all(layer.built for layer in owners):
        return None
    return sum({id(weight): math.prod(weight.shape) for layer in owners for weight in layer.weights}.values())


def multiply_adds(block, sizes):
    """Multiplications, each with its addition, of a block's matrix products for one text; None: unknown.

    Look-ups, softmax, normalisations, activations and residuals are not counted: they cost time and count as nothing.

    Args:
        sizes: the letters' numbers: a dict with the lengths of the towers (L, or S and T), D and V.

    >>> from ktlearn.transformer import EncoderLayer
    >>> from ktlearn.widgets.model.structure import read
    >>> multiply_adds(read([EncoderLayer(8, 2, 16)]).find("[0].attention"), {"L": 3, "D": 8})
    912
    """
    if block.parts:
        parts = [multiply_adds(part, sizes) for part in block.parts]
        return None if None in parts else sum(parts)
    if block.kind in FREE:
        return 0
    if block.kind == "other":
        return None
    rows = sizes[block.shape[1]] if len(block.shape) > 2 else 1
    if block.kind in ("attention", "cross_attention"):
        if not hasattr(block.layer, "keys_and_values"):
            return None
        keys = sizes["S"] if block.kind == "cross_attention" else rows
        D, d_k = block.layer.d_model, block.layer.d_k
        W, W_kv = block.layer.num_heads * d_k, block.layer.num_kv_heads * d_k
        return 2 * rows * D * W + 2 * keys * D * W_kv + 2 * rows * keys * W
    own = block.layer.weights if block.layer is not None else []
    matrices = sum(math.prod(weight.shape) for weight in own if len(weight.shape) == 2)
    return rows * (matrices + (sizes["D"] * sizes["V"] if block.tied_to is not None else 0))


FREE = ("embedding", "positions", "segments", "distances", "rotary", "norm", "residual")
