"""BART (Lewis et al. 2020): the paper's encoder–decoder with learned positions, for summaries above all."""

from ktlearn.models.family import Family, Tensor, dense, embedding, norm
from ktlearn.models.settings import Settings


def settings(config):
    """BART's config in our names.

    Raises:
        ValueError: the config asks for what our layers do not have.
    """
    for name in ("attention_heads", "ffn_dim"):
        ours, theirs = getattr(config, f"encoder_{name}"), getattr(config, f"decoder_{name}")
        if ours != theirs:
            raise ValueError(f"encoder_{name}={ours!r}, but decoder_{name}={theirs!r}; accepted: the same for both.")
    if not config.tie_word_embeddings:
        raise ValueError("tie_word_embeddings=False is not supported; accepted: True, one matrix of embeddings.")
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=config.max_position_embeddings,
        d_model=config.d_model,
        num_layers=config.encoder_layers,
        decoder_layers=config.decoder_layers,
        num_heads=config.encoder_attention_heads,
        d_ff=config.encoder_ffn_dim,
        activation=config.activation_function,
        eps=1e-5,  # fixed in the published code, not in the config
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        pad_id=config.pad_token_id,
        embedding_scale=config.d_model**0.5 if config.scale_embedding else 1.0,
        output_bias=True,
    )


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("model.shared", "embedding")
    for side, ours in (("encoder", "source"), ("decoder", "target")):
        # The first two rows are never read: a text's positions begin behind them.
        yield from embedding(f"model.{side}.embed_positions", f"{ours}_positions", skipped=2)
        yield from norm(f"model.{side}.layernorm_embedding", f"{ours}_norm")
        yield from layers(side, settings)
    yield from logits(task)


def layers(side, settings):
    """The layers of the encoder or the decoder; Marian's have these names too."""
    for i in range(settings.num_layers if side == "encoder" else settings.decoder_layers):
        theirs, ours = f"model.{side}.layers.{i}", f"{side}.layers.{i}"
        yield from attention(f"{theirs}.self_attn", f"{ours}.attention")
        if side == "decoder":
            yield from attention(f"{theirs}.encoder_attn", f"{ours}.cross_attention")
        yield from dense(f"{theirs}.fc1", f"{ours}.feed_forward.expand")
        yield from dense(f"{theirs}.fc2", f"{ours}.feed_forward.contract")
        yield from norm(f"{theirs}.final_layer_norm", f"{ours}.feed_forward_norm")


def attention(theirs, ours):
    """One attention and the normalisation behind it."""
    names = {"q_proj": "query", "k_proj": "key", "v_proj": "value", "out_proj": "output_projection"}
    for their_name, our_name in names.items():
        yield from dense(f"{theirs}.{their_name}", f"{ours}.{our_name}")
    yield from norm(f"{theirs}_layer_norm", f"{ours}_norm")


def logits(task):
    """What is added to the score of each word."""
    if task == "seq2seq":
        yield Tensor("final_logits_bias", "head.bias")


COPIES = dict.fromkeys(
    ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"), "model.shared.weight"
)
BART = Family(
    name="bart",
    title="BART",
    kind="seq2seq",
    settings=settings,
    tensors=tensors,
    architectures={None: "BartModel", "seq2seq": "BartForConditionalGeneration"},
    prefix="model.",
    ties={None: COPIES, "seq2seq": COPIES},
    buffers=(r"(encoder|decoder)\.version",),
    vocabulary_files=("vocab.json", "merges.txt"),
)
FAMILIES = [BART]
