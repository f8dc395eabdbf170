"""Do data and model fit together? What does not would fail late, or train and be wrong."""

import numpy as np

from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION, kind_of_loss, loss_name
from ktlearn.models import PretrainedModel
from ktlearn.models.pretrained import check_ids
from ktlearn.text.dataset import ArrayDataset, TextDataset


def check_fit(data, model):
    """Compare what is known of data and model.

    Args:
        data: a data set, or None.
        model: a compiled Keras model.

    Raises:
        ValueError: the labels are others than the model's outputs, or token ids others than its vocabulary.
    """
    if isinstance(data, TextDataset) and data.has_labels:
        _check_texts(data, model)
    if isinstance(data, ArrayDataset):
        if isinstance(model, PretrainedModel):
            _check_tokens(data.x, model.settings)
        outputs = output_count(model)
        if data.has_labels and outputs:
            _check_labels(data.y, outputs, model)


def output_count(model):
    """How many outputs ``(N, outputs)`` a model has for an example; None when that is not known."""
    if isinstance(model, PretrainedModel):
        return model.num_labels
    try:
        shape = model.output_shape
    except (AttributeError, ValueError):  # of a subclass, and before its first call, Keras does not know it
        return None
    return shape[1] if isinstance(shape, tuple) and len(shape) == 2 and isinstance(shape[1], int) else None


def _check_texts(data, model):
    outputs = getattr(model, "num_labels", None)
    if outputs and data.y.shape[1] != outputs:
        raise ValueError(
            f"The labels have {data.y.shape[1]} columns, but the model has {outputs} outputs. "
            "Build the model with the same Transformer that made the data."
        )
    if (data.labels.kind, kind_of_loss(model)) == (MULTILABEL, CLASSES):  # the other way round a row has one class
        raise ValueError(
            f"The labels are {data.labels.kind}, but the model is compiled for {kind_of_loss(model)}. "
            "Build it after preprocess_train; for multilabel with texts of one class, get_classifier(multilabel=True)."
        )


def _check_tokens(x, settings):
    x = x if isinstance(x, dict) else {"input_ids": x}
    ids = x.get("input_ids")
    if ids is None or ids.ndim != 2 or ids.dtype.kind not in "iu":
        raise ValueError("x must hold 'input_ids', whole numbers (N, L): the ids that the model's tokenizer gives.")
    check_ids("x", ids, settings)
    if settings.max_positions and ids.shape[1] > settings.max_positions:
        raise ValueError(f"x: texts of {ids.shape[1]} tokens; the model takes at most {settings.max_positions}.")


def _check_labels(y, outputs, model):
    """Labels as plain arrays against Keras' own losses, which broadcast where they should refuse."""
    name = loss_name(model)
    is_keras = isinstance(model.loss, str) or type(model.loss).__module__.startswith("keras.")
    if not is_keras or y.ndim > 2:
        return
    kind, flat = kind_of_loss(model), y.reshape(len(y), -1)
    if kind == CLASSES and "sparse" in name.lower():
        wrong = flat[(flat < 0) | (flat >= outputs) | (flat != np.floor(flat))]
        if flat.shape[1] != 1:
            raise ValueError(f"y must be the number of each example's class, (N,), for the loss {name}; got {y.shape}.")
        if len(wrong):
            raise ValueError(f"y: there is no class {wrong[0]}; the model's classes are 0 to {outputs - 1}.")
    elif flat.shape[1] != outputs:
        hint = " Class numbers need a loss with sparse_ in its name." if kind == CLASSES and flat.shape[1] == 1 else ""
        raise ValueError(f"y must have {outputs} columns, one for each output of the model; got {y.shape}.{hint}")
    elif kind != REGRESSION and ((flat < 0) | (flat > 1)).any():
        raise ValueError(f"y must be between 0 and 1 for the loss {name}; got {flat[(flat < 0) | (flat > 1)][0]}.")
