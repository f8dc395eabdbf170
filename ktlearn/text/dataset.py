"""Token ids of many texts, and batches of texts of similar length.

Short texts padded to the longest of a data set are mostly padding. Here a batch is padded only to
its own longest text, and texts of similar length meet in one batch. Letters: N texts, B batch, L length.
"""

import copy
import hashlib

import numpy as np

from ktlearn.backend import keras
from ktlearn.support.answering import TURN, answer
from ktlearn.support.arguments import check_whole
from ktlearn.support.distributed import spread

CHUNK = 50  # batches within which texts are sorted by length: the rest of the order stays random


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

    def outputs(self, model, batch_size, callbacks=()):
        """A Keras model's outputs ``(N, …)`` in the data set's order, in float32 at least.

        Args:
            model: the Keras model.
            batch_size: examples at once.
            callbacks: Keras callbacks for a prediction of several batches.

        Raises:
            ValueError: the batch size is no whole number from 1 on, or an output is no number.
        """
        check_whole("batch_size", batch_size)
        if len(self) <= batch_size:  # `predict` takes longer to begin than a small model to answer
            return as_answers(answer(model, self.first_inputs(len(self))))
        batches, order = by_length(self, batch_size)
        with TURN, spread(model):
            outputs = model.predict(batches.for_keras(), verbose=0, callbacks=list(callbacks))
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


class Batches(keras.utils.PyDataset):
    """The batches of an epoch: every text exactly once.

    Args:
        dataset: an :class:`IndexedDataset`.
        batch_size: texts in a batch; the last one may be smaller.
        shuffle: True to shuffle the texts anew each epoch, texts of similar length being put together.
        seed: decides all these orders.
        order: without ``shuffle``, the places of the texts in the order in which they shall come;
            left out, the data set's.

    Raises:
        ValueError: the batch size is no whole number from 1 on.
    """

    steps_per_epoch = class_weight = None  # Keras sees where an epoch ends; the weights are in the batches
    replicas = 1  # more where a strategy splits a batch into unequal parts

    def __init__(self, dataset, batch_size, shuffle=False, seed=0, order=None):
        super().__init__()
        check_whole("batch_size", batch_size)
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self._rng, self._order = np.random.default_rng(seed), order
        self._plan = self._next_plan()

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def __getitem__(self, number):
        return self.collate(self._plan[number])

    def collate(self, indices):
        """One batch, of the texts in these places."""
        batch = self.dataset.collate(indices)
        return batch if self.replicas == 1 else evened(batch, len(indices), self.replicas)

    def on_epoch_end(self):
        """Begin the next epoch."""
        if self.shuffle:
            self._plan = self._next_plan()

    def for_keras(self):
        """What ``fit`` is to be given: on TensorFlow a `tf.data` set with open lengths.

        Keras would take the shapes from the first two batches; when these happen to be equally long,
        it would freeze that length.
        """
        if keras.backend.backend() != "tensorflow" or self.dataset.lengths is None:
            return self
        return _tensorflow_dataset(self)

    def _next_plan(self):
        """The places of the texts of each batch of an epoch."""
        N, B = len(self.dataset), self.batch_size
        if not self.shuffle:
            return np.split(np.arange(N) if self._order is None else self._order, range(B, N, B))
        order = self._rng.permutation(N)
        if self.dataset.lengths is not None:
            # Lengths blurred by 5 %, so that the same texts do not meet in every epoch.
            blurred = self.dataset.lengths * self._rng.uniform(0.95, 1.05, N)
            chunks = np.split(order, range(CHUNK * B, N, CHUNK * B))
            order = np.concatenate([chunk[np.argsort(blurred[chunk])] for chunk in chunks])
        batches = np.split(order, range(B, N, B))
        return [batches[i] for i in self._rng.permutation(len(batches))]


class Portions(Batches):
    """Shuffled epochs of a chosen number of batches: the next one goes on where the last one stopped."""

    def __init__(self, dataset, batch_size, seed, steps):
        self._steps, self._left = steps, []
        super().__init__(dataset, batch_size, shuffle=True, seed=seed)

    def __len__(self):
        return self._steps

    def _next_plan(self):
        while len(self._left) < self._steps:
            self._left += super()._next_plan()
        plan, self._left = self._left[: self._steps], self._left[self._steps :]
        return plan


def evened(batch, size, replicas):
    """A batch ``(x, y)`` or ``(x, y, weights)`` with weights, so that each example counts alike on unequal parts.

    A strategy of TensorFlow's gives each device ``⌈size / replicas⌉`` examples until there are no more, and adds up the
    devices' means: an example in a small part would count for more.

    >>> x, y, weights = evened((np.zeros(3), np.zeros(3)), size=3, replicas=2)
    >>> weights  # of parts of two and of one: (4/3 + 4/3) / 2 + 2/3 = 2, the sum of two means
    array([1.3333334, 1.3333334, 0.6666667], dtype=float32)
    """
    part = np.arange(size) // -(-size // replicas)
    weights = np.bincount(part)[part] * replicas / size
    x, y, *given = batch
    return x, y, np.prod([weights, *given], axis=0, dtype="float32")


def joined(data):
    """``(x, y)`` of a :class:`TextDataset` put together again; anything else as it is.

    Raises:
        ValueError: the labels are not as many as the texts.
    """
    if isinstance(data, tuple) and len(data) == 2 and isinstance(data[0], TextDataset):
        return data[0].labelled(data[1])
    return data


def by_length(dataset, batch_size):
    """Batches from the shortest text to the longest, for quick prediction.

    Returns:
        ``(batches, order)``: ``order[i]`` is the place in the data set of the i-th text that comes.
    """
    order = np.arange(len(dataset)) if dataset.lengths is None else np.argsort(dataset.lengths, kind="stable")
    return Batches(dataset, batch_size, order=order), order


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


def in_order(outputs, order):
    """What came in the order of :func:`by_length`, ``(N, …)``, back in the order of the data set.

    >>> in_order(np.array([[10], [20], [30]]), order=np.array([2, 0, 1])).tolist()
    [[20], [30], [10]]
    """
    found = np.empty_like(outputs)
    found[order] = outputs
    return found


def padded_length(longest, maxlen, alone=False):
    """The length a batch is padded to: a multiple of 8; a text alone keeps its own.

    A backend that compiles each length (JAX) gets fewer of them: above 64 tokens steps of 16, then 32 and 64; and a
    text alone is padded as well.

    >>> [padded_length(n, 512) for n in (5, 30, 70, 150, 300)]
    [8, 32, 72, 152, 304]
    """
    longest, step, is_jax = int(longest), 8, keras.backend.backend() == "jax"
    if alone and not is_jax:
        return longest
    if is_jax and longest > 64:
        step = 16 if longest <= 128 else 32 if longest <= 256 else 64
    return min(-(-longest // step) * step, maxlen)


def _tensorflow_dataset(batches):
    import tensorflow as tf

    def stream():
        # Keras does not read a generator to its end, and may begin the next one before this one is done.
        # So the order of this epoch is held here, and that of the next one drawn, before the first batch.
        plan = batches._plan
        batches.on_epoch_end()
        for indices in plan:
            yield batches.collate(indices)

    def open_spec(array):  # of ids and masks, whose length is another in each batch
        return tf.TensorSpec((None, None), array.dtype)

    def spec(array):  # of labels and weights
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    example = batches[0]
    x, *rest = example if isinstance(example, tuple) else (example,)
    signature = keras.tree.map_structure(open_spec, x)
    if rest:
        signature = (signature, *map(spec, rest))
    dataset = tf.data.Dataset.from_generator(stream, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False  # nothing here to tune, and the end of `fit` would wait seconds for its thread
    return dataset.with_options(options)
