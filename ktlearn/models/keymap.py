"""The key map: which published tensor goes into which variable of ours, and back.

A family (``families/``) states its names as data. Here they become a list of entries that a lesson can print,
that fills a model, and that empties it again. Every tensor of a checkpoint is accounted for.
"""

import re
from collections import defaultdict
from typing import NamedTuple

import numpy as np

HEADS = ("head.", "pooler.")  # our variables that may start fresh: a new task has a new head
COUNTS_LABELS = "head.classifier."  # their size is the number of labels, which may differ from the checkpoint's


class Entry(NamedTuple):
    """One variable of ours: its published tensor, its name here, that tensor's shape, and the moves between them."""

    theirs: str
    ours: str
    shape: tuple
    transposed: bool
    part: tuple | None = None  # (i, n): ours is the i-th of n equal pieces along our last axis
    skipped: int = 0  # rows at the start of theirs that ours lacks

    def there(self, array):
        """From the published tensor to our variable."""
        array = array.T if self.transposed else array
        if self.part:
            i, n = self.part
            array = np.split(array, n, axis=-1)[i]
        return array[self.skipped :] if self.skipped else array

    def back(self, array):
        """From our variable to the published tensor, or to its part."""
        rows = [(self.skipped, 0)] + [(0, 0)] * (array.ndim - 1)
        array = np.pad(array, rows) if self.skipped else array
        return array.T if self.transposed else array


class Loading(NamedTuple):
    """What happened to the tensors that did not simply find their place."""

    fresh: list  # published names of ours that the checkpoint lacks: initialised at random
    unused: list  # names in the checkpoint that this task has no place for


def entries(model):
    """The key map of a model: a list of :class:`Entry`, in the order of the computation."""
    return [_entry(model, tensor) for tensor in model.family.tensors(model.settings, model.task)]


def pour(model, tensors, source, whole=False):
    """Fill the model with published tensors. Everything is checked before the first one is written.

    Args:
        model: a built model.
        tensors: a mapping from published names to arrays.
        source: how errors call the checkpoint.
        whole: True when the head must be there too.

    Returns:
        A :class:`Loading`.

    Raises:
        ValueError: a tensor is missing or has another shape, and it is not part of a head that may
            start fresh.
    """
    wanted = entries(model)
    names = _by_our_spelling(model, wanted, tensors)
    found, fresh = [], []
    for entry in wanted:
        stored = names.get(entry.theirs)
        may_be_fresh = not whole and entry.ours.startswith(HEADS)
        if stored is not None and tuple(tensors[stored].shape) == entry.shape:
            found.append((stored, entry))
        elif may_be_fresh and (stored is None or entry.ours.startswith(COUNTS_LABELS)):
            fresh.append(entry.theirs)
        else:
            raise ValueError(_misfit(entry, tensors.get(stored), source, model))
    placed = {stored for stored, _ in found}
    unused = sorted(_not_copies(model, tensors, names, [name for name in tensors if name not in placed], source))
    for stored, entry in found:
        array = entry.there(np.asarray(tensors[stored], dtype="float32"))
        if entry.ours.startswith(COUNTS_LABELS):
            array = model.head.in_own_unit(entry.ours.removeprefix(COUNTS_LABELS), array)
        _reach(model, entry.ours).assign(array)
    return Loading(fresh, unused)


def extract(model):
    """The model's weights under their published names: a dictionary of float32 arrays."""
    pieces = defaultdict(list)
    for entry in entries(model):
        array = np.asarray(_reach(model, entry.ours), dtype="float32")
        if entry.ours.startswith(COUNTS_LABELS):  # no other program knows of a unit
            array = model.head.in_readers_unit(entry.ours.removeprefix(COUNTS_LABELS), array)
        array = entry.back(array)
        pieces[entry.theirs].append((entry.part or (0, 1), array, 0 if entry.transposed else -1))
    joined = {}
    for name, parts in pieces.items():
        in_order = [array for _, array, _ in sorted(parts, key=lambda piece: piece[0])]
        joined[name] = np.ascontiguousarray(np.concatenate(in_order, axis=parts[0][2]))
    return joined


def _entry(model, tensor):
    shape = list(_reach(model, tensor.ours).shape)
    shape[0] += tensor.skipped
    if tensor.part:
        shape[-1] *= tensor.part[1]
    shape = tuple(reversed(shape)) if tensor.transposed else tuple(shape)
    theirs = tensor.theirs.removeprefix(model.family.prefix) if model.task is None else tensor.theirs
    return Entry(theirs, tensor.ours, shape, tensor.transposed, tensor.part, tensor.skipped)


def _reach(model, path):
    """Follow "encoder.layers.0.attention" from the model to the object it names."""
    for step in path.split("."):
        model = model[int(step)] if step.isdigit() else getattr(model, step)
    return model


def _by_our_spelling(model, wanted, tensors):
    """Published name as our key map spells it → name in the file, which may lack the prefix, or have it, or be old."""
    family, known = model.family, {entry.theirs for entry in wanted}
    names = {}
    for stored in tensors:
        name = stored
        for pattern, replacement in family.legacy:
            name = re.sub(pattern, replacement, name)
        spellings = (name, family.prefix + name, name.removeprefix(family.prefix))
        names[next((spelling for spelling in spellings if spelling in known), name)] = stored
    return names


def _misfit(entry, array, source, model):
    if array is None:
        return (
            f"{source}: the tensor {entry.theirs!r} {entry.shape} is missing. "
            f"Is this a complete {model.config.model_type} checkpoint?"
        )
    return (
        f"{source}: the tensor {entry.theirs!r} has the shape {tuple(array.shape)}, but {entry.shape} is needed. "
        "The weights and the config do not belong together."
    )


def _not_copies(model, tensors, names, unused, source):
    """Leave out buffers, and second copies of a tied tensor; a copy that differs is an error."""
    family = model.family
    for stored in unused:
        if any(re.fullmatch(pattern, stored.removeprefix(family.prefix)) for pattern in family.buffers):
            continue
        original = names.get(family.ties.get(model.task, {}).get(stored))
        if original is None:
            yield stored
        elif not np.array_equal(tensors[stored], tensors[original]):
            raise ValueError(
                f"{source}: {stored!r} differs from {original!r}. ktlearn's {model.task} head shares the two "
                "(tied weights); a checkpoint with untied ones cannot be read."
            )
