"""From texts to what a model takes, and to the names of its tokens."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ktlearn.support.characters import whole


@dataclass(frozen=True)
class Reading:
    """A text as a model takes it.

    Args:
        inputs: a batch of one.
        tokens: name of a tower → the names of its tokens.
        names: those of the whole vocabulary that comes out, or None.
    """

    inputs: Any
    tokens: dict
    names: list | None = None

    def ids(self, tower):
        """The token ids ``(L,)`` of a tower; None where vectors come in."""
        key = "decoder_input_ids" if tower == "decoder" and "encoder" in self.tokens else "input_ids"
        ids = np.asarray(self.inputs[key] if hasattr(self.inputs, "keys") else self.inputs)
        return ids[0] if ids.ndim == 2 else None


def read_text(structure, tokenizer, text, pair=None):
    """Cut a text, or a pair of texts, into what the model takes: a :class:`Reading`.

    Raises:
        TypeError: text or pair is not a string.
        ValueError: an encoder–decoder without ``pair``.
    """
    for name, value in {"text": text, "pair": pair}.items():
        if not isinstance(value, str) and not (name == "pair" and value is None):
            raise TypeError(f"{name} must be one string; got {type(value).__name__}.")
    text, pair = whole(text), pair and whole(pair)
    first = structure.towers[0].name
    if len(structure.towers) > 1 and pair is None:
        raise ValueError("pair: this model has a decoder, so it needs the text that the decoder reads: pair=….")
    names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer)))) if _needs_names(structure) else None
    if len(structure.towers) == 1:
        inputs = dict(tokenizer(text, pair, return_tensors="np"))
        return Reading(inputs, {first: tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist())}, names)
    ids = [tokenizer(each, return_tensors="np")["input_ids"] for each in (text, pair)]
    tokens = [tokenizer.convert_ids_to_tokens(each[0].tolist()) for each in ids]
    inputs = dict(zip(("input_ids", "decoder_input_ids"), ids, strict=True))
    return Reading(inputs, dict(zip(("encoder", "decoder"), tokens, strict=True)), names)


def read_inputs(structure, inputs, tokens, target_tokens=None, vocabulary=None):
    """The same with inputs made already.

    Raises:
        ValueError: there are more or fewer tokens than the inputs have, or no token ids for a model that reads them.
    """
    given = [("tokens", tokens, "input_ids"), ("target_tokens", target_tokens, "decoder_input_ids")]
    named = {}
    for tower, (argument, names, key) in zip(structure.towers, given, strict=False):
        got = sorted(inputs) if hasattr(inputs, "keys") else type(inputs).__name__
        if tower.reads and key not in got:
            raise ValueError(f"inputs: give a dict with {key!r}, token ids of shape (1, {tower.length}); got {got}.")
        ids = inputs[key] if hasattr(inputs, "keys") else inputs
        count = np.shape(ids)[1]
        names = [str(count) for count in range(count)] if names is None else [whole(str(name)) for name in names]
        if len(names) != count:
            raise ValueError(f"{argument}: give {count} names, one for each token; got {len(names)}.")
        named[tower.name] = names
    return Reading(inputs, named, None if vocabulary is None else [whole(str(name)) for name in vocabulary])


def _needs_names(structure):
    return any(block.kind == "head" and block.shape[-1] == "V" for block in structure.walk())
