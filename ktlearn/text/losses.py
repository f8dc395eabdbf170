"""The loss, the metric and the optimizer that fit a kind of labels."""

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.optimizers import adamw


def compile_for(model, kind, metrics=None):
    """Compile a model whose outputs are logits (or numbers, for a regression), and return it."""
    loss = {
        CLASSES: lambda: keras.losses.CategoricalCrossentropy(from_logits=True),
        MULTILABEL: lambda: keras.losses.BinaryCrossentropy(from_logits=True),
        REGRESSION: lambda: keras.losses.MeanSquaredError(),
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
