"""The predictor: a trained model with its tokenizer and its class names, in one folder."""

import json
import os

from ktlearn import models
from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION, probabilities
from ktlearn.models import PretrainedModel, checkpoint
from ktlearn.support.arguments import check_flag, check_name, check_whole
from ktlearn.support.atomic import atomic_folder, finish_save
from ktlearn.support.distributed import write_once
from ktlearn.support.manifest import check_file, read_manifest
from ktlearn.support.paths import resolved
from ktlearn.text.check_texts import checked_texts
from ktlearn.text.labels import Labels
from ktlearn.text.losses import compile_for
from ktlearn.text.transformer import Transformer

SETTINGS = "ktlearn.json"
FORMAT = 1
KTRAINS = "tf_model.preproc"


def get_predictor(model, preproc, batch_size=32):
    """Join a trained model with the ``text.Transformer`` that prepared its data.

    Raises:
        TypeError: ``model`` is not one of ktlearn's, or ``preproc`` not a ``text.Transformer``.
        ValueError: ``preproc`` has not seen the training labels, or its classes are not the model's.

    >>> t = Transformer("ktlearn/mini-bert-en", maxlen=32)
    >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
    >>> model = t.get_classifier()  # to be trained first: ktlearn.get_learner(model, trn).fit_onecycle(1e-4, 3)
    >>> get_predictor(model, t).get_classes()
    ['negative', 'positive']
    """
    if not isinstance(model, PretrainedModel):
        raise TypeError(f"model must be a model of ktlearn, such as learner.model; got {type(model).__name__}.")
    if not isinstance(preproc, Transformer):
        raise TypeError(f"preproc must be the text.Transformer of the training data; got {type(preproc).__name__}.")
    if preproc.labels.kind is None:
        raise ValueError("preproc does not know the labels yet: call its preprocess_train first.")
    check_whole("batch_size", batch_size)
    if model.task != "classification":
        what = "a bare model" if model.task is None else f"a model for {model.task}"
        raise ValueError(
            f"model is {what}, without a head that answers with classes or a number. Make one with "
            "preproc.get_classifier() or preproc.get_regression_model(), and train it."
        )
    classes = preproc.get_classes()
    if model.num_labels != (len(classes) or 1):
        raise ValueError(
            f"The model has {model.num_labels} outputs, but preproc needs {len(classes) or 1}: they are of two tasks."
        )
    own = [model.config.id2label[place] for place in range(model.num_labels)]
    if classes != own and sorted(classes) == sorted(own):
        raise ValueError(
            f"The model's outputs are {own}, but preproc's classes are {classes}: the answers would be exchanged. "
            "Give the classes in the model's order to text.Transformer(…, class_names=…)."
        )
    return Predictor(model, preproc, batch_size)


def load_predictor(fpath, batch_size=32):
    """Load a predictor from the folder that :meth:`Predictor.save` wrote. Nothing in it is executed.

    Raises:
        TypeError, FileNotFoundError, PermissionError, ValueError: the folder is not a saved predictor, is damaged or
            was edited, or its files are not of one save.

    >>> import tempfile
    >>> t = Transformer("ktlearn/mini-bert-en", maxlen=32)
    >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
    >>> predictor = get_predictor(t.get_classifier(), t)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     predictor.save(f"{folder}/sentiment")
    ...     again = load_predictor(f"{folder}/sentiment")
    >>> again.predict("Good.") == predictor.predict("Good.")
    True
    """
    check_name("fpath", fpath, '"my_predictor"')
    check_whole("batch_size", batch_size)
    folder = resolved(fpath, "fpath")
    finish_save(folder)
    saved = read_manifest(folder)
    settings = _read_settings(folder, saved)
    labels = settings["labels"]
    preproc = Transformer(folder, settings["maxlen"])
    preproc.take_labels(labels)
    named = [preproc.config.id2label[place] for place in range(preproc.config.num_labels)]
    if labels.class_names and named != labels.class_names:
        raise ValueError(
            f"{folder}: the classes in config.json are {named}, those in {SETTINGS} {labels.class_names}. "
            "The files are not of one save; save the predictor again."
        )
    outputs = len(labels.class_names) or 1
    model = models.from_pretrained(folder, task="classification", num_labels=outputs, verbose=0, whole=True)
    if labels.unit:
        model.head.set_unit(*labels.unit)  # the folder's weights answer in the reader's unit by themselves
    if read_manifest(folder) != saved:
        raise ValueError(f"{folder} was written anew while it was read. Load it again.")
    return Predictor(compile_for(model, labels.kind), preproc, batch_size)


class Predictor:
    """Answers for new texts. Made by :func:`get_predictor` or :func:`load_predictor`.

    Several threads may ask one predictor, as a server's do. TensorFlow traces the model at the first questions, which
    takes seconds: ask a predictor that serves two texts of different lengths before it begins.

    Args:
        model: a model of ktlearn with a classification head.
        preproc: the :class:`ktlearn.text.Transformer` that knows its labels.
        batch_size: texts at once.

    >>> t = Transformer("ktlearn/mini-bert-en", maxlen=32)
    >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
    >>> predictor = get_predictor(t.get_classifier(), t)
    >>> predictor.predict("A good film.") in ("negative", "positive")
    True
    >>> predictor.predict_proba(["A good film.", "A bad one."]).shape
    (2, 2)
    """

    def __init__(self, model, preproc, batch_size):
        self.model, self.preproc, self.batch_size = model, preproc, batch_size

    def predict(self, texts, return_proba=False, verbose=1):
        """The class of a text, or of each text of a list.

        Args:
            texts: one text, or a list of texts or of pairs of texts.
            return_proba: True for probabilities instead; see :meth:`predict_proba`.
            verbose: 0 for no bar; there is one from 500 texts on.

        Returns:
            For classes the label as it was given: a name, or an integer where the training labels were integers
            without ``class_names``; for multilabel a list of ``(name, probability)``; for a regression a number;
            for a list of texts a list of these.

        Raises:
            ValueError, TypeError: the list is empty, or an item is not a text.
        """
        check_flag("return_proba", return_proba)
        if return_proba:
            return self.predict_proba(texts, verbose=verbose)
        scores, alone = self._scores(texts, verbose)
        answers = [self._answer(row) for row in scores]
        return answers[0] if alone else answers

    def predict_proba(self, texts, with_names=False, verbose=1):
        """Probabilities in the order of :meth:`get_classes`: ``(classes,)`` for one text, else ``(N, classes)``.

        Args:
            texts, verbose: as in :meth:`predict`.
            with_names: True for ``{class name: probability}``, one dictionary for each text.

        Raises:
            ValueError, TypeError: as :meth:`predict`, or names are wanted of a regression.
        """
        check_flag("with_names", with_names)
        scores, alone = self._scores(texts, verbose)
        if with_names:
            names = self.preproc.labels.values
            if not names:
                raise ValueError("with_names is for classes; this predictor answers with a number.")
            scores = [dict(zip(names, row.tolist(), strict=True)) for row in scores]
        return scores[0] if alone else scores

    def predict_file(self, source, target, text_column, pair_column=None, rows=4096, verbose=1):
        """Answer each row of a file, of any length, and write the rows with the answers into another.

        A job that was stopped goes on where it was when it is started again: no row is lost, none is written twice.
        The target appears at the end, whole. Its columns are the source's, and behind them ``prediction`` and, of
        classes, its ``probability``; for multilabel a column for each class with its probability.

        Args:
            source: a CSV file with a first line of column names (``.csv``, or ``.tsv`` with tabs), or JSON lines
                (``.jsonl``), in UTF-8; as it is or compressed (``.gz``, ``.bz2``, ``.xz``, ``.zip``).
            target: the file to write; its ending says its form in the same way.
            text_column: the column with the texts.
            pair_column: the column with the second text of each pair.
            rows: how many rows are in the memory at once; after so many the job can go on.
            verbose: 0 for no bar; there is one for long files.

        Returns:
            The number of rows.

        Raises:
            FileNotFoundError, FileExistsError: there is no such source, or the target is there already.
            ValueError: another ending, no such column, a row that cannot be read (it is named), the job was begun with
                another file, model or column, or there are several processes.

        >>> import tempfile
        >>> from pathlib import Path
        >>> t = Transformer("ktlearn/mini-bert-en", maxlen=32)
        >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
        >>> predictor = get_predictor(t.get_classifier(), t)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source, target = Path(folder, "reviews.csv"), Path(folder, "answers.csv")
        ...     _ = source.write_text("id,text\\n7,A good film.\\n8,A bad one.\\n")
        ...     rows = predictor.predict_file(source, target, "text")
        ...     header = target.read_text().splitlines()[0]
        >>> rows, header
        (2, 'id,text,prediction,probability')
        """
        from ktlearn.predictor.file_job import predict_file

        return predict_file(self, source, target, text_column, pair_column, rows, verbose)

    def logits(self, data, verbose=0):
        """The model's raw outputs ``(N, outputs)`` for a data set from ``preproc.preprocess(texts)``, in its order."""
        return data.outputs(self.model, self.batch_size, verbose)

    def explain(self, text, method="occlusion", target=None):
        """Which words of a text speak for the answer, and which against it.

        Args:
            text: one text, or one pair of texts as a tuple.
            method: "occlusion" hides one word after the other; "integrated-gradients" shows all words step by
                step, and its scores add up to the whole. See :mod:`ktlearn.predictor.explain`.
            target: the class to explain; the likeliest one when left out.

        Returns:
            An :class:`ktlearn.predictor.explanation.Explanation`: a coloured text in a notebook, ``print`` gives it as
            plain text, ``.words`` and ``.scores`` are its numbers.

        Raises:
            ValueError, TypeError: not one text or pair, no word in it, an unknown method or class.

        Sources: Zeiler and Fergus 2014; Sundararajan, Taly and Yan 2017.
        """
        from ktlearn.predictor.explain import METHODS, explain

        [text] = checked_texts([text], "text")
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(map(repr, METHODS))}; got {method!r}.")
        if target is not None and str(target) not in self.get_classes():
            raise ValueError(f"target must be one of the classes {self.get_classes()}; got {target!r}.")
        return explain(self, text, method, None if target is None else str(target))

    def attention(self, text, pair=None, **state):
        """Look at the attention while the model reads a text: an :class:`ktlearn.widgets.AttentionView`.

        A text longer than ``maxlen`` is cut as :meth:`predict` cuts it; the view's notes say so.

        Args:
            text, pair: the text, and the second one of a pair.
            **state: what the view shows first, such as ``layer=2``.
        """
        from ktlearn.widgets import AttentionView

        return AttentionView.from_predictor(self, text, pair, **state)

    def export_model_to_onnx(self, fpath, quantize=False):
        """Write the model as an ONNX file, for programs that have no Keras. Needs ``pip install onnx``.

        The file knows ``class_names`` and ``maxlen``; the tokenizer is not part of it. Its inputs are int64::

            session = onnxruntime.InferenceSession(fpath)
            inputs = tokenizer(texts, padding=True, truncation=True, max_length=maxlen, return_tensors="np")
            logits = session.run(None, dict(inputs))[0]

        Args:
            fpath: of the file.
            quantize: True for matrices in eight bits, a quarter of the size; the answers then differ a little. Needs
                ``pip install onnxruntime`` too.

        Returns:
            The path of the file.

        Raises:
            ImportError: the package onnx is missing, or, to quantize, onnxruntime.
        """
        from ktlearn.predictor.onnx import write_onnx

        check_name("fpath", fpath, '"model.onnx"')
        check_flag("quantize", quantize)
        metadata = {"class_names": self.get_classes(), "maxlen": self.preproc.maxlen}
        return write_onnx(self.model, fpath, metadata, quantize)

    def get_classes(self):
        """The class names in the order of the probabilities."""
        return self.preproc.get_classes()

    def save(self, fpath):
        """Save into a folder, all or nothing: weights (safetensors), config, tokenizer, settings (JSON).

        PyTorch transformers opens the folder too, and finds the class names in its config. The folder may be there
        already: files of other names in it stay as they are. Of several processes the first one writes; all must call.
        """
        check_name("fpath", fpath, '"my_predictor"')
        labels = self.preproc.labels
        settings = {
            "format": FORMAT,
            "maxlen": self.preproc.maxlen,
            **labels.settings(),
        }
        problem = {CLASSES: "single_label_classification", MULTILABEL: "multi_label_classification"}
        if classes := self.get_classes():
            self.model.config.id2label = dict(enumerate(classes))
            self.model.config.label2id = {name: place for place, name in enumerate(classes)}
        self.model.config.problem_type = problem.get(labels.kind, "regression")
        write_once(lambda: self._write(fpath, settings))

    def _write(self, fpath, settings):
        with atomic_folder(fpath) as folder:
            checkpoint.write(self.model, folder)
            self.preproc.tokenizer.save_pretrained(folder)
            (folder / SETTINGS).write_text(json.dumps(settings, indent=2, ensure_ascii=False), encoding="utf-8")

    def _scores(self, texts, verbose):
        alone = isinstance(texts, str)
        data = self.preproc.preprocess([texts] if alone else texts)
        return probabilities(self.logits(data, verbose), self.preproc.labels.kind), alone

    def _answer(self, row):
        kind, names = self.preproc.labels.kind, self.preproc.labels.class_names
        if kind == REGRESSION:
            return float(row[0])
        if kind == MULTILABEL:
            return [(name, float(p)) for name, p in zip(names, row, strict=True)]
        return self.preproc.labels.values[int(row.argmax())]


def _read_settings(folder, saved):
    path = folder / SETTINGS
    if (folder / KTRAINS).exists() and not path.exists():
        raise ValueError(
            f"{folder} was written by ktrain. Its {KTRAINS} is a pickle, which can run any code, so ktlearn does not "
            "open it. Train the model again with ktlearn, on the same texts."
        )
    if not os.path.lexists(path):
        raise FileNotFoundError(f"{folder} holds no {SETTINGS}; give a folder written by predictor.save(…).")
    if SETTINGS in saved:
        check_file(path, saved[SETTINGS], folder)
    try:
        settings = checkpoint.read_json(path)
        names, maxlen = settings["class_names"], settings["maxlen"]
        whole = (
            settings["format"] == FORMAT
            and settings["kind"] in (CLASSES, MULTILABEL, REGRESSION)
            and type(maxlen) is int
            and maxlen >= 3
            and isinstance(names, list)
            and all(isinstance(name, (str, int)) for name in names)
            and len(names) != 1
            and bool(names) == (settings["kind"] != REGRESSION)
        )
        if whole:
            settings["labels"] = Labels.from_settings(settings)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error!r}). Save the predictor again.") from error
    if not whole:
        raise ValueError(f"{path} was not written by this version of ktlearn (format {FORMAT}). Save it again.")
    return settings
