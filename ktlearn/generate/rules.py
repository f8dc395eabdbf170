"""What may be written next: rules that change the scores of the next token.

A rule is a function ``rule(scores, text, numbers)`` that returns new scores ``(N, V)``. The settings that a reader
changes from call to call are tensors in ``numbers``, so that another value needs no other graph.

Letters in the shapes: N texts that are written at once, T positions, V vocabulary.
"""

import math
from typing import Any, NamedTuple

from ktlearn.backend import ops

NEVER = -math.inf


class Text(NamedTuple):
    """What is written so far."""

    ids: Any  # (N, T), right up to position; -1 where a short prompt is filled up
    position: Any  # of the last token
    first: Any  # the position before the first new token
    last: Any  # the position of the last token that there is room for

    def so_far(self):
        """The ids ``(N, T)``, -1 where no token stands."""
        return ops.where(ops.arange(self.ids.shape[1]) <= self.position, self.ids, -1)


def rules_of(options):
    """The rules that options ask for, in transformers' order: a list."""
    rules = []
    if options.repetition_penalty != 1:
        rules.append(penalise_repetition)
    if options.no_repeat_ngram_size:
        rules.append(forbid_repeated_ngrams(options.no_repeat_ngram_size))
    if options.min_new_tokens and options.eos_token_id:
        rules.append(forbid_an_early_end(options.eos_token_id))
    if options.forced_bos_token_id is not None:
        rules.append(force_the_first(options.forced_bos_token_id))
    if options.forced_eos_token_id is not None:
        rules.append(force_the_last(options.forced_eos_token_id))
    bad_words = tuple(token for token in options.bad_words_ids if token not in options.eos_token_id)
    if options.suppress_tokens + bad_words:
        rules.append(forbid(options.suppress_tokens + bad_words))
    if options.renormalize_logits:
        rules.append(make_probabilities)
    return rules


def penalise_repetition(scores, text, numbers):
    """A token that stands in the text already gets a lower score: divided by the penalty, or multiplied if negative.

    Source: Keskar et al. 2019, "CTRL", section 4.1.
    """
    ids, penalty = text.so_far(), numbers["repetition_penalty"]
    lower = ops.where(scores < 0, scores * penalty, scores / penalty)
    return ops.where(_marked(ids, ids >= 0, scores.shape[-1]), lower, scores)


def forbid_repeated_ngrams(n):
    """No n tokens in a row stand twice in the text.

    Args:
        n: how many.

    Returns:
        The rule.

    Source: Paulus et al. 2018, "A Deep Reinforced Model for Abstractive Summarization", section 2.5.
    """

    def rule(scores, text, numbers):
        ids, T = text.so_far(), text.ids.shape[1]
        if n > T:
            return scores
        windows = T - n + 1  # each is n - 1 tokens, and the one that came after them
        same = ids[:, n - 1 :] >= 0  # (N, windows)
        for i in range(n - 1):
            place = text.position - (n - 2) + i
            recent = ops.take(ids, ops.maximum(place, 0), axis=1)[:, None]  # (N, 1)
            same = same & (ids[:, i : i + windows] == recent) & (recent >= 0) & (place >= 0)
        return ops.where(_marked(ids[:, n - 1 :], same, scores.shape[-1]), NEVER, scores)

    return rule


def forbid_an_early_end(ends):
    """No end before ``numbers["min_new_tokens"]`` tokens are written.

    Args:
        ends: the token ids that end a text.

    Returns:
        The rule.
    """

    def rule(scores, text, numbers):
        is_early = text.position - text.first < numbers["min_new_tokens"]
        return ops.where(_is_one_of(scores, ends) & is_early, NEVER, scores)

    return rule


def force_the_first(token):
    """The first new token is this one: a language's name, say, of a model that translates into many.

    Args:
        token: its id.

    Returns:
        The rule.
    """

    def rule(scores, text, numbers):
        return ops.where(text.position == text.first, _only(scores, [token]), scores)

    return rule


def force_the_last(token):
    """The last token that there is room for is this one.

    Args:
        token: its id.

    Returns:
        The rule.
    """

    def rule(scores, text, numbers):
        return ops.where(text.position + 1 == text.last, _only(scores, [token]), scores)

    return rule


def forbid(tokens):
    """These tokens are never written.

    Args:
        tokens: their ids.

    Returns:
        The rule.
    """

    def rule(scores, text, numbers):
        return ops.where(_is_one_of(scores, tokens), NEVER, scores)

    return rule


def make_probabilities(scores, text, numbers):
    """Scores become logarithms of probabilities that sum to 1, whatever other rules left out."""
    return ops.log_softmax(scores, axis=-1)


def _only(scores, tokens):
    return ops.where(_is_one_of(scores, tokens), ops.zeros_like(scores), NEVER)


def _is_one_of(scores, tokens):
    ids = ops.arange(scores.shape[-1])
    return ops.any(ids[:, None] == ops.convert_to_tensor(list(tokens), ids.dtype), axis=1)  # (V,)


def _marked(ids, chosen, V):
    """Which tokens of the vocabulary are among the chosen ones of each row: ``(N, V)`` from two of ``(N, W)``."""
    N, W = ids.shape
    column = ops.where(chosen, ids, V)  # the others go to a column of their own, behind the vocabulary
    flat = ops.reshape(ops.arange(N)[:, None] * (V + 1) + column, (-1, 1))
    marks = ops.scatter_update(ops.zeros((N * (V + 1),), "int32"), flat, ops.ones((N * W,), "int32"))
    return ops.reshape(marks, (N, V + 1))[:, :V] > 0
