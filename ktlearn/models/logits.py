"""A model that answers with logits: its loss takes them as they are, its metrics see probabilities."""

import inspect

from ktlearn.backend import keras, ops
from ktlearn.kinds import activated, kind_of_loss
from ktlearn.optimizers import AdamW
from ktlearn.support.distributed import build_optimizer
from ktlearn.support.one_tensor import OneTensorModel

BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")  # names whose metric Keras chooses by the labels' shape


class LogitsModel(OneTensorModel):
    """A Keras model whose classes are logits ``(B, C)`` until somebody wants to see them.

    Keras' metrics (AUC, precision, recall, …) are made for probabilities, so they get these: the softmax of
    classes, the sigmoid of multilabel outputs, by the loss that the model is compiled with.
    """

    def compile(self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None, weighted_metrics=None, **kwargs):
        """As ``keras.Model.compile``. A metric with ``from_logits=True`` is compiled as one of probabilities.

        Raises:
            ValueError: a cross-entropy that wants probabilities: it would train on the wrong numbers, in silence;
                or metrics that are none.
        """
        for each in keras.tree.flatten(loss):
            if _wants_probabilities(each):
                name = each if isinstance(each, str) else getattr(each, "name", getattr(each, "__name__", each))
                raise ValueError(
                    f"loss: this model answers with logits, but {name!r} wants probabilities. Give a loss object with "
                    "from_logits=True, such as keras.losses.CategoricalCrossentropy(from_logits=True)."
                )
        metrics, weighted_metrics = _of_probabilities(metrics), _of_probabilities(weighted_metrics)
        super().compile(optimizer, loss, loss_weights, metrics, weighted_metrics, **kwargs)

    def compile_from_config(self, config):
        """Compile a loaded or copied model as the one was from which it is."""
        known = {"ktlearn>AdamW": AdamW}
        self.compile(**keras.saving.deserialize_keras_object(config, custom_objects=known))
        build_optimizer(self)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """The metrics of a batch, of probabilities where the model tells classes apart."""
        if self.task == "classification" and getattr(self.loss, "from_logits", False):
            # A copy: Keras hangs the logits on a softmax's output, and a binary cross-entropy would take those.
            y_pred = ops.copy(activated(y_pred, kind_of_loss(self)))
        return super().compute_metrics(x, y, y_pred, sample_weight)


def _wants_probabilities(loss):
    loss = keras.losses.get(loss)
    if isinstance(loss, keras.losses.Loss):
        return getattr(loss, "from_logits", None) is False
    if loss is None:
        return False
    parameter = inspect.signature(loss).parameters.get("from_logits")  # of Keras' own functions
    return parameter is not None and parameter.default is False


def _of_probabilities(metrics):
    if metrics is not None and not isinstance(metrics, (list, tuple, dict)):
        raise ValueError(f"metrics must be a list of Keras metrics, such as [keras.metrics.AUC()]; got {metrics!r}.")
    return keras.tree.map_structure(_of_probability, metrics)


def _of_probability(metric):
    known = metric is None or isinstance(metric, str) or callable(metric)
    try:
        known = known and (metric in BY_SHAPE or keras.metrics.get(metric) is not None or metric is None)
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f"metrics: there is no metric {metric!r}. Give names or objects of keras.metrics, or functions."
        )
    if not getattr(metric, "from_logits", False):
        return metric
    return type(metric).from_config(metric.get_config() | {"from_logits": False})
