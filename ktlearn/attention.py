"""Attention, from the formula to the layer. This file is the heart of the course: read it first.

    Attention(Q, K, V) = softmax(Q Kᵀ / √d_k) V                 (Vaswani et al. 2017, section 3.2.1)

Letters in the shapes: B batch, H heads, L_q query length, L_k key length, D model width (``d_model``),
d_k head width.

The one mask convention of ktlearn: a mask is **boolean, True = may attend**, and it broadcasts to
``(B, H, L_q, L_k)``. Masks are combined with ``&``.
"""

import contextlib
import contextvars
import functools
import math
from typing import Any, NamedTuple

from ktlearn.backend import keras, ops
from ktlearn.rotary import rotate
from ktlearn.support.arguments import as_numbers, check_dropout, check_whole
from ktlearn.support.masked_layer import MaskedLayer  # Keras' hidden masks are refused


def scaled_dot_product_attention(q, k, v, mask=None, bias=None, scale=None, dropout=None):
    """Compute softmax(q kᵀ / √d_k) v, and the weights that did it.

    Args:
        q: queries, ``(..., L_q, d_k)``.
        k: keys, ``(..., L_k, d_k)``.
        v: values, ``(..., L_k, d_v)``.
        mask: None, or boolean, True = may attend, broadcastable to ``(..., L_q, L_k)``.
        bias: None, or numbers that are added to the scores, broadcastable to ``(..., L_q, L_k)``. T5 says so
            how far apart two positions are.
        scale: what q kᵀ is multiplied by; None for the paper's 1 / √d_k.
        dropout: None, or a function of the weights: the values are mixed by what it leaves of them.

    Returns:
        ``(output, weights)``: ``(..., L_q, d_v)`` and ``(..., L_q, L_k)``, the weights before any dropout. Each
        row of the weights sums to 1. A row in which nothing may be attended is all zeros, and so is its
        output.

    Raises:
        ValueError: q and k differ in width, k and v differ in length, or the mask is not boolean.

    Source: Vaswani et al. 2017, "Attention Is All You Need", equation 1.

    >>> import numpy as np
    >>> q = k = np.eye(2, dtype="float32")
    >>> v = np.array([[1.0], [3.0]], dtype="float32")
    >>> out, weights = scaled_dot_product_attention(q, k, v)
    >>> print(np.round(np.array(weights), 2))
    [[0.67 0.33]
     [0.33 0.67]]
    """
    q, k, v = (_floats(x) for x in (q, k, v))
    mask = _checked(q, k, v, mask)
    d_k = q.shape[-1]

    # In float32 at least: float16 ends at 65504, and a larger score would become infinite.
    scaled = _wide(q) / math.sqrt(d_k) if scale is None else _wide(q) * scale
    scores = ops.matmul(scaled, ops.swapaxes(_wide(k), -1, -2))  # (..., L_q, L_k)
    if bias is not None:
        scores = scores + ops.cast(bias, scores.dtype)
    if mask is not None:
        # Finite on purpose: -inf in a whole row would make softmax divide 0 by 0.
        scores = ops.where(mask, scores, -1e30)
    weights = ops.softmax(scores, axis=-1)  # over the keys
    if mask is not None:
        weights = ops.where(mask, weights, 0)  # a row with nothing to attend becomes zeros
    weights = ops.cast(weights, v.dtype)
    for steps in _listening.get():
        steps.append(Step(q, k, mask, bias, scale, weights))
    return ops.matmul(weights if dropout is None else dropout(weights), v), weights


class Step(NamedTuple):
    """What went into one attention, and the weights that came out; see :func:`recorded`."""

    q: Any  # (..., L_q, d_k)
    k: Any  # (..., L_k, d_k)
    mask: Any  # boolean, broadcastable to (..., L_q, L_k), or None
    bias: Any  # broadcastable to (..., L_q, L_k), or None
    scale: float | None
    weights: Any  # (..., L_q, L_k)


_listening = contextvars.ContextVar("listening", default=())  # the lists to fill, in this thread


@contextlib.contextmanager
def recorded():
    """Note each attention that runs inside the block: a list of :class:`Step`, in the order of the computation.

    It hears its own thread only. A compiled function computes elsewhere, so call the model directly.

    >>> import numpy as np
    >>> x = np.ones((1, 3, 8), "float32")
    >>> with recorded() as steps:
    ...     y = MultiHeadAttention(d_model=8, num_heads=2)(x, x, x)
    >>> tuple(steps[0].q.shape), tuple(steps[0].weights.shape)
    ((1, 2, 3, 4), (1, 2, 3, 3))
    """
    steps = []
    before = _listening.set((*_listening.get(), steps))
    try:
        yield steps
    finally:
        _listening.reset(before)


def padding_mask(attention_mask):
    """Turn a tokenizer's 1/0 ``attention_mask`` ``(B, L_k)`` into a mask ``(B, 1, 1, L_k)``.

    No query of the batch may look at a padding token.

    Raises:
        ValueError, TypeError: the shape is another one, or it holds no numbers.

    >>> tuple(padding_mask([[1, 1, 0]]).shape)
    (1, 1, 1, 3)
    """
    if not hasattr(attention_mask, "shape"):
        attention_mask = as_numbers("attention_mask", attention_mask)
    attention_mask = ops.convert_to_tensor(attention_mask)
    if len(attention_mask.shape) != 2:
        raise ValueError(
            "padding_mask: attention_mask must have the shape (batch, tokens), with 1 for a token "
            f"and 0 for padding; got the shape {tuple(attention_mask.shape)}."
        )
    return ops.cast(attention_mask, "bool")[:, None, None, :]


def causal_mask(length, window=None):
    """A mask ``(1, 1, L_q, L_k)`` with L_q = L_k = ``length``: position t may look at 0..t, not at the future.

    Args:
        length: how many positions there are.
        window: None, or how many each may look at, the nearest ones and itself among them ("sliding window").

    Raises:
        ValueError: a length or a window that is none.

    Source: Vaswani et al. 2017, section 3.2.3; the window: Jiang et al. 2023, "Mistral 7B", section 2.

    >>> import numpy as np
    >>> print(np.array(causal_mask(3)[0, 0]).astype(int))
    [[1 0 0]
     [1 1 0]
     [1 1 1]]
    """
    if not ops.is_tensor(length):
        check_whole("length", length, least=0)
    position = ops.arange(length)
    mask = position[:, None] >= position[None, :]  # (L_q, L_k)
    if window is not None:
        check_whole("window", window)
        mask = mask & (position[:, None] - position[None, :] < window)
    return mask[None, None]


@keras.saving.register_keras_serializable(package="ktlearn")
class MultiHeadAttention(MaskedLayer):
    """Several attentions side by side, each in its own subspace, their results mixed by a last layer.

        MultiHead(Q, K, V) = Concat(head₁, …, head_H) W_O,  headᵢ = Attention(Q W_Qᵢ, K W_Kᵢ, V W_Vᵢ)

    Args:
        d_model: width D of the input and the output.
        num_heads: number of heads H; must divide ``d_model``, unless ``d_k`` is given.
        dropout: share of the attention weights dropped during training.
        d_k: width of each head; None for D / H.
        use_bias: False for four matrices without a bias.
        scale: see :func:`scaled_dot_product_attention`.
        num_kv_heads: None for as many heads of keys and values as of queries; or fewer, and each serves a group of
            queries ("grouped queries"). There is less to compute, and less to keep in a key/value cache.
        qkv_bias: None for what ``use_bias`` says; True or False for the first three matrices apart (Qwen2).

    Call: ``mha(query, key, value, mask=None, return_weights=False, bias=None, rotation=None)`` with query
    ``(B, L_q, D)``, key and value ``(B, L_k, D)``. Returns ``(B, L_q, D)``; with ``return_weights=True`` also the
    weights ``(B, H, L_q, L_k)``. The rotation, of rotary positions, is the answer of
    :class:`ktlearn.rotary.RotaryPositions`, for a text that looks at itself.

    Raises:
        ValueError: a number that is none, ``num_heads`` does not divide ``d_model``, ``num_kv_heads`` does not
            divide ``num_heads``, or the mask is not boolean.

    Source: Vaswani et al. 2017, section 3.2.2; grouped queries: Ainslie et al. 2023, "GQA".

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(2, 5, 64)).astype("float32")
    >>> y, weights = MultiHeadAttention(d_model=64, num_heads=4)(x, x, x, return_weights=True)
    >>> tuple(y.shape), tuple(weights.shape)
    ((2, 5, 64), (2, 4, 5, 5))
    """

    def __init__(
        self,
        d_model,
        num_heads,
        dropout=0.0,
        d_k=None,
        use_bias=True,
        scale=None,
        num_kv_heads=None,
        qkv_bias=None,
        **kwargs,
    ):
        check_whole("d_model", d_model)
        check_whole("num_heads", num_heads)
        check_dropout("dropout", dropout)
        if d_k is not None:
            check_whole("d_k", d_k)
        elif d_model % num_heads:
            raise ValueError(
                f"MultiHeadAttention: num_heads must divide d_model; got d_model={d_model} and "
                f"num_heads={num_heads}. Heads that fit: {_divisors(d_model)}."
            )
        if num_kv_heads is not None:
            check_whole("num_kv_heads", num_kv_heads)
            if num_heads % num_kv_heads:
                raise ValueError(
                    f"MultiHeadAttention: num_kv_heads must divide num_heads; got num_heads={num_heads} and "
                    f"num_kv_heads={num_kv_heads}. Accepted: {_divisors(num_heads)}."
                )
        super().__init__(**kwargs)
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_k or d_model // num_heads
        self.num_kv_heads = num_kv_heads or num_heads
        self.use_bias, self.scale = use_bias, scale
        self.qkv_bias = use_bias if qkv_bias is None else qkv_bias
        heads = {"query": num_heads, "key": self.num_kv_heads, "value": self.num_kv_heads}
        dense = functools.partial(keras.layers.Dense, dtype=self.dtype_policy)
        self.query, self.key, self.value = (
            dense(count * self.d_k, use_bias=self.qkv_bias, name=name) for name, count in heads.items()
        )
        self.output_projection = dense(d_model, use_bias=use_bias, name="output")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, *shapes):
        for layer in (self.query, self.key, self.value):
            layer.build((None, None, self.d_model))
        self.output_projection.build((None, None, self.num_heads * self.d_k))
        self.built = True

    def call(self, query, key, value, mask=None, return_weights=False, bias=None, rotation=None, training=None):
        k, v = self.keys_and_values(key, value, rotation)
        output, weights = self.attend(query, k, v, mask, bias, rotation, training)
        return (output, weights) if return_weights else output

    def keys_and_values(self, key, value, rotation=None):
        """What the queries meet, and what a key/value cache keeps: two times ``(B, H, L_k, d_k)``.

        With grouped queries, H is here ``num_kv_heads``. Keys are kept as they are turned, each by its own position.
        """
        k, v = self.split_heads(self.key(key)), self.split_heads(self.value(value))
        return (k if rotation is None else rotate(k, *rotation)), v

    def attend(self, query, k, v, mask=None, bias=None, rotation=None, training=None):
        """Let a query ``(B, L_q, D)`` meet keys and values that are made already."""
        q = self.split_heads(self.query(query))  # (B, H, L_q, d_k)
        if rotation is not None:
            q = rotate(q, *rotation)
        if self.num_kv_heads < self.num_heads:  # the queries of a group meet the same keys and values
            k, v = (ops.repeat(x, self.num_heads // self.num_kv_heads, axis=1) for x in (k, v))  # (B, H, L_k, d_k)
        # Not the paper, but its code and BERT drop weights too; the paper drops outputs of sub-layers (5.4).
        dropout = functools.partial(self.dropout, training=True) if training and self.dropout.rate else None
        heads, weights = scaled_dot_product_attention(q, k, v, mask, bias, self.scale, dropout)
        return self.output_projection(self.join_heads(heads)), weights  # (B, L_q, D), (B, H, L_q, L_k)

    def split_heads(self, x):
        """``(B, L, H · d_k)`` to ``(B, H, L, d_k)``: cut the width first, then move the heads forward."""
        B, L, width = ops.shape(x)
        x = ops.reshape(x, (B, L, width // self.d_k, self.d_k))
        return ops.transpose(x, (0, 2, 1, 3))

    def join_heads(self, x):
        """``(B, H, L, d_k)`` to ``(B, L, H · d_k)``: the way back."""
        B, _, L, _ = ops.shape(x)
        x = ops.transpose(x, (0, 2, 1, 3))
        return ops.reshape(x, (B, L, self.num_heads * self.d_k))

    def compute_output_spec(
        self, query, key, value, mask=None, return_weights=False, bias=None, rotation=None, training=None
    ):
        output = keras.KerasTensor(query.shape, dtype=self.compute_dtype)
        if not return_weights:
            return output
        B, L_q, _ = query.shape
        weights = keras.KerasTensor((B, self.num_heads, L_q, key.shape[1]), dtype=self.compute_dtype)
        return output, weights

    def get_config(self):
        return super().get_config() | {
            "d_model": self.d_model,
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
            "d_k": self.d_k,
            "use_bias": self.use_bias,
            "scale": self.scale,
            "num_kv_heads": self.num_kv_heads,
            "qkv_bias": self.qkv_bias,
        }


def _checked(q, k, v, mask):
    if q.shape[-1] != k.shape[-1]:
        raise ValueError(
            "scaled_dot_product_attention: queries and keys must have the same width d_k; got q "
            f"{tuple(q.shape)} and k {tuple(k.shape)}."
        )
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(
            "scaled_dot_product_attention: there must be one value for each key; got k "
            f"{tuple(k.shape)} and v {tuple(v.shape)}."
        )
    if mask is None:
        return None
    mask = ops.convert_to_tensor(mask)
    if keras.backend.standardize_dtype(mask.dtype) != "bool":
        raise ValueError(
            "scaled_dot_product_attention: mask must be boolean, True = may attend; got "
            f"{keras.backend.standardize_dtype(mask.dtype)}. Use padding_mask, causal_mask, or a "
            "comparison such as `tokens != 0`."
        )
    return mask


def _floats(x):
    x = ops.convert_to_tensor(x)
    return x if keras.backend.is_float_dtype(x.dtype) else ops.cast(x, keras.config.floatx())


def _wide(x):
    is_half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
    return ops.cast(x, "float32") if is_half else x


def _divisors(n):
    return [h for h in range(1, min(n, 128) + 1) if n % h == 0]  # no model has more heads
