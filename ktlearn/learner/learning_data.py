"""What a learner may be given: our data sets, arrays, or batches that are made already."""

import itertools

import numpy as np

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES, MULTILABEL, kind_of_loss
from ktlearn.text.dataset import ArrayDataset, Batches, TextDataset, by_length


class ReadyBatches:
    """A `keras.utils.PyDataset` or a `tf.data.Dataset`: it says itself how large and in what order.

    Args:
        batches: the data set; each batch is ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.
    """

    lengths = labels = texts = None
    goes_on = False

    def __init__(self, batches):
        self.source = batches
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
        self.has_labels = isinstance(example, tuple) and len(example) > 1

    def __len__(self):
        return self.count

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
        return np.concatenate([y for _, y in self]) if self.has_labels else None

    def for_keras(self):
        return self.source

    def epochs_of(self, steps):
        """The same batches, an epoch being so many of them.

        Raises:
            ValueError: a PyDataset has an end of its own, or batches without end have no number of steps.
        """
        if steps is None:
            if self.count is None:
                raise ValueError("The data has no known end: say how many batches an epoch has, steps_per_epoch=….")
            return self
        if not self.is_tensorflow and self.count is not None:
            raise ValueError("steps_per_epoch: a PyDataset says itself how long an epoch is (its __len__).")
        endless = ReadyBatches(self.source.repeat() if self.is_tensorflow else self.source)
        endless.count, endless.goes_on = steps, self.is_tensorflow
        return endless

    def check_end(self):
        if self.is_endless:
            raise ValueError("The validation data never ends: give a part of it, such as val_data.take(100).")

    def on_epoch_end(self):
        """Begin the next epoch: an endless stream goes on where it stopped, other batches begin again."""
        if self.goes_on:
            self.source = self.source.skip(self.count)


class Portions(Batches):
    """Epochs of a chosen number of batches: the next one goes on where the last one stopped."""

    def __init__(self, dataset, batch_size, seed, steps):
        self.steps, self._left = steps, []
        super().__init__(dataset, batch_size, shuffle=True, seed=seed)

    def __len__(self):
        return self.steps

    def _order(self):
        while len(self._left) < self.steps:
            self._left += super()._order()
        plan, self._left = self._left[: self.steps], self._left[self.steps :]
        return plan


def as_data(data, model):
    """The data as a data set with our interface, checked against the model.

    Raises:
        TypeError, ValueError: of another kind, or with other labels than the model's.
    """
    if data is None or isinstance(data, (TextDataset, ArrayDataset, ReadyBatches)):
        _check_fit(data, model)
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return ArrayDataset(*data)
    is_tensorflow = hasattr(data, "element_spec") and hasattr(data, "cardinality")
    if is_tensorflow or isinstance(data, keras.utils.PyDataset):
        return ReadyBatches(data)
    raise TypeError(
        "The data must come from preprocess_train or preprocess_test, or be a tuple of arrays (x, y), a "
        f"keras.utils.PyDataset or a tf.data.Dataset; got {type(data).__name__}."
    )


def has_labels(data):
    return data.has_labels if isinstance(data, ReadyBatches) else data.y is not None


def training_batches(data, batch_size, seed, steps_per_epoch=None):
    """The batches of an epoch of training, shuffled where the order is ours."""
    if isinstance(data, ReadyBatches):
        return data.epochs_of(steps_per_epoch)
    if steps_per_epoch:
        return Portions(data, batch_size, seed, steps_per_epoch)
    return data.batches(batch_size, shuffle=True, seed=seed)


def validation_batches(data, batch_size):
    """What Keras is to validate on."""
    if isinstance(data, ReadyBatches):
        data.check_end()
        return data.for_keras()
    return by_length(data, batch_size)[0].for_keras()


def first_inputs(data):
    """The inputs of one example, to build a model with."""
    x = next(iter(data))[0] if isinstance(data, ReadyBatches) else data.collate(np.arange(1))[0]
    return keras.tree.map_structure(lambda array: array[:1], x)


def outputs_and_labels(model, data, batch_size):
    """The model's outputs ``(N, …)`` and the labels (or None), both in the data's order."""
    if isinstance(data, ReadyBatches):
        data.check_end()
        # Together: a data set that shuffles would come in another order the second time.
        pairs = [(np.array(model.predict_on_batch(x)), y) for x, y in data]
        outputs = np.concatenate([answers for answers, _ in pairs])
        return outputs, np.concatenate([np.asarray(y) for _, y in pairs]) if data.has_labels else None
    batches, order = by_length(data, batch_size)
    outputs = model.predict(batches.for_keras(), verbose=0)
    in_order = np.empty_like(outputs)
    in_order[order] = outputs
    return in_order, data.y


def kind_of(data, model):
    """ "classes", "multilabel" or "regression": from the labels' meaning where it is known, else from the loss."""
    return data.labels.kind if data.labels and data.labels.kind else kind_of_loss(model)


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
