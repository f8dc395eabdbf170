"""What translations and summaries have in common: an encoder–decoder makes of each text another one.

The texts are written in batches of about one length; what is longer than the model reads goes through it in parts.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np

from ktlearn.generate import generate
from ktlearn.generate.writing import Task
from ktlearn.support.arguments import check_whole
from ktlearn.support.bars import work_bar
from ktlearn.tasks.parts import in_parts
from ktlearn.tasks.texts import say_too_long, tokens_in

LENGTHS = ("max_new_tokens", "max_length")


class Rewritten(NamedTuple):
    """One part of a text, and what became of it."""

    source: str
    text: str
    ids: Any  # (S,): what the encoder read
    new: Any  # (T,): what the decoder wrote, the end included
    is_cut: bool  # the writing stopped at the most tokens allowed


def rewrite(opened, texts, what, prefix="", most=None, batch_size=8, verbose=1, options=None):
    """Let an encoder–decoder make another text of each text.

    Args:
        opened: an :class:`ktlearn.tasks.opened.Opened`.
        texts: a list.
        what: what is done, "translating" or "summarising".
        prefix: what stands before each text, and each part of one, for the model.
        most: a function from the tokens of the longest source of a batch to the most new tokens, for a checkpoint that
            does not say it.
        batch_size: parts at once.
        verbose: 0 for no bar.
        options: those of :func:`ktlearn.generate.generate`.

    Returns:
        For each text the list of its parts, each a :class:`Rewritten`.

    Raises:
        ValueError, TypeError: options that do not exist or cannot be; several texts for each.
    """
    options = {name: value for name, value in (options or {}).items() if value is not None}
    check_whole("batch_size", batch_size)
    if options.get("num_return_sequences", 1) != 1:
        raise ValueError("num_return_sequences: there is one answer for each text. For several use ktlearn.generate.")
    tokenizer, maxlen = opened.tokenizer, opened.maxlen
    written = opened.model.generation_config or {}
    has_length = any(name in options or written.get(name) is not None for name in LENGTHS)
    most = None if has_length else most

    def count(text):
        return len(tokenizer(prefix + text, verbose=False)["input_ids"])

    lengths = tokens_in(tokenizer, [prefix + text for text in texts])
    say_too_long(lengths, maxlen, f"read in parts, one after the other: {what} knows nothing of the parts before")
    parts = [in_parts(text, maxlen, count) if maxlen else [text] for text in texts]
    parts = [[part for part in some if part.strip()] for some in parts]
    sources = [part for some in parts for part in some]
    rows = [row[:maxlen] for row in tokenizer([prefix + source for source in sources], verbose=False)["input_ids"]]
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    found = {}
    with work_bar(len(rows), what, verbose) as bar:
        for start in range(0, len(order), batch_size):
            places = order[start : start + batch_size]
            batch = [rows[place] for place in places]
            if len(order) > batch_size:  # the last batch is filled up: one size of batch, so one graph
                batch += [batch[-1]] * (batch_size - len(places))
            found |= zip(places, _written(opened, batch, most, options), strict=False)
            bar.update(len(places))
    pieces = iter([Rewritten(source, *found[place]) for place, source in enumerate(sources)])
    pieces = [[next(pieces) for _ in some] for some in parts]
    _say_cut([any(piece.is_cut for piece in some) for some in pieces], what)
    return pieces


def _written(opened, rows, most, options):
    """One batch: for each row ``(text, ids, new, is_cut)``."""
    tokenizer, model = opened.tokenizer, opened.model
    prompt = {"input_ids": rows, "attention_mask": [[1] * len(row) for row in rows]}
    if most is not None:
        wanted = most(max(map(len, rows)))
        options = options | {"max_new_tokens": min(wanted, model.max_positions or wanted)}
    task = Task(model, prompt, tokenizer, options)
    written = generate(model, prompt, tokenizer, batch_size=len(rows), **options)
    for row, new, text in zip(rows, written.ids, written.texts, strict=True):
        new = new[: task.length(new)]
        has_end = np.isin(new[-1:], task.options.eos_token_id).any()
        # An end that is forced upon the last place is no end of the model's own.
        is_forced = task.options.forced_eos_token_id is not None and len(new) == task.options.max_new_tokens
        yield text.strip(), row, new, bool(is_forced or not has_end)


def _say_cut(is_cut, what):
    if count := sum(is_cut):
        warnings.warn(
            f"{what}: {count:,} of {len(is_cut):,} came to the most tokens that may be written, so the end may be "
            "missing. Give max_new_tokens=….",
            stacklevel=4,
        )
