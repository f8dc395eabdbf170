"""The key map: which published tensor goes into which layer of ours, and back.

A family (``bert.py``, ``distilbert.py``) states its names as plain tables. Here they become a list
of entries that a lesson can print, that fills a model, and that empties it again. Every tensor of a
checkpoint is accounted for.
"""

import re
from typing import NamedTuple

import numpy as np

from ktlearn.models import families


class Entry(NamedTuple):
    """One tensor: its published name, our variable, its published shape, whether ours is transposed."""

    theirs: str
    ours: str
    shape: tuple
    transposed: bool


class Loading(NamedTuple):
    """What happened to the tensors that did not simply find their place."""

    fresh: list  # published names of ours that the checkpoint lacks: initialised at random
    unused: list  # names in the checkpoint that this task has no place for


def entries(model):
    """The key map of a model: a list of :class:`Entry`, in the order of the computation.

    PyTorch stores a dense layer's matrix as (output, input), Keras as (input, output): those are
    transposed on the way.
    """
    family = families.of(model)
    bare = model.task is None
    found = []
    for theirs, ours in _modules(family, model):
        for suffix, attribute, transposed in _parts(_reach(model, ours)):
            variable = _reach(model, f"{ours}.{attribute}")
            name = f"{theirs}.{suffix}"
            name = name.removeprefix(family.PREFIX) if bare else name
            shape = tuple(variable.shape)[::-1] if transposed else tuple(variable.shape)
            found.append(Entry(name, f"{ours}.{attribute}", shape, transposed))
    if model.task == "masked-lm":
        found.append(Entry(family.VOCABULARY_BIAS, "head.bias", tuple(model.head.bias.shape), False))
    return found


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
    names = {_canonical(model, name): name for name in tensors}
    found, fresh = {}, []
    for entry in entries(model):
        stored = names.get(_canonical(model, entry.theirs))
        may_be_fresh = not whole and entry.ours.startswith(("head.", "pooler."))
        if stored is not None and tuple(tensors[stored].shape) == entry.shape:
            found[stored] = entry
        elif may_be_fresh and (stored is None or _counts_labels(entry)):
            fresh.append(entry.theirs)
        else:
            raise ValueError(_misfit(entry, tensors.get(stored), source, model))
    unused = [stored for stored in tensors if stored not in found]
    unused = sorted(_not_copies(model, tensors, names, unused, source))
    for stored, entry in found.items():
        array = np.asarray(tensors[stored], dtype="float32")
        _reach(model, entry.ours).assign(array.T if entry.transposed else array)
    return Loading(fresh, unused)


def extract(model):
    """The model's weights under their published names: a dictionary of float32 arrays."""
    tensors = {}
    for entry in entries(model):
        array = np.asarray(_reach(model, entry.ours), dtype="float32")
        tensors[entry.theirs] = np.ascontiguousarray(array.T if entry.transposed else array)
    return tensors


def _modules(family, model):
    yield from family.EMBEDDINGS.items()
    yield from family.MODULES.items()
    for i in range(model.settings.num_layers):
        for theirs, ours in family.LAYER.items():
            yield theirs.format(i=i), ours.format(i=i)
    yield from family.HEADS[model.task].items()


def _parts(layer):
    """(published suffix, our attribute, transposed) of one layer's variables."""
    if hasattr(layer, "embeddings"):
        return [("weight", "embeddings", False)]
    if hasattr(layer, "gamma"):
        return [("weight", "gamma", False), ("bias", "beta", False)]
    return [("weight", "kernel", True), ("bias", "bias", False)]


def _reach(model, path):
    """Follow "encoder.layers.0.attention" from the model to the object it names."""
    for step in path.split("."):
        model = model[int(step)] if step.isdigit() else getattr(model, step)
    return model


def _canonical(model, name):
    """One spelling for a published name: with the family's prefix, with today's LayerNorm suffixes."""
    family = families.of(model)
    name = re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", name)
    name = re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", name)
    is_bare = name.startswith(("embeddings.", "encoder.", "transformer.", "pooler."))
    return family.PREFIX + name if is_bare else name


def _counts_labels(entry):
    """True for the one layer whose size is the number of labels: it may differ from the checkpoint's."""
    return entry.ours.startswith("head.classifier.")


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
    family = families.of(model)
    for stored in unused:
        name = _canonical(model, stored)
        if name in family.BUFFERS:
            continue
        original = names.get(family.COPIES.get(name))
        if model.task == "masked-lm" and original is not None:
            if not np.array_equal(tensors[stored], tensors[original]):
                raise ValueError(
                    f"{source}: {stored!r} differs from {original!r}. ktlearn's masked-lm head shares the two "
                    "(tied weights); a checkpoint with untied ones cannot be read."
                )
            continue
        yield stored
