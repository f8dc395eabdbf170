"""From a model and a text to maps: run it once, and note what goes into each softmax."""

import numpy as np

from ktlearn.attention import recorded
from ktlearn.support.arguments import check_whole
from ktlearn.support.characters import whole
from ktlearn.widgets.attention.maps import AttentionMaps

# Field of the model's answer, name of the block, who looks, who is looked at.
KINDS = [
    ("attentions", "encoder", "source", "source"),
    ("decoder_attentions", "decoder", "target", "target"),
    ("cross_attentions", "cross", "target", "source"),
]


def blocks_of_text(model, tokenizer, text, pair=None, maxlen=None):
    """The maps of a model on a text, or on a pair of texts, as the tokenizer cuts them: a dict, name → AttentionMaps.

    For an encoder–decoder ``pair`` is the text that the decoder reads. Any other model's text is cut to ``maxlen``
    tokens, as its predictor does; the maps' problems say so.

    Raises:
        TypeError: text or pair is not a string, or the model does not give its attention weights.
        ValueError: an encoder–decoder without ``pair``, or a text too long for the model.
    """
    if maxlen is not None:
        check_whole("maxlen", maxlen)
    if not callable(tokenizer):
        raise TypeError(f"tokenizer must be one from transformers, such as t.get_tokenizer(); got {tokenizer!r:.80}.")
    for name, value in {"text": text, "pair": pair}.items():
        if not isinstance(value, str) and not (name == "pair" and value is None):
            raise TypeError(f"{name} must be one string; got {type(value).__name__}.")
    text, pair = whole(text), pair if pair is None else whole(pair)
    if not _reads_two_texts(model):
        inputs = tokenizer(text, pair, truncation=maxlen is not None, max_length=maxlen, return_tensors="np")
        tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist())
        blocks = blocks_of_inputs(model, inputs, tokens)
        if maxlen is not None and (count := len(tokenizer(text, pair, verbose=False)["input_ids"])) > len(tokens):
            cut = f"The text has {count:,} tokens; the model reads and shows {len(tokens)} of them (maxlen)."
            blocks["attention"].cut = cut
        return blocks
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
    if not callable(model):
        raise TypeError(f"model must be a model of ktlearn, such as learner.model; got {model!r:.80}.")
    with recorded() as steps:
        output = model(inputs, return_attention=True)
    softmaxes = {id(step.weights): step for step in steps}
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
    arrays = [np.asarray(weights) for weights in layers]
    steps = [softmaxes.get(id(weights)) for weights in layers]
    # The table of steps shows q · k / √d_k and nothing else, so other scores have no queries and keys to show.
    if any(step is None or step.bias is not None or step.scale is not None for step in steps):
        return AttentionMaps(arrays, tokens, key_tokens)
    queries, keys = [np.asarray(step.q) for step in steps], [np.asarray(step.k) for step in steps]
    masks = [True if step.mask is None else np.asarray(step.mask) for step in steps]
    mask = np.stack([np.broadcast_to(mask, w.shape)[0] for mask, w in zip(masks, arrays, strict=True)])  # (L, H, Q, K)
    return AttentionMaps(arrays, tokens, key_tokens, queries=queries, keys=keys, mask=None if mask.all() else mask)


def _reads_two_texts(model):
    return hasattr(model, "decode") and hasattr(model, "encode")
