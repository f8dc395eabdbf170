"""What a picture of blocks is made of, as lists that both Python and the browser draw: see picture.py and scene.js.

    ["box", id, x, y, w, h, label, detail, colour]    a block; its colour is one of the heads' eight
    ["frame", id, x, y, w, h, label, times]           around the parts of a layer
    ["add", id, x, y]                                 a residual: a circle with a plus
    ["line", [[x, y], …], kind]                       kind is "arrow", "memory" (an arrow, too) or "plain"
    ["shape", x, y, letters]                          of what an arrow carries
    ["strip", x, y, w, h, id]                         room for the numbers that it carries
    ["mask", id, x, y, size, kind]                    a small mask, in its attention
    ["text", x, y, words, anchor]

An id is a block's path; of a layer that stands for several, ``#0`` takes the place of its number: see ``Groups``.
"""

BOX, HIGH, LOW = 196, 40, 28  # the width of a box, and two heights
COLOURS = {
    **dict.fromkeys(("attention", "cross_attention"), 1),
    **dict.fromkeys(("embedding", "positions", "segments", "distances", "rotary"), 3),
    **dict.fromkeys(("head", "pooler"), 2),
    "feed_forward": 0,
    "norm": 4,
}
OTHER = 7


class Column:
    """A column of boxes, drawn from the bottom up around a vertical line; y goes down, so it becomes less and less.

    >>> column = Column(100, 0)
    >>> column.carry = (("B", "L"), "ids")
    >>> column.arrow(20)
    >>> [shape[0] for shape in column.shapes], column.y
    (['line', 'shape', 'strip'], -20)
    """

    def __init__(self, x, y, is_small=False):
        self.x, self.y, self.is_small, self.shapes, self.carry = x, y, is_small, [], None

    def arrow(self, length, says=True, kind="arrow"):
        """Go up by ``length``; with ``says`` the arrow shows what it carries. A small picture has short ones."""
        length = max(12, length / 2) if self.is_small else length
        middle = self.y - length / 2
        self.line([(self.x, self.y), (self.x, self.y - length)], kind)
        if says and self.carry and not self.is_small:
            letters, path = self.carry
            self.shapes.append(["shape", self.x + 9, middle - 1, list(letters)])
            self.shapes.append(["strip", self.x - 75, middle - 5, 66, 8, path])
        self.y -= length

    def box(self, block, path, height=HIGH):
        """A block on the line, as wide as all."""
        height = 24 if self.is_small else height
        self.y -= height
        detail = "" if self.is_small else block.detail
        place = [self.x - BOX / 2, self.y, BOX, height]
        self.shapes.append(["box", path, *place, block.label, detail, COLOURS.get(block.kind, OTHER)])
        self.carry = (block.shape, path)

    def add(self, block, path):
        """A circle with a plus on the line."""
        self.y -= 18
        self.shapes.append(["add", path, self.x, self.y + 9])
        self.carry = (block.shape, path)

    def line(self, points, kind="arrow"):
        """Straight lines, with a head at the end unless they are plain."""
        self.shapes.append(["line", [list(point) for point in points], kind])

    def text(self, words, x=None, y=None, anchor="middle"):
        """Words, on the line if nothing else is said."""
        self.shapes.append(["text", self.x if x is None else x, self.y if y is None else y, words, anchor])


def scene(shapes, margin=14):
    """The shapes with their upper left corner at 0: {"w", "h", "shapes"}, in whole numbers."""
    corners = [corner for shape in shapes for corner in _corners(shape)]
    left, top, right, bottom = (pick(c[i] for c in corners) for pick, i in ((min, 0), (min, 1), (max, 0), (max, 1)))
    moved = [_moved(shape, margin - left, margin - top) for shape in shapes]
    return {"w": round(right - left + 2 * margin), "h": round(bottom - top + 2 * margin), "shapes": moved}


def _corners(shape):
    kind, *rest = shape
    if kind == "line":
        yield from rest[0]
    elif kind in ("box", "frame"):
        _, x, y, w, h, *_ = rest
        yield from ((x, y), (x + w, y + h))
    elif kind == "shape":
        yield from ((rest[0], rest[1]), (rest[0] + 62, rest[1]))
    elif kind == "text":
        x, y, words, anchor = rest
        half = 3.2 * len(words)
        yield from ((x - half * (anchor != "start"), y - 8), (x + half * (1 + (anchor == "start")), y + 8))


def _moved(shape, dx, dy):
    kind, *rest = shape
    if kind == "line":
        return [kind, [[round(x + dx), round(y + dy)] for x, y in rest[0]], rest[1]]
    at = 1 if kind in ("box", "frame", "add", "mask") else 0
    return [kind, *rest[:at], round(rest[at] + dx), round(rest[at + 1] + dy), *rest[at + 2 :]]
