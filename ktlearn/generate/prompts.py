"""What is given to be written on: texts or token ids, as rows of ids, and as one rectangle.

Letters in the shapes: B texts, L length.
"""

import numpy as np

from ktlearn.support.arguments import is_whole
from ktlearn.support.characters import whole


def rows_of(model, prompt, tokenizer):
    """The prompts, or sources, as a list of arrays of ids without padding.

    Args:
        model: see :mod:`ktlearn.generate`.
        prompt: one text or several; or token ids ``(B, L)``, in rows of any length; or what a tokenizer answers.
        tokenizer: needed for texts.

    Raises:
        ValueError, TypeError: it is something else, empty, or has ids that the model does not know.
    """
    if hasattr(prompt, "keys"):
        rows, mask = list(prompt["input_ids"]), prompt.get("attention_mask")
    else:
        rows, mask = _list_of(prompt), None
        if rows and all(isinstance(text, str) for text in rows):
            if not callable(tokenizer):
                raise TypeError(
                    f"prompt: a text needs its tokenizer: generate(model, text, tokenizer); got {tokenizer!r}."
                )
            encoded = [tokenizer(whole(text)) for text in rows]
            rows, mask = [each["input_ids"] for each in encoded], [[1] * len(each["input_ids"]) for each in encoded]
    if not rows:
        raise ValueError("prompt is empty: give a text, a list of texts, or token ids (B, L).")
    rows = [_checked(model, row) for row in rows]
    if mask is None and model.is_encoder_decoder:
        mask = [row != model.pad_id for row in rows]  # as the model itself tells padding
    if mask is not None:
        rows = [row[np.asarray(real) != 0] for row, real in zip(rows, mask, strict=True)]
    for number, row in enumerate(rows):
        if not len(row):
            raise ValueError(
                f"prompt: number {number} has no tokens, so there is nothing to go on with. Begin with the token that "
                "begins a text: tokenizer.bos_token."
            )
    return rows


def rectangle(rows, fill, on_the_left, multiple=16, most=None):
    """Rows of several lengths as ``(ids, attention_mask)``, ``(B, L)`` each.

    L is rounded up, so that prompts of about one length have one graph.

    Args:
        rows: arrays of ids.
        fill: the id of the padding.
        on_the_left: True for padding before the text.
        multiple: what L is a multiple of.
        most: what L is never rounded up to more than; None for any length.

    >>> ids, mask = rectangle([[5, 6], [7]], fill=0, on_the_left=True, multiple=2)
    >>> ids.tolist(), mask.tolist()
    ([[5, 6], [0, 7]], [[1, 1], [0, 1]])
    """
    longest = max(map(len, rows))
    L = rounded_up(longest, multiple)
    L = L if most is None else max(longest, min(L, most))
    ids, mask = np.full((len(rows), L), fill, "int32"), np.zeros((len(rows), L), "int32")
    for row, own_ids, own_mask in zip(rows, ids, mask, strict=True):
        place = slice(L - len(row), L) if on_the_left else slice(len(row))
        own_ids[place], own_mask[place] = row, 1
    return ids, mask


def rounded_up(length, multiple):
    """The next multiple.

    Args:
        length: a whole number.
        multiple: of what.

    >>> rounded_up(33, 32)
    64
    """
    return -(-length // multiple) * multiple


def _list_of(prompt):
    if isinstance(prompt, str):
        return [prompt]
    if isinstance(prompt, bytes) or not hasattr(prompt, "__iter__"):
        raise TypeError(f"prompt must be a text, a list of texts, or token ids (B, L); got {prompt!r:.80}.")
    return list(prompt)


def _checked(model, row):
    if not hasattr(row, "__len__") or isinstance(row, (str, bytes, dict)):
        raise TypeError(f"prompt must be a text, a list of texts, or token ids (B, L); got {row!r:.80} in it.")
    ids = np.asarray(row).tolist() if hasattr(row, "shape") else list(row)
    for token in ids:
        if not is_whole(token) or not 0 <= token < model.vocab_size:
            raise ValueError(
                f"prompt: there is no token {token!r}; the model's ids go from 0 to {model.vocab_size - 1}."
            )
    return np.array(ids, "int32")
