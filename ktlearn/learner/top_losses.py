"""The examples on which a model is most wrong: the first thing to read when it should become better."""

from typing import Any, NamedTuple

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.kinds import CLASSES, MULTILABEL


class TopLoss(NamedTuple):
    """One example: its number in the data, its loss, what is true and what was predicted, its text if known.

    For classes ``true`` and ``pred`` are names, for multilabel lists of names, for a regression numbers.
    """

    id: int
    loss: float
    true: Any
    pred: Any
    text: Any = None

    def __str__(self):
        head = f"id:{self.id} | loss:{self.loss:.2f} | true:{_shown(self.true)} | pred:{_shown(self.pred)}"
        if self.text is None:
            return head
        parts = [self.text] if isinstance(self.text, str) else self.text  # a pair of texts
        return "\n".join([head, *parts])


def losses_of_each(model, outputs, true):
    """The loss of each example ``(N,)``, by the loss function that the model was compiled with.

    Raises:
        ValueError: the model has several losses, or one that Keras does not know by itself.
    """
    loss = model.loss
    if isinstance(loss, (list, tuple, dict)):
        raise ValueError("top_losses: the model was compiled with several losses; one is needed.")
    loss = keras.losses.get(loss)
    compute = loss.call if isinstance(loss, keras.losses.Loss) else loss  # without the mean over the batch
    if outputs.ndim == 2 and true.ndim == 1 and outputs.shape[1] == 1:
        true = true[:, None]
    if true.dtype.kind == "f":
        true = true.astype(outputs.dtype)  # as Keras does in training
    each = np.array(compute(ops.convert_to_tensor(true), ops.convert_to_tensor(outputs)))
    if each.ndim == 0 or len(each) != len(outputs):
        raise ValueError(f"top_losses: the loss gives {each.shape}, not a number for each of {len(outputs)} examples.")
    return each.reshape(len(each), -1).mean(1)


def rank(kind, scores, true, losses, class_names, texts, n):
    """Sort the examples by their loss, the worst first. Of classes only the wrongly predicted count.

    Args:
        kind: one of the kinds of ``ktlearn.kinds``.
        scores: probabilities ``(N, classes)``, or numbers ``(N, outputs)`` for a regression.
        true: labels of the same shape; of plain arrays also class numbers or numbers ``(N,)``.
        losses: ``(N,)``.
        class_names: a name for each class; empty for their numbers.
        texts: N texts, or None.
        n: how many, or ``(first, last)``, the last one not included.

    Returns:
        A list of :class:`TopLoss`.
    """
    true = true.reshape(len(true), -1)
    names = np.array(list(class_names) or range(scores.shape[1]), dtype=object)
    if kind == CLASSES:
        is_number = true.shape[1] == 1
        true_ids = true[:, 0].astype(int) if is_number else true.argmax(1)
        wrong = true_ids != scores.argmax(1)
        true, pred = names[true_ids].tolist(), names[scores.argmax(1)].tolist()
    elif kind == MULTILABEL:
        wrong = ((scores > 0.5) != (true > 0.5)).any(1)
        true, pred = ([names[row].tolist() for row in rows > 0.5] for rows in (true, scores))
    else:
        wrong = np.ones(len(true), bool)
        true, pred = (rows[:, 0].tolist() if rows.shape[1] == 1 else rows.tolist() for rows in (true, scores))
    first, last = (0, n) if np.ndim(n) == 0 else n
    order = [i for i in np.argsort(-losses, kind="stable").tolist() if wrong[i]][first:last]
    return [TopLoss(i, float(losses[i]), true[i], pred[i], None if texts is None else texts[i]) for i in order]


def _shown(label):
    if isinstance(label, float):
        return f"{label:.3g}"
    return ", ".join(map(str, label)) or "none" if isinstance(label, list) else str(label)
