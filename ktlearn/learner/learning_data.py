"""What a learner may be given: our data sets, arrays, or batches that are made already."""

import itertools
from typing import Protocol

import numpy as np

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES, MULTILABEL, kind_of_loss
from ktlearn.learner.check_fit import check_fit, output_count
from ktlearn.learner.weights import sample_weights
from ktlearn.support.distributed import spread
from ktlearn.text.dataset import ArrayDataset, IndexedDataset, as_answers, joined


class Epochs(Protocol):
    """The batches of a training, epoch by epoch."""

    steps_per_epoch: int | None
    """What Keras must be told of an epoch's length; None where it sees the end itself."""
    class_weight: dict | None
    """What Keras must be told of the classes' weights; None where the batches have them."""

    def __len__(self):
        """The number of batches of an epoch."""

    def for_keras(self):
        """What ``model.fit`` is to be given."""

    def on_epoch_end(self):
        """Begin the next epoch: draw its order, or go on in the stream."""


class LearningData(Protocol):
    """What a learner asks of its data: the one interface of ``TextDataset``, ``ArrayDataset`` and ``ReadyBatches``."""

    has_labels: bool
    knows_its_length: bool
    """False for a stream that does not say where it ends; a training then needs ``steps_per_epoch``."""
    y: np.ndarray | None
    labels: object
    """What the labels mean, a ``ktlearn.text.labels.Labels``; None when that is not known."""
    texts: list | None

    def weighted(self, class_weight=None, sample_weight=None):
        """The same data, each example counting as much as its class, times a weight of its own ``(N,)``."""

    def training_batches(self, batch_size, seed, steps_per_epoch=None, replicas=1) -> Epochs:
        """The batches of a training, shuffled where the order is ours; for so many devices of a strategy."""

    def validation_batches(self, batch_size):
        """What Keras is to validate on."""

    def first_inputs(self):
        """The inputs of one example, to build a model with."""

    def fingerprint(self):
        """A checksum of what is learned from, as far as the data can tell."""

    def outputs_and_labels(self, model, batch_size):
        """The model's outputs ``(N, …)`` and the labels (or None), both in the data's order."""


class ReadyBatches:
    """A `keras.utils.PyDataset` or a `tf.data.Dataset`: it says itself how large and in what order.

    Args:
        batches: the data set; each batch is ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.
        class_weight: ``{class number: weight}``, or None.
    """

    labels = texts = None

    def __init__(self, batches, class_weight=None):
        self.source, self.class_weight = batches, class_weight
        self.is_tensorflow = hasattr(batches, "element_spec")
        if self.is_tensorflow:
            count = int(batches.cardinality())
            self.count = count if count >= 0 else None  # -1: without end, -2: unknown
            self.is_endless = count == -1
            example = batches.element_spec
        else:
            self.count = batches.num_batches
            self.is_endless = self.count is None
            example = batches[0]
        self.knows_its_length = self.count is not None
        self.has_labels = isinstance(example, tuple) and len(example) > 1

    def __iter__(self):
        """``(x, y)`` as arrays, from the first batch to the last; ``y`` is None when there are no labels."""
        batches = self.source.as_numpy_iterator() if self.is_tensorflow else self._numbered()
        for batch in batches:
            x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
            yield x, y

    def _numbered(self):
        numbers = itertools.count() if self.is_endless else range(self.count)
        return (self.source[number] for number in numbers)

    @property
    def y(self):
        """All labels, or None."""
        return np.concatenate([y for _, y in self]) if self.has_labels else None

    def weighted(self, class_weight=None, sample_weight=None):
        """The same batches, each example counting as much as its class.

        Raises:
            ValueError: weights of examples, whose order only the batches know.
        """
        if sample_weight is not None:
            raise ValueError("sample_weight: batches that are made already bring it themselves: (x, y, sample_weight).")
        return self if class_weight is None else ReadyBatches(self.source, dict(enumerate(class_weight.tolist())))

    def training_batches(self, batch_size, seed, steps_per_epoch=None, replicas=1):
        """The same batches, an epoch being all of them, or ``steps_per_epoch``; they have their own size and order.

        Raises:
            ValueError: a PyDataset has an end of its own, or batches without end have no number of steps.
        """
        if steps_per_epoch is None:
            if not self.knows_its_length:
                raise ValueError("The data has no known end: say how many batches an epoch has, steps_per_epoch=….")
            return ReadyEpochs(self.source, self.count, class_weight=self.class_weight)
        if not self.is_tensorflow and self.knows_its_length:
            raise ValueError("steps_per_epoch: a PyDataset says itself how long an epoch is (its __len__).")
        stream = self.source.repeat() if self.is_tensorflow else self.source
        return ReadyEpochs(stream, steps_per_epoch, steps_per_epoch, self.is_tensorflow, self.class_weight)

    def validation_batches(self, batch_size):
        """What Keras is to validate on: the batches as they are."""
        self._check_end()
        return self.source

    def fingerprint(self):
        """How many batches there are, of what shape. What is in them only a pass over them all would tell."""
        return f"{self.count} batches, {getattr(self.source, 'element_spec', '')} {self.class_weight or ''}"

    def first_inputs(self):
        """The inputs of the first example, to build a model with."""
        x, _ = next(iter(self))
        return keras.tree.map_structure(lambda array: array[:1], x)

    def outputs_and_labels(self, model, batch_size):
        """The model's outputs and the labels (or None), in the order in which the batches come."""
        self._check_end()
        # Together: a data set that shuffles would come in another order the second time.
        with spread(model):
            pairs = [(np.array(model.predict_on_batch(x)), y) for x, y in self]
        outputs = as_answers(np.concatenate([answers for answers, _ in pairs]))
        return outputs, np.concatenate([np.asarray(y) for _, y in pairs]) if self.has_labels else None

    def _check_end(self):
        if self.is_endless:
            raise ValueError("The validation data never ends: give a part of it, such as val_data.take(100).")


class ReadyEpochs:
    """The epochs of batches that are made already.

    Args:
        source: the PyDataset or tf.data set.
        count: batches in an epoch.
        steps_per_epoch: the same, where Keras must be told.
        goes_on: True when the next epoch begins where this one stops; else at the beginning.
        class_weight: ``{class number: weight}`` for Keras, or None.
    """

    def __init__(self, source, count, steps_per_epoch=None, goes_on=False, class_weight=None):
        self.source, self.count, self.steps_per_epoch, self.goes_on = source, count, steps_per_epoch, goes_on
        self.class_weight = class_weight

    def __len__(self):
        return self.count

    def for_keras(self):
        """What ``model.fit`` is to be given."""
        return self.source

    def on_epoch_end(self):
        """Begin the next epoch."""
        if self.goes_on:
            self.source = self.source.skip(self.count)


def as_data(data, model):
    """The data as :class:`LearningData`, checked against the model; None stays None.

    Raises:
        TypeError, ValueError: of another kind, or with other labels than the model's.
    """
    data = joined(data)
    if data is None or isinstance(data, (IndexedDataset, ReadyBatches)):
        check_fit(data, model)
        return data
    if isinstance(data, tuple) and len(data) in (2, 3):
        data = _of_arrays(*data)
        check_fit(data, model)
        return data
    is_tensorflow = hasattr(data, "element_spec") and hasattr(data, "cardinality")
    if is_tensorflow or isinstance(data, keras.utils.PyDataset):
        return ReadyBatches(data)
    raise TypeError(
        "The data must come from preprocess_train or preprocess_test, or be a tuple of arrays (x, y) or "
        f"(x, y, sample_weight), a keras.utils.PyDataset or a tf.data.Dataset; got {type(data).__name__}."
    )


def _of_arrays(x, y, weights=None):
    if isinstance(x, (IndexedDataset, ReadyBatches)):
        raise TypeError(
            "A data set has its labels already: give it alone. Weights of examples go to fit(sample_weight=…)."
        )
    x = dict(x) if hasattr(x, "keys") else x  # a tokenizer's BatchEncoding is not a dict
    if isinstance(x, str) or (isinstance(x, (list, tuple)) and any(isinstance(item, str) for item in x)):
        raise TypeError(
            "x is a list of texts: make data of them first, with text.Transformer(…).preprocess_train(x, y)."
        )
    data = ArrayDataset(x, y)
    return data.weighted(sample_weight=sample_weights(weights, len(data)))


def kind_of(data, model):
    """ "classes", "multilabel" or "regression": from the labels' meaning where it is known, else from the loss."""
    kind, by_loss = data.labels.kind if data.labels else None, kind_of_loss(model)
    # Rows with a single 1 also teach several classes at once: get_classifier(multilabel=True).
    return by_loss if kind is None or (kind, by_loss) == (CLASSES, MULTILABEL) else kind


def class_count(data, model):
    """How many classes there are, one for each example; None when nothing says it.

    Raises:
        ValueError: the labels are no classes.
    """
    kind, outputs = kind_of(data, model), output_count(model)
    if kind == MULTILABEL and data.labels is None and outputs == 1:
        return 2  # one output, the probability of class 1
    if kind != CLASSES:
        raise ValueError(f"class_weight is for classes, one for each text; the labels are {kind}.")
    return len(data.labels.class_names) if data.labels else outputs
