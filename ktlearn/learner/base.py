"""What all parts of the learner stand on: its whole state, and the private helpers that several of them need."""

import numpy as np

from ktlearn.backend import keras
from ktlearn.learner.learning_data import as_data, class_count
from ktlearn.learner.model_state import broken_weights
from ktlearn.learner.weights import class_weights, sample_weights
from ktlearn.optimizers import fit_optimizer, innermost
from ktlearn.support.arguments import check_whole
from ktlearn.support.distributed import check_distribution, devices_of, replica_count
from ktlearn.support.keras_internals import rate_schedule
from ktlearn.text.dataset import IndexedDataset


class LearnerBase:
    """A model, its data, and what the learner remembers of them.

    Attributes:
        model: the compiled Keras model.
        train_data, val_data: :class:`ktlearn.learner.learning_data.LearningData`, or None.
        batch_size, eval_batch_size: texts in a step of training; in one of validation and prediction.
        history: Keras' History of the last training, or None.
        search: the :class:`ktlearn.learner.lr_find.RateSearch` of the last ``lr_find``, or None.

    Raises:
        ValueError: a size of batches that is none, or a distribution that a learner cannot train with.
    """

    def __init__(self, model, train_data=None, val_data=None, batch_size=32, eval_batch_size=32):
        check_model(model)
        check_distribution()
        for name, size in (("batch_size", batch_size), ("eval_batch_size", eval_batch_size)):
            check_whole(name, size)
        self.train_data, self.val_data = as_data(train_data, model), as_data(val_data, model)
        self.batch_size, self.eval_batch_size = batch_size, eval_batch_size
        self._take(model)

    def _take(self, model):
        """Begin with a model that was not trained here yet: nothing is remembered of the one before."""
        self.model = model
        self.history = self.search = None
        self._start = None  # the weights from before the first training
        self._before_lora = ()  # the variables that merge_lora makes trainable again
        self._layer_decay = 1

    def _data(self, data, labels=False, name="val_data"):
        """Data that were given, or else the learner's validation data; with ``labels`` they must have some."""
        data = self.val_data if data is None else as_data(data, self.model)
        if data is None:
            raise ValueError(f"There is no {name}: give it here, or to get_learner({name}=…).")
        if labels and not data.has_labels:
            raise ValueError(f"{name} has no labels; give them to preprocess_test(texts, y).")
        return data

    def _ready_data(self, class_weight, sample_weight):
        """The training data with the weights of their examples, and the model built and ready to train on them."""
        if rate_schedule(innermost(self.model.optimizer)) is not None:
            raise ValueError(
                "The model was compiled with a learning-rate schedule in its optimizer, but the learner sets the "
                "rate itself. Compile it with a number, or give the policy here: learner.fit(policy, epochs)."
            )
        data = self._data(self.train_data, labels=True, name="train_data")
        if sample_weight is not None:
            sample_weight = sample_weights(sample_weight, len(data) if hasattr(data, "__len__") else None)
        replicas = replica_count(self.model)
        if self.batch_size % replicas:
            even = -(-self.batch_size // replicas) * replicas
            raise ValueError(
                f"batch_size: {self.batch_size} examples cannot be shared evenly by the {replicas} devices of the "
                f"model's strategy. Give a multiple of {replicas}, such as {even}."
            )
        with devices_of(self.model):
            if not self.model.built:
                self.model(data.first_inputs())
            if replicas > 1 and isinstance(data, IndexedDataset):  # or Keras would look into the stream of batches
                self.model._symbolic_build(data_batch=data.collate(np.arange(1)))
        broken = broken_weights(self.model)
        if broken is not None:
            raise ValueError(
                f"The model's weights hold NaN or infinity ({broken}), so nothing can be learned. reset_weights() puts "
                "back those from before its first training; or load the model again."
            )
        if class_weight is not None:
            class_weight = class_weights(class_weight, data.labels, class_count(data, self.model))
        fit_optimizer(self.model)
        self._remember_start()
        return data.weighted(class_weight, sample_weight)

    def _remember_start(self):
        """Keep the weights from before the first change, for ``reset_weights``."""
        if self._start is None and self.model.built:
            self._start = self.model.get_weights()


def check_model(model):
    """A compiled Keras model.

    Raises:
        TypeError, ValueError: it is something else, or not compiled.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")
    if not getattr(model, "compiled", False):
        raise ValueError("model is not compiled: call model.compile(optimizer, loss, metrics) first.")
