"""Draw the next token by its probability, perhaps from the likelier ones only.

Letters in the shapes: N texts that are written at once, V vocabulary.
"""

import numpy as np

from ktlearn.backend import ops
from ktlearn.generate.rules import NEVER


def warpers_of(options):
    """The rules that change probabilities before a token is drawn, in transformers' order: a list."""
    rules = []
    if options.temperature != 1:
        rules.append(warm)
    if options.top_k:
        rules.append(keep_the_best(options.top_k))
    if options.top_p < 1:
        rules.append(keep_the_nucleus(options.top_k))
    return rules


def warm(scores, text, numbers):
    """Divide by the temperature: below 1 the likely becomes likelier, above 1 all become more alike."""
    return scores / numbers["temperature"]


def keep_the_best(k):
    """Only the k likeliest tokens may be drawn.

    Args:
        k: how many.

    Returns:
        The rule.

    Source: Fan et al. 2018, "Hierarchical Neural Story Generation", section 5.4.
    """

    def rule(scores, text, numbers):
        worst = ops.top_k(scores, min(k, scores.shape[-1]))[0][:, -1:]  # (N, 1)
        return ops.where(scores < worst, NEVER, scores)

    return rule


def keep_the_nucleus(k=None):
    """Only the likeliest tokens that have the probability ``numbers["top_p"]`` together may be drawn.

    Args:
        k: how many tokens at most are left by an earlier rule; None for all. Fewer are sorted sooner.

    Returns:
        The rule.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1.
    """

    def rule(scores, text, numbers):
        best = ops.top_k(scores, min(k or scores.shape[-1], scores.shape[-1]))[0]  # (N, k), the likeliest first
        p = ops.softmax(best, axis=-1)
        before = ops.cumsum(p, axis=-1) - p  # what the likelier ones have together
        worst = ops.min(ops.where(before < numbers["top_p"], best, np.inf), axis=-1, keepdims=True)  # (N, 1)
        return ops.where(scores < worst, NEVER, scores)

    return rule


def draw(scores, uniform):
    """A token for each row, by the probabilities ``softmax(scores)``.

    Args:
        scores: ``(N, V)``.
        uniform: numbers from 0 to 1, ``(N,)``: how far along the row of all probabilities to go.

    Returns:
        Token ids ``(N,)``.

    >>> scores = ops.log(ops.convert_to_tensor([[0.5, 0.0, 0.5]] * 3))
    >>> np.array(draw(scores, ops.convert_to_tensor([0.0, 0.49, 0.51]))).tolist()
    [0, 0, 2]
    """
    p = ops.softmax(scores, axis=-1)
    reached = ops.cumsum(p, axis=-1)
    passed = reached > uniform[:, None] * reached[:, -1:]
    # A token of probability 0 is never drawn, however the sums were rounded.
    possible = p > 0
    return ops.argmax(ops.cast(possible, "int8") + ops.cast(possible & passed, "int8"), axis=-1)


def uniform_numbers(seed, rows, length):
    """What the draws of each text go by: numbers from 0 to 1, ``(len(rows), length)``.

    Each text has a sequence of its own, by the seed and by its number among all texts: it is written in the same way
    whatever is written beside it, and on any backend.

    Args:
        seed: a whole number.
        rows: the texts' numbers.
        length: how many draws.

    >>> uniform_numbers(0, [0, 1], 2).round(2).tolist() == uniform_numbers(0, [0, 1, 2], 5)[:2, :2].round(2).tolist()
    True
    """
    drawn = np.stack([np.random.default_rng([seed, row]).random(length) for row in rows])
    return np.minimum(drawn, 1 - 1e-7).astype("float32")  # rounding must not make it 1
