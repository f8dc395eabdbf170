"""GPT-2 (Radford et al. 2019): a decoder alone, pre-norm, with learned positions and tied output."""

from ktlearn.models.family import Family, Tensor, embedding, norm
from ktlearn.models.settings import Settings


def settings(config):
    """GPT-2's config in our names.

    Raises:
        ValueError: the config asks for what our layers do not have.
    """
    for name, usual in {
        "add_cross_attention": False,
        "scale_attn_weights": True,
        "scale_attn_by_inverse_layer_idx": False,
        "tie_word_embeddings": True,
    }.items():
        if getattr(config, name, usual) != usual:
            raise ValueError(f"{name}={getattr(config, name)!r} is not supported for GPT-2; accepted: {usual!r}.")
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=config.n_positions,
        d_model=config.n_embd,
        num_layers=config.n_layer,
        num_heads=config.n_head,
        d_ff=config.n_inner or 4 * config.n_embd,
        activation=config.activation_function,
        eps=config.layer_norm_epsilon,
        dropout=config.resid_pdrop,
        attention_dropout=config.attn_pdrop,
        embedding_dropout=config.embd_pdrop,
        norm_first=True,
        embedding_norm=False,
    )


def tensors(settings, task):
    """Which published tensor, or which third of one, fills which variable."""
    yield from embedding("transformer.wte", "embeddings.tokens")
    yield from embedding("transformer.wpe", "embeddings.positions")
    for i in range(settings.num_layers):
        theirs, ours = f"transformer.h.{i}", f"decoder.layers.{i}"
        yield from norm(f"{theirs}.ln_1", f"{ours}.attention_norm")
        for n, name in enumerate(("query", "key", "value")):
            yield Tensor(f"{theirs}.attn.c_attn.weight", f"{ours}.attention.{name}.kernel", part=(n, 3))
            yield Tensor(f"{theirs}.attn.c_attn.bias", f"{ours}.attention.{name}.bias", part=(n, 3))
        yield from conv1d(f"{theirs}.attn.c_proj", f"{ours}.attention.output_projection")
        yield from norm(f"{theirs}.ln_2", f"{ours}.feed_forward_norm")
        yield from conv1d(f"{theirs}.mlp.c_fc", f"{ours}.feed_forward.expand")
        yield from conv1d(f"{theirs}.mlp.c_proj", f"{ours}.feed_forward.contract")
    yield from norm("transformer.ln_f", "decoder.final_norm")


def conv1d(theirs, ours):
    """A dense layer as OpenAI stored it: (input, output), as Keras does."""
    return Tensor(f"{theirs}.weight", f"{ours}.kernel"), Tensor(f"{theirs}.bias", f"{ours}.bias")


GPT2 = Family(
    name="gpt2",
    title="GPT-2",
    kind="decoder",
    settings=settings,
    tensors=tensors,
    architectures={None: "GPT2Model", "causal-lm": "GPT2LMHeadModel"},
    prefix="transformer.",
    ties={"causal-lm": {"lm_head.weight": "transformer.wte.weight"}},
    buffers=(r"h\.\d+\.attn\.(masked_)?bias",),
    vocabulary_files=("vocab.json", "merges.txt"),
)
FAMILIES = [GPT2]
