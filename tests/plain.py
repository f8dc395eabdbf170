"""Plain Keras models and arrays, for tests that need little time."""

import shutil

import numpy as np

import ktlearn
from ktlearn.backend import keras
from ktlearn.optimizers import adamw

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = (X[:, 0] > 0).astype(int)  # what the plain models have to find out


def dense(units=2, activation=None, loss="sparse_categorical_crossentropy", metrics=()):
    """A plain Keras model: what concerns the learner alone needs no Transformer."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, activation)])
    model.compile(adamw(), loss, metrics=list(metrics))
    return model


def plain(y=Y, val=False, batch_size=8, **model):
    """A learner of 3 batches an epoch."""
    model.setdefault("activation", "softmax")
    return ktlearn.get_learner(dense(**model), (X, y), (X, y) if val else None, batch_size)


class CopyHalf(keras.callbacks.Callback):
    """Copies what a run that is interrupted after its first epoch leaves behind, from the folder of the whole run."""

    def __init__(self, whole, half):
        super().__init__()
        self.whole, self.half = whole, half

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            shutil.copytree(self.whole, self.half)
