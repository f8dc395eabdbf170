"""Write the target one token at a time: greedy search and beam search.

Each step reads one new token and takes the keys and values of the earlier ones from a cache. The
whole search is one Keras prediction, so it is traced once and then runs without Python.

A model that can be searched has ``pad_id``, ``vocab_size``, and the two methods ``prepare`` and
``step`` of :class:`ktlearn.seq2seq.Transformer`.

Letters in the shapes: B batch, K beams, T target length, S source length, V vocabulary.
"""

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.support.arguments import as_numbers, check_number, check_whole, is_whole

IMPOSSIBLE = -1e9  # a log-probability no token can have; finite, since -inf · 0 is not a number


def greedy_search(model, input_ids, max_length, start_id, end_id, batch_size=64):
    """Take the most probable next token, again and again.

    Args:
        model: a :class:`ktlearn.seq2seq.Transformer`.
        input_ids: source ids ``(B, S)``, short ones filled up with the model's ``pad_id``.
        max_length: the most tokens to write, the end token included.
        start_id: the token before the first one.
        end_id: the token after which nothing follows.
        batch_size: sources at once.

    Returns:
        Token ids ``(B, max_length)``, a NumPy array: without the start, with the end, then ``pad_id``.

    Raises:
        ValueError, TypeError: an argument is unusable.

    >>> from ktlearn.seq2seq import Transformer
    >>> model = Transformer(20, 30, d_model=16, num_heads=2, num_layers=1, d_ff=32)
    >>> greedy_search(model, [[5, 6, 7], [8, 9, 0]], max_length=4, start_id=1, end_id=2).shape
    (2, 4)
    """
    input_ids = _checked(model, input_ids, max_length, start_id, end_id, batch_size)
    search = _search(Greedy, model, max_length=max_length, start_id=start_id, end_id=end_id)
    return _in_batches(search, input_ids, batch_size)


def beam_search(model, input_ids, max_length, start_id, end_id, num_beams=4, length_penalty=0.6, batch_size=64):
    """Keep the ``num_beams`` best beginnings of each target, not only the best one.

    A target Y is as good as ``log P(Y) / lp(Y)`` with ``lp(Y) = ((5 + |Y|) / 6) ** length_penalty``;
    |Y| counts its tokens, the end included. Log-probabilities are negative, so a positive
    ``length_penalty`` helps long targets, 0 compares bare probabilities. A finished target keeps its
    score and its place among the beams until better ones take it.

    Args:
        num_beams: K. With 1 this is greedy search.
        length_penalty: the α of the formula.
        The others are those of :func:`greedy_search`.

    Returns:
        ``(ids, scores)``: ``(B, K, max_length)`` and ``(B, K)``, NumPy arrays, the best beam first.

    Raises:
        ValueError, TypeError: an argument is unusable.

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14.

    >>> from ktlearn.seq2seq import Transformer
    >>> model = Transformer(20, 30, d_model=16, num_heads=2, num_layers=1, d_ff=32)
    >>> ids, scores = beam_search(model, [[5, 6, 7]], max_length=4, start_id=1, end_id=2, num_beams=3)
    >>> ids.shape, scores.shape
    ((1, 3, 4), (1, 3))
    """
    input_ids = _checked(model, input_ids, max_length, start_id, end_id, batch_size)
    check_whole("num_beams", num_beams)
    check_number("length_penalty", length_penalty, -10, 10, 0.6)
    if num_beams >= model.vocab_size:
        raise ValueError(
            f"num_beams must be at least 1 and less than the target's vocabulary, {model.vocab_size}; "
            f"got {num_beams!r}."
        )
    search = _search(
        Beam,
        model,
        max_length=max_length,
        start_id=start_id,
        end_id=end_id,
        num_beams=num_beams,
        length_penalty=float(length_penalty),
    )
    return _in_batches(search, input_ids, batch_size)


class TokenSearch(keras.Model):
    """A search as a Keras model: source ids in, token ids out."""

    def __init__(self, model, max_length, start_id, end_id, **kwargs):
        super().__init__(**kwargs)
        self.model, self.pad_id = model, model.pad_id
        self.max_length, self.start_id, self.end_id = max_length, start_id, end_id
        self.built = True

    def write(self, ids, position, token):
        """Put ``token`` (N,) into ``ids`` (N, T) at ``position``."""
        return ops.where(ops.arange(self.max_length) == position, token[:, None], ids)

    def log_probabilities(self, logits):
        """(N, V) to (N, V); padding is never written."""
        is_padding = ops.arange(logits.shape[-1]) == self.pad_id
        return ops.where(is_padding, IMPOSSIBLE, ops.log_softmax(ops.cast(logits, "float32"), axis=-1))

    def loop(self, step, finished, *state):
        """Repeat ``finished, *state = step(position, finished, *state)`` until all targets are finished."""

        def go_on(position, finished, *state):
            return ops.logical_not(ops.all(finished))

        def body(position, finished, *state):
            return (position + 1, *step(position, finished, *state))

        variables = (ops.zeros((), "int32"), finished, *state)
        return ops.while_loop(go_on, body, variables, maximum_iterations=self.max_length)[1:]


class Greedy(TokenSearch):
    """Greedy search: source ids ``(B, S)`` to target ids ``(B, T)``."""

    def call(self, input_ids):
        B = ops.shape(input_ids)[0]
        context, cache = self.model.prepare(input_ids, self.max_length)

        def step(position, finished, token, ids, cache):
            logits, cache = self.model.step(token, position, context, cache)  # (B, V)
            token = ops.cast(ops.argmax(self.log_probabilities(logits), axis=-1), "int32")  # (B,)
            token = ops.where(finished, self.pad_id, token)
            return finished | (token == self.end_id), token, self.write(ids, position, token), cache

        token = ops.full((B,), self.start_id, "int32")
        ids = ops.full((B, self.max_length), self.pad_id, "int32")
        _, _, ids, _ = self.loop(step, ops.zeros((B,), "bool"), token, ids, cache)
        return ids


class Beam(TokenSearch):
    """Beam search: source ids ``(B, S)`` to target ids ``(B, K, T)`` and their scores ``(B, K)``."""

    def __init__(self, model, num_beams, length_penalty, **kwargs):
        super().__init__(model, **kwargs)
        self.num_beams, self.length_penalty = num_beams, length_penalty

    def penalty(self, length):
        """What a target of this length is divided by; Wu et al. 2016, equation 14."""
        return ((5 + ops.cast(length, "float32")) / 6) ** self.length_penalty

    def call(self, input_ids):
        B, K = ops.shape(input_ids)[0], self.num_beams
        context, cache = self.model.prepare(input_ids, self.max_length, copies=K)
        first_row = ops.arange(B)[:, None] * K  # (B, 1): where the beams of each source begin

        def step(position, finished, token, ids, cache, log_p, length, score):
            logits, cache = self.model.step(token, position, context, cache)  # (B·K, V)
            V = logits.shape[-1]
            new = ops.reshape(self.log_probabilities(logits), (-1, K, V))
            # A finished beam has one continuation, padding, and it costs nothing.
            only_padding = ops.where(ops.arange(V) == self.pad_id, 0.0, IMPOSSIBLE)  # (V,)
            new = ops.where(finished[..., None], only_padding, new)
            total = log_p[..., None] + new  # (B, K, V)
            longer = length + ops.cast(ops.logical_not(finished), "int32")  # (B, K)
            candidates = ops.reshape(total / self.penalty(longer)[..., None], (-1, K * V))

            score, best = ops.top_k(candidates, K)  # (B, K) each
            beam, token = best // V, ops.cast(best % V, "int32")  # (B, K): where it comes from, what it adds
            log_p = ops.take_along_axis(ops.reshape(total, (-1, K * V)), best, axis=1)
            length = ops.take_along_axis(longer, beam, axis=1)
            finished = ops.take_along_axis(finished, beam, axis=1) | (token == self.end_id)

            rows, token = ops.reshape(first_row + beam, (-1,)), ops.reshape(token, (-1,))  # (B·K,)
            ids = self.write(ops.take(ids, rows, axis=0), position, token)
            cache = keras.tree.map_structure(lambda x: ops.take(x, rows, axis=0), cache)
            return finished, token, ids, cache, log_p, length, score

        token = ops.full((B * K,), self.start_id, "int32")
        ids = ops.full((B * K, self.max_length), self.pad_id, "int32")
        # All beams begin alike, so only the first may grow in the first step.
        log_p = ops.tile(ops.where(ops.arange(K) == 0, 0.0, IMPOSSIBLE)[None], (B, 1))  # (B, K)
        length = ops.zeros((B, K), "int32")
        finished = ops.zeros((B, K), "bool")
        _, _, ids, *_, score = self.loop(step, finished, token, ids, cache, log_p, length, log_p)
        return ops.reshape(ids, (-1, K, self.max_length)), score


def _search(kind, model, **settings):
    """The search with these settings, made and traced once for each model.

    It lies in the model, since it holds the model: in a dictionary beside, neither would ever be freed.
    """
    made = vars(model).setdefault("_searches", _Searches())
    key = (kind, *settings.values())
    if key not in made.by_settings:
        made.by_settings[key] = kind(model, **settings)
    return made.by_settings[key]


class _Searches:
    """Keras would track, and save, the searches that it finds in a dictionary of the model."""

    def __init__(self):
        self.by_settings = {}


def _in_batches(search, input_ids, batch_size):
    if len(input_ids) <= batch_size:
        return search.predict_on_batch(input_ids)
    # One size of batch, so one trace: the last one is filled up with sources that are done already.
    missing = -len(input_ids) % batch_size
    filled = np.concatenate([input_ids, input_ids[:missing]])
    found = [search.predict_on_batch(batch) for batch in np.split(filled, len(filled) // batch_size)]
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts)[: len(input_ids)], *found)


def _checked(model, input_ids, max_length, start_id, end_id, batch_size):
    if not hasattr(model, "step"):
        raise ValueError(
            f"model: {type(model).__name__} cannot decode step by step; give a ktlearn.seq2seq.Transformer."
        )
    check_whole("max_length", max_length)
    check_whole("batch_size", batch_size)
    for name, token in (("start_id", start_id), ("end_id", end_id)):
        if not is_whole(token) or not 0 <= token < model.vocab_size or token == model.pad_id:
            raise ValueError(
                f"{name} must be a token id of the target's vocabulary, 0 to {model.vocab_size - 1}, and not the "
                f"padding, {model.pad_id}; got {token!r}."
            )
    try:
        ids = as_numbers("input_ids", input_ids)
    except TypeError as error:
        raise TypeError(f"{error} Short sources are filled up with {model.pad_id}.") from None
    if ids.ndim != 2 or not ids.size or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(
            "input_ids must be whole numbers of the shape (sources, tokens), short sources filled up with "
            f"{model.pad_id}; got an array of shape {ids.shape}, of {ids.dtype}."
        )
    return ids.astype("int32")
