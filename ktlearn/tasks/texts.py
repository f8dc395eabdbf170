"""Texts on their way into a task: looked at before any work, and counted, so that what is too long is said."""

import warnings

import numpy as np

from ktlearn.text.check_texts import are_pairs, checked_texts
from ktlearn.text.lengths import unknown_sentence


def given_texts(texts, name="texts"):
    """One text, or a list of texts, as ``(list, alone)``.

    Args:
        texts: a string, or what :func:`ktlearn.text.check_texts.checked_texts` takes.
        name: how errors call the argument.

    Raises:
        ValueError: there are none, or one is blank; its number is named.
        TypeError: an item is no string.

    >>> given_texts("A film.")
    (['A film.'], True)
    """
    alone = isinstance(texts, str)
    texts = checked_texts([texts] if alone else texts, name)
    if are_pairs(texts):
        raise TypeError(f"{name}: a text for each answer is wanted; item 0 is a pair, {texts[0]!r:.80}.")
    for number, text in enumerate(texts):
        if not text.strip():
            where = "it is blank" if alone else f"item {number} is blank"
            raise ValueError(f"{name}: {where}, so there is nothing to read; got {text!r:.40}.")
    return texts, alone


def tokens_in(tokenizer, texts):
    """How many tokens each text has, those that the tokenizer adds included: a list.

    Where many of them are unknown to the checkpoint, a warning says so: it is of another language or script.
    """
    rows = [np.array(row, int) for row in tokenizer(texts, verbose=False)["input_ids"]]
    if sentence := unknown_sentence(rows, tokenizer.unk_token_id):
        warnings.warn(sentence.strip(), stacklevel=3)
    return [len(row) for row in rows]


def say_too_long(lengths, maxlen, what):
    """Warn, with numbers, of texts that are longer than a model reads.

    Args:
        lengths: of all texts, in tokens.
        maxlen: the most tokens that the model reads, or None.
        what: what becomes of them.

    Returns:
        For each text: is it too long?

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as said:
    ...     say_too_long([5, 700], 512, "cut: the end is not read")
    [False, True]
    >>> print(said[0].message)
    1 of 2 texts is longer than the 512 tokens that the model reads (the longest has 700), so it is cut: the end is ...
    """
    is_long = [maxlen is not None and length > maxlen for length in lengths]
    if count := sum(is_long):
        verb, they = ("is", "it is") if count == 1 else ("are", "they are")
        text = "text" if len(lengths) == 1 else "texts"
        warnings.warn(
            f"{count:,} of {len(lengths):,} {text} {verb} longer than the {maxlen:,} tokens that the model reads (the "
            f"longest has {max(lengths):,}), so {they} {what}.",
            stacklevel=3,
        )
    return is_long
