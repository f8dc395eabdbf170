"""The result of a validation: a confusion matrix that also knows its report."""

import numpy as np

from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.support.atomic import atomic_file


class Report(np.ndarray):
    """A confusion matrix ``(classes, classes)``, rows true and columns predicted, with more to say.

    For multilabel data it is ``(classes, 2, 2)``, for a regression an empty array.

    Attributes:
        text: scikit-learn's classification report, or the errors of a regression.
        figures: the same as a dictionary; ``figures["accuracy"]``, ``figures["mae"]``, …
        class_names: the classes, in the order of rows and columns.
    """

    text, figures, class_names = "", {}, []  # of an array that was made from a report: its transpose, say

    def __str__(self):
        return self.text if self.text else super().__str__()

    def save(self, path):
        """Write the figures as a CSV file: one row for each class and each mean, or for each single figure.

        The name of a class that a spreadsheet would take for a formula gets an apostrophe in front, as one is typed
        into a cell.
        """
        import pandas as pd

        rows = {
            _as_cell(name): value if isinstance(value, dict) else {"score": value}
            for name, value in self.figures.items()
        }
        with atomic_file(path) as draft:
            pd.DataFrame.from_dict(rows, orient="index").to_csv(draft)


def _as_cell(name):
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def make_report(kind, scores, true, class_names):
    """Compare predictions with the truth.

    Args:
        kind: one of the kinds of ``ktlearn.kinds``.
        scores: probabilities ``(N, classes)``, or numbers ``(N, outputs)`` for a regression.
        true: labels of the same shape; of plain arrays also class numbers or numbers ``(N,)``.
        class_names: a name for each class; empty for their numbers.

    Returns:
        A :class:`Report`.
    """
    from sklearn import metrics

    true = true.reshape(len(true), -1)
    if kind == CLASSES and true.shape[1] == 1:
        true = np.eye(scores.shape[1])[true[:, 0].astype(int)]
    class_names = list(class_names) or [str(number) for number in range(scores.shape[1])]

    if kind == CLASSES:
        true, predicted = true.argmax(1), scores.argmax(1)
        numbers = range(scores.shape[1])
        matrix = metrics.confusion_matrix(true, predicted, labels=numbers)
        text, figures = _classification(metrics, true, predicted, numbers, class_names)
        figures["accuracy"] = float((true == predicted).mean())
    elif kind == MULTILABEL:
        predicted = (scores > 0.5).astype(int)
        matrix = metrics.multilabel_confusion_matrix(true, predicted)
        text, figures = _classification(metrics, true, predicted, None, class_names)
        figures["binary_accuracy"] = float((true == predicted).mean())
    else:
        matrix = np.zeros((0, 0), int)
        error = scores - true
        figures = {
            "mae": float(np.abs(error).mean()),
            "rmse": float(np.sqrt(np.square(error).mean())),
            "r2": float(metrics.r2_score(true, scores)) if len(true) > 1 else float("nan"),
        }
        text = "\n".join(f"{name:>4} {value:.4f}" for name, value in figures.items())
    report = np.asarray(matrix).view(Report)
    report.text, report.figures = text, figures
    report.class_names = [] if kind == REGRESSION else class_names
    return report


def _classification(metrics, true, predicted, numbers, class_names):
    def report(as_dict):
        return metrics.classification_report(
            true, predicted, labels=numbers, target_names=class_names, zero_division=0, output_dict=as_dict
        )

    return report(False), report(True)
