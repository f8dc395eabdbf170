"""The key map: which published tensor goes into which variable of ours, and back.

A family (``families/``) states its names as data. Here they become a list of entries that a lesson can print,
that fills a model, and that empties it again. Every tensor of a checkpoint is accounted for.
"""

import re
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from ktlearn.models.stored_tensor import FLOATS, as_floats

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


def check_names(family, settings, task, tensors, source, whole=False):
    """Hold the names in a file against those that a config asks for. No model is needed, however large it would be.

    Raises:
        ValueError: a tensor is missing, and it is not part of a head that may start fresh.
    """
    names = _by_our_spelling(family, tensors)
    for tensor in family.tensors(settings, task):
        may_be_fresh = not whole and tensor.ours.startswith(HEADS)
        if not may_be_fresh and _plain(family, tensor.theirs) not in names:
            theirs = _theirs(family, task, tensor)
            raise ValueError(
                f"{source}: the tensor {theirs!r} is missing. Is this a complete {family.name} checkpoint? "
                f"The config asks for {settings.num_layers:,} layers of width {settings.d_model:,}."
            )


def fit(model, tensors, source, whole=False, new_head=False):
    """Find each of our variables among published tensors, by their names, shapes and types; no number is read.

    Args:
        model: a built model, or its :func:`~ktlearn.models.outline.outline`.
        tensors: a mapping from published names to arrays, or to what has ``shape`` and ``dtype``.
        source: how errors call the checkpoint.
        whole: True when the head must be there too.
        new_head: True to begin with a fresh last layer of a classifier, whatever is there.

    Returns:
        ``(found, fresh, unused)``: a list of ``(name in tensors, Entry)``; and two lists of names, see
        :class:`Loading`.

    Raises:
        ValueError: a tensor is missing, has another shape or holds no floating-point numbers; or there are more
            layers than the model has.
    """
    names = _by_our_spelling(model.family, tensors)
    found, fresh = [], []
    for entry in entries(model):
        stored = names.get(_plain(model.family, entry.theirs))
        is_new = new_head and entry.ours.startswith(COUNTS_LABELS)
        if is_new or (stored is None and not whole and entry.ours.startswith(HEADS)):
            fresh.append(entry.theirs)
            continue
        if stored is None:
            raise ValueError(f"{source}: the tensor {entry.theirs!r} {entry.shape} is missing.")
        _check_form(tensors[stored], entry, source)
        found.append((stored, entry))
    placed = {stored for stored, _ in found}
    unused = sorted(_not_copies(model, tensors, names, [name for name in tensors if name not in placed], source))
    _check_layers(model.family, placed, unused, source)
    return found, fresh, unused


def check_numbers(model, found, tensors, source):
    """Read each tensor that has a place once, before the first is written.

    Args:
        model: as in :func:`fit`.
        found: what that function found.
        tensors, source: as there.

    Raises:
        ValueError: a number is not finite, or a copy of a tied tensor differs from it.
    """
    placed = dict(found)
    for stored in placed:
        as_floats(tensors[stored], f"{source}: the tensor {stored!r}")
    names = _by_our_spelling(model.family, tensors)
    for stored in tensors.keys() - placed.keys():
        original = _original(model, names, stored)
        # Ours has only one place for the two.
        if original is not None and not np.array_equal(tensors[stored], tensors[original]):
            raise ValueError(
                f"{source}: {stored!r} differs from {original!r}. ktlearn's {model.task} head shares the two "
                "(tied weights); a checkpoint with untied ones cannot be read."
            )


def pour(model, tensors, source, whole=False, new_head=False, order=None, checked=False):
    """Fill the model with published tensors. Everything is checked before the first one is written.

    Args:
        model: a built model.
        tensors, source, whole, new_head: as in :func:`fit`.
        order: for each output of a classifier, which one of the file's it is; None for the same order.
        checked: True when :func:`check_numbers` has seen them already.

    Returns:
        A :class:`Loading`.

    Raises:
        ValueError: as :func:`fit` and :func:`check_numbers`.
    """
    found, fresh, unused = fit(model, tensors, source, whole, new_head)
    if not checked:
        check_numbers(model, found, tensors, source)
    for stored, entry in found:
        array = entry.there(np.asarray(tensors[stored]).astype("float32", copy=False))
        if entry.ours.startswith(COUNTS_LABELS):
            array = array if order is None else array[..., order]
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
    try:
        shape = list(_reach(model, tensor.ours).shape)
    except AttributeError as error:
        raise ValueError(f"by the config the model has no place for {tensor.theirs!r}") from error
    shape[0] += tensor.skipped
    if tensor.part:
        shape[-1] *= tensor.part[1]
    shape = tuple(reversed(shape)) if tensor.transposed else tuple(shape)
    theirs = _theirs(model.family, model.task, tensor)
    return Entry(theirs, tensor.ours, shape, tensor.transposed, tensor.part, tensor.skipped)


def _reach(model, path):
    """Follow "encoder.layers.0.attention" from the model to the object it names."""
    for step in path.split("."):
        model = model[int(step)] if step.isdigit() else getattr(model, step)
    return model


def _theirs(family, task, tensor):
    """The published name, as the files of this task have it."""
    return tensor.theirs.removeprefix(family.prefix) if task is None else tensor.theirs


def _plain(family, name):
    """A published name in today's spelling, without the prefix, which a file may have or lack."""
    for pattern, replacement in family.legacy:
        name = re.sub(pattern, replacement, name)
    return name.removeprefix(family.prefix)


def _by_our_spelling(family, tensors):
    """Published names in one spelling → names in the file."""
    return {_plain(family, stored): stored for stored in tensors}


def _check_form(tensor, entry, source):
    """A tensor's shape and type."""
    if tuple(tensor.shape) != entry.shape:
        raise ValueError(
            f"{source}: the tensor {entry.theirs!r} has the shape {tuple(tensor.shape)}, but {entry.shape} is needed. "
            "The weights and the config do not belong together."
        )
    if str(tensor.dtype) not in FLOATS:
        raise ValueError(
            f"{source}: the tensor {entry.theirs!r} is of type {tensor.dtype}; accepted are {', '.join(FLOATS)}. "
            "Quantized weights are not supported: use the checkpoint that they were made from."
        )


def _not_copies(model, tensors, names, unused, source):
    """Leave out buffers, and second copies of a tied tensor."""
    family = model.family
    for stored in unused:
        is_buffer = any(re.fullmatch(pattern, stored.removeprefix(family.prefix)) for pattern in family.buffers)
        if not is_buffer and _original(model, names, stored) is None:
            yield stored


def _original(model, names, stored):
    """The name of the tensor of which this one is a copy; None when it is none."""
    theirs = model.family.ties.get(model.task, {}).get(_plain(model.family, stored))
    return names.get(_plain(model.family, theirs)) if theirs else None


def _check_layers(family, placed, unused, source):
    """No tensor may be left over whose namesake in another layer has a place: that layer would be left out."""

    def kind(name):
        return re.sub(r"\.\d+\.", ".#.", _plain(family, name))

    kinds, known = {kind(name) for name in placed}, {_plain(family, name) for name in placed}
    for name in unused:
        if kind(name) in kinds and _plain(family, name) not in known:
            raise ValueError(
                f"{source}: the file holds {name!r}, but by the config the model has no such layer. "
                "The weights and the config do not belong together."
            )
