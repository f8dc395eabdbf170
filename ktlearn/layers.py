"""What stands around attention in a Transformer layer: positions, normalisation, feed-forward.

Letters in the shapes: B batch, L length, D model width, F feed-forward width.
"""

import functools
import math

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.support.arguments import check_number, check_whole


def sinusoidal_positions(length, d_model):
    """The paper's position vectors, as a NumPy array ``(length, d_model)``.

        PE(pos, 2i) = sin(pos / 10000^(2i / D)),   PE(pos, 2i + 1) = cos(pos / 10000^(2i / D))

    Raises:
        ValueError: a number that is none.

    Source: Vaswani et al. 2017, section 3.5.

    >>> print(sinusoidal_positions(2, 4).round(2))
    [[0.   1.   0.   1.  ]
     [0.84 0.54 0.01 1.  ]]
    """
    check_whole("length", length, least=0)
    check_whole("d_model", d_model)
    position = np.arange(length)[:, None]  # (L, 1)
    pair = np.arange(d_model) // 2  # 0 0 1 1 2 2 …
    angle = position / 10000 ** (2 * pair / d_model)  # (L, D)
    return np.where(np.arange(d_model) % 2 == 0, np.sin(angle), np.cos(angle)).astype("float32")


@keras.saving.register_keras_serializable(package="ktlearn")
class SinusoidalPositions(keras.layers.Layer):
    """Add the paper's fixed position vectors: ``(B, L, D)`` to ``(B, L, D)``, for any length.

    Args:
        halves: False for sines and cosines in turn, as in the paper; True for all sines first, then all cosines,
            as in its code and in Marian.

    Call: ``positions(x, offset=0)``; ``offset`` is the position of the first token, for a text that
    arrives in pieces.

    Source: Vaswani et al. 2017, section 3.5.

    >>> x = SinusoidalPositions()(np.zeros((1, 2, 4), "float32"))
    >>> print(np.array(x[0]).round(2))
    [[0.   1.   0.   1.  ]
     [0.84 0.54 0.01 1.  ]]
    """

    def __init__(self, halves=False, **kwargs):
        super().__init__(**kwargs)
        self.halves = halves

    def call(self, x, offset=0):
        L, D = ops.shape(x)[1], x.shape[-1]
        column = np.arange(D)
        if self.halves:
            column = np.concatenate([column[::2], column[1::2]])
        rate = (1 / 10000 ** (2 * (column // 2) / D)).astype("float32")  # (D,)
        angle = ops.cast(ops.arange(L) + offset, "float32")[:, None] * rate  # (L, D)
        positions = ops.where(column % 2 == 0, ops.sin(angle), ops.cos(angle))
        return x + ops.cast(positions, x.dtype)

    def get_config(self):
        return super().get_config() | {"halves": self.halves}


@keras.saving.register_keras_serializable(package="ktlearn")
class LearnedPositions(keras.layers.Layer):
    """Add one trained vector for each position: ``(B, L, D)`` to ``(B, L, D)``, for L ≤ ``max_length``.

    Call: ``positions(x, places=None)``; ``places`` names another row for each token, ``(B, L)`` or ``(L,)``,
    where the tokens do not simply stand at 0..L-1.

    Raises:
        ValueError: the input is longer than ``max_length``, or that is no length.

    Source: Devlin et al. 2019 (BERT); Gehring et al. 2017.

    >>> tuple(LearnedPositions(max_length=10)(np.zeros((2, 3, 4), "float32")).shape)
    (2, 3, 4)
    """

    def __init__(self, max_length, **kwargs):
        check_whole("max_length", max_length)
        super().__init__(**kwargs)
        self.max_length = max_length

    def build(self, shape):
        self.embeddings = self.add_weight(shape=(self.max_length, shape[-1]), initializer="uniform", name="embeddings")

    def call(self, x, places=None):
        static = x.shape[1]
        if static is not None and static > self.max_length:
            raise ValueError(
                f"LearnedPositions: the input has {static} positions, but only {self.max_length} were "
                "learned. Use a smaller maxlen."
            )
        if places is not None:
            return x + ops.take(self.embeddings, places, axis=0)
        return x + self.embeddings[: ops.shape(x)[1]]

    def get_config(self):
        return super().get_config() | {"max_length": self.max_length}


@keras.saving.register_keras_serializable(package="ktlearn")
class RelativePositions(keras.layers.Layer):
    """One learned number for each head and each distance from query to key, to be added to the scores.

    Near distances have a number each; farther ones share, in ranges that grow like a logarithm.

    Args:
        num_heads: H.
        num_buckets: how many numbers a head has.
        max_distance: from here on all distances share the last one.
        bidirectional: True where a query also looks ahead, as in an encoder; half of the numbers are for that.

    Call: ``positions(queries, keys)`` with the positions ``(L_q,)`` and ``(L_k,)``; returns ``(1, H, L_q, L_k)``.

    Raises:
        ValueError: a number that is none.

    Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning" (T5), section 2.1.

    >>> tuple(RelativePositions(num_heads=2)(np.arange(3), np.arange(5)).shape)
    (1, 2, 3, 5)
    """

    def __init__(self, num_heads, num_buckets=32, max_distance=128, bidirectional=True, **kwargs):
        for name, number in dict(num_heads=num_heads, num_buckets=num_buckets, max_distance=max_distance).items():
            check_whole(name, number)
        super().__init__(**kwargs)
        self._settings = dict(
            num_heads=num_heads, num_buckets=num_buckets, max_distance=max_distance, bidirectional=bidirectional
        )
        self.num_buckets, self.max_distance, self.bidirectional = num_buckets, max_distance, bidirectional

    def build(self, *shapes):
        shape = (self.num_buckets, self._settings["num_heads"])
        self.embeddings = self.add_weight(shape=shape, initializer="uniform", name="embeddings")
        self.built = True

    def call(self, queries, keys):
        distance = ops.convert_to_tensor(keys)[None, :] - ops.convert_to_tensor(queries)[:, None]  # (L_q, L_k)
        bias = ops.take(self.embeddings, self.buckets(distance), axis=0)  # (L_q, L_k, H)
        return ops.transpose(bias, (2, 0, 1))[None]

    def buckets(self, distance):
        """The number's place in the table for each distance ``(L_q, L_k)``; below 0 the key stands before the query."""
        distance = ops.cast(distance, "int32")
        size = self.num_buckets // 2 if self.bidirectional else self.num_buckets
        ahead = ops.where(distance > 0, size, 0) if self.bidirectional else 0
        far = ops.abs(distance) if self.bidirectional else ops.maximum(-distance, 0)
        exact = size // 2
        logarithm = ops.log(ops.cast(ops.maximum(far, 1), "float32") / exact) / math.log(self.max_distance / exact)
        shared = ops.minimum(exact + ops.cast(logarithm * (size - exact), "int32"), size - 1)
        return ahead + ops.where(far < exact, far, shared)

    def get_config(self):
        return super().get_config() | self._settings


@keras.saving.register_keras_serializable(package="ktlearn")
class LayerNorm(keras.layers.Layer):
    """Give each token's vector mean 0 and variance 1, then a learned scale and shift.

        y = (x - mean) / √(variance + eps) · gamma + beta

    The variance is the population's (divided by D, not D - 1) and ``eps`` stands inside the root.
    Computed in float32 whatever the layer's precision. ``(B, L, D)`` to ``(B, L, D)``.

    Source: Ba, Kiros and Hinton 2016, "Layer Normalization".

    >>> print(np.array(LayerNorm()(np.array([[1.0, 3.0]]))).round(3))
    [[-1.  1.]]
    """

    def __init__(self, eps=1e-5, **kwargs):
        check_number("eps", eps, 0, 1e6, 1e-5)
        super().__init__(**kwargs)
        self.eps = eps

    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros", name="beta")

    def call(self, x):
        x32 = ops.cast(x, "float32")
        mean = ops.mean(x32, axis=-1, keepdims=True)
        centred = x32 - mean
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        normal = ops.cast(centred * ops.rsqrt(variance + self.eps), x.dtype)
        return normal * self.gamma + self.beta

    def get_config(self):
        return super().get_config() | {"eps": self.eps}


@keras.saving.register_keras_serializable(package="ktlearn")
class RMSNorm(keras.layers.Layer):
    """Give each token's vector length √D, then a learned scale: LayerNorm without the mean and the shift.

        y = x / √(mean of x² + eps) · gamma

    Computed in float32 whatever the layer's precision. ``(B, L, D)`` to ``(B, L, D)``.

    Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".

    >>> print(np.array(RMSNorm()(np.array([[3.0, 4.0]]))).round(3))
    [[0.849 1.131]]
    """

    def __init__(self, eps=1e-6, **kwargs):
        check_number("eps", eps, 0, 1e6, 1e-6)
        super().__init__(**kwargs)
        self.eps = eps

    def build(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")

    def call(self, x):
        x32 = ops.cast(x, "float32")
        square = ops.mean(ops.square(x32), axis=-1, keepdims=True)
        return ops.cast(x32 * ops.rsqrt(square + self.eps), x.dtype) * self.gamma

    def get_config(self):
        return super().get_config() | {"eps": self.eps}


NORMS = {"layer": LayerNorm, "rms": RMSNorm}


def norm_named(name):
    """The normalisation called ``name``: a class.

    Raises:
        ValueError: the name is not one of ``NORMS``.

    >>> norm_named("rms").__name__
    'RMSNorm'
    """
    if not isinstance(name, str) or name not in NORMS:
        raise ValueError(f"Unknown norm {name!r}. Accepted: {', '.join(sorted(NORMS))}.")
    return NORMS[name]


@keras.saving.register_keras_serializable(package="ktlearn")
class FeedForward(keras.layers.Layer):
    """The same small network at every position: ``(B, L, D)`` to ``(B, L, F)`` and back to ``(B, L, D)``.

        FFN(x) = activation(x W₁ + b₁) W₂ + b₂                     (Vaswani et al. 2017, section 3.3)
        gated:   (activation(x W₁ + b₁) · (x W₃ + b₃)) W₂ + b₂     (Shazeer 2020, "GLU Variants")

    Args:
        d_model, d_ff: widths D and F.
        activation: a name of ``ACTIVATIONS``.
        gated: True for a second way in, ``gate``, which says how much of the first one passes.
        use_bias: False for matrices without a bias.

    Raises:
        ValueError: the activation is not known, or a width is none.

    >>> tuple(FeedForward(8, 32, gated=True)(np.ones((1, 3, 8), "float32")).shape)
    (1, 3, 8)
    """

    def __init__(self, d_model, d_ff, activation="relu", gated=False, use_bias=True, **kwargs):
        check_whole("d_model", d_model)
        check_whole("d_ff", d_ff)
        super().__init__(**kwargs)
        self._settings = dict(d_model=d_model, d_ff=d_ff, activation=activation, gated=gated, use_bias=use_bias)
        self.d_model, self.d_ff = d_model, d_ff
        self.activation = activation_named(activation)
        dense = functools.partial(keras.layers.Dense, use_bias=use_bias, dtype=self.dtype_policy)
        self.expand = dense(d_ff, name="expand")
        self.gate = dense(d_ff, name="gate") if gated else None
        self.contract = dense(d_model, name="contract")

    def build(self, shape):
        self.expand.build((None, None, self.d_model))
        if self.gate:
            self.gate.build((None, None, self.d_model))
        self.contract.build((None, None, self.d_ff))
        self.built = True

    def call(self, x):
        inner = self.activation(self.expand(x))  # (B, L, F)
        return self.contract(inner * self.gate(x) if self.gate else inner)

    def get_config(self):
        return super().get_config() | self._settings


ACTIVATIONS = {
    "relu": ops.relu,
    "gelu": lambda x: ops.gelu(x, approximate=False),
    "gelu_new": lambda x: ops.gelu(x, approximate=True),
    "gelu_pytorch_tanh": lambda x: ops.gelu(x, approximate=True),
    "silu": ops.silu,
    "swish": ops.silu,
    "tanh": ops.tanh,
}


def activation_named(name):
    """The activation that a checkpoint's config calls ``name``.

    Raises:
        ValueError: the name is not one of ``ACTIVATIONS``.

    >>> print(np.array(activation_named("relu")(np.array([-1.0, 2.0]))))
    [0. 2.]
    """
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ValueError(f"Unknown activation {name!r}. Accepted: {', '.join(sorted(ACTIVATIONS))}.")
    return ACTIVATIONS[name]
