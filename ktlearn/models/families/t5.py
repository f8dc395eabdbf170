"""T5 (Raffel et al. 2020): an encoder–decoder with distances in the scores; version 1.0, and 1.1 with its gates."""

from ktlearn.models.family import Family, Tensor, embedding
from ktlearn.models.settings import Settings


def settings(config):
    """T5's config in our names."""
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=None,  # there are only distances, so no text is too long
        d_model=config.d_model,
        num_layers=config.num_layers,
        decoder_layers=config.num_decoder_layers,
        num_heads=config.num_heads,
        d_k=config.d_kv,
        d_ff=config.d_ff,
        activation=config.dense_act_fn,
        gated=config.is_gated_act,
        eps=config.layer_norm_epsilon,
        dropout=config.dropout_rate,
        attention_dropout=config.dropout_rate,
        norm_first=True,
        norm="rms",
        use_bias=False,
        scale=1.0,
        pad_id=config.pad_token_id,
        distance_buckets=config.relative_attention_num_buckets,
        max_distance=config.relative_attention_max_distance,
        embedding_norm=False,
        end_dropout=config.dropout_rate,
        output_scale=config.d_model**-0.5,
        tied_output=config.scale_decoder_outputs,  # 1.0 scales and ties; 1.1 has a matrix of its own
    )


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("shared", "embedding")
    for side, count in (("encoder", settings.num_layers), ("decoder", settings.decoder_layers)):
        distances = {"encoder": "source_distances", "decoder": "target_distances"}[side]
        yield from embedding(f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias", distances)
        for i in range(count):
            theirs, ours = f"{side}.block.{i}.layer", f"{side}.layers.{i}"
            yield from attention(f"{theirs}.0", "SelfAttention", f"{ours}.attention")
            if side == "decoder":
                yield from attention(f"{theirs}.1", "EncDecAttention", f"{ours}.cross_attention")
            yield from feed_forward(f"{theirs}.{2 if side == 'decoder' else 1}", ours, settings.gated)
        yield Tensor(f"{side}.final_layer_norm.weight", f"{side}.final_norm.gamma")
    if task == "seq2seq" and not settings.tied_output:
        yield Tensor("lm_head.weight", "output_layer.kernel", transposed=True)


def attention(theirs, name, ours):
    """One attention and the normalisation before it."""
    yield Tensor(f"{theirs}.layer_norm.weight", f"{ours}_norm.gamma")
    for their_name, our_name in {"q": "query", "k": "key", "v": "value", "o": "output_projection"}.items():
        yield Tensor(f"{theirs}.{name}.{their_name}.weight", f"{ours}.{our_name}.kernel", transposed=True)


def feed_forward(theirs, ours, gated):
    """One feed-forward network and the normalisation before it."""
    yield Tensor(f"{theirs}.layer_norm.weight", f"{ours}.feed_forward_norm.gamma")
    names = {"wi_0": "expand", "wi_1": "gate", "wo": "contract"} if gated else {"wi": "expand", "wo": "contract"}
    for their_name, our_name in names.items():
        yield Tensor(f"{theirs}.DenseReluDense.{their_name}.weight", f"{ours}.feed_forward.{our_name}.kernel", True)


COPIES = dict.fromkeys(("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"), "shared.weight")
T5 = Family(
    name="t5",
    title="T5",
    kind="seq2seq",
    settings=settings,
    tensors=tensors,
    architectures={None: "T5Model", "seq2seq": "T5ForConditionalGeneration"},
    ties={None: COPIES, "seq2seq": COPIES | {"lm_head.weight": "shared.weight"}},
    buffers=(r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight",),  # never used
    vocabulary_files=("spiece.model",),
)
FAMILIES = [T5]
