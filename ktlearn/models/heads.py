"""Heads: what turns the encoder's vectors into an answer. B batch, L length, D width, V vocabulary."""

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
    """The summary ``(B, D)`` to one score a class ``(B, labels)``."""

    def __init__(self, settings, num_labels, **kwargs):
        super().__init__(**kwargs)
        self.dropout = keras.layers.Dropout(settings.head_dropout)
        self.classifier = keras.layers.Dense(num_labels, name="classifier")

    def build(self, shape):
        self.classifier.build((None, shape[-1]))
        self.built = True

    def call(self, pooled, training=None):
        return self.classifier(self.dropout(pooled, training=training))


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
