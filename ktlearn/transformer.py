"""Encoder and decoder: attentions and a feed-forward network, each with a residual and a normalisation.

Letters in the shapes: B batch, L length, S source length, T target length, D model width, H heads,
d_k head width, F feed-forward width.
"""

from ktlearn.attention import MaskedLayer, MultiHeadAttention
from ktlearn.backend import keras, ops
from ktlearn.layers import FeedForward, LayerNorm


@keras.saving.register_keras_serializable(package="ktlearn")
class EncoderLayer(MaskedLayer):
    """One layer of the encoder: ``(B, L, D)`` to ``(B, L, D)``.

        post-norm (the paper, BERT):  x = norm(x + attention(x));  x = norm(x + feed_forward(x))
        pre-norm (GPT-2 and later):   x = x + attention(norm(x));  x = x + feed_forward(norm(x))

    Args:
        d_model, num_heads, d_ff: widths D and F, and number of heads H.
        dropout: share of each sub-layer's output dropped during training.
        attention_dropout: share of the attention weights dropped during training.
        activation: a name of ``ktlearn.layers.ACTIVATIONS``.
        norm_first: True for pre-norm.
        eps: of the normalisations.

    Call: ``layer(x, mask=None, return_weights=False)``; the mask is boolean, True = may attend.

    Source: Vaswani et al. 2017, section 3.1; pre-norm: Xiong et al. 2020.

    >>> import numpy as np
    >>> y, weights = EncoderLayer(8, 2, 16)(np.ones((1, 3, 8), "float32"), return_weights=True)
    >>> tuple(y.shape), tuple(weights.shape)
    ((1, 3, 8), (1, 2, 3, 3))
    """

    def __init__(
        self,
        d_model,
        num_heads,
        d_ff,
        dropout=0.1,
        attention_dropout=0.0,
        activation="relu",
        norm_first=False,
        eps=1e-5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self._settings = dict(
            d_model=d_model,
            num_heads=num_heads,
            d_ff=d_ff,
            dropout=dropout,
            attention_dropout=attention_dropout,
            activation=activation,
            norm_first=norm_first,
            eps=eps,
        )
        self.norm_first = norm_first
        dtype = self.dtype_policy
        self.attention = MultiHeadAttention(d_model, num_heads, attention_dropout, name="attention", dtype=dtype)
        self.attention_norm = LayerNorm(eps, name="attention_norm", dtype=dtype)
        self.feed_forward = FeedForward(d_model, d_ff, activation, name="feed_forward", dtype=dtype)
        self.feed_forward_norm = LayerNorm(eps, name="feed_forward_norm", dtype=dtype)
        self.dropout = keras.layers.Dropout(dropout, dtype=dtype)

    def build(self, shape):
        self.attention.build(shape, shape, shape)
        for layer in (self.attention_norm, self.feed_forward, self.feed_forward_norm):
            layer.build(shape)
        self.built = True

    def call(self, x, mask=None, return_weights=False, training=None):
        inner = self.attention_norm(x) if self.norm_first else x
        attended, weights = self.attention(inner, inner, inner, mask=mask, return_weights=True, training=training)
        x = x + self.dropout(attended, training=training)
        if not self.norm_first:
            x = self.attention_norm(x)

        inner = self.feed_forward_norm(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(inner), training=training)
        if not self.norm_first:
            x = self.feed_forward_norm(x)
        return (x, weights) if return_weights else x

    def get_config(self):
        return super().get_config() | self._settings


@keras.saving.register_keras_serializable(package="ktlearn")
class Encoder(MaskedLayer):
    """A stack of ``num_layers`` encoder layers: ``(B, L, D)`` to ``(B, L, D)``.

    The other arguments are those of :class:`EncoderLayer`. A pre-norm stack ends with one more
    normalisation, since its last residual has none behind it.

    Call: ``encoder(x, mask=None, return_weights=False)``. With ``return_weights=True`` it also
    returns a tuple with the weights ``(B, H, L, L)`` of each layer.
    """

    layer_class = EncoderLayer

    def __init__(self, num_layers, d_model, num_heads, d_ff, norm_first=False, eps=1e-5, **kwargs):
        settings = {name: kwargs.pop(name) for name in _LAYER_OPTIONS if name in kwargs}
        super().__init__(**kwargs)
        self._settings = dict(
            num_layers=num_layers,
            d_model=d_model,
            num_heads=num_heads,
            d_ff=d_ff,
            norm_first=norm_first,
            eps=eps,
            **settings,
        )
        settings |= dict(norm_first=norm_first, eps=eps, dtype=self.dtype_policy)
        self.layers = [
            self.layer_class(d_model, num_heads, d_ff, name=f"layer_{i}", **settings) for i in range(num_layers)
        ]
        self.final_norm = LayerNorm(eps, name="final_norm", dtype=self.dtype_policy) if norm_first else None

    def build(self, shape):
        for layer in self.layers:
            layer.build(shape)
        if self.final_norm:
            self.final_norm.build(shape)
        self.built = True

    def call(self, x, mask=None, return_weights=False, training=None):
        maps = []
        for layer in self.layers:
            x, weights = layer(x, mask=mask, return_weights=True, training=training)
            maps.append(weights)
        if self.final_norm:
            x = self.final_norm(x)
        return (x, tuple(maps)) if return_weights else x

    def get_config(self):
        return super().get_config() | self._settings


@keras.saving.register_keras_serializable(package="ktlearn")
class DecoderLayer(EncoderLayer):
    """One layer of the decoder: an encoder layer and one more attention, from the target to the memory.

    The memory ``(B, S, D)`` is the encoder's output. Three sub-layers: attention of the target to
    itself, cross-attention to the memory, feed-forward; ``(B, T, D)`` to ``(B, T, D)``. The arguments,
    and what post-norm and pre-norm mean, are those of :class:`EncoderLayer`.

    Call: ``layer(x, memory, mask=None, memory_mask=None, return_weights=False)``. Nothing is masked by
    itself: give ``mask=causal_mask(T)``, or the target sees its own future, and
    ``memory_mask=padding_mask(…)`` of the source. With ``return_weights=True`` it returns
    ``(output, self_weights, cross_weights)``, the last two ``(B, H, T, T)`` and ``(B, H, T, S)``.

    Source: Vaswani et al. 2017, section 3.1.

    >>> import numpy as np
    >>> x, memory = np.ones((1, 3, 8), "float32"), np.ones((1, 5, 8), "float32")
    >>> y, self_weights, cross_weights = DecoderLayer(8, 2, 16)(x, memory, return_weights=True)
    >>> tuple(y.shape), tuple(self_weights.shape), tuple(cross_weights.shape)
    ((1, 3, 8), (1, 2, 3, 3), (1, 2, 3, 5))
    """

    mask_arguments = ("mask", "memory_mask")

    def __init__(
        self,
        d_model,
        num_heads,
        d_ff,
        dropout=0.1,
        attention_dropout=0.0,
        activation="relu",
        norm_first=False,
        eps=1e-5,
        **kwargs,
    ):
        super().__init__(d_model, num_heads, d_ff, dropout, attention_dropout, activation, norm_first, eps, **kwargs)
        dtype = self.dtype_policy
        self.cross_attention = MultiHeadAttention(
            d_model, num_heads, attention_dropout, name="cross_attention", dtype=dtype
        )
        self.cross_attention_norm = LayerNorm(eps, name="cross_attention_norm", dtype=dtype)

    def build(self, x_shape, memory_shape=None):
        super().build(x_shape)
        self.cross_attention.build(x_shape)
        self.cross_attention_norm.build(x_shape)

    def call(self, x, memory, mask=None, memory_mask=None, return_weights=False, training=None):
        def look_back(x):
            return self.attention(x, x, x, mask=mask, return_weights=True, training=training)

        def look_at_memory(x):
            return self.cross_attention(x, memory, memory, mask=memory_mask, return_weights=True, training=training)

        x, self_weights, cross_weights = self._sublayers(x, look_back, look_at_memory, training)
        return (x, self_weights, cross_weights) if return_weights else x

    def step(self, x, position, cache, memory_cache, memory_mask=None):
        """The layer at one position, with the keys and values of the earlier ones from a cache.

        Args:
            x: ``(B, 1, D)``, the vectors at ``position``, a whole number or a scalar tensor.
            cache: the keys and values of this target, ``(B, H, T, d_k)`` each, right up to ``position``.
            memory_cache: the keys and values of the memory, ``(B, H, S, d_k)`` each.
            memory_mask: as in the call.

        Returns:
            ``(output, cache)``: ``(B, 1, D)``, and the cache with ``position`` filled in.
        """
        places = ops.arange(cache[0].shape[2])  # (T,)
        here, seen = (places == position)[:, None], places <= position  # (T, 1), (T,)

        def look_back(x):
            new = self.attention.keys_and_values(x, x)  # (B, H, 1, d_k) each
            k, v = (ops.where(here, x, old) for x, old in zip(new, cache, strict=True))  # (B, H, T, d_k) each
            return self.attention.attend(x, k, v, mask=seen)[0], (k, v)

        def look_at_memory(x):
            return self.cross_attention.attend(x, *memory_cache, mask=memory_mask)

        x, cache, _ = self._sublayers(x, look_back, look_at_memory)
        return x, cache

    def _sublayers(self, x, look_back, look_at_memory, training=None):
        inner = self.attention_norm(x) if self.norm_first else x
        attended, of_itself = look_back(inner)
        x = x + self.dropout(attended, training=training)
        if not self.norm_first:
            x = self.attention_norm(x)

        inner = self.cross_attention_norm(x) if self.norm_first else x
        attended, of_memory = look_at_memory(inner)
        x = x + self.dropout(attended, training=training)
        if not self.norm_first:
            x = self.cross_attention_norm(x)

        inner = self.feed_forward_norm(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(inner), training=training)
        if not self.norm_first:
            x = self.feed_forward_norm(x)
        return x, of_itself, of_memory


@keras.saving.register_keras_serializable(package="ktlearn")
class Decoder(Encoder):
    """A stack of ``num_layers`` decoder layers: ``(B, T, D)``, with the memory ``(B, S, D)``, to ``(B, T, D)``.

    The arguments are those of :class:`Encoder`, the call is that of :class:`DecoderLayer`. With
    ``return_weights=True`` the self-weights and the cross-weights are tuples, one entry for each layer.
    """

    layer_class = DecoderLayer
    mask_arguments = DecoderLayer.mask_arguments

    def build(self, x_shape, memory_shape=None):
        super().build(x_shape)

    def call(self, x, memory, mask=None, memory_mask=None, return_weights=False, training=None):
        self_maps, cross_maps = [], []
        for layer in self.layers:
            x, self_weights, cross_weights = layer(
                x, memory, mask=mask, memory_mask=memory_mask, return_weights=True, training=training
            )
            self_maps.append(self_weights)
            cross_maps.append(cross_weights)
        if self.final_norm:
            x = self.final_norm(x)
        return (x, tuple(self_maps), tuple(cross_maps)) if return_weights else x

    def empty_cache(self, batch_size, length):
        """For each layer room for the keys and values of ``length`` positions, ``(B, H, T, d_k)`` each."""
        attention = self.layers[0].attention
        room = ops.zeros((batch_size, attention.num_heads, length, attention.d_k), self.compute_dtype)
        return tuple((room, room) for _ in self.layers)

    def memory_cache(self, memory):
        """For each layer the keys and values of the memory, ``(B, H, S, d_k)`` each."""
        return tuple(layer.cross_attention.keys_and_values(memory, memory) for layer in self.layers)

    def step(self, x, position, cache, memory_cache, memory_mask=None):
        """The stack at one position; see :meth:`DecoderLayer.step`. One cache for each layer."""
        filled = []
        for layer, own, of_memory in zip(self.layers, cache, memory_cache, strict=True):
            x, own = layer.step(x, position, own, of_memory, memory_mask)
            filled.append(own)
        return (self.final_norm(x) if self.final_norm else x), tuple(filled)


_LAYER_OPTIONS = ("dropout", "attention_dropout", "activation")
