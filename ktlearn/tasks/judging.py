"""Sentiment: one of a few labels for a text."""

from dataclasses import dataclass

from ktlearn.kinds import CLASSES
from ktlearn.tasks.maps import maps_of
from ktlearn.tasks.opened import opened
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.texts import given_texts, say_too_long, tokens_in


@dataclass(frozen=True, repr=False)
class Sentiment(Result):
    """What a classifier says of a text.

    Args:
        text: the text.
        label: the likeliest label.
        score: its probability.
        scores: label → probability, of all labels.
        is_cut: True when the end of the text was not read.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> Sentiment("A quiet film.", "good", 0.9, {"bad": 0.1, "good": 0.9}, False)
    Sentiment(text='A quiet film.', label='good', score=0.9, scores={'bad': 0.1, 'good': 0.9}, is_cut=False)
    """

    text: str
    label: str | int
    score: float
    scores: dict
    is_cut: bool


def sentiment(model, texts, verbose=1):
    """Is a text positive or negative? Or whatever else the labels of a classifier say.

    Args:
        model: a checkpoint fine-tuned for classification: a name on the hub, a folder, also one that
            ``predictor.save`` wrote; or a :class:`ktlearn.predictor.Predictor`, which is not opened again.
        texts: one text, or a list of texts.
        verbose: 0 for no bar; there is one from 500 texts on.

    Returns:
        A :class:`Sentiment`; for a list :class:`ktlearn.tasks.results.Results`, in its order. What is longer than the
        model reads is cut, with a warning.

    Raises:
        ValueError, TypeError: no text, a blank one, or a model that does not answer with one label.

    >>> import ktlearn
    >>> from ktlearn import tasks, text
    >>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=32)
    >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
    >>> predictor = ktlearn.get_predictor(t.get_classifier(), t)  # to be trained first
    >>> result = tasks.sentiment(predictor, "A quiet film.")
    >>> result.label in ("negative", "positive"), sorted(result.scores)
    (True, ['negative', 'positive'])
    """
    texts, alone = given_texts(texts)
    predictor = opened(model, "sentiment")
    labels, maxlen = predictor.preproc.labels, predictor.preproc.maxlen
    if labels.kind != CLASSES:
        raise ValueError(
            f"model: it predicts {labels.kind}, and sentiment wants one of several labels. Use predictor.predict."
        )
    if "entailment" in [name.lower() for name in labels.class_names]:
        raise ValueError(
            f"model: its labels are {labels.class_names}, so it compares two texts. Use ktlearn.ZeroShotClassifier."
        )
    tokenizer = predictor.preproc.get_tokenizer()
    is_cut = say_too_long(tokens_in(tokenizer, texts), maxlen, "cut: the end is not read")
    found = Results()
    for text, row, cut in zip(texts, predictor.predict_proba(texts, verbose=verbose), is_cut, strict=True):
        scores = dict(zip(labels.values, row.tolist(), strict=True))
        best = max(scores, key=scores.get)
        read = maps_of(predictor.model, tokenizer, text, maxlen)
        found.append(Sentiment(text, best, scores[best], scores, cut, read=read))
    return found[0] if alone else found
