"""From a model and a text to maps: run it once, and note what goes into each softmax."""

import contextlib

import numpy as np

from ktlearn.widgets.attention.maps import AttentionMaps

# Field of the model's answer, name of the block, who looks, who is looked at.
KINDS = [
    ("attentions", "encoder", "source", "source"),
    ("decoder_attentions", "decoder", "target", "target"),
    ("cross_attentions", "cross", "target", "source"),
]


def blocks_of_text(model, tokenizer, text, pair=None):
    """The maps of a model on a text, or on a pair of texts, as the tokenizer cuts them: a dict, name → AttentionMaps.

    For an encoder–decoder ``pair`` is the text that the decoder reads.

    Raises:
        TypeError: text or pair is not a string, or the model does not give its attention weights.
        ValueError: an encoder–decoder without ``pair``, or a text too long for the model.
    """
    for name, value in {"text": text, "pair": pair}.items():
        if not isinstance(value, str) and not (name == "pair" and value is None):
            raise TypeError(f"{name} must be one string; got {type(value).__name__}.")
    if not _reads_two_texts(model):
        inputs = tokenizer(text, pair, return_tensors="np")
        return blocks_of_inputs(model, inputs, tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist()))
    if pair is None:
        raise ValueError("pair: this model has a decoder, so it needs the text that the decoder reads: pair=….")
    source, target = (tokenizer(each, return_tensors="np")["input_ids"] for each in (text, pair))
    tokens, target_tokens = (tokenizer.convert_ids_to_tokens(ids[0].tolist()) for ids in (source, target))
    return blocks_of_inputs(model, {"input_ids": source, "decoder_input_ids": target}, tokens, target_tokens)


def blocks_of_inputs(model, inputs, tokens, target_tokens=None):
    """The maps of a model on inputs made already, a batch of one: a dict, name → AttentionMaps.

    Args:
        model: called as ``model(inputs, return_attention=True)``.
        tokens: the names of the input's tokens.
        target_tokens: of the decoder's, if there is one.

    Raises:
        TypeError: the answer holds no attention weights.
        ValueError: a batch of several texts, or the tokens do not fit.
    """
    with _recorded() as softmaxes:
        output = model(inputs, return_attention=True)
    named = {"source": tokens, "target": target_tokens}
    blocks = {}
    for field, name, who, whom in KINDS:
        layers = getattr(output, field, None)
        if layers is not None:
            blocks[name] = _maps(layers, named[who], named[whom], softmaxes)
    if not blocks:
        raise TypeError(
            f"model: {type(model).__name__} answers without .attentions. Accepted are ktlearn's models, called with "
            "return_attention=True. Of any other model, give the weights themselves: AttentionView(weights, tokens)."
        )
    return blocks if len(blocks) > 1 else {"attention": blocks.popitem()[1]}


def _maps(layers, tokens, key_tokens, softmaxes):
    parts = [softmaxes.get(id(weights)) for weights in layers]
    arrays = [np.asarray(weights) for weights in layers]
    if None in parts:
        return AttentionMaps(arrays, tokens, key_tokens)
    queries, keys, masks = ([part[i] for part in parts] for i in range(3))
    mask = None
    if any(each is not None for each in masks):
        pairs = zip(masks, arrays, strict=True)
        mask = np.stack([np.broadcast_to(True if m is None else m, weights.shape)[0] for m, weights in pairs])
        mask = None if mask.all() else mask  # (L, H, Q, K)
    return AttentionMaps(arrays, tokens, key_tokens, queries=queries, keys=keys, mask=mask)


@contextlib.contextmanager
def _recorded():
    """What each softmax of attention gets while the block runs: a dict, id of the weights → (q, k, mask, weights)."""
    from ktlearn import attention

    found, original = {}, attention.scaled_dot_product_attention

    def recording(q, k, v, mask=None):
        output, weights = original(q, k, v, mask)
        arrays = (np.asarray(q), np.asarray(k), None if mask is None else np.asarray(mask))
        found[id(weights)] = (*arrays, weights)  # the weights stay alive, so that their id stays theirs
        return output, weights

    attention.scaled_dot_product_attention = recording
    try:
        yield found
    finally:
        attention.scaled_dot_product_attention = original


def _reads_two_texts(model):
    return hasattr(model, "decode") and hasattr(model, "encode")
