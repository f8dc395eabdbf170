"""From a model to its blocks: read from its layers and their attributes, not from a list of known models."""

from dataclasses import replace

from ktlearn.backend import keras
from ktlearn.layers import SinusoidalPositions
from ktlearn.models import DecoderModel, EncoderModel, Seq2SeqModel
from ktlearn.seq2seq import Transformer
from ktlearn.transformer import DecoderLayer, Encoder, EncoderLayer
from ktlearn.widgets.model.blocks import Block, Structure, Tower
from ktlearn.widgets.model.own_layers import blocks_of_layer, blocks_of_model, heads, is_layer

NORMS = {"LayerNorm": "Layer norm", "LayerNormalization": "Layer norm", "RMSNorm": "RMS norm"}
ACCEPTED = "a model of ktlearn, a Keras model or layer, or a list of layers such as [EncoderLayer(…), EncoderLayer(…)]"


def read(model):
    """The blocks of a model.

    Args:
        model: a model of ``ktlearn.models``, a :class:`ktlearn.seq2seq.Transformer`, a stack or one layer of
            ``ktlearn.transformer``, a list of layers, or a reader's own Keras model.

    Raises:
        TypeError: it is something else.

    >>> from ktlearn.transformer import DecoderLayer
    >>> layer = DecoderLayer(8, 2, 16, norm_first=True, cross_attention=False)
    >>> [part.kind for part in read([layer]).towers[0].blocks[0].parts]
    ['norm', 'attention', 'residual', 'norm', 'feed_forward', 'residual']
    """
    if isinstance(model, EncoderModel):
        blocks = (*_embeddings(model), *_stack(model.encoder, "encoder", "padding"), *_encoder_head(model))
        towers = [Tower("encoder", "L", blocks, "tokens")]
    elif isinstance(model, DecoderModel):
        mask = "causal & padding" + (" & window" if model.settings.window else "")
        rotary = _rotary(model)
        stack = _stack(model.decoder, "decoder", mask, beside=rotary)
        blocks = (*_embeddings(model), *stack, *_decoder_head(model))
        towers = [Tower("decoder", "L", blocks, "tokens")]
    elif isinstance(model, (Transformer, Seq2SeqModel)):
        towers = _two_towers(model)
    else:
        towers = [_own(model)]
    towers = tuple(replace(t, blocks=tuple(map(t.with_length, t.blocks))) for t in towers)
    return Structure(model, towers, _sizes(towers, model))


def _own(model):
    """The tower of layers that belong to no model of ours."""
    if isinstance(model, (Encoder, EncoderLayer)):
        _build(model, (model if isinstance(model, EncoderLayer) else model.layers[0]).feed_forward.d_model)
        name = "decoder" if isinstance(model, DecoderLayer) or hasattr(model, "empty_cache") else "encoder"
        blocks = _stack(model, "") if isinstance(model, Encoder) else (_layer(model, ""),)
        return Tower(name, "L", tuple(blocks))
    if isinstance(model, (list, tuple)) and model and all(map(is_layer, model)):
        blocks = [block for i, layer in enumerate(model) for block in _any_blocks(layer, f"[{i}]")]
        return Tower("stack", "L", tuple(blocks))
    if is_layer(model):
        found = blocks_of_model(model, _any_blocks)
        if found:
            return Tower("stack", "L", tuple(found), is_ordered=isinstance(model, keras.Sequential))
    got = f"{type(model).__name__} without layers" if is_layer(model) else repr(model)
    raise TypeError(f"model: give {ACCEPTED}; got {got:.80}.")


def _any_blocks(layer, path):
    """The blocks of any layer: one of ours with all its parts, a stack of ours, a reader's own with what it holds."""
    if isinstance(layer, Encoder):
        _build(layer, layer.layers[0].feed_forward.d_model)
        return list(_stack(layer, path))
    return [_layer(layer, path) if isinstance(layer, EncoderLayer) else blocks_of_layer(layer, path)]


def _two_towers(model):
    """Encoder and decoder of a model from a source to a target."""
    is_published = isinstance(model, Seq2SeqModel)
    masks = ("padding", "causal" if is_published else "causal & padding", "padding")
    sides = [("encoder", "S", "source"), ("decoder", "T", "target")]
    for name, letter, side in sides:
        again = " (target)" if name == "decoder" else ""  # of what both towers use
        extra = ()
        if is_published:
            bottom, distances = _published_bottom(model, side, again), getattr(model, f"{side}_distances")
            if distances is not None:
                shape = ("H", letter, letter)
                extra = (Block("distances", f"{side}_distances", "Distances", distances, shape=shape),)
        else:
            table = _table(getattr(model, f"{side}_embedding"), f"{side}_embedding", times="√D")
            bottom = [table, _positions(model.positions, f"positions{again}")]
        stack = _stack(getattr(model, name), name, masks[name == "decoder"], masks[2], extra)
        top = _output(model) if name == "decoder" else ()
        yield Tower(name, letter, (*bottom, *stack, *top), f"{side} tokens")


def _published_bottom(model, side, again):
    """What a published model does below its stack, on one side."""
    yield _table(model.embedding, f"embedding{again}", times="√D" if model.settings.embedding_scale != 1 else "")
    if (positions := getattr(model, f"{side}_positions")) is not None:
        yield _positions(positions, f"{side}_positions")
    if (norm := getattr(model, f"{side}_norm")) is not None:
        yield _norm(norm, f"{side}_norm")


def _output(model):
    """From the decoder's vectors to the vocabulary, for a model that has that."""
    if isinstance(model, Seq2SeqModel) and model.task is None:
        return []
    table = model.embedding if isinstance(model, Seq2SeqModel) else model.target_embedding
    if model.output_layer is not None:
        return [Block("head", "output_layer", "Linear", model.output_layer, "D → V", ("B", "L", "V"))]
    path = "embedding" if isinstance(model, Seq2SeqModel) else "target_embedding"
    return [_tied(table, path, getattr(model, "head", None))]


def _tied(table, path, bias=None):
    words = "the embedding, turned round" + (" · and a bias" if bias else "")
    return Block("head", f"{path}.embeddings.T", "Linear", bias, words, ("B", "L", "V"), tied_to=table)


def _embeddings(model):
    e = model.embeddings
    blocks = [_table(e.tokens, "embeddings.tokens")]
    if e.positions:
        blocks.append(_positions(e.positions, "embeddings.positions"))
    if e.segments:
        detail = f"{e.segments.input_dim} kinds"
        blocks.append(Block("segments", "embeddings.segments", "Segments", e.segments, detail))
    return [*blocks, *([_norm(e.norm, "embeddings.norm")] if e.norm else [])]


def _table(table, path, times=""):
    detail = f"V = {table.input_dim:,}{' · times ' + times if times else ''}"
    return Block("embedding", path, "Embedding", table, detail)


def _positions(positions, path):
    detail = "sin, cos" if isinstance(positions, SinusoidalPositions) else f"{positions.max_length} learned"
    return Block("positions", path, "Positions", positions, detail)


def _rotary(model):
    """Rotary positions stand beside each attention: they turn its queries and keys."""
    rotary = model.rotary
    return () if rotary is None else (Block("rotary", "rotary", "Rotary", rotary, shape=("B", "L", "d_k")),)


def _encoder_head(model):
    blocks = []
    if model.pooler is not None:
        blocks.append(Block("pooler", "pooler", "Pooler", model.pooler, "the first token's vector", ("B", "D")))
    if model.task == "classification":
        detail = f"C = {model.num_labels}"
        blocks.append(Block("head", "head", "Linear", model.head, detail, ("B", "C")))
    elif model.task == "masked-lm":
        tied = model.embeddings.tokens
        detail = "with the embedding, turned round"
        blocks.append(Block("head", "head", "Masked-word head", model.head, detail, ("B", "L", "V"), tied_to=tied))
    elif model.task == "question-answering":
        blocks.append(Block("head", "head", "Linear", model.head, "starts here, ends here", ("B", "L", "2")))
    return blocks


def _decoder_head(model):
    if model.output_layer is not None:
        return [Block("head", "output_layer", "Linear", model.output_layer, "D → V", ("B", "L", "V"))]
    return [_tied(model.embeddings.tokens, "embeddings.tokens")] if model.task == "causal-lm" else []


def _stack(stack, path, mask=None, memory_mask=None, beside=()):
    dot = f"{path}." if path else ""
    for i, layer in enumerate(stack.layers):
        yield _layer(layer, f"{dot}layers[{i}]", mask, memory_mask, beside)
    if stack.final_norm:
        yield _norm(stack.final_norm, f"{dot}final_norm")


def _layer(layer, path, mask=None, memory_mask=None, beside=()):
    """A layer of the encoder or the decoder, with its sub-layers in the order in which they compute."""
    _build(layer, layer.feed_forward.d_model)
    dot = f"{path}." if path else ""
    sublayers = [_attention(layer.attention, f"{dot}attention", mask, beside)]
    if getattr(layer, "cross_attention", None):
        sublayers.append(_attention(layer.cross_attention, f"{dot}cross_attention", memory_mask))
    forward = layer.feed_forward
    gate = "gated " if forward.gate else ""
    detail = f"F = {forward.d_ff:,} · {gate}{layer.get_config()['activation']}"
    sublayers.append(Block("feed_forward", f"{dot}feed_forward", "Feed-forward", forward, detail))
    parts = []
    for block in sublayers:
        norm = _norm(getattr(layer, block.path.removeprefix(dot) + "_norm"), f"{block.path}_norm")
        residual = Block("residual", f"{block.path} + x", "Residual", layer, back=2 if layer.norm_first else 1)
        parts += [norm, block, residual] if layer.norm_first else [block, residual, norm]
    return Block("layer", path or "layer", f"{type(layer).__name__}", layer, parts=tuple(parts))


def _build(layer, d_model):
    """Make the weights, so that they can be counted."""
    if not layer.built:
        layer.build((None, None, d_model))


def _attention(attention, path, mask, beside=()):
    is_cross = path.endswith("cross_attention")
    label = "Cross-attention" if is_cross else "Masked self-attention" if "causal" in (mask or "") else "Self-attention"
    kind = "cross_attention" if is_cross else "attention"
    return Block(kind, path, label, attention, heads(attention), mask=mask, beside=tuple(beside))


def _norm(norm, path):
    return Block("norm", path, NORMS.get(type(norm).__name__, type(norm).__name__), norm)


def _sizes(towers, model):
    """The letters that are numbers whatever the text is: a dict."""
    sizes = {}
    for block in (block for tower in towers for block in tower.walk()):
        layer = block.layer
        if block.kind in ("attention", "cross_attention") and hasattr(layer, "keys_and_values"):
            sizes |= {"D": layer.d_model, "H": layer.num_heads, "d_k": layer.d_k, "H_kv": layer.num_kv_heads}
        elif block.kind == "feed_forward" and hasattr(layer, "d_ff"):
            sizes["F"] = layer.d_ff
        elif block.kind == "embedding":
            sizes["V"] = layer.input_dim  # of the target, which comes last
        elif block.kind == "head" and block.shape[-1] == "C":
            sizes["C"] = model.num_labels
    return sizes
