"""The learner's look at the model: predictions, reports, its worst errors, and the course of its training."""

import numpy as np

from ktlearn.kinds import CLASSES, MULTILABEL, probabilities
from ktlearn.learner import pictures
from ktlearn.learner.base import LearnerBase
from ktlearn.learner.check_fit import output_count
from ktlearn.learner.learning_data import kind_of
from ktlearn.learner.report import make_report
from ktlearn.learner.top_losses import losses_of_each, rank
from ktlearn.support.arguments import as_names, check_path, is_whole
from ktlearn.support.characters import say
from ktlearn.support.distributed import is_first, write_once


class Examining(LearnerBase):
    """The part of the :class:`ktlearn.learner.Learner` that examines the model."""

    def predict(self, val_data=None):
        """Probabilities ``(N, classes)`` in the data's order; numbers ``(N, 1)`` for a regression.

        Args:
            val_data: other data than the learner's.

        Raises:
            ValueError: there are no data.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax", kernel_initializer="zeros")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> get_learner(model).predict((np.eye(2), np.arange(2)))
        array([[0.5, 0.5],
               [0.5, 0.5]], dtype=float32)
        """
        data = self._data(val_data)
        outputs, _ = data.outputs_and_labels(self.model, self.eval_batch_size)
        return self._scores(outputs, data)

    def ground_truth(self, val_data=None):
        """The encoded labels ``(N, outputs)`` of the data.

        Raises:
            ValueError: there are no data, or they have no labels.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.ground_truth().tolist()
        [0, 1]
        """
        return self._data(val_data, labels=True).y

    def validate(self, val_data=None, print_report=True, save_path=None, class_names=()):
        """Predict, compare with the labels, print a report.

        Args:
            val_data: other data than the learner's.
            print_report: False to print nothing.
            save_path: a CSV file to write the report's figures to.
            class_names: the names in the report; the data's own when left out.

        Returns:
            A :class:`ktlearn.learner.report.Report`: the confusion matrix (rows true, columns predicted), with
            the report as ``.text`` and its figures as ``.figures``.

        Raises:
            ValueError, TypeError: there are no labels, not as many names as classes, or no place for the file.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="identity")])
        >>> model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> report = get_learner(model).validate((np.eye(2), np.arange(2)), print_report=False)
        >>> report.tolist(), report.figures["accuracy"]
        ([[1, 0], [0, 1]], 1.0)
        """
        if save_path is not None:
            save_path = check_path("save_path", save_path, "file")
            if not save_path.parent.is_dir() or save_path.is_dir():
                raise ValueError(f"save_path must name a file in a folder that is there; got {str(save_path)!r}.")
        data = self._data(val_data, labels=True)
        names = self._class_names(data, class_names)
        outputs, true = data.outputs_and_labels(self.model, self.eval_batch_size)
        report = make_report(*self._kind_and_scores(outputs, data), true, names)
        if save_path is not None:
            write_once(lambda: report.save(save_path))
        if print_report and is_first():
            say(report.text)
        return report

    evaluate = validate

    def top_losses(self, n=4, val_data=None, preproc=None):
        """The examples with the highest loss, the worst first. Of classes only the wrongly predicted count.

        Args:
            n: how many; or ``(first, last)``, counted from 0, the last one not included.
            val_data: other data than the learner's.
            preproc: the ``text.Transformer``, for the class names of data that do not know them.

        Returns:
            A list of :class:`ktlearn.learner.top_losses.TopLoss`: ``(id, loss, true, pred, text)``.

        Raises:
            ValueError, TypeError: there are no labels, an argument is unusable, or the model has no loss for each
                example.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.model.set_weights([np.zeros(weights.shape) for weights in learner.model.get_weights()])
        >>> learner.top_losses(n=1)
        [TopLoss(id=1, loss=0.693, true=1, pred=0, text=None)]
        """
        ends = [n] if is_whole(n) else list(n) if isinstance(n, (tuple, list)) else []
        if len(ends) not in (1, 2) or not all(is_whole(end) and end >= 0 for end in ends):
            raise ValueError(f"n must be a number of examples, or (first, last); got {n!r}.")
        if ends[0] > ends[-1]:
            raise ValueError(f"n: the first example must come before the last; got {n!r}.")
        if preproc is not None and not hasattr(preproc, "get_classes"):
            raise TypeError(f"preproc must be the text.Transformer of the data; got {preproc!r}.")
        data = self._data(val_data, labels=True)
        names = self._class_names(data, () if preproc is None else preproc.get_classes())
        outputs, true = data.outputs_and_labels(self.model, self.eval_batch_size)
        losses = losses_of_each(self.model, outputs, true)
        return rank(*self._kind_and_scores(outputs, data), true, losses, names, data.texts, n)

    def view_top_losses(self, n=4, preproc=None, val_data=None):
        """Print :meth:`top_losses`, each with its text, and return them.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.model.set_weights([np.zeros(weights.shape) for weights in learner.model.get_weights()])
        >>> rows = learner.view_top_losses(n=1)
        ----------
        id:1 | loss:0.69 | true:1 | pred:0
        <BLANKLINE>
        """
        rows = self.top_losses(n, val_data, preproc)
        for row in rows:
            say(f"----------\n{row}\n")
        if not rows:
            say("No example is predicted wrongly.")
        return rows

    def plot(self, plot_type="loss", return_fig=False):
        """Draw what happened in the last training.

        Args:
            plot_type: "loss", "lr", "momentum", the name of a metric, or "all" for one picture of them all.
            return_fig: True to get the figure back.

        Raises:
            ValueError: nothing was trained yet, or there is no such figure.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> history = learner.fit_onecycle(1e-2, 2, verbose=0)
        >>> learner.plot("lr", return_fig=True).axes[0].get_ylabel()
        'learning rate'
        """
        if self.history is None:
            raise ValueError("There is no training to draw yet: call fit, fit_onecycle or autofit first.")
        figure = pictures.history_curves(self.history.history, plot_type)
        return figure if return_fig else None

    def _scores(self, outputs, data):
        # A Keras model of the reader's own may end with its softmax or sigmoid already.
        are_logits = getattr(self.model, "outputs_are_logits", False) or getattr(self.model.loss, "from_logits", False)
        return probabilities(outputs, kind_of(data, self.model)) if are_logits else outputs

    def _kind_and_scores(self, outputs, data):
        """What is predicted, and the scores with a column for each class."""
        kind, scores = kind_of(data, self.model), self._scores(outputs, data)
        if kind == MULTILABEL and scores.shape[1] == 1:  # one probability: that of class 1 of two
            return CLASSES, np.hstack([1 - scores, scores])
        return kind, scores

    def _class_names(self, data, given):
        """The names given, or the data's own; they must be as many."""
        own = data.labels.class_names if data.labels else []
        names = [] if given is None else as_names("class_names", given)
        outputs = len(own) or output_count(self.model)
        if names and outputs and len(names) != max(outputs, 2):  # one output tells two classes apart
            classes = f"has the classes {own}" if own else f"is for a model with {outputs} outputs"
            raise ValueError(f"class_names: the data {classes}; got {names}.")
        return names or own
