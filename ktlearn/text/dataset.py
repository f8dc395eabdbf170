"""Token ids of many texts, or plain arrays, as a learner wants them. Letters: N texts, B batch, L length."""

import copy
import hashlib

import numpy as np

from ktlearn.backend import keras
from ktlearn.support.answering import TURN, answer
from ktlearn.support.arguments import check_whole
from ktlearn.support.bars import PredictionBar
from ktlearn.support.distributed import spread
from ktlearn.text.batches import Batches, Portions, by_length, in_order, padded_length


class IndexedDataset:
    """N examples that can be taken in any order: what :class:`TextDataset` and :class:`ArrayDataset` share.

    A subclass has ``__len__`` and ``collate``. The rest is what a learner asks of its data, see
    ``ktlearn.learner.learning_data.LearningData``.

    Attributes:
        y: the labels, N of them, or None.
        lengths: the length of each example ``(N,)``, or None when all are alike.
        labels: what the labels mean, a :class:`ktlearn.text.labels.Labels`, or None when that is not known.
        texts: the N texts, or None.
        sample_weight: how much each example counts in the loss ``(N,)``, or None; see :meth:`weighted`.
    """

    y = lengths = labels = texts = sample_weight = None
    knows_its_length = True

    @property
    def has_labels(self):
        """Are there labels?"""
        return self.y is not None

    def batches(self, batch_size, shuffle=False, seed=0):
        """The batches of an epoch, as :class:`Batches`."""
        return Batches(self, batch_size, shuffle, seed)

    def weighted(self, class_weight=None, sample_weight=None):
        """The same examples, each counting as much in the loss as its class, times a weight of its own.

        Args:
            class_weight: a weight for each class ``(classes,)``, or None.
            sample_weight: one for each example ``(N,)``, or None.
        """
        weights = [weight for weight in (self.sample_weight, sample_weight) if weight is not None]
        if class_weight is not None:
            is_one_hot = self.y.ndim == 2 and self.y.shape[1] > 1
            weights.append(class_weight[self.y.argmax(1) if is_one_hot else self.y.reshape(-1).astype(int)])
        if not weights:
            return self
        same = copy.copy(self)
        same.sample_weight = np.prod(weights, axis=0, dtype="float32")
        return same

    def _batch(self, inputs, indices):
        if self.y is None:
            return inputs
        batch = inputs, self.y[indices]
        return batch if self.sample_weight is None else (*batch, self.sample_weight[indices])

    def fingerprint(self):
        """A checksum of all that is learned from: inputs, labels and weights."""
        digest = hashlib.sha256()
        for array in keras.tree.flatten((self._inputs(), self.y, self.sample_weight)):
            if array is not None:
                digest.update(f"{array.dtype} {array.shape}".encode())
                is_plain = array.dtype.kind in "biufSU"
                digest.update(array.tobytes() if is_plain else repr(array.tolist()).encode())
        return digest.hexdigest()

    def training_batches(self, batch_size, seed, steps_per_epoch=None, replicas=1):
        """The batches of a training, shuffled; an epoch has all of them, or ``steps_per_epoch``.

        Args:
            replicas: devices over which a strategy of TensorFlow's splits each batch; see :func:`evened`.
        """
        if steps_per_epoch is None:
            batches = self.batches(batch_size, shuffle=True, seed=seed)
        else:
            batches = Portions(self, batch_size, seed, steps_per_epoch)
        if len(self) % batch_size % replicas:  # the last batch of an epoch
            batches.replicas = replicas
        return batches

    def validation_batches(self, batch_size):
        """What Keras is to validate on."""
        return by_length(self, batch_size)[0].for_keras()

    def first_inputs(self, count=1):
        """The inputs of the first examples as one batch: of one of them, to build a model with."""
        batch = self.collate(np.arange(count))
        return batch[0] if self.has_labels else batch

    def outputs(self, model, batch_size, verbose=0):
        """A Keras model's outputs ``(N, …)`` in the data set's order, in float32 at least.

        Args:
            model: the Keras model.
            batch_size: examples at once, at most.
            verbose: 1 for a bar where there are many.

        Raises:
            ValueError: the batch size is no whole number from 1 on, or an output is no number.
        """
        check_whole("batch_size", batch_size)
        if len(self) <= batch_size:  # `predict` takes longer to begin than a small model to answer
            return as_answers(answer(model, self.first_inputs(len(self))))
        batches, order = by_length(self, batch_size)
        bar = PredictionBar(batches.sizes(), verbose)
        with TURN, spread(model):
            outputs = model.predict(batches.for_keras(), verbose=0, callbacks=[bar])
        return in_order(as_answers(outputs), order)

    def outputs_and_labels(self, model, batch_size):
        """The model's outputs and the labels (or None), both in the data set's order."""
        return self.outputs(model, batch_size), self.y


class TextDataset(IndexedDataset):
    """The tokens of N texts, without any padding, and their labels.

    ktrain's README unpacks it, ``(x_train, y_train) = trn``: into the same texts without labels, and the labels.
    The functions that take data take such a pair too; see :func:`joined`.

    Args:
        ids: one list of token ids for each text.
        segments: one list of segment ids for each text, or None when the texts are not pairs.
        y: float32 labels ``(N, outputs)``, or None.
        texts: the texts themselves, for the views that show them.
        labels: the :class:`ktlearn.text.labels.Labels` that made ``y``.
        pad_id: token id that fills a batch.
        maxlen: no text is longer than this.

    >>> data = TextDataset([[2, 7, 3], [2, 8, 9, 5, 3]], None, None, None, None, pad_id=0, maxlen=16)
    >>> data.collate([0, 1])["input_ids"].tolist()
    [[2, 7, 3, 0, 0, 0, 0, 0], [2, 8, 9, 5, 3, 0, 0, 0]]
    """

    def __init__(self, ids, segments, y, texts, labels, pad_id, maxlen):
        self.lengths = np.array([len(row) for row in ids], dtype="int32")
        self._starts = np.concatenate([[0], np.cumsum(self.lengths, dtype="int64")])
        self._ids = np.concatenate(ids).astype("int32")
        self._segments = None if segments is None else np.concatenate(segments).astype("int8")
        self.y, self.texts, self.labels = y, texts, labels
        self.pad_id, self.maxlen = pad_id, maxlen

    def __len__(self):
        return len(self.lengths)

    def __repr__(self):
        labels = "no labels" if self.y is None else f"{self.labels.kind} {self.labels.class_names or ''}".strip()
        return f"<TextDataset: {len(self):,} texts, {self.lengths.sum():,} tokens, {labels}>"

    def _inputs(self):
        return self.lengths, self._ids, self._segments

    def __iter__(self):
        """The texts without labels, and the labels: ktrain's ``(x, y)``."""
        yield self.labelled(None)
        yield self.y

    def labelled(self, y):
        """The same texts with these labels; None for no labels.

        Raises:
            ValueError: not one row for each text.
        """
        if y is not None and (np.ndim(y) != 2 or len(y) != len(self)):
            raise ValueError(
                f"y must be the labels that came with these texts, one row for each of {len(self)}; got an array of "
                f"the shape {np.shape(y)}."
            )
        other = copy.copy(self)
        other.y = None if y is None else np.asarray(y, "float32")
        return other

    def ids(self, index):
        """The token ids of one text, ``(L,)``."""
        return self._ids[self._starts[index] : self._starts[index + 1]]

    def collate(self, indices):
        """One batch: ``(inputs, y)``, the inputs int32 arrays ``(B, L)`` padded on the right; and weights if any."""
        L = padded_length(self.lengths[indices].max(), self.maxlen, alone=len(indices) == 1)
        inside = np.arange(L) < self.lengths[indices][:, None]  # (B, L)
        source = (self._starts[indices][:, None] + np.arange(L))[inside]
        token_ids = np.full(inside.shape, self.pad_id, "int32")
        token_ids[inside] = self._ids[source]
        inputs = {"input_ids": token_ids, "attention_mask": inside.astype("int32")}
        if self._segments is not None:
            segments = np.zeros(inside.shape, "int32")
            segments[inside] = self._segments[source]
            inputs["token_type_ids"] = segments
        return self._batch(inputs, indices)


class ArrayDataset(IndexedDataset):
    """Plain arrays ``x`` (one, or a list or dictionary of them) and ``y``, with the same interface.

    Args:
        x: an array whose first axis counts the examples, or a list or dictionary of such arrays.
        y: the labels, as many; or None.

    Raises:
        ValueError: the arrays have not the same length, or are lists of numbers.

    >>> data = ArrayDataset(np.arange(6).reshape(3, 2), np.array([0, 1, 1]))
    >>> len(data), data.collate([0, 2])
    (3, (array([[0, 1],
           [4, 5]]), array([0, 1])))
    """

    def __init__(self, x, y=None):
        self.x = keras.tree.map_structure(np.asarray, x)
        self.y = None if y is None else np.asarray(y)
        arrays = [array for array in keras.tree.flatten((self.x, self.y)) if array is not None]
        if any(array.ndim == 0 for array in arrays):
            raise ValueError("x must be an array, or a list or dictionary of arrays: use np.array(x).")
        counts = [len(array) for array in arrays]
        if 0 in counts:
            raise ValueError("x and y are empty: give at least one example.")
        if len(set(counts)) != 1:
            raise ValueError(f"x and y must have the same number of examples; got {counts}.")
        if self.y is not None and self.y.dtype.kind not in "biuf":
            raise ValueError(
                f"y must be numbers; got an array of {self.y.dtype.name}. Names: preprocess_train(texts, y)."
            )
        if self.y is not None:
            with np.errstate(over="ignore"):
                is_number = np.isfinite(self.y.astype("float32"))  # as Keras will take it
            if not is_number.all():
                place = tuple(np.argwhere(~is_number)[0])
                raise ValueError(f"y: item {place[0]} is {self.y[place]!r}, which is no number to learn from.")

    def __len__(self):
        return len(keras.tree.flatten(self.x)[0])

    def _inputs(self):
        return self.x

    def collate(self, indices):
        """One batch: ``(x, y)``, or ``x`` where there are no labels."""
        x = keras.tree.map_structure(lambda array: array[indices], self.x)
        return self._batch(x, indices)


def joined(data):
    """``(x, y)`` of a :class:`TextDataset` put together again; anything else as it is.

    Raises:
        ValueError: the labels are not as many as the texts.
    """
    if isinstance(data, tuple) and len(data) == 2 and isinstance(data[0], TextDataset):
        return data[0].labelled(data[1])
    return data


def as_answers(outputs):
    """A model's outputs ``(N, …)`` as answers: in float32 at least, and numbers.

    Raises:
        ValueError: an output is NaN or infinite.
    """
    outputs = outputs.astype("float32") if outputs.dtype.name in ("float16", "bfloat16") else outputs
    if not np.isfinite(outputs).all():
        place = int(np.argwhere(~np.isfinite(outputs))[0][0])
        raise ValueError(
            f"The model answers example {place} with NaN or infinity: its weights are broken, by a training whose rate "
            "was too high, say, or the inputs are no numbers. Take the weights from before, or load the model again."
        )
    return outputs
