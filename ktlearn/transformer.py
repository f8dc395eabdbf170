"""Encoder and decoder: attentions and a feed-forward network, each with a residual and a normalisation.

Letters in the shapes: B batch, L length, S source length, T target length, D model width, H heads,
d_k head width, F feed-forward width.
"""

from ktlearn.attention import MultiHeadAttention
from ktlearn.backend import keras, ops
from ktlearn.layers import FeedForward, norm_named
from ktlearn.support.arguments import check_dropout, check_whole
from ktlearn.support.cache import written
from ktlearn.support.masked_layer import MaskedLayer
from ktlearn.support.one_trace import traced_once


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
        norm: "layer" or "rms", a name of ``ktlearn.layers.NORMS``.
        gated: see :class:`ktlearn.layers.FeedForward`.
        use_bias: False for matrices without a bias.
        d_k, scale, num_kv_heads, qkv_bias: see :class:`ktlearn.attention.MultiHeadAttention`.

    Call: ``layer(x, mask=None, return_weights=False, bias=None, rotation=None)``; the mask is boolean, True = may
    attend, the bias is added to the scores, and the rotation, of rotary positions, turns queries and keys.

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
        norm="layer",
        gated=False,
        use_bias=True,
        d_k=None,
        scale=None,
        num_kv_heads=None,
        qkv_bias=None,
        **kwargs,
    ):
        check_dropout("dropout", dropout)
        check_dropout("attention_dropout", attention_dropout)
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
            norm=norm,
            gated=gated,
            use_bias=use_bias,
            d_k=d_k,
            scale=scale,
            num_kv_heads=num_kv_heads,
            qkv_bias=qkv_bias,
        )
        self.norm_first = norm_first
        self.attention = self._attention("attention")
        self.attention_norm = self._norm("attention_norm")
        self.feed_forward = FeedForward(
            d_model, d_ff, activation, gated, use_bias, name="feed_forward", dtype=self.dtype_policy
        )
        self.feed_forward_norm = self._norm("feed_forward_norm")
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def _attention(self, name):
        names = ("d_model", "num_heads", "d_k", "use_bias", "scale", "num_kv_heads", "qkv_bias")
        options = {option: self._settings[option] for option in names}
        return MultiHeadAttention(
            dropout=self._settings["attention_dropout"], **options, name=name, dtype=self.dtype_policy
        )

    def _norm(self, name):
        return norm_named(self._settings["norm"])(self._settings["eps"], name=name, dtype=self.dtype_policy)

    def build(self, shape):
        self.attention.build(shape, shape, shape)
        for layer in (self.attention_norm, self.feed_forward, self.feed_forward_norm):
            layer.build(shape)
        self.built = True

    def call(self, x, mask=None, return_weights=False, bias=None, rotation=None, training=None):
        given = dict(mask=mask, bias=bias, rotation=rotation, return_weights=True, training=training)

        def look_around(x):
            return self.attention(x, x, x, **given)

        x, weights = self._sublayer(x, self.attention_norm, look_around, training)
        x = self._feed_forward(x, training)
        return (x, weights) if return_weights else x

    def _sublayer(self, x, norm, run, training=None):
        """Residual and normalisation around ``run``; returns also what else ``run`` answers."""
        y, *more = run(norm(x) if self.norm_first else x)
        x = x + self.dropout(y, training=training)
        return (x if self.norm_first else norm(x)), *more

    def _feed_forward(self, x, training=None):
        return self._sublayer(x, self.feed_forward_norm, lambda x: (self.feed_forward(x),), training)[0]

    def get_config(self):
        return super().get_config() | self._settings


@keras.saving.register_keras_serializable(package="ktlearn")
class Encoder(MaskedLayer):
    """A stack of ``num_layers`` encoder layers: ``(B, L, D)`` to ``(B, L, D)``.

    The other arguments are those of :class:`EncoderLayer`. A pre-norm stack ends with one more
    normalisation, since its last residual has none behind it.

    Call: ``encoder(x, mask=None, return_weights=False, bias=None, rotation=None)``. With ``return_weights=True`` it
    also returns a tuple with the weights ``(B, H, L, L)`` of each layer.

    Source: Vaswani et al. 2017, section 3.1.

    >>> import numpy as np
    >>> y, maps = Encoder(2, 8, 2, 16)(np.ones((1, 3, 8), "float32"), return_weights=True)
    >>> tuple(y.shape), [tuple(weights.shape) for weights in maps]
    ((1, 3, 8), [(1, 2, 3, 3), (1, 2, 3, 3)])
    """

    layer_class = EncoderLayer

    def __init__(
        self,
        num_layers,
        d_model,
        num_heads,
        d_ff,
        norm_first=False,
        eps=1e-5,
        norm="layer",
        *,
        name=None,
        dtype=None,
        trainable=True,
        **options,
    ):
        check_whole("num_layers", num_layers)
        super().__init__(name=name, dtype=dtype, trainable=trainable)
        layer = dict(d_model=d_model, num_heads=num_heads, d_ff=d_ff, norm_first=norm_first, eps=eps, norm=norm)
        layer |= options
        self._settings = dict(num_layers=num_layers, **layer)
        self.layers = [self.layer_class(**layer, name=f"layer_{i}", dtype=self.dtype_policy) for i in range(num_layers)]
        self.final_norm = norm_named(norm)(eps, name="final_norm", dtype=self.dtype_policy) if norm_first else None

    def build(self, shape):
        for layer in self.layers:
            layer.build(shape)
        if self.final_norm:
            self.final_norm.build(shape)
        self.built = True

    def call(self, x, mask=None, return_weights=False, bias=None, rotation=None, training=None):
        maps = []
        for layer in traced_once(self.layers, training):
            x, weights = layer(x, mask=mask, bias=bias, rotation=rotation, return_weights=True, training=training)
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

    Args:
        cross_attention: False for a decoder alone, as in GPT-2: no memory, two sub-layers.

    Call: ``layer(x, memory, mask=None, memory_mask=None, return_weights=False, bias=None, rotation=None)``. Nothing
    is masked by itself: give ``mask=causal_mask(T)``, or the target sees its own future, and
    ``memory_mask=padding_mask(…)`` of the source. Bias and rotation are for the target's look at itself. With
    ``return_weights=True`` it returns ``(output, self_weights, cross_weights)``, the last two ``(B, H, T, T)`` and
    ``(B, H, T, S)``; a decoder alone has no third.

    Source: Vaswani et al. 2017, section 3.1; alone: Radford et al. 2018.

    >>> import numpy as np
    >>> x, memory = np.ones((1, 3, 8), "float32"), np.ones((1, 5, 8), "float32")
    >>> y, self_weights, cross_weights = DecoderLayer(8, 2, 16)(x, memory, return_weights=True)
    >>> tuple(y.shape), tuple(self_weights.shape), tuple(cross_weights.shape)
    ((1, 3, 8), (1, 2, 3, 3), (1, 2, 3, 5))
    """

    mask_arguments = ("mask", "memory_mask")

    def __init__(self, *args, cross_attention=True, **kwargs):
        super().__init__(*args, **kwargs)
        self._settings["cross_attention"] = cross_attention
        self.cross_attention = self._attention("cross_attention") if cross_attention else None
        self.cross_attention_norm = self._norm("cross_attention_norm") if cross_attention else None

    def build(self, x_shape, memory_shape=None):
        super().build(x_shape)
        if self.cross_attention:
            self.cross_attention.build(x_shape)
            self.cross_attention_norm.build(x_shape)

    def call(
        self,
        x,
        memory=None,
        mask=None,
        memory_mask=None,
        return_weights=False,
        bias=None,
        rotation=None,
        training=None,
    ):
        given = dict(mask=mask, bias=bias, rotation=rotation, return_weights=True, training=training)

        def look_back(x):
            return self.attention(x, x, x, **given)

        def look_at_memory(x):
            return self.cross_attention(x, memory, memory, mask=memory_mask, return_weights=True, training=training)

        x, *weights = self._sublayers(x, look_back, look_at_memory, training)
        return (x, *weights) if return_weights else x

    def step(self, x, position, cache, memory_cache=None, memory_mask=None, bias=None, rotation=None, mask=None):
        """The layer at one position, or at n in a row, with the keys and values of the earlier ones from a cache.

        Args:
            x: ``(B, n, D)``, the vectors at ``position``, a whole number or a scalar tensor, and after it.
            cache: the keys and values of this target, ``(B, H, T, d_k)`` each, right up to ``position``.
            memory_cache: the keys and values of the memory, ``(B, H, S, d_k)`` each.
            memory_mask, bias, rotation: as in the call; bias and rotation of these positions.
            mask: None, or which positions of the cache may be looked at, broadcastable to ``(B, H, n, T)``. What
                lies ahead is never seen.

        Returns:
            ``(output, cache)``: ``(B, n, D)``, and the cache with these positions filled in.
        """
        places = position + ops.arange(x.shape[1])  # (n,)
        seen = ops.arange(cache[0].shape[2]) <= places[:, None]  # (n, T)
        seen = seen if mask is None else seen & mask

        def look_back(x):
            new = self.attention.keys_and_values(x, x, rotation)  # (B, H, n, d_k) each
            k, v = (written(old, x, position) for x, old in zip(new, cache, strict=True))  # (B, H, T, d_k) each
            return self.attention.attend(x, k, v, mask=seen, bias=bias, rotation=rotation)[0], (k, v)

        def look_at_memory(x):
            return self.cross_attention.attend(x, *memory_cache, mask=memory_mask)

        x, cache, *_ = self._sublayers(x, look_back, look_at_memory)
        return x, cache

    def _sublayers(self, x, look_back, look_at_memory, training=None):
        x, of_itself = self._sublayer(x, self.attention_norm, look_back, training)
        of_memory = ()
        if self.cross_attention:
            x, *of_memory = self._sublayer(x, self.cross_attention_norm, look_at_memory, training)
        return self._feed_forward(x, training), of_itself, *of_memory


@keras.saving.register_keras_serializable(package="ktlearn")
class Decoder(Encoder):
    """A stack of ``num_layers`` decoder layers: ``(B, T, D)``, with the memory ``(B, S, D)``, to ``(B, T, D)``.

    The arguments are those of :class:`Encoder` and :class:`DecoderLayer`, the call is that of the layer. With
    ``return_weights=True`` the self-weights and the cross-weights are tuples, one entry for each layer.

    Source: Vaswani et al. 2017, section 3.1.

    >>> import numpy as np
    >>> from ktlearn.attention import causal_mask
    >>> gpt = Decoder(2, 8, 2, 16, norm_first=True, cross_attention=False)
    >>> y, maps = gpt(np.ones((1, 3, 8), "float32"), mask=causal_mask(3), return_weights=True)
    >>> tuple(y.shape), len(maps)
    ((1, 3, 8), 2)
    """

    layer_class = DecoderLayer
    mask_arguments = DecoderLayer.mask_arguments

    def build(self, x_shape, memory_shape=None):
        super().build(x_shape)

    def call(
        self,
        x,
        memory=None,
        mask=None,
        memory_mask=None,
        return_weights=False,
        bias=None,
        rotation=None,
        training=None,
    ):
        given = dict(mask=mask, memory_mask=memory_mask, bias=bias, rotation=rotation, training=training)
        maps = []
        for layer in traced_once(self.layers, training):
            x, *weights = layer(x, memory, return_weights=True, **given)
            maps.append(weights)
        if self.final_norm:
            x = self.final_norm(x)
        return (x, *zip(*maps, strict=True)) if return_weights else x

    def empty_cache(self, batch_size, length):
        """For each layer room for the keys and values of ``length`` positions, ``(B, H, T, d_k)`` each.

        With grouped queries, H is here the number of heads of keys and values.
        """
        attention = self.layers[0].attention
        room = ops.zeros((batch_size, attention.num_kv_heads, length, attention.d_k), self.compute_dtype)
        return tuple((room, room) for _ in self.layers)

    def memory_cache(self, memory):
        """For each layer the keys and values of the memory, ``(B, H, S, d_k)`` each."""
        return tuple(layer.cross_attention.keys_and_values(memory, memory) for layer in self.layers)

    def step(self, x, position, cache, memory_cache=None, memory_mask=None, bias=None, rotation=None, mask=None):
        """The stack at one position, or at n in a row; see :meth:`DecoderLayer.step`. One cache for each layer."""
        filled = []
        for layer, own, of_memory in zip(self.layers, cache, memory_cache or [None] * len(self.layers), strict=True):
            x, own = layer.step(x, position, own, of_memory, memory_mask, bias, rotation, mask)
            filled.append(own)
        return (self.final_norm(x) if self.final_norm else x), tuple(filled)
