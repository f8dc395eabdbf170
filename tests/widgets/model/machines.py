"""Four models to draw: an encoder, GPT-2's shapes, the Transformer of lesson 05, and a reader's own stack.

Each is made once, for tests that only look at it.
"""

from functools import cache

import numpy as np

from ktlearn import models
from ktlearn.attention import MultiHeadAttention
from ktlearn.backend import keras
from ktlearn.layers import FeedForward, LayerNorm
from ktlearn.seeding import seed_weights
from ktlearn.seq2seq import Transformer
from tests.tiny import tiny_config


class OwnLayer(keras.layers.Layer):
    """A layer as a reader writes it."""

    def __init__(self):
        super().__init__()
        self.attention, self.norm = MultiHeadAttention(8, 2), LayerNorm()
        self.feed_forward = FeedForward(8, 16)

    def call(self, x):
        return self.norm(x + self.feed_forward(x + self.attention(x, x, x)))


@cache
def encoder(task="masked-lm", **options):
    return models.from_config(tiny_config(), task=task, seed=0, **options)


@cache
def gpt2(layers=2):
    from transformers import GPT2Config

    config = GPT2Config(
        vocab_size=60, n_positions=80, n_embd=24, n_layer=layers, n_head=2, bos_token_id=0, eos_token_id=0
    )
    return models.from_config(config, task="causal-lm", seed=0)


@cache
def t5(**options):
    from transformers import T5Config

    config = T5Config(vocab_size=50, d_model=8, d_kv=4, d_ff=16, num_layers=2, num_heads=2, **options)
    return models.from_config(config, task="seq2seq", seed=0)


@cache
def llama(name="llama", **options):
    """Rotary positions and grouped queries."""
    from transformers import CONFIG_MAPPING

    shape = dict(vocab_size=60, hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4)
    config = CONFIG_MAPPING[name](**shape, num_key_value_heads=2, **options)
    return models.from_config(config, task="causal-lm", seed=0)


@cache
def bart(name="bart", **options):
    from transformers import CONFIG_MAPPING

    shape = dict(layers=2, attention_heads=2, ffn_dim=16)
    both = {f"{side}_{name}": size for side in ("encoder", "decoder") for name, size in shape.items()}
    config = CONFIG_MAPPING[name](vocab_size=50, d_model=8, pad_token_id=0, **both, **options)
    model = models.from_config(config, task="seq2seq", seed=0)
    model.head.bias.assign(np.linspace(-1, 1, 50)[None])
    return model


@cache
def dates(**options):
    shape = dict(d_model=16, num_heads=2, num_layers=2, d_ff=32, norm_first=True, share_embeddings=True)
    return seed_weights(Transformer(30, 30, **shape | options), 0)


@cache
def own(count=2):
    return [OwnLayer() for _ in range(count)]


IDS = {"input_ids": np.array([[5, 6, 7, 8, 9]])}
PADDED = {"input_ids": np.array([[9, 9, 5, 6, 7]]), "attention_mask": np.array([[0, 0, 1, 1, 1]])}
PAIR = {"input_ids": np.array([[5, 6, 7, 0, 0]]), "decoder_input_ids": np.array([[1, 8, 9]])}
VECTORS = np.random.default_rng(0).normal(size=(1, 4, 8)).astype("float32")

# name → how it is made, and what it reads
MACHINES = {
    "encoder": (encoder, IDS),
    "classes": (lambda: encoder("classification", num_labels=3), IDS),
    "gpt2": (gpt2, IDS),
    "dates": (dates, PAIR),
    "dates, untied": (lambda: dates(share_embeddings=False, tie_output=False, norm_first=False), PAIR),
    "t5": (t5, PAIR),
    "t5, gated": (lambda: t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False), PAIR),
    "llama": (llama, IDS),
    "llama, padded": (llama, PADDED),
    "mistral": (lambda: llama("mistral", sliding_window=2), IDS),
    "qwen2, tied": (lambda: llama("qwen2", tie_word_embeddings=True), IDS),
    "gpt2, padded": (gpt2, PADDED),
    "marian": (lambda: bart("marian", scale_embedding=True), PAIR),
    "bart": (bart, PAIR),
}
