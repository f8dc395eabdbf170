"""The blocks of a reader's own layers: what a layer holds, in the order in which it was made.

What they compute in which order, and where they add, is in their ``call``, which nobody reads here: no residual is
drawn for them, and their masks are not known.
"""

from ktlearn.attention import MultiHeadAttention
from ktlearn.backend import keras
from ktlearn.layers import FeedForward, LayerNorm, LearnedPositions, RMSNorm, SinusoidalPositions
from ktlearn.widgets.model.blocks import Block

KINDS = [
    ((MultiHeadAttention, keras.layers.MultiHeadAttention), "attention"),
    (FeedForward, "feed_forward"),
    ((LayerNorm, RMSNorm, keras.layers.LayerNormalization), "norm"),
    ((LearnedPositions, SinusoidalPositions), "positions"),
    (keras.layers.Embedding, "embedding"),
]
SILENT = (keras.layers.Dropout, keras.layers.InputLayer)  # nothing to see in a picture


def is_layer(value):
    """Whether this is a Keras layer; a model is one, too."""
    return isinstance(value, keras.layers.Layer)


def blocks_of_model(model, block_of):
    """The blocks of a model's layers, ``block_of(layer, path)`` each; those of a list in it one by one."""
    return [block_of(layer, path) for path, layer in _inside(model)]


def blocks_of_layer(layer, path):
    """The block of one layer, with the blocks of the layers in it."""
    kind = next((kind for classes, kind in KINDS if isinstance(layer, classes)), None)
    if kind:
        return Block(kind, path, _words(path), layer, _detail(kind, layer))
    parts = tuple(blocks_of_layer(inner, f"{path}.{name}") for name, inner in _inside(layer))
    if not parts:
        return Block("other", path, _words(path), layer, type(layer).__name__)
    return Block("layer", path, type(layer).__name__, layer, parts=parts)


def _inside(layer):
    """The layers in a layer, by Python's way to them, each once."""
    seen = set()
    if isinstance(layer, keras.Sequential) or type(layer).__name__ == "Functional":
        attributes = {"layers": layer.layers}
    else:
        attributes = {name: value for name, value in vars(layer).items() if not name.startswith("_")}
    for name, value in attributes.items():
        several = enumerate(value) if isinstance(value, (list, tuple)) else ()
        found = [(f"{name}[{i}]", each) for i, each in several] or [(name, value)]
        for path, each in found:
            if is_layer(each) and not isinstance(each, SILENT) and id(each) not in seen:
                seen.add(id(each))
                yield path, each


def _words(path):
    """A name for the eye: ``layers[0].self_attention`` is "Self attention"; ``layers[0]`` stays "Layers 0"."""
    return path.rpartition(".")[2].replace("_", " ").replace("[", " ").replace("]", "").strip().capitalize()


def _detail(kind, layer):
    if isinstance(layer, MultiHeadAttention):
        return f"H = {layer.num_heads} · d_k = {layer.d_k}"
    if kind == "feed_forward":
        return f"F = {layer.d_ff:,}"
    if kind == "embedding":
        return f"V = {layer.input_dim:,}"
    return ""
