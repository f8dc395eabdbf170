"""An n-gram model with interpolated Kneser–Ney smoothing: what the small GPT has to beat, on the same tokens.

The chance of a token is what followed the n - 1 tokens before it, less a discount D for each kind of token seen
there; what the discounts leave goes to the chance by the n - 2 tokens before it, and so on down to V equal chances:

    p_k(w | h) = max(c(hw) - D, 0) / c(h·) + D · N(h·) / c(h·) · p_{k-1}(w | h')

N(h·) is the number of different tokens behind h, and h' is h without its first token. Only the longest n-grams are
counted by how often they stand in the text: a shorter one counts once for each different token *before* it. So
"Francisco", frequent but only behind "San", is not likely behind anything else.

Source: Kneser and Ney 1995; the interpolated form, and D = n1 / (n1 + 2 n2), Chen and Goodman 1999, section 2.7.
"""

import numpy as np

DISCOUNT = 0.5  # where a text is too small to say: no n-gram, or none but such, stands once


class KneserNey:
    """Count a row of token ids.

    Args:
        stream: ``(N,)`` whole numbers from 0 to ``vocabulary - 1``.
        order: n, the longest n-gram.
        vocabulary: V.

    Raises:
        ValueError: an order below 1, or a stream shorter than it.

    >>> model = KneserNey(np.array([0, 1, 0, 1, 0, 2]), order=2, vocabulary=3)
    >>> model.probabilities(np.array([0, 1])).round(3).tolist()  # of 0 where nothing stands before it, of 1 behind 0
    [0.333, 0.644]
    """

    def __init__(self, stream, order, vocabulary):
        if order < 1 or len(stream) < order:
            raise ValueError(f"order={order!r}: give a whole number from 1 to the stream's length, {len(stream)}.")
        self.order, self.vocabulary = order, vocabulary
        # An n-gram's key is the number of its first n - 1 tokens, times V, plus its last token.
        self.keys, numbers, repeats, starts = [], [np.zeros(len(stream) + 1, "int64")], [], []
        for k in range(order):
            key = numbers[k][: len(stream) - k] * vocabulary + stream[k:]
            keys, first, number, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
            self.keys.append(keys)
            numbers.append(number)  # of the (k + 1)-gram that begins at each position
            starts.append(first)
            repeats.append(count)
        counts = [
            np.bincount(numbers[k + 1][starts[k + 1] + 1], minlength=len(self.keys[k])) for k in range(order - 1)
        ] + [repeats[-1]]
        self.discounts = [_discount(count) for count in counts]
        self.counts = counts
        self.totals, self.kinds = [], []  # c(h·) and N(h·) of each context, by its number
        for k in range(order):
            context, contexts = self.keys[k] // vocabulary, len(self.keys[k - 1]) if k else 1
            self.totals.append(np.bincount(context, counts[k], contexts))
            self.kinds.append(np.bincount(context, counts[k] > 0, contexts))

    def probabilities(self, stream):
        """The chance of each token by those before it in this row, ``(N,)``; all of one context add up to 1."""
        stream = np.asarray(stream)
        p = np.full(len(stream), 1 / self.vocabulary)
        numbers = np.zeros(len(stream) + 1, "int64")  # of the k-gram that begins at each position; -1 for unseen
        for k in range(self.order):
            context = numbers[: len(stream) - k]  # of token k, k + 1 …
            key = np.where(context < 0, -1, context * self.vocabulary + stream[k:])
            place = np.searchsorted(self.keys[k], key).clip(max=len(self.keys[k]) - 1)
            numbers = np.where(self.keys[k][place] == key, place, -1)
            count = np.where(numbers < 0, 0, self.counts[k][place])
            total = np.where(context < 0, 0, self.totals[k][context])
            kinds = np.where(context < 0, 0, self.kinds[k][context])
            found, discount = total > 0, self.discounts[k]
            total = np.maximum(total, 1)
            longer = np.maximum(count - discount, 0) / total + discount * kinds / total * p[k:]
            p[k:] = np.where(found, longer, p[k:])
        return p


def _discount(counts):
    """D of Chen and Goodman: from how many n-grams stand once, and how many twice."""
    once, twice = (counts == 1).sum(), (counts == 2).sum()
    return once / (once + 2 * twice) if once and twice else DISCOUNT
