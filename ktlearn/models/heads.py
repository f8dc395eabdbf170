"""Heads: what turns the encoder's vectors into an answer. B batch, L length, D width, V vocabulary."""

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.layers import LayerNorm, activation_named


class Pooler(keras.layers.Layer):
    """One summary of the text from its first token: ``(B, L, D)`` to ``(B, D)``.

    BERT calls it the pooler (tanh), DistilBERT the pre-classifier (ReLU).
    """

    def __init__(self, settings, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation_named(settings.pooler_activation)
        self.dropout = keras.layers.Dropout(settings.pooler_dropout)
        self.dense = keras.layers.Dense(settings.d_model, name="dense")

    def build(self, shape):
        self.dense.build((None, shape[-1]))
        self.built = True

    def call(self, x, training=None):
        return self.activation(self.dense(self.dropout(x[:, 0], training=training)))


class ClassificationHead(keras.layers.Layer):
    """The summary ``(B, D)`` to one score a class ``(B, labels)``, or to a number ``(B, 1)``.

    Attributes:
        unit: mean and spread of the numbers of a regression. The last layer learns numbers of mean 0 and spread 1,
            and the head answers in the unit of the labels: prices of 3 to 96 are learned as well as shares.
    """

    unit = (0.0, 1.0)

    def __init__(self, settings, num_labels, **kwargs):
        super().__init__(**kwargs)
        self.dropout = keras.layers.Dropout(settings.head_dropout)
        self.classifier = keras.layers.Dense(num_labels, name="classifier")

    def build(self, shape):
        self.classifier.build((None, shape[-1]))
        self.built = True

    def call(self, pooled, training=None):
        scores = self.classifier(self.dropout(pooled, training=training))
        mean, spread = self.unit
        return scores if self.unit == (0.0, 1.0) else ops.cast(scores, "float32") * spread + mean

    def set_unit(self, mean, spread):
        """Learn in another unit from now on, with the same answers."""
        variables = {name: getattr(self.classifier, name) for name in ("kernel", "bias")}
        plain = {name: self.in_readers_unit(name, ops.convert_to_numpy(v)) for name, v in variables.items()}
        self.unit = float(mean), float(spread)
        for name, variable in variables.items():
            variable.assign(self.in_own_unit(name, plain[name]))

    def in_readers_unit(self, name, array):
        """The last layer's kernel or bias as it would be if it answered in the unit of the labels by itself."""
        mean, spread = self.unit
        return array * np.float32(spread) + np.float32(mean if name == "bias" else 0)

    def in_own_unit(self, name, array):
        """The other way round."""
        mean, spread = self.unit
        return (array - np.float32(mean if name == "bias" else 0)) / np.float32(spread)


class MaskedLMHead(keras.layers.Layer):
    """Each vector ``(B, L, D)`` to one score for every word of the vocabulary ``(B, L, V)``.

    The last matrix is the token embedding itself, turned round ("tied").
    """

    def __init__(self, settings, num_labels=None, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation_named(settings.lm_activation or settings.activation)
        self.dense = keras.layers.Dense(settings.d_model, name="dense")
        self.norm = LayerNorm(settings.eps, name="norm")
        self.vocab_size = settings.vocab_size

    def build(self, shape):
        self.dense.build(shape)
        self.norm.build(shape)
        self.bias = self.add_weight(shape=(self.vocab_size,), initializer="zeros", name="bias")
        self.built = True

    def call(self, x, token_embeddings):
        x = self.norm(self.activation(self.dense(x)))
        return ops.matmul(x, ops.transpose(token_embeddings)) + self.bias


class VocabularyBias(keras.layers.Layer):
    """Add one learned number to the score of each word: ``(B, T, V)`` to ``(B, T, V)``."""

    def build(self, shape):
        self.bias = self.add_weight(shape=(1, shape[-1]), initializer="zeros", name="bias")  # as it is published
        self.built = True

    def call(self, scores):
        return scores + self.bias


class QuestionAnsweringHead(keras.layers.Layer):
    """Each vector to two scores ``(B, L, 2)``: the answer starts here, the answer ends here."""

    def __init__(self, settings, num_labels=None, **kwargs):
        super().__init__(**kwargs)
        self.span = keras.layers.Dense(2, name="span")

    def build(self, shape):
        self.span.build(shape)
        self.built = True

    def call(self, x, training=None):
        return self.span(x)


HEADS = {
    "classification": ClassificationHead,
    "masked-lm": MaskedLMHead,
    "question-answering": QuestionAnsweringHead,
}
