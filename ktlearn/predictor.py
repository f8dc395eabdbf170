"""The predictor: a trained model with its tokenizer and its class names, in one folder."""

import json
from pathlib import Path

import numpy as np

from ktlearn.atomic import atomic_folder
from ktlearn.learner import probabilities
from ktlearn.models.encoder import EncoderModel
from ktlearn.text.dataset import by_length
from ktlearn.text.labels import CLASSES, MULTILABEL, REGRESSION

SETTINGS = "ktlearn.json"
FORMAT = 1


def get_predictor(model, preproc, batch_size=32):
    """Join a trained model with the ``text.Transformer`` that prepared its data.

    Raises:
        TypeError: ``model`` is not one of ktlearn's, or ``preproc`` not a ``text.Transformer``.
        ValueError: ``preproc`` has not seen the training labels, or its classes are not the model's.
    """
    from ktlearn.text import Transformer

    if not isinstance(model, EncoderModel):
        raise TypeError(f"model must be a model of ktlearn, such as learner.model; got {type(model).__name__}.")
    if not isinstance(preproc, Transformer):
        raise TypeError(f"preproc must be the text.Transformer of the training data; got {type(preproc).__name__}.")
    if preproc.labels.kind is None:
        raise ValueError("preproc does not know the labels yet: call its preprocess_train first.")
    outputs = len(preproc.get_classes()) or 1
    if model.num_labels != outputs:
        raise ValueError(
            f"The model has {model.num_labels} outputs, but preproc needs {outputs}: they are of two tasks."
        )
    return Predictor(model, preproc, batch_size)


def load_predictor(fpath, batch_size=32):
    """Load a predictor from the folder that :meth:`Predictor.save` wrote. Nothing in it is executed.

    Raises:
        FileNotFoundError, ValueError: the folder is not a saved predictor, or is damaged.
    """
    from ktlearn import models
    from ktlearn.text import Transformer

    folder = Path(fpath).expanduser().resolve()
    settings = _read_settings(folder)
    kind, classes = settings["kind"], settings["class_names"]
    preproc = Transformer(folder, settings["maxlen"], classes, is_regression=kind == REGRESSION)
    preproc.labels.kind = kind
    model = models.from_pretrained(folder, task="classification", num_labels=len(classes) or 1, verbose=0)
    if model.loading.fresh:
        raise ValueError(
            f"{folder}: the weights do not fit {SETTINGS} (missing or of another size: "
            f"{', '.join(model.loading.fresh)}). The folder is not whole; save the predictor again."
        )
    return Predictor(model, preproc, batch_size)


class Predictor:
    """Answers for new texts. Made by :func:`get_predictor` or :func:`load_predictor`."""

    def __init__(self, model, preproc, batch_size):
        self.model, self.preproc, self.batch_size = model, preproc, batch_size

    def predict(self, texts, return_proba=False):
        """The class of a text, or of each text of a list.

        Args:
            texts: one text, or a list of texts or of pairs of texts.
            return_proba: True for probabilities instead; see :meth:`predict_proba`.

        Returns:
            For classes a name; for multilabel a list of ``(name, probability)``; for a regression a
            number; for a list of texts a list of these.

        Raises:
            ValueError, TypeError: the list is empty, or an item is not a text.
        """
        if return_proba:
            return self.predict_proba(texts)
        scores, alone = self._scores(texts)
        answers = [self._answer(row) for row in scores]
        return answers[0] if alone else answers

    def predict_proba(self, texts):
        """Probabilities in the order of :meth:`get_classes`: ``(classes,)`` for one text, else ``(N, classes)``."""
        scores, alone = self._scores(texts)
        return scores[0] if alone else scores

    def get_classes(self):
        """The class names in the order of the probabilities."""
        return self.preproc.get_classes()

    def save(self, fpath):
        """Save into a folder, all or nothing: weights (safetensors), config, tokenizer, settings (JSON).

        PyTorch transformers opens the folder too, and finds the class names in its config.
        """
        from ktlearn.models import hub

        labels = self.preproc.labels
        settings = {
            "format": FORMAT,
            "kind": labels.kind,
            "class_names": labels.values,
            "maxlen": self.preproc.maxlen,
        }
        problem = {CLASSES: "single_label_classification", MULTILABEL: "multi_label_classification"}
        self.model.config.problem_type = problem.get(labels.kind, "regression")
        with atomic_folder(fpath) as folder:
            hub.write(self.model, folder)
            self.preproc.tokenizer.save_pretrained(folder)
            (folder / SETTINGS).write_text(json.dumps(settings, indent=2, ensure_ascii=False), encoding="utf-8")

    def _scores(self, texts):
        alone = isinstance(texts, str)
        data = self.preproc.preprocess([texts] if alone else texts)
        batches, order = by_length(data, self.batch_size)
        outputs = self.model.predict(batches.for_keras(), verbose=0)
        scores = np.empty_like(outputs)
        scores[order] = probabilities(outputs, self.preproc.labels.kind)
        return scores, alone

    def _answer(self, row):
        kind, names = self.preproc.labels.kind, self.preproc.labels.class_names
        if kind == REGRESSION:
            return float(row[0])
        if kind == MULTILABEL:
            return [(name, float(p)) for name, p in zip(names, row, strict=True)]
        return names[int(row.argmax())]


def _read_settings(folder):
    path = folder / SETTINGS
    if not path.exists():
        raise FileNotFoundError(f"{folder} holds no {SETTINGS}; give a folder written by predictor.save(…).")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        names, maxlen = settings["class_names"], settings["maxlen"]
        whole = (
            settings["format"] == FORMAT
            and settings["kind"] in (CLASSES, MULTILABEL, REGRESSION)
            and isinstance(maxlen, int)
            and isinstance(names, list)
            and all(isinstance(name, (str, int)) for name in names)
            and len(names) != 1
            and bool(names) == (settings["kind"] != REGRESSION)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error!r}). Save the predictor again.") from error
    if not whole:
        raise ValueError(f"{path} was not written by this version of ktlearn (format {FORMAT}). Save it again.")
    return settings
