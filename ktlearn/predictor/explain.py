"""Why did the model answer so? Two ways to share its answer out among the words of the text.

Both compare the text with one whose words are hidden behind the tokenizer's [MASK].

- **Occlusion** hides one word at a time and looks how much the answer falls. Easy to understand; words that
  could stand for each other may all look unimportant. (Zeiler and Fergus 2014, section 4.2)
- **Integrated gradients** moves all words from hidden to shown in small steps and adds up the slopes. The parts
  add up to the whole difference: that is the completeness check. (Sundararajan et al. 2017, arXiv:1703.01365)

The answer is measured as log-odds, log(p / (1 - p)): there a step from 0.98 to 0.99 is not small. For a regression
it is the number itself. Letters: B batch, L length, D width.
"""

from typing import NamedTuple

import numpy as np

from ktlearn.backend import ops
from ktlearn.kinds import CLASSES
from ktlearn.predictor.explanation import Explanation, Word
from ktlearn.support.gradients import gradient
from ktlearn.text.dataset import TextDataset

OCCLUSION, INTEGRATED_GRADIENTS = METHODS = ("occlusion", "integrated-gradients")
STEPS = (16, 32, 64, 128, 256)  # the next number is tried while the parts do not add up
CLOSE = 0.01  # of the difference: the parts count as adding up to it
TOKENS_AT_ONCE = 2048


class Span(NamedTuple):
    """Where one word is: in the text, and among the tokens."""

    part: int  # 0, or 1 for the second text of a pair
    start: int
    end: int
    positions: list  # its tokens


class Reading(NamedTuple):
    """A text, or a pair of texts, as the model gets it."""

    parts: tuple  # the texts
    ids: np.ndarray  # (L,)
    segments: np.ndarray | None  # (L,), of pairs only
    words: list  # a Span for each word
    hidden: np.ndarray  # (L,) the ids with every word masked

    def without(self, number):
        """The ids with one word masked, ``(L,)``."""
        ids = self.ids.copy()
        positions = self.words[number].positions
        ids[positions] = self.hidden[positions]
        return ids


def read(preproc, text):
    """Tokenize one text or one pair, and note which tokens make up which word.

    Raises:
        ValueError: no word is left, or the tokenizer has no [MASK] token.
    """
    parts = (text,) if isinstance(text, str) else tuple(text)
    tokenizer = preproc.tokenizer
    if tokenizer.mask_token_id is None:
        raise ValueError("explain hides words behind the tokenizer's mask token, and this one has none.")
    encoded = tokenizer(*parts, truncation=True, max_length=preproc.maxlen, return_offsets_mapping=True, verbose=False)
    ids = np.array(encoded["input_ids"], "int32")
    places = zip(encoded.sequence_ids(), encoded.word_ids(), encoded["offset_mapping"], strict=True)
    found = {}
    for position, (part, word, (start, end)) in enumerate(places):
        if word is not None:
            span = found.get((part, word), Span(part, start, end, []))
            found[part, word] = Span(part, span.start, end, [*span.positions, position])
    if not found:
        raise ValueError(f"text: there is no word to explain in it; got {text!r:.60}.")
    hidden = ids.copy()
    hidden[[position for span in found.values() for position in span.positions]] = tokenizer.mask_token_id
    segments = np.array(encoded["token_type_ids"], "int32") if len(parts) == 2 and "token_type_ids" in encoded else None
    return Reading(parts, ids, segments, list(found.values()), hidden)


def explain(predictor, text, method, target):
    """Share the predictor's answer out among the words; see :meth:`ktlearn.predictor.Predictor.explain`."""
    reading = read(predictor.preproc, text)
    kind = predictor.preproc.labels.kind
    shown, hidden = predictor.logits(_dataset(predictor.preproc, reading, [reading.ids, reading.hidden]))
    names = predictor.get_classes()
    number = 0 if not names else int(shown.argmax()) if target is None else names.index(target)

    def answer(logits):
        return evidence(logits, kind, number)

    value, baseline = np.array(answer(np.stack([shown, hidden]))).tolist()
    if method == OCCLUSION:
        without = [reading.without(word) for word in range(len(reading.words))]
        scores = value - np.array(answer(predictor.logits(_dataset(predictor.preproc, reading, without))))
    else:
        tokens = integrated_gradients(predictor.model, reading, answer, value - baseline)
        scores = np.array([tokens[word.positions].sum() for word in reading.words])
    words = [
        Word(span.part, span.start, span.end, float(score)) for span, score in zip(reading.words, scores, strict=True)
    ]
    return Explanation(reading.parts, words, method, names[number] if names else None, value, baseline)


def evidence(logits, kind, number):
    """From logits ``(B, outputs)`` to the answer that is explained, ``(B,)``: log-odds of a class, or the number."""
    logits = ops.convert_to_tensor(logits)
    if kind != CLASSES:
        return logits[:, number]
    others = ops.concatenate([logits[:, :number], logits[:, number + 1 :]], axis=1)
    return logits[:, number] - ops.logsumexp(others, axis=1)


def integrated_gradients(model, reading, answer, difference):
    """Each token's part of the difference between the text and the hidden text, ``(L,)``.

    The integral is taken with Gauss and Legendre's points, with more of them until the parts add up.

    Args:
        model: a model of ktlearn with a head.
        reading: the text.
        answer: from logits ``(B, outputs)`` to the numbers explained ``(B,)``.
        difference: what the parts should add up to.
    """
    for steps in STEPS:
        parts = _parts(model, reading, answer, steps)
        if abs(parts.sum() - difference) <= CLOSE * abs(difference):
            break
    return parts


def _parts(model, reading, answer, steps):
    hidden, shown = np.array(model.embeddings.tokens(np.stack([reading.hidden, reading.ids])))  # (L, D) each
    points, shares = np.polynomial.legendre.leggauss(steps)  # on the way from -1 to 1
    places, shares = ((points + 1) / 2)[:, None, None].astype("float32"), shares / 2
    slopes = np.zeros_like(shown)
    B = max(1, TOKENS_AT_ONCE // len(reading.ids))
    for start in range(0, steps, B):
        vectors = hidden + places[start : start + B] * (shown - hidden)  # (B, L, D)
        inputs = {"input_ids": np.tile(reading.ids, (len(vectors), 1))}
        if reading.segments is not None:
            inputs["token_type_ids"] = np.tile(reading.segments, (len(vectors), 1))

        def total(vectors, inputs=inputs):
            return ops.sum(answer(model(inputs | {"inputs_embeds": vectors}).logits))

        slopes += np.tensordot(shares[start : start + B], gradient(total, vectors), axes=1)
    return (slopes * (shown - hidden)).sum(-1)  # (L,)


def _dataset(preproc, reading, rows):
    """Variants of one text as a data set: what the predictor's batches are made of."""
    segments = None if reading.segments is None else [reading.segments] * len(rows)
    return TextDataset(rows, segments, None, None, preproc.labels, preproc.tokenizer.pad_token_id, preproc.maxlen)
