"""Rotary positions: queries and keys are turned by an angle that grows with their position.

The score of a query with a key then depends on how far apart the two stand, and on nothing else of their positions:
turning both by the same angle changes no dot product. Today's decoders (Llama, Mistral, Qwen2) know positions only so.

Letters in the shapes: B batch, H heads, L length, d_k head width.
"""

import math

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.support.arguments import check_number, check_whole


def rotate(x, cos, sin):
    """Turn each pair of numbers of queries or keys: entry i and entry i + d_k / 2 are the two axes of a plane.

        (a, b)  becomes  (a cos - b sin, b cos + a sin)

    Args:
        x: ``(B, H, L, d_k)``.
        cos, sin: of the angles, ``(1 or B, 1, L, d_k / 2)``, as :class:`RotaryPositions` answers them.

    Source: Su et al. 2021, "RoFormer", equation 34, with the pairs as Llama's published weights have them.

    >>> quarter = np.array([[0.0]]), np.array([[1.0]])  # cos and sin of 90°
    >>> print(np.array(rotate(np.array([[3.0, 4.0]]), *quarter)))
    [[-4.  3.]]
    """
    a, b = ops.split(ops.convert_to_tensor(x), 2, axis=-1)  # (B, H, L, d_k / 2) each
    cos, sin = ops.cast(cos, a.dtype), ops.cast(sin, a.dtype)
    return ops.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


@keras.saving.register_keras_serializable(package="ktlearn")
class RotaryPositions(keras.layers.Layer):
    """Cosine and sine of each position's angles, one angle for each pair of numbers of a head.

        angle(pos, i) = pos · rate(i),   rate(i) = base^(-2i / d_k),   i = 0 … d_k/2 - 1

    The first pair is a fast clock hand, the last one a very slow one: the rates are those of the paper's sines.

    Args:
        d_k: head width; even.
        base: 10000 in the paper; a larger one makes the slow hands slower, for longer texts.
        factor: the rates are divided by it, so that a text ``factor`` times as long has the angles that were
            learned ("linear" scaling).
        length: None, or the length that was learned first: then only slow hands are slowed ("llama3" scaling). A
            hand with more than ``turns[1]`` whole turns in this length keeps its rate; one with fewer than
            ``turns[0]`` is slowed by the whole factor; between the two, by a part of it.
        turns: the two bounds.

    Call: ``rotary(positions)`` with whole numbers ``(1 or B, L)``; returns ``(cos, sin)``, for :func:`rotate`,
    ``(1 or B, 1, L, d_k / 2)`` each. Both are float32 whatever the layer's precision: half precision cannot tell
    position 257 from 256.

    Raises:
        ValueError: a number that is none, or an odd width.

    Source: Su et al. 2021; "linear": Chen et al. 2023; "llama3": transformers, ``modeling_rope_utils.py``.

    >>> cos, sin = RotaryPositions(d_k=4)(np.array([[0, 1]]))
    >>> print(np.array(sin)[0, 0].round(2))
    [[0.   0.  ]
     [0.84 0.01]]
    """

    def __init__(self, d_k, base=10000.0, factor=1.0, length=None, turns=(1.0, 4.0), **kwargs):
        check_whole("d_k", d_k)
        if d_k % 2:
            raise ValueError(f"RotaryPositions: d_k must be even, since numbers are turned in pairs; got {d_k}.")
        check_number("base", base, 0, 1e12, 10000.0)
        check_number("factor", factor, 0, 1e6, 8.0)
        if length is not None:
            check_whole("length", length)
            check_number("turns[0]", turns[0], 0, 1e6, 1.0)
            check_number("turns[1]", turns[1], turns[0], 1e6, 4.0)
        super().__init__(**kwargs)
        self.d_k, self.base, self.factor, self.length, self.turns = d_k, base, factor, length, tuple(turns)

    def call(self, positions):
        angles = ops.cast(positions, "float32")[:, None, :, None] * self.rates()  # (B, 1, L, d_k / 2)
        return ops.cos(angles), ops.sin(angles)

    def rates(self):
        """The angle from one position to the next, of each pair: a NumPy array ``(d_k / 2,)``."""
        rates = self.base ** (-2 * np.arange(self.d_k // 2) / self.d_k)
        kept = 0.0  # how much of its rate each pair keeps
        if self.length is not None:
            low, high = self.turns
            kept = np.clip((self.length * rates / (2 * math.pi) - low) / (high - low), 0, 1)
        return (rates * (kept + (1 - kept) / self.factor)).astype("float32")

    def get_config(self):
        own = dict(d_k=self.d_k, base=self.base, factor=self.factor, length=self.length, turns=self.turns)
        return super().get_config() | own
