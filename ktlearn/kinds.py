"""What a model predicts: one class of several, several at once, or a number.

Letters in the shapes: N texts, C classes.
"""

import numpy as np

from ktlearn.backend import ops

CLASSES, MULTILABEL, REGRESSION = "classes", "multilabel", "regression"


def kind_of_loss(model):
    """What a compiled model predicts, read from its loss: CLASSES, MULTILABEL or REGRESSION.

    >>> from ktlearn.backend import keras
    >>> model = keras.Sequential([keras.layers.Dense(3)])
    >>> model.compile(loss="sparse_categorical_crossentropy")
    >>> kind_of_loss(model)
    'classes'
    """
    name = loss_name(model).lower().replace("_", "")
    if "categorical" in name:
        return CLASSES
    return MULTILABEL if "binary" in name else REGRESSION


def loss_name(model):
    """The name of a compiled model's loss."""
    return model.loss if isinstance(model.loss, str) else getattr(model.loss, "__name__", type(model.loss).__name__)


def probabilities(outputs, kind):
    """Turn logits ``(N, C)`` into probabilities, an array ``(N, C)``; leave a regression's numbers as they are.

    The classes of a text share 1 (softmax); of several labels each has its own probability (sigmoid).

    >>> logits = np.array([[0.0, 2.0]])
    >>> probabilities(logits, CLASSES).tolist(), probabilities(logits, MULTILABEL).tolist()
    ([[0.12, 0.88]], [[0.5, 0.88]])
    """
    return outputs if kind == REGRESSION else np.array(activated(ops.convert_to_tensor(outputs), kind))


def activated(logits, kind):
    """:func:`probabilities` of a tensor, as a tensor."""
    if kind == CLASSES:
        return ops.softmax(logits, axis=-1)
    return ops.sigmoid(logits) if kind == MULTILABEL else logits
