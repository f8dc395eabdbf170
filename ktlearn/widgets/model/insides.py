"""What is inside a block, as a scene: figure 2 of "Attention Is All You Need", and the steps of the other blocks."""

from ktlearn.widgets.model.scene import Column, scene


def inside(block):
    """The scene of what a block computes; None where a sentence says it all.

    >>> from ktlearn.widgets.model.blocks import Block
    >>> inside(Block("residual", "attention + x", "Residual")) is None
    True
    """
    if block.kind in ("attention", "cross_attention"):
        return _attention(block) if hasattr(block.layer, "keys_and_values") else None
    if block.kind == "feed_forward":
        return _feed_forward(block) if hasattr(block.layer, "expand") else None
    if block.kind == "norm":
        return _norm(block)
    steps = {"embedding": _embedding, "pooler": _pooler, "head": _head}.get(block.kind)
    return _line(*steps(block)) if steps else None


def _attention(block):
    """Three projections, the weights, and the mix of the values."""
    n = block.shape[1]
    m = "S" if block.kind == "cross_attention" else n
    column = Column(0, 0)
    columns = [(-108, "W_Q", n), (0, "W_K", m), (108, "W_V", m)]
    beside = {other.kind for other in block.beside}
    is_grouped = block.layer.num_kv_heads < block.layer.num_heads
    for x, name, length in columns:
        column.text("memory" if m != n and name != "W_Q" else "input", x, 8)
        column.line([(x, 0), (x, -22)])
        column.shapes.append(_box(x, -48, 92, name + (", turned" if "rotary" in beside and name != "W_V" else "")))
        column.line([(x, -48), (x, -48 - (52 if name != "W_V" else 192 if block.mask else 150))])
        column.shape(x + 6, -68, ["H_kv" if is_grouped and name != "W_Q" else "H", length, "d_k"], True)
    column.y = -100
    scale = "" if block.layer.scale == 1 else " / √d_k"
    distances = " + distances" if "distances" in beside else ""
    steps = [f"Q Kᵀ{scale}{distances}", *(["mask"] if block.mask else []), "softmax"]
    for step in steps:
        column.shapes.append(_box(-54, column.y - 26, 200, step))
        column.y -= 26
        end = column.y - (30 if step == "softmax" else 16)
        column.line([(-54, column.y), (-54, end)])
        column.y = end
    column.shape(-46, column.y + 9, ["H", n, m], True)
    return _up(column, 308, [("weights · V", ["H", n, "d_k"]), ("join the heads", [n, "H·d_k"]), ("W_O", [n, "D"])])


def _feed_forward(block):
    """Out to F, through the activation, and back to D."""
    n, layer = block.shape[1], block.layer
    settings = layer.get_config()
    column = Column(0, 0)
    column.text("input", y=8)
    wide = [n, "F"]
    columns = [(-56, "W₁"), (56, "W₃")] if layer.gate else [(0, "W₁")]
    for x, name in columns:
        column.line([(x, 0), (x, -22)])
        column.shapes.append(_box(x, -48, 92, f"{name}: D → F"))
        column.line([(x, -48), (x, -78 if name == "W₁" else -124)])
        column.shape(x + 8, -68, wide, True)
    x = columns[0][0]
    column.shapes.append(_box(x, -104, 92, settings["activation"]))
    column.line([(x, -104), (x, -124)])
    column.y = -124
    return _up(column, 204, [*([("first · second", wide)] if layer.gate else []), ("W₂: F → D", [n, "D"])])


def _norm(block):
    """Each vector by itself, step by step; None for a kind that is not ours."""
    from ktlearn.layers import LayerNorm, RMSNorm

    if not isinstance(block.layer, (LayerNorm, RMSNorm)):
        return None
    first = ["− mean", "/ √(variance + ε)"] if isinstance(block.layer, LayerNorm) else ["/ √(mean of squares + ε)"]
    column = Column(0, 0)
    column.text("one vector", y=8)
    column.line([(0, 0), (0, -20)])
    column.y = -20
    for step in [*first, "· γ", *(["+ β"] if isinstance(block.layer, LayerNorm) else [])]:
        column.shapes.append(_box(0, column.y - 24, 204, step, 24))
        column.line([(0, column.y - 24), (0, column.y - 40)])
        column.y -= 40
    return scene(column.shapes, 6)


def _embedding(block):
    vector = [block.shape[1], "D"]
    times = [("· √D", vector)] if "√D" in block.detail else []
    return "token ids", [block.shape[1]], [("the row of each id, of V", vector), *times]


def _pooler(block):
    return "input", ["L", "D"], [("only the first token's", ["D"]), ("W: D → D", ["D"]), ("activation", ["D"])]


def _head(block):
    """To the logits, and where they are always made probabilities, to these: of classes that is up to the task."""
    before, letter = list(block.shape[1:-1]), block.shape[-1]
    vector, logits = [*before, "D"], [*before, letter]
    own = [("W: D → D, activation, norm", vector)] if block.tied_to is not None and block.layer is not None else []
    last = f"Eᵀ: D → {letter}" if block.tied_to is not None else f"W: D → {letter}"
    softmax = {"V": [("softmax", logits)], "2": [("softmax over the tokens", logits)]}.get(letter, [])
    return "input", vector, [*own, (last, logits), *softmax]


def _line(name, came, steps):
    """One step above the other."""
    column = Column(0, 0)
    column.text(name, y=8)
    column.line([(0, 0), (0, -30)])
    column.shape(8, -20, came, True)
    column.y = -30
    return _up(column, 204, steps)


def _up(column, wide, steps):
    """The scene, with the last steps on top: a box for each, and above it an arrow with its shape."""
    for step, letters in steps:
        column.shapes.append(_box(0, column.y - 26, wide, step))
        column.y -= 26
        column.line([(0, column.y), (0, column.y - 30)])
        column.shape(8, column.y - 20, letters, True)
        column.y -= 30
    return scene(column.shapes, 6)


def _box(x, y, wide, label, high=26):
    return ["box", "", x - wide / 2, y, wide, high, label, "", 7]
