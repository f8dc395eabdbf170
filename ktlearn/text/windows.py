"""A question and a passage as a model reads them: in windows that overlap, when the passage is longer than the model.

A window is ``[CLS] question [SEP] part of the passage [SEP]``. Neighbours share some tokens, so that an answer of at
most so many is whole in one of them. Letters: W windows, L length.

Source: Devlin et al. 2019 (BERT), 4.2 and 4.3; the sliding windows are those of its program ``run_squad.py``.
"""

from typing import NamedTuple

import numpy as np

from ktlearn.support.arguments import check_whole
from ktlearn.text.dataset import TextDataset

NOWHERE = -1  # the character at which a token lies that is not of the passage


class Windows(NamedTuple):
    """The windows of several questions, all those of one question after each other.

    ``tokens`` is a :class:`ktlearn.text.dataset.TextDataset` of W rows. ``spans`` holds an array ``(L, 2)`` for each
    window: where each token starts and ends in the passage, in characters; -1 for the tokens that are not of it.
    ``pairs`` ``(W,)`` says of which question each window is.
    """

    tokens: TextDataset
    spans: list
    pairs: np.ndarray


def windows(tokenizer, questions, passages, maxlen, overlap):
    """Cut each passage into windows behind its question.

    Args:
        tokenizer: a fast one of ``transformers``, as :func:`ktlearn.text.tokenizer.tokenizer_of` gives it.
        questions, passages: N texts each.
        maxlen: tokens of a window at most, question and special tokens included.
        overlap: tokens of the passage that a window shares with the next one.

    Raises:
        ValueError: there is none, or a question leaves less than ``overlap`` + 1 tokens of a window to its passage.

    >>> from ktlearn.text.tokenizer import tokenizer_of
    >>> cut = windows(tokenizer_of("ktlearn/minilm-en"), ["Who?"], ["Ann met Bob, then Dan."], maxlen=9, overlap=2)
    >>> ["Ann met Bob, then Dan."[rows[rows[:, 0] >= 0][0, 0] : rows[:, 1].max()] for rows in cut.spans]
    ['Ann met Bob,', 'Bob, then Dan', 'then Dan.']
    """
    check_whole("maxlen", maxlen, least=1)
    check_whole("overlap", overlap, least=0)
    if not questions or len(questions) != len(passages):
        raise ValueError(f"Give a passage with each question; got {len(questions)} and {len(passages)}.")
    special = tokenizer.num_special_tokens_to_add(pair=True)
    for question, ids in zip(questions, tokenizer(list(questions), add_special_tokens=False)["input_ids"], strict=True):
        if len(ids) + special + overlap >= maxlen:
            raise ValueError(
                f"The question {question!r:.60} has {len(ids)} tokens. With {special} special ones that leaves "
                f"{max(0, maxlen - special - len(ids))} of {maxlen} to the passage, and windows that overlap by "
                f"{overlap} need more. Ask in fewer words."
            )
    cut = tokenizer(
        list(questions),
        list(passages),
        truncation="only_second",
        max_length=maxlen,
        stride=overlap,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    spans = []
    for number, offsets in enumerate(cut["offset_mapping"]):
        is_passage = np.array([part == 1 for part in cut.sequence_ids(number)])
        spans.append(np.where(is_passage[:, None], np.array(offsets), NOWHERE))
    segments = cut.get("token_type_ids")
    tokens = TextDataset(cut["input_ids"], segments, None, None, None, tokenizer.pad_token_id, maxlen)
    return Windows(tokens, spans, np.array(cut["overflow_to_sample_mapping"]))


def positions(cut, starts, ends):
    """The first and the last token of each answer in each window ``(W, 2)``; (0, 0) where it is not whole in it.

    Args:
        cut: :class:`Windows`.
        starts, ends: characters of the passages, one for each question; a start of -1 for "no answer".

    >>> from ktlearn.text.tokenizer import tokenizer_of
    >>> cut = windows(tokenizer_of("ktlearn/minilm-en"), ["Who?"], ["Ann met Bob, then Dan."], maxlen=9, overlap=2)
    >>> positions(cut, starts=[8], ends=[11]).tolist()
    [[6, 6], [4, 4], [0, 0]]
    """
    found = np.zeros((len(cut.spans), 2), "int32")
    for number, (span, pair) in enumerate(zip(cut.spans, cut.pairs, strict=True)):
        start, end = starts[pair], ends[pair]
        inside = span[:, 0] >= 0
        first, last = span[inside, 0].min(initial=end + 1), span[:, 1].max()
        if start < 0 or start < first or end > last:
            continue
        touched = np.flatnonzero(inside & (span[:, 1] > start) & (span[:, 0] < end))
        if touched.size:
            found[number] = touched[0], touched[-1]
    return found
