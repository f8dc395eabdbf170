"""The learner: one object that trains a model, looks at it, and keeps it. ktrain's names."""

import functools
import numbers
from pathlib import Path

import numpy as np

from ktlearn.atomic import atomic_folder
from ktlearn.backend import keras, ops
from ktlearn.models.encoder import EncoderModel
from ktlearn.progress import Progress
from ktlearn.report import make_report
from ktlearn.schedules import Schedule, constant, one_cycle
from ktlearn.text.dataset import ArrayDataset, TextDataset, by_length
from ktlearn.text.labels import CLASSES, MULTILABEL, REGRESSION


def get_learner(model, train_data=None, val_data=None, batch_size=32, eval_batch_size=32):
    """Put a compiled model and its data together.

    Args:
        model: a compiled Keras model, such as ``text.Transformer(…).get_classifier()``.
        train_data, val_data: what ``preprocess_train`` and ``preprocess_test`` gave, or ``(x, y)`` arrays.
        batch_size: texts in one training step.
        eval_batch_size: texts at once in validation and prediction.

    Raises:
        TypeError: the model is not a Keras model, or the data of another kind.
        ValueError: the model is not compiled, or the data has no labels or other ones than the model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")
    if not getattr(model, "compiled", False):
        raise ValueError("model is not compiled: call model.compile(optimizer, loss, metrics) first.")
    for name, size in (("batch_size", batch_size), ("eval_batch_size", eval_batch_size)):
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {size}.")
    return Learner(model, _as_data(train_data, model), _as_data(val_data, model), batch_size, eval_batch_size)


class Learner:
    """Trains and examines one model. Made by :func:`get_learner`."""

    def __init__(self, model, train_data, val_data, batch_size, eval_batch_size):
        self.model, self.train_data, self.val_data = model, train_data, val_data
        self.batch_size, self.eval_batch_size = batch_size, eval_batch_size
        self.history = None

    def fit(self, lr, n_cycles, class_weight=None, callbacks=(), verbose=1):
        """Train at one learning rate.

        Args:
            lr: the learning rate.
            n_cycles: number of epochs.
            class_weight: ``{class number: weight}`` of its examples in the loss; for classes only.
            callbacks: more Keras callbacks.
            verbose: 0 prints nothing.

        Returns:
            Keras' History, also kept as ``learner.history``. Beside the figures of each epoch it holds
            ``lr``, ``iterations`` and, where it changes, ``momentum``: one value for each batch. After an
            interruption (Ctrl-C, or the stop button) it holds what was done until then, and the model
            keeps it too.

        Raises:
            ValueError: an argument is unusable, or there are no labelled training data.
        """
        policy = functools.partial(constant, learning_rate=lr)
        return self._train(policy, lr, n_cycles, class_weight, callbacks, verbose)

    def fit_onecycle(
        self,
        lr,
        epochs,
        cycle_momentum=True,
        max_momentum=0.95,
        min_momentum=0.85,
        class_weight=None,
        callbacks=(),
        verbose=1,
    ):
        """Train with the one-cycle policy: up to ``lr`` in the middle of the run, then down.

        The momentum mirrors the rate, unless ``cycle_momentum=False``. The rest is as in :meth:`fit`.

        Source: Smith 2018, arXiv:1803.09820.
        """

        def policy(step, steps):
            rate, momentum = one_cycle(step, steps, lr, max_momentum, min_momentum)
            return rate, momentum if cycle_momentum else None

        return self._train(policy, lr, epochs, class_weight, callbacks, verbose)

    def predict(self, val_data=None):
        """Probabilities ``(N, classes)`` in the data's order; numbers ``(N, 1)`` for a regression."""
        data = self._data(val_data)
        batches, order = by_length(data, self.eval_batch_size)
        outputs = self.model.predict(batches.for_keras(), verbose=0)
        in_order = np.empty_like(outputs)
        in_order[order] = outputs
        # A Keras model of the reader's own may end with its softmax or sigmoid already.
        are_logits = isinstance(self.model, EncoderModel) or getattr(self.model.loss, "from_logits", False)
        return probabilities(in_order, self._kind(data)) if are_logits else in_order

    def ground_truth(self, val_data=None):
        """The encoded labels ``(N, outputs)`` of the data."""
        return self._data(val_data, labels=True).y

    def validate(self, val_data=None, print_report=True, class_names=None):
        """Predict, compare with the labels, print a report.

        Args:
            val_data: other data than the learner's.
            print_report: False to print nothing.
            class_names: the names in the report; the data's own when left out.

        Returns:
            A :class:`ktlearn.report.Report`: the confusion matrix (rows true, columns predicted), with
            the report as ``.text`` and its figures as ``.figures``.
        """
        data = self._data(val_data, labels=True)
        names = [] if class_names is None else list(class_names)
        names = names or (data.labels.class_names if data.labels else [])
        if data.labels and len(names) != len(data.labels.class_names):
            raise ValueError(f"class_names: the data has the classes {data.labels.class_names}; got {names}.")
        kind, scores = self._kind(data), self.predict(data)
        report = make_report(kind, data.y, scores, names)
        if print_report:
            print(report.text)
        return report

    evaluate = validate

    def save_model(self, fpath):
        """Save the model into a folder: Hugging Face's layout for ours, Keras' weights for any other."""
        if isinstance(self.model, EncoderModel):
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
        if isinstance(self.model, EncoderModel):
            if not folder.is_dir():
                raise FileNotFoundError(f"There is no folder {folder}; give a folder written by save_model.")
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

    def _train(self, policy, lr, epochs, class_weight, callbacks, verbose):
        if not isinstance(epochs, (int, np.integer)) or epochs < 1:
            raise ValueError(f"The number of epochs must be a whole number, at least 1; got {epochs!r}.")
        if not isinstance(lr, numbers.Real) or not 0 < lr < 100:
            raise ValueError(f"lr must be a positive number, such as 5e-5; got {lr!r}.")
        data = self._data(self.train_data, labels=True, name="train_data")
        if class_weight and self._kind(data) != CLASSES:
            raise ValueError(f"class_weight is for classes, one for each text; the labels are {self._kind(data)}.")
        batches = data.batches(self.batch_size, shuffle=True, seed=int(np.random.randint(2**31)))
        schedule = Schedule(policy, epochs * len(batches))
        history = keras.callbacks.History()  # our own: there is one even when the first step is interrupted
        watchers = [schedule, history, *callbacks, *([Progress(epochs, len(batches))] if verbose else [])]
        validation = None
        if self.val_data is not None and self.val_data.y is not None:
            validation = by_length(self.val_data, self.eval_batch_size)[0].for_keras()
        if self.model.built and not self.model.optimizer.built:
            # Inside the first step it would make TensorFlow trace that step twice.
            self.model.optimizer.build(self.model.trainable_variables)
        try:
            self.model.fit(
                batches.for_keras(),
                epochs=epochs,
                validation_data=validation,
                callbacks=watchers,
                class_weight=class_weight,
                verbose=0,
                shuffle=False,  # the batches shuffle themselves
            )
        except KeyboardInterrupt:
            print(f"\nInterrupted in batch {schedule.step} of {schedule.steps}. The model keeps what it has learned.")
        self.history = _with_rates(history, schedule)
        return history

    def _data(self, data, labels=False, name="val_data"):
        data = self.val_data if data is None else _as_data(data, self.model)
        if data is None:
            raise ValueError(f"There is no {name}: give it here, or to get_learner({name}=…).")
        if labels and data.y is None:
            raise ValueError(f"{name} has no labels; give them to preprocess_test(texts, y).")
        return data

    def _kind(self, data):
        return data.labels.kind if data.labels and data.labels.kind else kind_of_loss(self.model)


def _with_rates(history, schedule):
    history.history["lr"] = schedule.learning_rates
    history.history["iterations"] = list(range(schedule.step))
    if schedule.momenta:
        history.history["momentum"] = schedule.momenta
    return history


def probabilities(outputs, kind):
    """Turn logits into probabilities; leave a regression's numbers as they are."""
    if kind == CLASSES:
        return np.array(ops.softmax(ops.convert_to_tensor(outputs), axis=-1))
    if kind == MULTILABEL:
        return np.array(ops.sigmoid(ops.convert_to_tensor(outputs)))
    return outputs


def kind_of_loss(model):
    """What a compiled model predicts, read from its loss."""
    name = model.loss if isinstance(model.loss, str) else type(model.loss).__name__
    name = name.lower().replace("_", "")
    if "categorical" in name:
        return CLASSES
    return MULTILABEL if "binary" in name else REGRESSION


def _as_data(data, model):
    if data is None or isinstance(data, (TextDataset, ArrayDataset)):
        _check_fit(data, model)
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return ArrayDataset(*data)
    raise TypeError(
        "The data must come from preprocess_train or preprocess_test, or be a tuple of arrays (x, y); "
        f"got {type(data).__name__}."
    )


def _check_fit(data, model):
    """A model made for other labels would fail late, or train and be wrong."""
    if not isinstance(data, TextDataset) or data.y is None:
        return
    outputs = getattr(model, "num_labels", None)
    if outputs and data.y.shape[1] != outputs:
        raise ValueError(
            f"The labels have {data.y.shape[1]} columns, but the model has {outputs} outputs. "
            "Build the model with the same Transformer that made the data."
        )
    if {data.labels.kind, kind_of_loss(model)} == {CLASSES, MULTILABEL}:
        raise ValueError(
            f"The labels are {data.labels.kind}, but the model is compiled for {kind_of_loss(model)}. "
            "Build it after preprocess_train; for multilabel with texts of one class, get_classifier(multilabel=True)."
        )
