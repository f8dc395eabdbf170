"""A model as a row of blocks, from the input to the output: what is frozen, or learns more slowly, is chosen here.

In a published encoder the blocks are the embeddings, each layer of the encoder, and the head (with the
pooler, which belongs to the answer, not to the reading). In any other Keras model they are its layers
that have weights; an encoder or a model inside it counts as its own layers.
"""

from typing import NamedTuple

from ktlearn.backend import keras
from ktlearn.models import PretrainedModel
from ktlearn.support.arguments import is_whole
from ktlearn.transformer import Encoder


class Block(NamedTuple):
    """A name, and the Keras layers that belong together under it."""

    name: str
    layers: list

    @property
    def variables(self):
        """All variables of its layers."""
        return [variable for layer in self.layers for variable in layer.weights]

    def set_trainable(self, trainable):
        """Train all of it, or nothing."""
        for layer in self.layers:
            layer.trainable = trainable


def blocks(model):
    """The blocks of a built model, the input's first."""
    parts = model.groups() if isinstance(model, PretrainedModel) else [[layer] for layer in _opened(model.layers)]
    return [Block(part[-1].name, part) for part in parts if any(layer.weights for layer in part)]


def positions_of(chosen, found, argument):
    """The positions of the chosen blocks in a list of blocks.

    Args:
        chosen: a number (that many from the start), a name, or a list of names.
        found: the blocks.
        argument: how errors call it.

    Raises:
        ValueError: there are not so many, or none of that name; the message lists them.
    """
    names = [block.name for block in found]
    if is_whole(chosen):
        if not 1 <= chosen <= len(found):
            raise ValueError(f"{argument} must be from 1 to {len(found)}, the number of blocks; got {chosen}.")
        return range(chosen)
    wanted = [chosen] if isinstance(chosen, str) else list(chosen) if isinstance(chosen, (list, tuple)) else [None]
    if not all(isinstance(name, str) for name in wanted):
        raise ValueError(f"{argument} must be a number of blocks, a name or a list of names; got {chosen!r}.")
    unknown = [name for name in wanted if name not in names]
    if unknown or not wanted:
        raise ValueError(f"{argument}: there is no block {unknown or wanted!r}. The blocks are {', '.join(names)}.")
    return [place for place, name in enumerate(names) if name in wanted]


def _opened(layers):
    for layer in layers:
        if isinstance(layer, Encoder):
            yield from layer.layers
            yield from [layer.final_norm] if layer.final_norm else []
        elif isinstance(layer, keras.Model):
            yield from _opened(layer.layers)
        else:
            yield layer
