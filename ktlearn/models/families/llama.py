"""Llama (Touvron et al. 2023) and its kin: a decoder with rotary positions, RMSNorm, gates and grouped queries.

Mistral (Jiang et al. 2023) adds a window of positions, Qwen2 (Yang et al. 2024) biases of queries, keys and values.
"""

import dataclasses

from ktlearn.models.family import Family, Tensor, dense, embedding
from ktlearn.models.settings import Settings

# How positions can be stretched, and what the config then says of it.
ROTARY = {
    "default": (),
    "linear": ("factor",),
    "llama3": ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"),
}


def settings(config):
    """Llama's config in our names.

    Raises:
        ValueError: the config asks for what our layers do not have.
    """
    biases = [getattr(config, name, False) for name in ("attention_bias", "mlp_bias")]
    if biases[0] != biases[1]:
        raise ValueError(f"attention_bias={biases[0]!r} with mlp_bias={biases[1]!r} is not supported; accepted: equal.")
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=config.max_position_embeddings,
        d_model=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_heads=config.num_attention_heads,
        num_kv_heads=config.num_key_value_heads,
        d_k=getattr(config, "head_dim", None),
        d_ff=config.intermediate_size,
        activation=config.hidden_act,
        gated=True,
        eps=config.rms_norm_eps,
        dropout=0.0,
        attention_dropout=config.attention_dropout,
        norm_first=True,
        norm="rms",
        use_bias=biases[0],
        embedding_norm=False,
        rotary=rotary(config),
        tied_output=config.tie_word_embeddings,
    )


def rotary(config):
    """The arguments of :class:`ktlearn.rotary.RotaryPositions`, beside the head's width.

    Raises:
        ValueError: positions that are stretched in another way, or without what that needs.
    """
    rope = config.rope_parameters or {}
    kind = rope.get("rope_type", "default")
    if kind not in ROTARY:
        accepted = ", ".join(map(repr, ROTARY))
        raise ValueError(f"rope_type={kind!r}, of the positions, is not supported; accepted: {accepted}.")
    if missing := [name for name in ("rope_theta", *ROTARY[kind]) if name not in rope]:
        raise ValueError(f"rope_type={kind!r} needs {missing[0]!r}, but the config has none.")
    if rope.get("partial_rotary_factor", 1) != 1:
        raise ValueError("partial_rotary_factor: only heads that are turned as a whole are supported; accepted: 1.")
    found = {"base": rope["rope_theta"], "factor": rope["factor"] if ROTARY[kind] else 1.0}
    if kind == "llama3":
        found["length"] = rope["original_max_position_embeddings"]
        found["turns"] = (rope["low_freq_factor"], rope["high_freq_factor"])
    return found


def mistral_settings(config):
    """Mistral's config in our names."""
    return dataclasses.replace(settings(config), window=config.sliding_window)


def qwen2_settings(config):
    """Qwen2's config in our names.

    Raises:
        ValueError: as :func:`settings`, or only some layers have a window.
    """
    kinds = set(config.layer_types)
    if len(kinds) > 1:
        raise ValueError(f"layer_types={sorted(kinds)} is not supported; accepted: layers of one kind.")
    window = config.sliding_window if kinds == {"sliding_attention"} else None
    return dataclasses.replace(settings(config), qkv_bias=True, window=window)


def tensors(settings, task):
    """Which published tensor fills which variable."""
    has_bias = settings.use_bias if settings.qkv_bias is None else settings.qkv_bias
    yield from embedding("model.embed_tokens", "embeddings.tokens")
    for i in range(settings.num_layers):
        theirs, ours = f"model.layers.{i}", f"decoder.layers.{i}"
        yield Tensor(f"{theirs}.input_layernorm.weight", f"{ours}.attention_norm.gamma")
        for their_name, our_name in {"q_proj": "query", "k_proj": "key", "v_proj": "value"}.items():
            yield from linear(f"{theirs}.self_attn.{their_name}", f"{ours}.attention.{our_name}", has_bias)
        yield from linear(f"{theirs}.self_attn.o_proj", f"{ours}.attention.output_projection", settings.use_bias)
        yield Tensor(f"{theirs}.post_attention_layernorm.weight", f"{ours}.feed_forward_norm.gamma")
        for their_name, our_name in {"gate_proj": "expand", "up_proj": "gate", "down_proj": "contract"}.items():
            yield from linear(f"{theirs}.mlp.{their_name}", f"{ours}.feed_forward.{our_name}", settings.use_bias)
    yield Tensor("model.norm.weight", "decoder.final_norm.gamma")
    if task == "causal-lm" and not settings.tied_output:
        yield Tensor("lm_head.weight", "output_layer.kernel", transposed=True)


def linear(theirs, ours, has_bias):
    """A dense layer, with or without a bias."""
    return dense(theirs, ours)[: 2 if has_bias else 1]


LLAMA = Family(
    name="llama",
    title="Llama",
    kind="decoder",
    settings=settings,
    tensors=tensors,
    architectures={None: "LlamaModel", "causal-lm": "LlamaForCausalLM"},
    prefix="model.",
    ties={"causal-lm": {"lm_head.weight": "model.embed_tokens.weight"}},
    buffers=(r"layers\.\d+\.self_attn\.rotary_emb\.inv_freq",),
    vocabulary_files=("tokenizer.model",),
)
MISTRAL = dataclasses.replace(
    LLAMA,
    name="mistral",
    title="Mistral",
    settings=mistral_settings,
    architectures={None: "MistralModel", "causal-lm": "MistralForCausalLM"},
)
QWEN2 = dataclasses.replace(
    LLAMA,
    name="qwen2",
    title="Qwen2",
    settings=qwen2_settings,
    architectures={None: "Qwen2Model", "causal-lm": "Qwen2ForCausalLM"},
    vocabulary_files=("vocab.json", "merges.txt"),
)
FAMILIES = [LLAMA, MISTRAL, QWEN2]
