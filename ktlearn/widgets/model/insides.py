"""What is inside a block, as a scene: figure 2 of "Attention Is All You Need", and the feed-forward network."""

from ktlearn.widgets.model.scene import Column, scene


def inside(block):
    """The scene of what a block computes; None where a sentence says it all.

    >>> from ktlearn.widgets.model.blocks import Block
    >>> inside(Block("norm", "norm", "Layer norm")) is None
    True
    """
    if block.kind in ("attention", "cross_attention") and hasattr(block.layer, "keys_and_values"):
        return _attention(block)
    if block.kind == "feed_forward" and hasattr(block.layer, "expand"):
        return _feed_forward(block)
    return None


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
        column.line([(x, -48), (x, -48 - (52 if name != "W_V" else 178 if block.mask else 136))])
        column.shapes.append(["shape", x + 6, -62, ["H_kv" if is_grouped and name != "W_Q" else "H", length, "d_k"]])
    column.y = -100
    scale = "" if block.layer.scale == 1 else " / √d_k"
    distances = " + distances" if "distances" in beside else ""
    steps = [f"Q Kᵀ{scale}{distances}", *(["mask"] if block.mask else []), "softmax"]
    for step in steps:
        column.shapes.append(_box(-54, column.y - 26, 200, step))
        column.y -= 26
        end = column.y - 16
        column.line([(-54, column.y), (-54, end)])
        column.y = end
    column.shapes.append(["shape", -46, column.y + 8, ["H", n, m]])
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
        column.line([(x, -48), (x, -70 if name == "W₁" else -116)])
        column.shapes.append(["shape", x + 8, -59, wide])
    x = columns[0][0]
    column.shapes.append(_box(x, -96, 92, settings["activation"]))
    column.line([(x, -96), (x, -116)])
    column.y = -116
    return _up(column, 204, [*([("first · second", wide)] if layer.gate else []), ("W₂: F → D", [n, "D"])])


def _up(column, wide, steps):
    """The scene, with the last steps on top: a box for each, and above it an arrow with its shape."""
    for step, letters in steps:
        column.shapes.append(_box(0, column.y - 26, wide, step))
        column.y -= 26
        column.line([(0, column.y), (0, column.y - 22)])
        column.shapes.append(["shape", 8, column.y - 11, letters])
        column.y -= 22
    return scene(column.shapes, 6)


def _box(x, y, wide, label):
    return ["box", "", x - wide / 2, y, wide, 26, label, "", 7]
