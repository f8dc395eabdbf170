"""What a larger published encoder says of the texts: the targets of `pretrain.py`.

B batch, L length, V vocabulary, D the student's width, W the teacher's.
Sources: Hinton, Vinyals and Dean 2015; for the mean of all layers as the target of each token Baevski et al.
2022 ("data2vec"); for vectors of texts Reimers and Gurevych 2020.
"""

import numpy as np

from ktlearn.attention import padding_mask
from ktlearn.backend import keras, ops
from recipes.mini_bert_en.corpus import PAD


class Teacher(keras.Model):
    """Ids ``(B, L)`` to a vector of each token ``(B, L, W)`` and of the text ``(B, W)``.

    A token's vector is the mean of its hidden states behind all layers, each normalised first. The text's
    is the mean of the last hidden states, padding left out, as the published teacher is used.
    """

    def __init__(self, bert):
        super().__init__(name="teacher")
        self.bert = bert

    def call(self, ids):
        x = self.bert.embeddings(ids)
        mask = padding_mask(ids != PAD)
        tokens = 0.0
        for layer in self.bert.encoder.layers:
            x = layer(x, mask=mask)
            tokens = tokens + normalised(x)
        inside = ops.cast(ids != PAD, x.dtype)[:, :, None]
        text = ops.sum(x * inside, 1) / ops.sum(inside, 1)
        # half the memory, and far more exact than the student will ever be
        return ops.cast(normalised(tokens), "float16"), normalised(text)


def normalised(x):
    """Vectors with mean 0 and standard deviation 1."""
    x = x - ops.mean(x, -1, keepdims=True)
    return x / (ops.std(x, -1, keepdims=True) + 1e-6)


def teacher_vectors(bert, teacher_ids, rows, tokens=8192):
    """The teacher's vectors of rows of the student's ids ``(N, L)``: of tokens ``(N, L, W)``, of texts ``(N, W)``."""
    teacher = Teacher(bert)
    teacher.compile()
    return teacher.predict(teacher_ids[rows].astype("int32"), batch_size=max(1, tokens // rows.shape[1]), verbose=0)


def narrower(table, counts, width):
    """A basis ``(W, D)`` of the directions in which the vectors ``(V, W)`` differ most, frequent ones weighing more.

    A principal component analysis: vectors times the basis keep as much of their lengths as D numbers can.
    """
    weighted = table * np.sqrt(counts + 1)[:, None]
    _, directions = np.linalg.eigh(weighted.T @ weighted)  # the smallest come first
    return directions[:, ::-1][:, :width].astype("float32")
