"""A text on its way through a model: its blocks are computed one by one, and what each answers is kept."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ktlearn.attention import padding_mask, recorded
from ktlearn.backend import ops
from ktlearn.models import DecoderModel, EncoderModel, Seq2SeqModel
from ktlearn.seq2seq import EncoderDecoder, Transformer
from ktlearn.transformer import EncoderLayer
from ktlearn.widgets.model.own_layers import watch


@dataclass
class Passage:
    """What a model answered, block by block; a batch of one has been taken off.

    Attributes:
        answers: path of a block → its answer, ``(L, D)``; ``inputs`` of a tower without an embedding under its name.
        steps: path of an attention → the :class:`ktlearn.attention.Step` in it.
        tops: name of a tower → its last answer.
    """

    answers: dict = field(default_factory=dict)
    steps: dict = field(default_factory=dict)
    tops: dict = field(default_factory=dict)


@dataclass
class Inputs:
    """What a tower's blocks are given besides the vectors."""

    ids: Any = None  # (B, L)
    mask: Any = None  # boolean, of the attention to itself
    bias: Any = None
    memory: Any = None  # (B, S, D)
    memory_mask: Any = None
    segments: Any = None
    places: Any = None  # (1 or B, L), the positions of a decoder's tokens
    rotation: Any = None  # of rotary positions


def forward(structure, inputs):
    """Send a batch of one through the blocks of a model.

    Args:
        structure: of :func:`ktlearn.widgets.model.structure.read`.
        inputs: what the model takes: a dict with ``input_ids`` and so on, or for a stack of layers the vectors
            ``(1, L, D)``.

    Returns:
        A :class:`Passage`.

    Raises:
        ValueError: a batch of several texts; a model of the reader's own whose order is not known.

    >>> from ktlearn.transformer import EncoderLayer
    >>> from ktlearn.widgets.model.structure import read
    >>> passage = forward(read([EncoderLayer(8, 2, 16)]), np.ones((1, 3, 8), "float32"))
    >>> passage.answers["[0].attention"].shape
    (3, 8)
    """
    arrays = inputs.values() if hasattr(inputs, "values") else [inputs]
    if any(len(array) != 1 for array in arrays):
        raise ValueError(f"inputs: a picture shows one text; got {[np.shape(array) for array in arrays]}.")
    passage, memory = Passage(), None
    for tower in structure.towers:
        given, x = _given(structure.model, tower, inputs, memory)
        if x is not None:
            passage.answers[tower.name] = np.asarray(x)[0]
        for block in tower.blocks:
            x = _answer(structure.model, block, x, given, passage)
        passage.tops[tower.name], memory = np.asarray(x)[0], x
    _check(structure, inputs, x)
    return passage


def _check(structure, inputs, answer):
    """A model of the reader's own is computed in the order in which its layers were made: is that its order?

    Raises:
        ValueError: its own answer is another one.
    """
    if structure.towers[0].is_ordered:
        return
    expected = np.asarray(structure.model(inputs))
    if expected.shape != tuple(answer.shape) or not np.allclose(expected, answer, atol=1e-4):
        raise ValueError(
            f"model: {type(structure.model).__name__} does not call its layers one after the other in the order in "
            "which they were made, so their answers are not known. Give the layers in their order as a list, with the "
            "vectors that go into them as inputs; or look at the model without inputs: ModelView(model)."
        )


def _given(model, tower, inputs, memory):
    """The inputs of a tower, and the vectors that come in where it has no embedding."""
    if isinstance(model, EncoderDecoder):
        source = ops.convert_to_tensor(inputs["input_ids"])
        real = inputs.get("attention_mask")
        padding = padding_mask(source != model.pad_id if real is None else real)
        if tower.name == "encoder":
            return Inputs(source, padding, model.source_bias(source.shape[1])), None
        ids = ops.convert_to_tensor(inputs["decoder_input_ids"])
        T = ids.shape[1]
        return Inputs(ids, model.target_mask(ids), model.target_bias(ops.arange(T), T), memory, padding), None
    if isinstance(model, (EncoderModel, DecoderModel)):
        ids, real = ops.convert_to_tensor(inputs["input_ids"]), inputs.get("attention_mask")
        mask = None if real is None else padding_mask(real)
        if isinstance(model, DecoderModel):
            places = model.places(ids, real)
            return Inputs(ids, model.mask(ids, real), rotation=model.rotation(places), places=places), None
        return Inputs(ids, mask, segments=inputs.get("token_type_ids")), None
    return Inputs(ops.convert_to_tensor(inputs)), ops.convert_to_tensor(inputs)


def _answer(model, block, x, given, passage):
    """What a block makes of ``x``; it is noted with all that the block holds."""
    if block.kind == "layer" and isinstance(block.layer, EncoderLayer):
        history = [x]
        for part in block.parts:
            if part.kind == "residual":
                x = history[-1] + history[-1 - part.back]
                _note(passage, part, x)
            else:
                x = _answer(model, part, x, given, passage)
            history.append(x)
    elif block.kind == "layer" and block.parts and block.is_seen:
        x = _watched(block, x, passage)
    else:
        x = _computed(model, block, x, given, passage)
    return _note(passage, block, x)


def _watched(block, x, passage):
    """The same for a layer of the reader's own, which computes by itself."""
    calls, y, steps = watch(block.layer, x)
    outputs, history = iter([output for _, _, output in calls]), [np.asarray(x)]
    for part in block.parts:
        is_sum = part.kind == "residual"
        history.append(history[-1] + history[-1 - part.back] if is_sum else next(outputs))
        _note(passage, part, history[-1])
    attentions = [part.path for part in block.parts if hasattr(part.layer, "keys_and_values")]
    if len(attentions) == len(steps):
        passage.steps |= zip(attentions, steps, strict=True)
    return ops.convert_to_tensor(y)


def _note(passage, block, x):
    passage.answers[block.path] = np.asarray(x)[0]
    return x


def _computed(model, block, x, given, passage):
    layer = block.layer
    if block.kind in ("attention", "cross_attention") and block.shape[1:2] and hasattr(layer, "keys_and_values"):
        to_itself = block.kind == "attention"
        whom, mask = (x, given.mask) if to_itself else (given.memory, given.memory_mask)
        with recorded() as steps:
            bias, rotation = (given.bias, given.rotation) if to_itself else (None, None)
            y = layer(x, whom, whom, mask=mask, bias=bias, rotation=rotation)
        passage.steps[block.path] = steps[0]
        return y
    if block.kind == "embedding":
        y = layer(given.ids)
        if isinstance(model, Seq2SeqModel):
            return y * model.settings.embedding_scale
        return y * math.sqrt(model.d_model) if isinstance(model, Transformer) else y
    if block.kind == "positions" and isinstance(model, (EncoderModel, DecoderModel)):
        return layer(x, places=model.embeddings.places(given.ids) if given.places is None else given.places)
    if block.kind == "segments":
        return x + (layer.embeddings[0] if given.segments is None else layer(given.segments))
    if block.kind == "head":
        return _scores(model, block, x)
    return layer(x)


def _scores(model, block, x):
    if isinstance(model, (Seq2SeqModel, Transformer)):
        return model.logits(x)
    if isinstance(model, DecoderModel):
        return model.logits(x)
    if block.tied_to is None:
        return block.layer(x)
    matrix = block.tied_to.embeddings  # (V, D)
    return block.layer(x, matrix)
