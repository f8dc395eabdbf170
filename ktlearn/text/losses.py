"""The loss, the metric and the optimizer that fit a kind of labels."""

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.optimizers import adamw

WORDS = ("accuracy", "acc", "crossentropy", "ce")  # Keras chooses what they mean by the loss


def check_metrics(metrics):
    """Refuse what Keras would refuse only in the first step, or when the weights are loaded already.

    Raises:
        TypeError: ``metrics`` is no list.
        ValueError: Keras knows no metric of that name.

    >>> check_metrics(["nosuch"])
    Traceback (most recent call last):
    ValueError: metrics: Keras knows no metric 'nosuch'. Give names such as "accuracy", or objects of keras.metrics.
    """
    if metrics is None:
        return
    if not isinstance(metrics, (list, tuple)):
        raise TypeError(f'metrics must be a list, such as ["accuracy"]; got {metrics!r}.')
    for metric in metrics:
        if isinstance(metric, str) and metric not in WORDS:
            try:
                keras.metrics.get(metric)
            except ValueError:
                raise ValueError(
                    f'metrics: Keras knows no metric {metric!r}. Give names such as "accuracy", or objects of '
                    "keras.metrics."
                ) from None
        elif not isinstance(metric, str) and not callable(metric):
            raise TypeError(f'metrics: {metric!r} is no metric. Give names such as "accuracy", or keras.metrics.')


@keras.saving.register_keras_serializable("ktlearn")
class ScaledMeanSquaredError(keras.losses.MeanSquaredError):
    """The mean squared error in units of the labels' spread: the unit of the labels does not change a training.

    Args:
        spread: their standard deviation.

    >>> float(ScaledMeanSquaredError(10.0)([[30.0]], [[10.0]]))
    4.0
    """

    def __init__(self, spread=1.0, **kwargs):
        super().__init__(**kwargs)
        self.spread = spread

    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) / self.spread**2

    def get_config(self):
        return super().get_config() | {"spread": self.spread}


def compile_for(model, kind, metrics=None):
    """Compile a model whose outputs are logits (or numbers, for a regression), and return it."""
    loss = {
        CLASSES: lambda: keras.losses.CategoricalCrossentropy(from_logits=True),
        MULTILABEL: lambda: keras.losses.BinaryCrossentropy(from_logits=True),
        REGRESSION: lambda: ScaledMeanSquaredError(model.head.unit[1]),
    }[kind]()
    if metrics is None:
        # As objects: Keras would make a metric that is only named inside the first step, and trace that step twice.
        metrics = {
            CLASSES: lambda: [keras.metrics.CategoricalAccuracy(name="accuracy")],
            MULTILABEL: lambda: [keras.metrics.BinaryAccuracy(name="binary_accuracy")],
            REGRESSION: lambda: [keras.metrics.MeanAbsoluteError(name="mae")],
        }[kind]()
    model.compile(optimizer=adamw(), loss=loss, metrics=metrics)
    return model
