"""What a model predicts: one class of several, several at once, or a number.

Letters in the shapes: N texts, C classes.
"""

import numpy as np

from ktlearn.backend import ops

CLASSES, MULTILABEL, REGRESSION = "classes", "multilabel", "regression"


def kind_of_loss(model):
    """What a compiled model predicts, read from its loss."""
    name = model.loss if isinstance(model.loss, str) else getattr(model.loss, "__name__", type(model.loss).__name__)
    name = name.lower().replace("_", "")
    if "categorical" in name:
        return CLASSES
    return MULTILABEL if "binary" in name else REGRESSION


def probabilities(outputs, kind):
    """Turn logits ``(N, C)`` into probabilities; leave a regression's numbers as they are."""
    if kind == CLASSES:
        return np.array(ops.softmax(ops.convert_to_tensor(outputs), axis=-1))
    if kind == MULTILABEL:
        return np.array(ops.sigmoid(ops.convert_to_tensor(outputs)))
    return outputs
