"""The blocks of a reader's own layers, which say nowhere what they compute in which order: they are watched at work.

Where a layer cannot be watched (nobody knows what it takes, or it adds in another way than x + f(x)), its blocks are
those that it holds, and no residual is drawn.
"""

import numpy as np

from ktlearn.attention import MultiHeadAttention, recorded
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
# By their names: a reader's own classes.
NAMES = {
    **dict.fromkeys(("attention", "attn"), "attention"),
    **dict.fromkeys(("forward", "ffn", "mlp"), "feed_forward"),
    "norm": "norm",
}
SILENT = (keras.layers.Dropout, keras.layers.InputLayer)  # nothing to see in a picture


def is_layer(value):
    """Whether this is a Keras layer; a model is one, too."""
    return isinstance(value, keras.layers.Layer)


def blocks_of_model(model, blocks_of):
    """The blocks of a model's layers, ``blocks_of(layer, path)`` each; those of a list in it one by one."""
    return [block for path, layer in _inside(model) for block in blocks_of(layer, path)]


def blocks_of_layer(layer, path):
    """The block of one layer, with the blocks of the layers in it."""
    name = path.rpartition(".")[2].lower()
    kind = next((kind for classes, kind in KINDS if isinstance(layer, classes)), None)
    kind = kind or next((kind for word, kind in NAMES.items() if "." in path and word in name), None)
    if kind:
        return Block(kind, path, _words(path), layer, _detail(kind, layer))
    parts = {inner: blocks_of_layer(each, f"{path}.{inner}") for inner, each in _inside(layer)}
    if not parts:
        return Block("other", path, _words(path), layer, type(layer).__name__)
    seen = _parts_as_seen(layer, path, parts)
    inside = seen or tuple(parts.values())
    return Block("layer", path, type(layer).__name__, layer, parts=inside, is_seen=seen is not None)


def _parts_as_seen(layer, path, parts):
    """The parts in the order in which they compute, with their residuals; None where that cannot be seen."""
    widths = [part.layer.d_model for part in parts.values() if hasattr(part.layer, "d_model")]
    if not widths:
        return None
    x = np.random.default_rng(0).normal(size=(1, 4, widths[0])).astype("float32")
    try:
        calls, y, _ = watch(layer, x)
    except Exception:  # a call that takes other things than vectors: of a reader's own layer anything may come
        return None
    history, found = [x], []

    def comes(value, name):
        """Note a residual, where the value is a sum of the last answer and an earlier one."""
        if value.shape != history[-1].shape or np.allclose(value, history[-1], atol=1e-5):
            return value.shape == history[-1].shape
        for back in range(1, len(history)):
            if np.allclose(value, history[-1] + history[-1 - back], atol=1e-5):
                place = found[-1].path if found else path
                found.append(Block("residual", f"{place} + x", "Residual", layer, back=back))
                history.append(value)
                return True
        return False

    for name, came, answered in calls:
        if not comes(came, name):
            return None
        found.append(parts[name])
        history.append(answered)
    return tuple(found) if comes(y, "") else None


def watch(layer, x):
    """Call a layer, and note what goes into the layers in it and comes out of them.

    Returns:
        ``(calls, y, steps)``: for each call ``(name, input, output)``, the layer's answer, and the attentions' steps.

    >>> from ktlearn.transformer import EncoderLayer
    >>> [name for name, *_ in watch(EncoderLayer(8, 2, 16), np.ones((1, 3, 8), "float32"))[0]]
    ['attention', 'attention_norm', 'feed_forward', 'feed_forward_norm']
    """
    calls, inner = [], list(_inside(layer))

    def listener(name, call):
        def listening(*args, **kwargs):
            answer = call(*args, **kwargs)
            first = answer[0] if isinstance(answer, (tuple, list)) else answer
            came = args[0] if args else next(iter(kwargs.values()))
            calls.append((name, np.asarray(came), np.asarray(first)))
            return answer

        return listening

    layer(x)  # built before somebody listens
    for name, each in inner:
        object.__setattr__(each, "call", listener(name, each.call))
    try:
        with recorded() as steps:
            y = layer(x)
    finally:
        for _, each in inner:
            object.__delattr__(each, "call")
    return calls, np.asarray(y[0] if isinstance(y, (tuple, list)) else y), steps


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


def heads(attention):
    """How many heads an attention of ours has, and how wide they are.

    >>> heads(MultiHeadAttention(8, 4, num_kv_heads=2))
    'H = 4, K and V 2 · d_k = 2'
    """
    fewer = attention.num_kv_heads < attention.num_heads
    grouped = f", K and V {attention.num_kv_heads}" if fewer else ""
    return f"H = {attention.num_heads}{grouped} · d_k = {attention.d_k}"


def _detail(kind, layer):
    if isinstance(layer, MultiHeadAttention):
        return heads(layer)
    if isinstance(layer, FeedForward):
        return f"F = {layer.d_ff:,}"
    if kind == "embedding":
        return f"V = {layer.input_dim:,}"
    return ""
