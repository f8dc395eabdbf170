"""Hidden words: what could stand behind ``[MASK]``. Letters in the shapes: B texts, L length, V vocabulary."""

import re
from dataclasses import dataclass

import numpy as np

from ktlearn.kinds import CLASSES, probabilities
from ktlearn.support.answering import answer
from ktlearn.support.arguments import check_whole
from ktlearn.support.bars import work_bar
from ktlearn.tasks.maps import maps_of
from ktlearn.tasks.opened import opened
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.texts import given_texts, say_too_long, tokens_in
from ktlearn.text.batches import by_length
from ktlearn.text.dataset import TextDataset

MASK = re.compile(r"\[MASK\]|<mask>")  # as BERT and as RoBERTa write it; either is understood for any model
MARGIN = 8  # tokens: a part of a text may be cut into a few more tokens than it had inside the whole


@dataclass(frozen=True, repr=False)
class Filled(Result):
    """The words that a model would put in place of the hidden one.

    Args:
        text: the text, with its ``[MASK]``.
        word: the likeliest word, or piece of a word as ``##ing``.
        score: its probability.
        words: the likeliest ones, ``(word, probability)`` each, best first.
        is_cut: True when only the part of the text around ``[MASK]`` was read.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> Filled("A [MASK] film.", "good", 0.5, [("good", 0.5), ("bad", 0.25)], False).data["words"]
    [['good', 0.5], ['bad', 0.25]]
    """

    text: str
    word: str
    score: float
    words: list
    is_cut: bool


def fill_mask(model, texts, top=5, batch_size=8, verbose=1):
    """The likeliest words for the hidden one of a text.

    Args:
        model: a checkpoint for masked words, such as BERT or RoBERTa: a name on the hub, a folder, a bundled model; or
            what ``open_model`` answers.
        texts: one text, or a list of texts, each with one ``[MASK]`` or ``<mask>``.
        top: how many words.
        batch_size: texts at once.
        verbose: 0 for no bar; there is one on work of some seconds.

    Returns:
        A :class:`Filled`; for a list :class:`ktlearn.tasks.results.Results`, in its order. Of a text that is longer
        than the model reads, the part around the hidden word is read, with a warning.

    Raises:
        ValueError, TypeError: no text, one without a hidden word or with several, or a model for other tasks.

    >>> from ktlearn import tasks
    >>> result = tasks.fill_mask("ktlearn/mini-bert-en", "The film was very [MASK].", top=3)
    >>> [word for word, probability in result.words]
    ['good', 'bad', 'funny']
    """
    texts, alone = given_texts(texts)
    check_whole("top", top)
    check_whole("batch_size", batch_size)
    for number, text in enumerate(texts):
        if (count := len(MASK.findall(text))) != 1:
            raise ValueError(
                f"texts: item {number} has {count} hidden words, and one is wanted: write [MASK] in its place; got "
                f"{text!r:.80}."
            )
    opened_model = opened(model, "fill_mask")
    tokenizer, maxlen = opened_model.tokenizer, opened_model.maxlen
    if tokenizer.mask_token is None:
        raise ValueError(
            "model: its tokenizer names no mask token, so it cannot hide a word. Set tokenizer.mask_token."
        )
    masked = [MASK.sub(lambda _: tokenizer.mask_token, text) for text in texts]
    is_cut = say_too_long(tokens_in(tokenizer, masked), maxlen, "cut: what is far from the hidden word is not read")
    read = [_around(tokenizer, text, maxlen) if cut else text for text, cut in zip(masked, is_cut, strict=True)]
    words = _best_words(opened_model, read, min(top, opened_model.model.settings.vocab_size), batch_size, verbose)
    found = Results(
        Filled(text, *best[0], best, cut, read=maps_of(opened_model.model, tokenizer, part, maxlen))
        for text, part, best, cut in zip(texts, read, words, is_cut, strict=True)
    )
    return found[0] if alone else found


def _best_words(opened_model, texts, top, batch_size, verbose):
    """For each text ``[(word, probability), …]``, best first."""
    tokenizer, maxlen = opened_model.tokenizer, opened_model.maxlen
    ids = tokenizer(texts, truncation=True, max_length=maxlen, verbose=False)["input_ids"]
    data = TextDataset(ids, None, None, None, None, tokenizer.pad_token_id, maxlen)
    batches, order = by_length(data, batch_size)
    found = []
    with work_bar(len(data), "filling", verbose, batch_size) as bar:
        for number in range(len(batches)):
            inputs = batches[number]
            logits = answer(opened_model.model, inputs)  # (B, L, V)
            places = (inputs["input_ids"] == tokenizer.mask_token_id).argmax(1)
            scores = probabilities(logits[np.arange(len(places)), places], CLASSES)  # (B, V)
            for row in scores:
                best = np.argsort(-row, kind="stable")[:top]
                found.append([(tokenizer.decode([token]).strip(), float(row[token])) for token in best.tolist()])
            bar.update(len(scores))
    return [found[place] for place in np.argsort(order)]


def _around(tokenizer, text, maxlen):
    """The part of a long text around its hidden word that has room."""
    encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False, verbose=False)
    place = encoded["input_ids"].index(tokenizer.mask_token_id)
    last = len(encoded["input_ids"]) - 1
    room = max(1, maxlen - MARGIN)
    first = max(0, min(place - room // 2, last - room + 1))
    return text[encoded["offset_mapping"][first][0] : encoded["offset_mapping"][min(last, first + room - 1)][1]]
