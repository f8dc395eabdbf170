"""Attention weights with the tokens they belong to: checked, and computed with. NumPy only.

Letters in the shapes: T training snapshots, L layers, H heads, Q queries, K keys, d_k head width.
"""

import copy

import numpy as np

from ktlearn.support.arguments import as_names, as_numbers
from ktlearn.support.characters import whole
from ktlearn.widgets.base.numbers import softmax

ROW_TOLERANCE = 0.01  # float16 weights of a long row miss 1 by this much


class AttentionMaps:
    """The weights of one kind of attention in a model: every layer, every head, one text.

    Args:
        weights: ``(Q, K)``, ``(H, Q, K)``, ``(L, H, Q, K)`` or ``(T, L, H, Q, K)``; an array, or a list
            with one array for each layer, as a model's ``attentions``; a batch of one is taken off.
        tokens: the Q tokens that look.
        key_tokens: the K tokens looked at; None when they are the same.
        queries, keys: the vectors before the softmax, ``(L, H, Q, d_k)`` and ``(L, H, K, d_k)``, with the
            same leading axes as the weights; None hides the view that shows these steps.
        mask: boolean, True = may attend, broadcastable to the weights; None when all may attend.
        signed: True for differences, which may be negative.
        layers, heads, steps: their names; None is "layer 0", "head 0" and so on, as Python counts.

    Raises:
        ValueError, TypeError: the shapes do not fit, weights are negative or no numbers, tokens are no list, or
            queries and keys give other weights.

    >>> maps = AttentionMaps([[0.9, 0.1], [0.5, 0.5]], ["she", "won"])
    >>> maps.weights.shape, maps.problems
    ((1, 1, 1, 2, 2), [])
    """

    cut = None  # a sentence, when the text was longer than what the model reads

    def __init__(
        self,
        weights,
        tokens,
        key_tokens=None,
        *,
        queries=None,
        keys=None,
        mask=None,
        signed=False,
        layers=None,
        heads=None,
        steps=None,
    ):
        self.weights = _five_axes(weights)  # (T, L, H, Q, K)
        T, L, H, Q, K = self.weights.shape
        self.tokens = _names("tokens", tokens, Q, "queries")
        if key_tokens is None:
            if Q != K:
                raise ValueError(
                    f"key_tokens: the maps have {Q} queries and {K} keys, so the tokens looked at are others. "
                    "Give them as key_tokens."
                )
            key_tokens = self.tokens
        self.key_tokens = _names("key_tokens", key_tokens, K, "keys")
        self.layers = _names("layers", layers or _numbered("layer", L), L, "layers")
        self.heads = _names("heads", heads or _numbered("head", H), H, "heads")
        self.steps = _names("steps", steps or _numbered("snapshot", T), T, "snapshots")
        self.signed = signed
        self.mask = None if mask is None else _mask(mask, self.weights.shape)  # (T, L, H, Q, K), a view
        if not signed and np.nanmin(self.weights, initial=0) < -1e-6:
            raise ValueError(
                f"attentions: weights are not negative; got {np.nanmin(self.weights):.3g}. Are these scores? Take "
                "their softmax first. For a difference of two maps give signed=True."
            )
        self.queries, self.keys = self._vectors(queries, keys)

    @property
    def scale(self):
        """The weight that has the darkest colour: 1, or more when a weight is larger; for differences the largest."""
        largest = float(np.abs(self.weights).max(initial=0, where=np.isfinite(self.weights)))
        largest = float(f"{largest:.4g}")  # a little noise, as between processors, must not change it
        return (largest or 1.0) if self.signed else max(1.0, largest)

    @property
    def problems(self):
        """What is strange about the weights, in sentences."""
        found = [] if self.cut is None else [self.cut]
        if self.signed:
            return found
        broken = ~np.isfinite(self.weights)
        if broken.any():
            where = self._place(np.argwhere(broken)[0])
            found.append(f"{broken.sum():,} weights are not numbers (NaN or infinity), the first {where}.")
        sums = self.weights.sum(-1)  # (T, L, H, Q)
        off = ~(np.abs(sums - 1) <= ROW_TOLERANCE) & np.isfinite(sums)
        if self.mask is not None:
            off &= self.mask.any(-1)  # a row that may look nowhere is all zeros
        if off.any():
            first = tuple(np.argwhere(off)[0])
            found.append(
                f"{off.sum():,} of {off.size:,} rows do not sum to 1; the first, {self._place(first)}, "
                f"sums to {sums[first]:.3f}."
            )
        return found

    def rollout(self):
        """How much of each input token has reached each position after every layer, if heads are averaged.

        A layer's map is half the mean of its heads and half the identity, for the residual; the maps are
        multiplied. It says where information can flow, not what decides. Shape ``(T, L, 1, Q, Q)``.

        Raises:
            ValueError: queries and keys are other tokens, so that layers cannot be multiplied.

        Source: Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers".

        >>> layer = [[1.0, 0.0], [1.0, 0.0]]
        >>> AttentionMaps([layer], ["she", "won"]).rollout().weights[0, 0, 0].tolist()
        [[1.0, 0.0], [0.5, 0.5]]
        """
        Q, K = self.weights.shape[-2:]
        if Q != K or self.tokens != self.key_tokens or self.signed:
            raise ValueError(
                f"rollout: needs self-attention, where a layer's outputs are the next one's inputs; got {Q} queries "
                f"and {K} keys{' of a difference' if self.signed else ''}."
            )
        mixed = (self.weights.mean(2) + np.eye(Q, dtype="float32")) / 2  # (T, L, Q, Q)
        mixed /= mixed.sum(-1, keepdims=True)
        flow = [mixed[:, 0]]
        for layer in range(1, mixed.shape[1]):
            flow.append(mixed[:, layer] @ flow[-1])  # (T, Q, Q)
        return AttentionMaps(
            np.stack(flow, 1)[:, :, None],
            self.tokens,
            layers=[f"{self.layers[0]} to {name}" if i else name for i, name in enumerate(self.layers)],
            heads=["rollout"],
            steps=self.steps,
        )

    def minus(self, other):
        """The difference ``self - other``, weight by weight.

        Where the tokens are others, as in two sentences, a token is named "theirs → ours".

        Raises:
            ValueError: the shapes differ.
        """
        if self.weights.shape != other.weights.shape:
            raise ValueError(
                "minus: two maps are compared weight by weight, so they need the same snapshots, layers, heads and "
                f"tokens; got {self.weights.shape} and {other.weights.shape}. Show them side by side, with a.link(b)."
            )
        tokens, key_tokens = (
            [a if a == b else f"{b} → {a}" for a, b in zip(ours, theirs, strict=True)]
            for ours, theirs in ((self.tokens, other.tokens), (self.key_tokens, other.key_tokens))
        )
        return AttentionMaps(
            self.weights - other.weights,
            tokens,
            key_tokens,
            mask=self.mask,
            signed=True,
            layers=self.layers,
            heads=self.heads,
            steps=self.steps,
        )

    def part(self, layer, heads=None):
        """The maps of one layer, and of some of its heads."""
        heads = range(len(self.heads)) if heads is None else heads

        def cut(array):
            return None if array is None else array[:, [layer]][:, :, list(heads)]

        part = copy.copy(self)  # what fits the whole fits the part
        part.weights, part.mask, part.queries, part.keys = map(cut, (self.weights, self.mask, self.queries, self.keys))
        part.layers, part.heads = [self.layers[layer]], [self.heads[head] for head in heads]
        return part

    def _vectors(self, queries, keys):
        """Queries and keys as ``(T, L, H, Q or K, d_k)``, when softmax(q kᵀ / √d_k) gives the weights."""
        if queries is None and keys is None:
            return None, None
        if queries is None or keys is None:
            raise ValueError("queries and keys belong together: give both, or neither.")
        queries, keys = _five_axes(queries, "queries"), _five_axes(keys, "keys")
        T, L, H, Q, K = self.weights.shape
        d_k = queries.shape[-1]
        if queries.shape != (T, L, H, Q, d_k) or keys.shape != (T, L, H, K, d_k):
            raise ValueError(
                f"queries and keys: attentions {self.weights.shape} need queries {(T, L, H, Q, 'd_k')} and keys "
                f"{(T, L, H, K, 'd_k')}; got {queries.shape} and {keys.shape}."
            )
        scores = queries @ np.swapaxes(keys, -1, -2) / np.sqrt(d_k)  # (T, L, H, Q, K)
        if self.mask is not None:
            scores = np.where(self.mask, scores, -1e30)
        computed = softmax(scores)
        if self.mask is not None:
            computed = np.where(self.mask, computed, 0)
        gap = np.nanmax(np.abs(computed - self.weights), initial=0)
        if gap > 0.01:
            raise ValueError(
                f"queries and keys: softmax(q kᵀ / √{d_k}) differs from attentions by {gap:.2f}. Is there a mask, "
                "are the queries divided by √d_k already, or does the model add something to its scores? "
                "Without queries and keys every other view works."
            )
        return queries, keys

    def _place(self, index):
        T, L, H, Q = index[:4]
        words = f'in {self.layers[L]}, {self.heads[H]}, at the query "{self.tokens[Q][:20]}"'
        return f"{words}, {self.steps[T]}" if len(self.steps) > 1 else words


def _five_axes(values, argument="attentions"):
    """An array, or a list of one for each layer, as float32 with five axes."""
    if isinstance(values, (list, tuple)) and values and hasattr(values[0], "shape"):
        layers = [as_numbers(argument, layer).astype("float32") for layer in values]
        shapes = {layer.shape for layer in layers}
        if len(shapes) > 1:
            raise ValueError(f"{argument}: every layer must have the same shape; got {sorted(shapes)}.")
        # A list counts the layers: each is (H, Q, K), or (1, H, Q, K) with the batch.
        array = np.stack(layers) if layers[0].ndim > 2 else np.stack(layers)[:, None]
        if array.ndim == 5:
            if array.shape[1] != 1:
                raise ValueError(
                    f"{argument}: one text at a time; got layers {layers[0].shape}, a batch of {array.shape[1]}. "
                    f"Choose one: [layer[0] for layer in {argument}]."
                )
            array = array[:, 0]
    else:
        array = as_numbers(argument, values).astype("float32")
    if not 2 <= array.ndim <= 5 or 0 in array.shape:
        raise ValueError(
            f"{argument}: accepted are the shapes (Q, K), (H, Q, K), (L, H, Q, K) and (snapshots, L, H, Q, K); "
            f"got {array.shape}."
        )
    return array.reshape((1,) * (5 - array.ndim) + array.shape)


def _numbered(word, count):
    return [f"{word} {number}" for number in range(count)]


def _names(argument, names, length, what):
    names = [whole(name) for name in as_names(argument, names)]
    if len(names) != length:
        raise ValueError(f"{argument}: attentions have {length} {what}, so it takes {length} names; got {len(names)}.")
    return names


def _mask(mask, shape):
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise ValueError(f"mask must be boolean, True = may attend; got {mask.dtype}. Use a comparison, as mask != 0.")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask: {mask.shape} does not broadcast to the weights {shape}.") from None
