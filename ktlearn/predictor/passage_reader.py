"""A model that reads passages: for each question the span of its passage that answers it.

A passage longer than the model reads is cut into windows that overlap, and the best span of them all is taken.
Letters: B batch, L length.

Source: Devlin et al. 2019 (BERT), 4.2 and 4.3.
"""

import numpy as np

from ktlearn.models import PretrainedModel
from ktlearn.predictor.spans import best_of_windows, best_span
from ktlearn.support.answering import answer
from ktlearn.support.arguments import check_whole
from ktlearn.text.batches import by_length
from ktlearn.text.check_texts import are_pairs, checked_texts
from ktlearn.text.windows import windows

TASK = "question-answering"
WINDOW, OVERLAP = 384, 128  # tokens: what published readers are trained with, where a checkpoint names nothing else
LONGEST = 30  # tokens of an answer


class PassageReader:
    """Finds answers in passages.

    Args:
        model: a model of ktlearn with a question-answering head.
        tokenizer: its own.
        maxlen: tokens of a window, the question among them; None is what the checkpoint was trained with, as far as
            its config says it (``task_specific_params``), else 384, and never more than it can read.
        overlap: tokens of the passage in two windows; None as ``maxlen``, else 128, and a third of a window at most.

    Attributes:
        least_margin: from how much on a span's score beside that of "no answer" the reader answers, as the config says
            it; None for a reader that always answers.

    Raises:
        TypeError, ValueError: a model for another task, or a number that is none or more than the model reads.

    >>> from ktlearn import models
    >>> from ktlearn.text.tokenizer import tokenizer_of
    >>> name = "ktlearn/passage-reader-en"
    >>> reader = PassageReader(models.from_pretrained(name, task="question-answering"), tokenizer_of(name))
    >>> text = "The bridge was built by Maria Keller in 1887. It was closed for repairs in 1954."
    >>> [span] = reader.read(["Who built the bridge?"], [text])
    >>> text[span.start : span.end]
    'Maria Keller'
    """

    def __init__(self, model, tokenizer, maxlen=None, overlap=None):
        if not isinstance(model, PretrainedModel) or model.task != TASK:
            raise TypeError(
                f"model must be one of ktlearn.models for {TASK!r}, models.from_pretrained(name, task={TASK!r}); got "
                f"{model!r:.80}."
            )
        self.model, self.tokenizer = model, tokenizer
        trained = (getattr(model.config, "task_specific_params", None) or {}).get(TASK, {})
        most = min(model.settings.max_positions, tokenizer.model_max_length)
        self.maxlen = min(trained.get("max_seq_len", WINDOW), most) if maxlen is None else maxlen
        check_whole("maxlen", self.maxlen)
        self.overlap = min(trained.get("doc_stride", OVERLAP), self.maxlen // 3) if overlap is None else overlap
        check_whole("overlap", self.overlap, least=0)
        if self.maxlen > most:
            raise ValueError(f"maxlen: this model reads {most} tokens at most; got {self.maxlen}.")
        self.least_margin = trained.get("no_answer_margin")

    def read(self, questions, passages, longest=LONGEST, batch_size=16):
        """The best span of each passage for its question: a list of :class:`ktlearn.predictor.spans.Span`.

        Args:
            questions, passages: N texts each.
            longest: tokens of an answer at most.
            batch_size: windows at once.

        Raises:
            ValueError, TypeError: there is none, or not as many of both; one is no text, or is empty; a question is
                longer than a window.
        """
        check_whole("longest", longest)
        check_whole("batch_size", batch_size)
        questions, passages = _readable(questions, "questions"), _readable(passages, "passages")
        cut = windows(self.tokenizer, questions, passages, self.maxlen, self.overlap)
        found = [[] for _ in questions]
        for number, logits in enumerate(self._logits(cut.tokens, batch_size)):
            found[cut.pairs[number]].append(best_span(logits, cut.spans[number], longest))
        return [best_of_windows(spans) for spans in found]

    def _logits(self, tokens, batch_size):
        """The logits of each window, as a list of arrays ``(L, 2)``, padding left out."""
        batches, order = by_length(tokens, batch_size)
        rows = [row for number in range(len(batches)) for row in answer(self.model, batches[number])]
        logits = [None] * len(order)
        for place, row in zip(order, rows, strict=True):
            logits[place] = np.asarray(row, "float32")[: tokens.lengths[place]]
        return logits


def _readable(texts, name):
    """The texts of a list, none of them empty."""
    texts = checked_texts(texts, name)
    if are_pairs(texts):
        raise TypeError(f"{name}: items must be texts; got the pair {texts[0]!r:.60}.")
    for number, text in enumerate(texts):
        if not text.strip():
            raise ValueError(f"{name}: item {number} is empty. Give one with words in it.")
    return texts
