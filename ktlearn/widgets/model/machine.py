"""The whole machine as a scene: towers as in figure 1 of "Attention Is All You Need", with this model's own blocks."""

from ktlearn.widgets.model.scene import BOX, COLOURS, HIGH, LOW, Column, scene

LANE = BOX / 2 + 20  # how far from the line a residual goes up
WIDE, BETWEEN, BESIDE = (
    352,
    160,
    84,
)  # from a tower's middle to the next one's, from there back to the memory's way, and room beside a tower
ANSWERS = {"V": "logits of every token", "C": "logits of the classes", "2": "logits of start and end"}


class Groups:
    """Equal layers in a row, which are drawn once: prefix with ``#n``, first number, how many.

    >>> groups = Groups()
    >>> groups.path("encoder.layers[2].attention", groups.add("encoder.layers[0]", 4))
    'encoder.layers[2].attention'
    """

    def __init__(self):
        self.all = []

    def add(self, path, count, tower=""):
        """A new group that begins with the layer at ``path``; the answer is how its paths begin: before and after."""
        start, _, number = path.removesuffix("]").rpartition("[")
        prefix = f"{start}[#{len(self.all)}]"
        self.all.append({"prefix": prefix, "first": int(number), "count": count, "tower": tower})
        return path, prefix

    @staticmethod
    def path(path, prefixes):
        """The path of a block as an id."""
        before, after = prefixes
        return after + path.removeprefix(before) if path.startswith(before) else path


def draw(structure, is_small=False):
    """The scene of a model, and its groups of layers: ``(scene, groups)``. A small one has boxes and arrows only."""
    groups, shapes, encoder = Groups(), [], None
    wide = WIDE + BESIDE * any(block.beside for block in structure.towers[0].walk())
    for number, tower in enumerate(structure.towers):
        column = Column(number * wide, 0, is_small)
        forks = _tower(column, tower, groups, structure)
        if encoder is not None:
            _memory(column, encoder, forks)
        encoder = column
        shapes += column.shapes
    shapes.sort(key=lambda shape: shape[0] != "frame")  # frames first: what is in them stands on them
    return scene(shapes), groups.all


def _tower(column, tower, groups, structure):
    """Draw a tower; the answer are the heights at which the memory is wanted."""
    forks = []
    column.text(tower.reads or "vectors", y=8)
    column.carry = (("B", tower.length), "") if tower.reads else (("B", tower.length, "D"), tower.name)
    for group in tower.groups():
        block = group[0]
        if block.kind == "layer" and block.parts:
            is_several = len(group) > 1
            prefixes = groups.add(block.path, len(group), tower.name) if is_several else (block.path, block.path)
            column.carry = (block.shape, f"{prefixes[1]} <")  # what comes into this one of them
            forks += _layer(column, block, prefixes, len(group) if is_several else 0)
            column.carry = (block.shape, group[-1].path)
        elif block.kind in ("positions", "segments"):
            _from_the_side(column, block, -1 if block.kind == "positions" else 1)
        else:
            for each in group:
                column.arrow(30, tower.is_ordered, "arrow" if tower.is_ordered else "plain")
                column.box(each, each.path, LOW if each.kind == "norm" else HIGH)
    column.arrow(30)
    is_memory = tower.name == "encoder" and len(structure.towers) > 1
    last = column.carry[0][-1]
    column.y -= 12
    column.text("memory" if is_memory else ANSWERS.get(last, "vectors"))
    return forks


def _from_the_side(column, block, side):
    """A sum with what comes from the side, as positions do."""
    column.arrow(34)
    column.add(block, block.path)
    x, y, high = column.x + side * 98, column.y + 9, 24 if column.is_small else 34
    detail = "" if column.is_small else block.detail
    place = [x - 48, y - high / 2, 96, high]
    column.shapes.append(["box", block.path, *place, block.label, detail, COLOURS[block.kind]])
    column.line([(x - side * 48, y), (column.x + side * 9, y)])


def _layer(column, layer, prefixes, times):
    """A layer in its frame, part by part."""
    bottom, forks, branches, before = column.y - (12 if column.is_small else 30), [], {}, None
    column.arrow(42, kind="plain")
    begins = {i: i - part.back for i, part in enumerate(layer.parts) if part.kind == "residual"}
    for i, part in enumerate(layer.parts):
        path = Groups.path(part.path, prefixes)
        if i in begins.values():
            if before is not None:
                column.arrow(24 if before.kind == "norm" else 12, before.kind == "norm", "plain")
            branches[i] = column.y
        if not layer.is_seen:
            column.y -= 10
            column.box(part, path)
        elif part.kind == "residual":
            around = sum(begins[i] <= begins[other] for other in begins if other < i)
            _residual(column, part, path, branches[begins[i]], LANE + 10 * around)
        elif part.kind in ("attention", "cross_attention"):
            forks += _attention(column, part, path)
        else:
            is_first = i in begins.values()
            column.arrow(20 if is_first else 28, says=not is_first and bool(before))
            column.box(part, path, LOW if part.kind == "norm" else HIGH)
        before = part
    column.arrow(18, False, "plain")
    box = [column.x - LANE - 20, column.y, 2 * LANE + 40 + 34, bottom - column.y]
    column.shapes.append(["frame", prefixes[1], *box, layer.label, times])
    return forks


def _residual(column, block, path, branch, lane):
    """A circle with a plus, and the way to it from the branch, around the blocks between."""
    column.arrow(22)
    column.add(block, path)
    x, y = column.x - lane, column.y + 9
    column.line([(column.x, branch), (x, branch), (x, y), (column.x - 9, y)])


def _attention(column, block, path):
    """An attention with its three arrows; the answer is where the memory comes in, if it does."""
    is_cross, x = block.kind == "cross_attention", column.x
    deep = 26 if column.is_small else 40
    column.line([(x, column.y), (x, column.y - deep)])
    fork = column.y - deep + 18
    for name, dx in (("V", -44), ("K", 0), ("Q", 44)) if not is_cross else (("Q", 0),):
        if dx:
            column.line([(x, fork), (x + dx, fork), (x + dx, column.y - deep)])
        column.text(name, x + dx + 8, fork - 8)
    column.y -= deep
    column.box(block, path)
    right = x + BOX / 2
    if block.mask:
        size = 18 if column.is_small else 24
        column.shapes.append(["mask", path, right + 12, column.y - (2 if column.is_small else 0), size, block.mask])
    for other in block.beside:
        left, y = right + 86, column.y + (21 if column.is_small else 32)
        column.shapes.append(["box", other.path, left, y - 14, 68, 28, other.label, "", COLOURS[other.kind]])
        column.line([(left, y), (right, y)])
    return [fork] if is_cross else []


def _memory(column, encoder, forks):
    """From the top of the encoder to each cross-attention of the decoder."""
    x, start = column.x - BETWEEN, encoder.y - 10
    for fork in forks:
        for name, dx in (("V", -68), ("K", -36)):
            end = column.x + dx
            top = [(encoder.x, start), (encoder.x, start - 14), (x, start - 14)]
            column.line([*top, (x, fork), (end, fork), (end, fork - 18)], "memory")
            column.text(name, end + 8, fork - 8)
