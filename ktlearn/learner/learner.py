"""The learner: one object that trains a model, looks at it, and keeps it. ktrain's names.

What it can do stands in four files, one for each idea: ``fitting.py`` trains, ``rates.py`` looks for a
learning rate, ``examining.py`` looks at the model, ``layer_control.py`` treats layers differently.
"""

from pathlib import Path

from ktlearn.backend import keras
from ktlearn.learner import lora
from ktlearn.learner.examining import Examining
from ktlearn.learner.fitting import Fitting
from ktlearn.learner.layer_control import LayerControl
from ktlearn.learner.learning_data import as_data
from ktlearn.learner.rates import Rates
from ktlearn.models import PretrainedModel
from ktlearn.optimizers import renew_optimizer
from ktlearn.support.atomic import atomic_folder


def get_learner(model, train_data=None, val_data=None, batch_size=32, eval_batch_size=32):
    """Put a compiled model and its data together.

    Args:
        model: a compiled Keras model, such as ``text.Transformer(…).get_classifier()``.
        train_data, val_data: what ``preprocess_train`` and ``preprocess_test`` gave; or ``(x, y)`` arrays; or
            batches that are made already, a ``keras.utils.PyDataset`` or a ``tf.data.Dataset``.
        batch_size: texts in one training step.
        eval_batch_size: texts at once in validation and prediction.

    Raises:
        TypeError: the model is not a Keras model, or the data of another kind.
        ValueError: the model is not compiled, or the data has no labels or other ones than the model.
    """
    _check_model(model)
    for name, size in (("batch_size", batch_size), ("eval_batch_size", eval_batch_size)):
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {size}.")
    return Learner(model, as_data(train_data, model), as_data(val_data, model), batch_size, eval_batch_size)


class Learner(Fitting, Rates, Examining, LayerControl):
    """Trains and examines one model. Made by :func:`get_learner`."""

    def __init__(self, model, train_data, val_data, batch_size, eval_batch_size):
        self.model, self.train_data, self.val_data = model, train_data, val_data
        self.batch_size, self.eval_batch_size = batch_size, eval_batch_size
        self.history = self._start = None

    def set_model(self, model):
        """Take another compiled model for the same data; the old one's history is forgotten.

        Raises:
            TypeError, ValueError: as :func:`get_learner`.
        """
        _check_model(model)
        for data in (self.train_data, self.val_data):
            as_data(data, model)
        self.model, self.history, self.search, self._start = model, None, None, None
        self._before_lora, self._layer_decay = (), 1

    def reset_weights(self, verbose=1):
        """Put the model back to the weights from before its first training here, with a fresh optimizer."""
        if lora.adapted(self.model):
            self.merge_lora()
        if self._start is not None:
            self.model.set_weights(self._start)
        renew_optimizer(self.model)
        self.history = None
        if verbose:
            print("The model has the weights from before its training again.")

    def save_model(self, fpath):
        """Save the model into a folder: Hugging Face's layout for ours, Keras' weights for any other."""
        if isinstance(self.model, PretrainedModel):
            self.model.save_pretrained(fpath)
            return
        with atomic_folder(fpath) as folder:
            self.model.save_weights(folder / "model.weights.h5")

    def load_model(self, fpath):
        """Load the weights that :meth:`save_model` wrote into this learner's model, in place.

        Raises:
            FileNotFoundError, ValueError: the folder is not a saved model, is damaged, or is of another
                shape. The model is then unchanged.
        """
        folder = Path(fpath).expanduser().resolve()
        self._remember_start()
        if isinstance(self.model, PretrainedModel):
            if not folder.is_dir():
                raise FileNotFoundError(f"There is no folder {folder}; give a folder written by save_model.")
            with lora.plain(self.model):
                self.model.load_pretrained(folder)
            return
        file = folder / "model.weights.h5"
        if not file.exists():
            raise FileNotFoundError(f"{folder} holds no model.weights.h5; give a folder written by save_model.")
        before = self.model.get_weights()
        try:
            self.model.load_weights(file)
        except Exception as error:  # Keras and h5py raise many kinds
            self.model.set_weights(before)
            raise ValueError(f"{file} is damaged, or of another model ({error}). The model is unchanged.") from error

    def _remember_start(self):
        """Keep the weights from before the first change, for :meth:`reset_weights`."""
        if self._start is None and self.model.built:
            self._start = self.model.get_weights()


def _check_model(model):
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")
    if not getattr(model, "compiled", False):
        raise ValueError("model is not compiled: call model.compile(optimizer, loss, metrics) first.")
