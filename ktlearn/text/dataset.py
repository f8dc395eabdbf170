"""Token ids of many texts, and batches of texts of similar length.

Short texts padded to the longest of a data set are mostly padding. Here a batch is padded only to
its own longest text, and texts of similar length meet in one batch. Letters: N texts, B batch, L length.
"""

import numpy as np

from ktlearn.backend import keras

CHUNK = 50  # batches within which texts are sorted by length: the rest of the order stays random


class TextDataset:
    """The tokens of N texts, without any padding, and their labels.

    Args:
        ids: one list of token ids for each text.
        segments: one list of segment ids for each text, or None when the texts are not pairs.
        y: float32 labels ``(N, outputs)``, or None.
        texts: the texts themselves, for the views that show them.
        labels: the :class:`ktlearn.text.labels.Labels` that made ``y``.
        pad_id: token id that fills a batch.
        maxlen: no text is longer than this.
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

    def ids(self, index):
        """The token ids of one text, ``(L,)``."""
        return self._ids[self._starts[index] : self._starts[index + 1]]

    def collate(self, indices):
        """One batch: ``(inputs, y)``, the inputs int32 arrays ``(B, L)`` padded on the right."""
        L = padded_length(self.lengths[indices].max(), self.maxlen)
        inside = np.arange(L) < self.lengths[indices][:, None]  # (B, L)
        source = (self._starts[indices][:, None] + np.arange(L))[inside]
        token_ids = np.full(inside.shape, self.pad_id, "int32")
        token_ids[inside] = self._ids[source]
        inputs = {"input_ids": token_ids, "attention_mask": inside.astype("int32")}
        if self._segments is not None:
            segments = np.zeros(inside.shape, "int32")
            segments[inside] = self._segments[source]
            inputs["token_type_ids"] = segments
        return inputs if self.y is None else (inputs, self.y[indices])

    def batches(self, batch_size, shuffle=False, seed=0):
        """The batches of an epoch, as :class:`Batches`."""
        return Batches(self, batch_size, shuffle, seed)


class ArrayDataset:
    """Plain arrays ``x`` (one, or a list or dictionary of them) and ``y``, with the same interface.

    Raises:
        ValueError: the arrays have not the same length, or are lists of numbers.
    """

    lengths = labels = texts = None

    def __init__(self, x, y=None):
        self.x = keras.tree.map_structure(np.asarray, x)
        self.y = None if y is None else np.asarray(y)
        arrays = [array for array in keras.tree.flatten((self.x, self.y)) if array is not None]
        if any(array.ndim == 0 for array in arrays):
            raise ValueError("x must be an array, or a list or dictionary of arrays: use np.array(x).")
        counts = {len(array) for array in arrays}
        if len(counts) != 1 or 0 in counts:
            raise ValueError(f"x and y must have the same length, at least 1; got {sorted(counts)}.")

    def __len__(self):
        return len(keras.tree.flatten(self.x)[0])

    def collate(self, indices):
        x = keras.tree.map_structure(lambda array: array[indices], self.x)
        return x if self.y is None else (x, self.y[indices])

    def batches(self, batch_size, shuffle=False, seed=0):
        return Batches(self, batch_size, shuffle, seed)


class Batches(keras.utils.PyDataset):
    """The batches of an epoch: every text exactly once.

    With ``shuffle`` the texts are shuffled anew each epoch (seeded) and texts of similar length are
    put together; without it they come in the data set's order.
    """

    def __init__(self, dataset, batch_size, shuffle=False, seed=0):
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; got {batch_size}.")
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self._rng = np.random.default_rng(seed)
        self._plan = self._order()

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def __getitem__(self, number):
        return self.dataset.collate(self._plan[number])

    def on_epoch_end(self):
        if self.shuffle:
            self._plan = self._order()

    def for_keras(self):
        """What ``fit`` is to be given: on TensorFlow a `tf.data` set with open lengths.

        Keras would take the shapes from the first two batches; when these happen to be equally long,
        it would freeze that length.
        """
        if keras.backend.backend() != "tensorflow" or self.dataset.lengths is None:
            return self
        return _tensorflow_dataset(self)

    def _order(self):
        N, B = len(self.dataset), self.batch_size
        if not self.shuffle:
            return np.split(np.arange(N), range(B, N, B))
        order = self._rng.permutation(N)
        if self.dataset.lengths is not None:
            # Lengths blurred by 5 %, so that the same texts do not meet in every epoch.
            blurred = self.dataset.lengths * self._rng.uniform(0.95, 1.05, N)
            chunks = np.split(order, range(CHUNK * B, N, CHUNK * B))
            order = np.concatenate([chunk[np.argsort(blurred[chunk])] for chunk in chunks])
        batches = np.split(order, range(B, N, B))
        return [batches[i] for i in self._rng.permutation(len(batches))]


def by_length(dataset, batch_size):
    """Batches from the shortest text to the longest, for quick prediction.

    Returns:
        ``(batches, order)``: ``order[i]`` is the place in the data set of the i-th text that comes.
    """
    batches = dataset.batches(batch_size)
    order = np.arange(len(dataset)) if dataset.lengths is None else np.argsort(dataset.lengths, kind="stable")
    batches._plan = [order[plan] for plan in batches._plan]
    return batches, order


def padded_length(longest, maxlen):
    """The length a batch is padded to: a multiple of 8.

    A backend that compiles each length (JAX) gets fewer of them: above 64 tokens steps of 16, then 32 and 64.

    >>> [padded_length(n, 512) for n in (5, 30, 70, 150, 300)]
    [8, 32, 72, 152, 304]
    """
    longest, step = int(longest), 8
    if keras.backend.backend() == "jax" and longest > 64:
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
            yield batches.dataset.collate(indices)

    def open_spec(array):
        return tf.TensorSpec((None, None), array.dtype)

    signature = keras.tree.map_structure(open_spec, batches[0])
    dataset = tf.data.Dataset.from_generator(stream, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2)
    options = tf.data.Options()
    options.autotune.enabled = False  # nothing here to tune, and the end of `fit` would wait seconds for its thread
    return dataset.with_options(options)
