"""The learner's look at the model: predictions, reports, its worst errors, and the course of its training."""

import numpy as np

from ktlearn.kinds import probabilities
from ktlearn.learner import pictures
from ktlearn.learner.learning_data import as_data, has_labels, kind_of, outputs_and_labels
from ktlearn.learner.report import make_report
from ktlearn.learner.top_losses import losses_of_each, rank


class Examining:
    """The part of the :class:`ktlearn.learner.Learner` that examines the model."""

    def predict(self, val_data=None):
        """Probabilities ``(N, classes)`` in the data's order; numbers ``(N, 1)`` for a regression."""
        data = self._data(val_data)
        outputs, _ = outputs_and_labels(self.model, data, self.eval_batch_size)
        return self._scores(outputs, data)

    def ground_truth(self, val_data=None):
        """The encoded labels ``(N, outputs)`` of the data."""
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
        """
        data = self._data(val_data, labels=True)
        names = self._class_names(data, class_names)
        outputs, true = outputs_and_labels(self.model, data, self.eval_batch_size)
        report = make_report(kind_of(data, self.model), true, self._scores(outputs, data), names)
        if save_path is not None:
            report.save(save_path)
        if print_report:
            print(report.text)
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
            ValueError: there are no labels, ``n`` is unusable, or the model has no loss for each example.
        """
        whole = [number for number in np.atleast_1d(n).tolist() if isinstance(number, int) and number >= 0]
        if isinstance(n, bool) or len(whole) != np.size(n) or np.size(n) not in (1, 2):
            raise ValueError(f"n must be a number of examples, or (first, last); got {n!r}.")
        data = self._data(val_data, labels=True)
        names = self._class_names(data, () if preproc is None else preproc.get_classes())
        outputs, true = outputs_and_labels(self.model, data, self.eval_batch_size)
        losses = losses_of_each(self.model, outputs, true)
        return rank(kind_of(data, self.model), losses, true, self._scores(outputs, data), names, data.texts, n)

    def view_top_losses(self, n=4, preproc=None, val_data=None):
        """Print :meth:`top_losses`, each with its text, and return them."""
        rows = self.top_losses(n, val_data, preproc)
        for row in rows:
            print(f"----------\n{row}\n")
        if not rows:
            print("No example is predicted wrongly.")
        return rows

    def plot(self, plot_type="loss", return_fig=False):
        """Draw what happened in the last training.

        Args:
            plot_type: "loss", "lr", "momentum", the name of a metric, or "all" for one picture of them all.
            return_fig: True to get the figure back.

        Raises:
            ValueError: nothing was trained yet, or there is no such figure.
        """
        if self.history is None:
            raise ValueError("There is no training to draw yet: call fit, fit_onecycle or autofit first.")
        figure = pictures.history_curves(self.history.history, plot_type)
        return figure if return_fig else None

    def _scores(self, outputs, data):
        # A Keras model of the reader's own may end with its softmax or sigmoid already.
        are_logits = getattr(self.model, "outputs_are_logits", False) or getattr(self.model.loss, "from_logits", False)
        return probabilities(outputs, kind_of(data, self.model)) if are_logits else outputs

    def _class_names(self, data, given):
        """The names given, or the data's own; they must be as many."""
        own = data.labels.class_names if data.labels else []
        names = [] if given is None else list(given)
        if own and names and len(names) != len(own):
            raise ValueError(f"class_names: the data has the classes {own}; got {names}.")
        return names or own

    def _data(self, data, labels=False, name="val_data"):
        data = self.val_data if data is None else as_data(data, self.model)
        if data is None:
            raise ValueError(f"There is no {name}: give it here, or to get_learner({name}=…).")
        if labels and not has_labels(data):
            raise ValueError(f"{name} has no labels; give them to preprocess_test(texts, y).")
        return data
