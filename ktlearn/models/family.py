"""What a family of checkpoints is: one value with all its facts. A file in ``families/`` makes one.

A family says how its config becomes our :class:`~ktlearn.models.settings.Settings`, which published tensor
belongs to which of our variables, and how its files are called. It holds no layers: those are the same for all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Tensor(NamedTuple):
    """One published tensor, or a part of one, and the variable of ours that it fills. Each move has a way back."""

    theirs: str  # the published name, with the family's prefix
    ours: str  # from the model to the variable: "encoder.layers.0.attention.query.kernel"
    transposed: bool = False  # PyTorch stores a dense layer's matrix as (output, input), Keras as (input, output)
    part: tuple | None = None  # (i, n): ours is the i-th of n equal pieces along our last axis
    skipped: int = 0  # so many rows at the start of theirs have no place in ours; zeros on the way back


def dense(theirs, ours):
    """The two tensors of PyTorch's Linear and of Keras' Dense.

    >>> [tensor.ours for tensor in dense("qa_outputs", "head.span")]
    ['head.span.kernel', 'head.span.bias']
    """
    return Tensor(f"{theirs}.weight", f"{ours}.kernel", transposed=True), Tensor(f"{theirs}.bias", f"{ours}.bias")


def norm(theirs, ours):
    """The two tensors of a LayerNorm."""
    return Tensor(f"{theirs}.weight", f"{ours}.gamma"), Tensor(f"{theirs}.bias", f"{ours}.beta")


def embedding(theirs, ours, skipped=0):
    """The one tensor of an embedding, or of learned positions."""
    return (Tensor(f"{theirs}.weight", f"{ours}.embeddings", skipped=skipped),)


@dataclass(frozen=True)
class Family:
    """The facts of one family of checkpoints.

    Args:
        name: what ``config.json`` calls it, ``model_type``.
        title: what people call it.
        kind: "encoder", "decoder" or "seq2seq": which of our models its checkpoints fill.
        settings: a function from the config to :class:`~ktlearn.models.settings.Settings`. It raises ValueError
            where the config asks for what our layers do not have.
        tensors: a function of the settings and the task that yields a :class:`Tensor` for each of our variables,
            in the order of the computation.
        architectures: task → the class's name in transformers; its keys are the tasks that the family can do.
        prefix: before the names of the bare model's tensors in files with a head.
        legacy: ``(pattern, replacement)`` pairs for spellings of old files.
        ties: task → {a stored copy, without the prefix: its original}, where PyTorch has one tensor in two places.
        buffers: patterns of stored tensors that are no weights, without the prefix.
        vocabulary_files: the tokenizer's own files, for checkpoints without ``tokenizer.json``.
        short_names: ktrain's short name → {language: checkpoint}; None is any other language.
    """

    name: str
    title: str
    kind: str
    settings: Callable
    tensors: Callable
    architectures: dict
    prefix: str = ""
    legacy: tuple = ()
    ties: dict = field(default_factory=dict)
    buffers: tuple = ()
    vocabulary_files: tuple = ()
    short_names: dict = field(default_factory=dict)
