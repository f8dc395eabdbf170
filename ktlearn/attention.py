"""Attention, from the formula to the layer. This file is the heart of the course: read it first.

    Attention(Q, K, V) = softmax(Q Kᵀ / √d_k) V                 (Vaswani et al. 2017, section 3.2.1)

Letters in the shapes: B batch, H heads, Q query length, K key length, D model width (``d_model``),
d_k head width.

The one mask convention of ktlearn: a mask is **boolean, True = may attend**, and it broadcasts to
``(B, H, Q, K)``. Masks are combined with ``&``.
"""

import math

from ktlearn.backend import keras, ops


def scaled_dot_product_attention(q, k, v, mask=None):
    """Compute softmax(q kᵀ / √d_k) v, and the weights that did it.

    Args:
        q: queries, ``(..., Q, d_k)``.
        k: keys, ``(..., K, d_k)``.
        v: values, ``(..., K, d_v)``.
        mask: None, or boolean, True = may attend, broadcastable to ``(..., Q, K)``.

    Returns:
        ``(output, weights)``: ``(..., Q, d_v)`` and ``(..., Q, K)``. Each row of the weights sums
        to 1. A row in which nothing may be attended is all zeros, and so is its output.

    Raises:
        ValueError: q and k differ in width, k and v differ in length, or the mask is not boolean.

    Source: Vaswani et al. 2017, "Attention Is All You Need", equation 1.

    >>> import numpy as np
    >>> q = k = np.eye(2, dtype="float32")
    >>> v = np.array([[1.0], [3.0]], dtype="float32")
    >>> out, weights = scaled_dot_product_attention(q, k, v)
    >>> np.round(np.array(weights), 2).tolist()
    [[0.67, 0.33], [0.33, 0.67]]
    """
    q, k, v = (_floats(x) for x in (q, k, v))
    mask = _checked(q, k, v, mask)
    d_k = q.shape[-1]

    # In float32 at least: float16 ends at 65504, and a larger score would become infinite.
    scores = ops.matmul(_wide(q) / math.sqrt(d_k), ops.swapaxes(_wide(k), -1, -2))  # (..., Q, K)
    if mask is not None:
        # Finite on purpose: -inf in a whole row would make softmax divide 0 by 0.
        scores = ops.where(mask, scores, -1e30)
    weights = ops.softmax(scores, axis=-1)  # over the keys
    if mask is not None:
        weights = ops.where(mask, weights, 0)  # a row with nothing to attend becomes zeros
    weights = ops.cast(weights, v.dtype)
    return ops.matmul(weights, v), weights


def padding_mask(attention_mask):
    """Turn a tokenizer's 1/0 ``attention_mask`` ``(B, K)`` into a mask ``(B, 1, 1, K)``.

    No query of the batch may look at a padding token.

    >>> padding_mask([[1, 1, 0]]).shape
    TensorShape([1, 1, 1, 3])
    """
    attention_mask = ops.convert_to_tensor(attention_mask)
    if len(attention_mask.shape) != 2:
        raise ValueError(
            "padding_mask: attention_mask must have the shape (batch, tokens), with 1 for a token "
            f"and 0 for padding; got the shape {tuple(attention_mask.shape)}."
        )
    return ops.cast(attention_mask, "bool")[:, None, None, :]


def causal_mask(length):
    """A mask ``(1, 1, Q, K)`` with Q = K = ``length``: position t may look at 0..t, not at the future.

    >>> causal_mask(3)[0, 0].numpy().astype(int).tolist()
    [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    """
    position = ops.arange(length)
    return (position[:, None] >= position[None, :])[None, None]


class MaskedLayer(keras.layers.Layer):
    """A layer whose mask is an argument of its call, and never travels hidden on its output.

    Keras would hang the mask of the input on the output, and a loss further down would use it.
    """

    mask_arguments = ("mask",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def __call__(self, *args, **kwargs):
        # Keras would put it, (B, L), where (..., Q, K) belongs.
        hidden = [x for x in (*args, *kwargs.values()) if getattr(x, "_keras_mask", None) is not None]
        missing = [name for name in self.mask_arguments if kwargs.get(name) is None]
        if hidden and missing:
            raise ValueError(
                f"{type(self).__name__}: the input carries a hidden mask of Keras, from mask_zero=True or a Masking "
                f"layer. Give the mask as an argument instead: {missing[0]}=padding_mask(token_ids != 0)."
            )
        return super().__call__(*args, **kwargs)

    def compute_mask(self, *args, **kwargs):
        return None


@keras.saving.register_keras_serializable(package="ktlearn")
class MultiHeadAttention(MaskedLayer):
    """Several attentions side by side, each in its own subspace, their results mixed by a last layer.

        MultiHead(Q, K, V) = Concat(head₁, …, head_H) W_O,  headᵢ = Attention(Q W_Qᵢ, K W_Kᵢ, V W_Vᵢ)

    Args:
        d_model: width D of the input and the output.
        num_heads: number of heads H; must divide ``d_model``. Each head is d_k = D / H wide.
        dropout: share of the attention weights dropped during training.

    Call: ``mha(query, key, value, mask=None, return_weights=False)`` with query ``(B, Q, D)``, key
    and value ``(B, K, D)``. Returns ``(B, Q, D)``; with ``return_weights=True`` also the weights
    ``(B, H, Q, K)``.

    Raises:
        ValueError: ``num_heads`` does not divide ``d_model``, or the mask is not boolean.

    Source: Vaswani et al. 2017, section 3.2.2.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(2, 5, 64)).astype("float32")
    >>> y, weights = MultiHeadAttention(d_model=64, num_heads=4)(x, x, x, return_weights=True)
    >>> tuple(y.shape), tuple(weights.shape)
    ((2, 5, 64), (2, 4, 5, 5))
    """

    def __init__(self, d_model, num_heads, dropout=0.0, **kwargs):
        if num_heads < 1 or d_model % num_heads:
            raise ValueError(
                f"MultiHeadAttention: num_heads must divide d_model; got d_model={d_model} and "
                f"num_heads={num_heads}. Heads that fit: {_divisors(d_model)}."
            )
        super().__init__(**kwargs)
        self.d_model, self.num_heads, self.d_k = d_model, num_heads, d_model // num_heads
        self.query, self.key, self.value, self.output_projection = (
            keras.layers.Dense(d_model, name=name, dtype=self.dtype_policy)
            for name in ("query", "key", "value", "output")
        )
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, *shapes):
        for layer in (self.query, self.key, self.value, self.output_projection):
            layer.build((None, None, self.d_model))
        self.built = True

    def call(self, query, key, value, mask=None, return_weights=False, training=None):
        k, v = self.keys_and_values(key, value)
        output, weights = self.attend(query, k, v, mask, training)
        return (output, weights) if return_weights else output

    def keys_and_values(self, key, value):
        """What the queries meet, and what a key/value cache keeps: two times ``(B, H, K, d_k)``."""
        return self.split_heads(self.key(key)), self.split_heads(self.value(value))

    def attend(self, query, k, v, mask=None, training=None):
        """Let a query ``(B, Q, D)`` meet keys and values that are made already."""
        q = self.split_heads(self.query(query))  # (B, H, Q, d_k)
        heads, weights = scaled_dot_product_attention(q, k, v, mask)  # (B, H, Q, d_k), (B, H, Q, K)
        if training and self.dropout.rate:
            # The paper drops weights, so the values must be mixed again with what is left of them.
            heads = ops.matmul(self.dropout(weights, training=True), v)
        return self.output_projection(self.join_heads(heads)), weights  # (B, Q, D), (B, H, Q, K)

    def split_heads(self, x):
        """``(B, L, D)`` to ``(B, H, L, d_k)``: cut the width first, then move the heads forward."""
        B, L, _ = ops.shape(x)
        x = ops.reshape(x, (B, L, self.num_heads, self.d_k))
        return ops.transpose(x, (0, 2, 1, 3))

    def join_heads(self, x):
        """``(B, H, L, d_k)`` to ``(B, L, D)``: the way back."""
        B, _, L, _ = ops.shape(x)
        x = ops.transpose(x, (0, 2, 1, 3))
        return ops.reshape(x, (B, L, self.d_model))

    def compute_output_spec(self, query, key, value, mask=None, return_weights=False, training=None):
        output = keras.KerasTensor(query.shape, dtype=self.compute_dtype)
        if not return_weights:
            return output
        B, Q, _ = query.shape
        weights = keras.KerasTensor((B, self.num_heads, Q, key.shape[1]), dtype=self.compute_dtype)
        return output, weights

    def get_config(self):
        return super().get_config() | {
            "d_model": self.d_model,
            "num_heads": self.num_heads,
            "dropout": self.dropout.rate,
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
    return [h for h in range(1, n + 1) if n % h == 0]
