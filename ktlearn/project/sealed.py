"""A test set that keeps count: each opening is written down, with what was asked and what came out."""

import datetime
import hashlib
import json

import numpy as np

from ktlearn.predictor import Predictor
from ktlearn.project.missing import missing
from ktlearn.support.arguments import check_path
from ktlearn.support.characters import say
from ktlearn.text.check_texts import checked_texts


class SealedTest:
    """Texts and labels that are opened with :meth:`open`, and a log of every opening.

    It cannot hinder anybody from reading the file of the test set. It reminds those who want to be honest.

    Args:
        texts: the test texts.
        labels: their classes.
        log: a file of JSON lines; each opening adds one. It stays when the notebook is closed.

    Raises:
        ValueError, TypeError: not as many labels as texts, a label is missing, or an item is not a text.

    >>> import tempfile
    >>> class AlwaysGood:
    ...     def predict(self, texts):
    ...         return ["good"] * len(texts)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sealed = SealedTest(["Fine.", "Awful."], ["good", "bad"], f"{folder}/tests.jsonl")
    ...     result = sealed.open({"always good": AlwaysGood()})
    ...     times = len(sealed.entries)
    >>> float(result.loc["always good", "accuracy"]), times
    (0.5, 1)
    """

    def __init__(self, texts, labels, log):
        self._texts = checked_texts(texts, "texts")
        lacking = missing(labels)
        self._labels = np.array([str(label) for label in labels])
        if len(self._labels) != len(self._texts):
            raise ValueError(f"labels: {len(self._texts)} texts need as many labels; got {len(self._labels)}.")
        if lacking.any():
            raise ValueError(
                f"labels: {lacking.sum()} of {len(lacking)} are missing or blank, first at place {lacking.argmax()}. "
                "Leave these rows out before the test part is sealed."
            )
        self.log = check_path("log", log, "file")
        self.fingerprint = digest([*map(str, self._texts), *self._labels])

    def __len__(self):
        return len(self._texts)

    def __repr__(self):
        return f"<SealedTest: {len(self):,} texts, opened {times(len(self.entries))}>"

    @property
    def entries(self):
        """What was written down of this test set: a list of dictionaries, the first opening first.

        Raises:
            ValueError: the log is damaged.
        """
        if not self.log.exists():
            return []
        try:
            lines = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.strip()]
            return [line for line in lines if line["test"] == self.fingerprint]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self.log.name} is no log of a sealed test ({error!r}). Give another file.") from error

    def open(self, models):
        """Ask the models for all test texts, and write down that it was done, and the result.

        Args:
            models: name → a predictor, or anything whose ``predict`` takes a list of texts and gives their classes.
                Everything that is to be compared is asked in one opening.

        Returns:
            A pandas ``DataFrame``, a row for each model: ``accuracy``, its standard ``error``, and ``ahead`` and
            ``ahead_error``, the difference to the first model, text by text.

        Raises:
            ValueError: no model, or one that does not give an answer for each text.
        """
        import pandas as pd

        if not isinstance(models, dict) or not models:
            raise ValueError('models: give names and models, {"baseline": …, "transformer": …}.')
        before = self.entries
        answers = {str(name): answers_of(model, self._texts) for name, model in models.items()}
        right = {name: given == self._labels for name, given in answers.items()}
        first = next(iter(right.values())).astype(float)
        rows = {name: _row(each.astype(float), first) for name, each in right.items()}
        entry = {"opened": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "test": self.fingerprint}
        entry["results"] = {
            name: dict(row, answers=digest(answers[name]), texts=len(self)) for name, row in rows.items()
        }
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        if before:
            often = times(len(before))
            say(f"This test set was opened {often} before. Whoever chooses by it reports too good a number.")
        return pd.DataFrame.from_dict(rows, orient="index")


def answers_of(model, texts):
    """The classes that a predictor, or a model of scikit-learn, gives to texts, as an array of strings.

    Raises:
        ValueError: not one answer for each text.
    """
    given = model.predict(texts, verbose=0) if isinstance(model, Predictor) else model.predict(texts)
    given = np.array([str(answer) for answer in given])
    if given.shape != (len(texts),):
        raise ValueError(f"predict gave {len(given)} answers for {len(texts)} texts.")
    return given


def digest(words):
    """A short checksum of some strings, in their order.

    >>> digest(["a", "b"]) == digest(["ab"])
    False
    """
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def times(count):
    """How often, in words.

    >>> times(1), times(2)
    ('once', '2 times')
    """
    return "once" if count == 1 else f"{count} times"


def _row(right, first):
    N, ahead = len(right), right - first
    return {
        "accuracy": float(right.mean()),
        "error": float(right.std() / N**0.5),
        "ahead": float(ahead.mean()),
        "ahead_error": float(ahead.std() / N**0.5),
    }
