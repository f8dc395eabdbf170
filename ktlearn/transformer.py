"""The encoder: attention and a feed-forward network, each with a residual and a normalisation.

Letters in the shapes: B batch, L length, D model width, H heads, F feed-forward width.
"""

from ktlearn.attention import MaskedLayer, MultiHeadAttention
from ktlearn.backend import keras
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
        self.layers = [EncoderLayer(d_model, num_heads, d_ff, name=f"layer_{i}", **settings) for i in range(num_layers)]
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


_LAYER_OPTIONS = ("dropout", "attention_dropout", "activation")
