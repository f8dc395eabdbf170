"""A model as blocks: what a picture of it needs to know, and nothing about how it is drawn.

Letters in the shapes: B batch, L length (S of the source, T of the target), D model width, H heads, d_k head width,
F feed-forward width, V vocabulary, C classes.
"""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a model that computes something.

    Args:
        kind: "embedding", "positions", "segments", "distances", "rotary", "norm", "layer", "attention",
            "cross_attention", "feed_forward", "residual", "pooler", "head" or "other".
        path: Python's way to it from the model, ``"encoder.layers[3].attention"``. That of a residual ends with " + x",
            and that of what both towers use with " (target)" for the decoder.
        label: its name in the picture.
        layer: the object; of a residual the layer that adds; None of an output that has nothing of its own.
        detail: its sizes in a few words.
        shape: the letters of what it answers.
        parts: the blocks inside, in the order of the computation.
        back: of a residual, how many blocks lie between the branch and it.
        mask: of an attention, "padding", "causal", "causal & padding", "causal & padding & window", or None where
            nothing is known of it.
        beside: blocks that bring something from the side, as positions do.
        is_seen: False of a layer whose parts compute in an order that nobody knows.
        tied_to: the embedding whose matrix the block multiplies by, too; its numbers are counted there.
    """

    kind: str
    path: str
    label: str
    layer: Any = None
    detail: str = ""
    shape: tuple = ("B", "L", "D")
    parts: tuple = ()
    back: int = 0
    mask: str | None = None
    beside: tuple = ()
    is_seen: bool = True
    tied_to: Any = None

    def walk(self):
        """This block and all in it and beside it, itself first."""
        yield self
        for inner in (*self.beside, *self.parts):
            yield from inner.walk()

    def looks_like(self, other):
        """Whether both are drawn the same, apart from their place in the model."""
        own, others = ([(b.kind, b.label, b.detail, b.mask) for b in block.walk()] for block in (self, other))
        return own == others


@dataclass(frozen=True, eq=False)
class Tower:
    """A column of blocks, from the tokens up.

    Args:
        name: "encoder", "decoder" or "stack".
        length: the letter of its length.
        blocks: from the bottom to the top.
        reads: the words under it; empty where vectors come in.
        is_ordered: False where the blocks are known and not their order: a reader's own model.
    """

    name: str
    length: str
    blocks: tuple
    reads: str = ""
    is_ordered: bool = True

    def walk(self):
        """All blocks, those inside others after these."""
        for block in self.blocks:
            yield from block.walk()

    def groups(self):
        """Its blocks, where equal layers in a row are one group: a list of lists."""
        groups = []
        for block in self.blocks:
            is_next = groups and block.kind == groups[-1][-1].kind == "layer"
            if is_next and block.looks_like(groups[-1][-1]):
                groups[-1].append(block)
            else:
                groups.append([block])
        return groups

    def with_length(self, block):
        """A block whose answer has this tower's length: L becomes S or T."""
        shape = tuple(self.length if letter == "L" else letter for letter in block.shape)
        inner = {name: tuple(map(self.with_length, getattr(block, name))) for name in ("parts", "beside")}
        return replace(block, shape=shape, **inner)


@dataclass(frozen=True, eq=False)
class Structure:
    """What :func:`ktlearn.widgets.model.structure.read` answers: one tower, or encoder and decoder side by side."""

    model: Any
    towers: tuple
    sizes: dict = field(default_factory=dict)  # letter → number: D, H, F, V and so on

    def walk(self):
        """All blocks of all towers."""
        for tower in self.towers:
            yield from tower.walk()

    def find(self, path):
        """The block with a path, or None."""
        return next((block for block in self.walk() if block.path == path), None)
