"""The learner: one object that trains a model, looks at it, and keeps it. ktrain's names.

What it can do stands in five files, one for each idea: ``fitting.py`` trains, ``lr_find.py`` looks for a
learning rate, ``examining.py`` looks at the model, ``layer_control.py`` treats layers differently, ``memory.py`` trains
with less memory. They do not call each other: what they share, and all that is remembered, is in ``base.py``.
"""

from ktlearn.learner import lora
from ktlearn.learner.base import check_model
from ktlearn.learner.examining import Examining
from ktlearn.learner.fitting import Fitting
from ktlearn.learner.layer_control import LayerControl
from ktlearn.learner.learning_data import as_data
from ktlearn.learner.lr_find import RateFinding
from ktlearn.learner.memory import MemorySaving
from ktlearn.learner.saving import load_weights, save_weights
from ktlearn.optimizers import renew_optimizer
from ktlearn.support.characters import say


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

    >>> from ktlearn import text
    >>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=16, class_names=["sad", "glad"])
    >>> data = t.preprocess_train(["a good day", "a bad day"], ["glad", "sad"], verbose=0)
    >>> learner = get_learner(t.get_classifier(), data, batch_size=2)
    >>> learner.predict(data).shape
    (2, 2)
    """
    return Learner(model, train_data, val_data, batch_size, eval_batch_size)


class Learner(Fitting, RateFinding, Examining, LayerControl, MemorySaving):
    """Trains and examines one model. Made by :func:`get_learner`.

    Its attributes are those of :class:`ktlearn.learner.base.LearnerBase`.

    >>> import numpy as np
    >>> from ktlearn.backend import keras
    >>> keras.utils.set_random_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(64, 2))
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> learner = get_learner(model, (x, x[:, 0] > 0), (x, x[:, 0] > 0), batch_size=8)
    >>> history = learner.fit_onecycle(0.5, 5, verbose=0)
    >>> learner.validate(print_report=False).figures["accuracy"] > 0.9
    True
    """

    def set_model(self, model):
        """Take another compiled model for the same data; what is remembered of the old one is forgotten.

        Raises:
            TypeError, ValueError: as :func:`get_learner`.

        >>> import numpy as np
        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> other = keras.models.clone_model(model)
        >>> other.compile("adam", "sparse_categorical_crossentropy")
        >>> learner.set_model(other)
        >>> learner.model is other
        True
        """
        check_model(model)
        for data in (self.train_data, self.val_data):
            as_data(data, model)
        self._take(model)

    def reset_weights(self, verbose=1):
        """Put the model back to the weights from before its first training here, with a fresh optimizer.

        LoRA is taken out of it.

        Args:
            verbose: 0 prints nothing.

        >>> import numpy as np
        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> before = model.get_weights()[0].copy()
        >>> history = learner.fit(0.5, 1, verbose=0)
        >>> learner.reset_weights()
        The model has the weights from before its training again.
        >>> np.array_equal(model.get_weights()[0], before)
        True
        """
        if lora.adapted(self.model):
            lora.merge(self.model, self._before_lora)
        if self._start is not None:
            self.model.set_weights(self._start)
        renew_optimizer(self.model)
        self.history = None
        if verbose:
            say("The model has the weights from before its training again.")

    def save_model(self, fpath):
        """Save the model's weights into a folder: Hugging Face's layout for ours, Keras' weights for any other.

        Args:
            fpath: the folder; made when it is not there. It is written all or nothing.

        >>> import numpy as np
        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> import tempfile
        >>> folder = tempfile.mkdtemp()
        >>> learner.save_model(folder + "/model")
        >>> learner.load_model(folder + "/model")
        """
        save_weights(self.model, fpath)

    def load_model(self, fpath, preproc=None):
        """Load the weights that :meth:`save_model` wrote into this learner's model, in place.

        Args:
            fpath: the folder.
            preproc: ktrain's; nothing is needed of it here.

        Raises:
            FileNotFoundError, ValueError: the folder is not a saved model, is damaged, or is of another
                shape. The model is then unchanged.

        >>> import numpy as np
        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> layers = [keras.Input((2,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax")]
        >>> model = keras.Sequential(layers)
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.load_model("/no/such/folder")
        Traceback (most recent call last):
        FileNotFoundError: ... holds no model.weights.h5; give a folder written by save_model.
        """
        self._remember_start()
        load_weights(self.model, fpath)
