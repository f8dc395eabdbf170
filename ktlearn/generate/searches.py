"""Greedy search and beam search by themselves, as lesson 05 builds them: token ids in, token ids out.

Letters in the shapes: B batch, K beams, S source length, T target length.
"""

import numpy as np

from ktlearn.generate.beams import OpenBeams
from ktlearn.generate.rules import forbid
from ktlearn.generate.search import Job, Search, in_batches, search_of
from ktlearn.support.arguments import as_numbers, check_number, check_whole, is_whole


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
    search = _search(model, Search, end_id)
    return in_batches(search.run, _job(model, input_ids, max_length, start_id), batch_size)[0]


def beam_search(model, input_ids, max_length, start_id, end_id, num_beams=4, length_penalty=0.6, batch_size=64):
    """Keep the ``num_beams`` best beginnings of each target, not only the best one.

    A target Y is as good as ``log P(Y) / lp(Y)`` with ``lp(Y) = ((5 + |Y|) / 6) ** length_penalty``;
    ``|Y|`` counts its tokens, the end included. Log-probabilities are negative, so a positive
    ``length_penalty`` helps long targets, 0 compares bare probabilities. A finished target keeps its
    score and its place among the beams until better ones take it.

    Args:
        num_beams: K. With 1 this is greedy search.
        length_penalty: the α of the formula.

    The other arguments are those of :func:`greedy_search`.

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
    search = _search(model, OpenBeams, end_id, num_beams=num_beams, length_penalty=float(length_penalty))
    return in_batches(search.run, _job(model, input_ids, max_length, start_id), batch_size)


def _search(model, kind, end_id, **settings):
    """Padding is never written."""
    rules = [forbid([model.pad_id])]
    key = (end_id, *settings.values())
    return search_of(model, kind, key, rules=rules, ends=[end_id], fill=model.pad_id, **settings)


def _job(model, input_ids, max_length, start_id):
    ids = np.full((len(input_ids), max_length + 1), model.pad_id, "int32")
    ids[:, 0] = start_id
    inputs = {"input_ids": input_ids, "attention_mask": (input_ids != model.pad_id).astype("int32")}
    return Job(inputs, ids, np.array(0, "int32"), np.array(max_length, "int32"), {})


def _checked(model, input_ids, max_length, start_id, end_id, batch_size):
    if not getattr(model, "is_encoder_decoder", False):
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
