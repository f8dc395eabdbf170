"""Batches of texts of similar length, for a training and for quick prediction.

Short texts padded to the longest of a data set are mostly padding. Here a batch is padded only to its own longest text.
Letters: N texts, B batch, L length.
"""

import functools

import numpy as np

from ktlearn.backend import keras
from ktlearn.support.arguments import check_whole

CHUNK = 50  # batches within which texts are sorted by length: the rest of the order stays random
ONE_MORE = 64  # tokens of padding that a CPU computes rather than begin one more batch: measured, MiniLM and mini-BERT


class Batches(keras.utils.PyDataset):
    """The batches of an epoch: every text exactly once.

    Args:
        dataset: an :class:`IndexedDataset`.
        batch_size: texts in a batch; the last one may be smaller.
        shuffle: True to shuffle the texts anew each epoch, texts of similar length being put together.
        seed: decides all these orders.
        plan: without ``shuffle``, the places of the texts of each batch; left out, the data set's order is cut into
            batches of ``batch_size``.

    Raises:
        ValueError: the batch size is no whole number from 1 on.
    """

    steps_per_epoch = class_weight = None  # Keras sees where an epoch ends; the weights are in the batches
    replicas = 1  # more where a strategy splits a batch into unequal parts

    def __init__(self, dataset, batch_size, shuffle=False, seed=0, plan=None):
        super().__init__()
        check_whole("batch_size", batch_size)
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self._rng = np.random.default_rng(seed)
        self._plan = self._next_plan() if plan is None else plan

    def __len__(self):
        return len(self._plan)

    def __getitem__(self, number):
        return self.collate(self._plan[number])

    def collate(self, indices):
        """One batch, of the texts in these places."""
        batch = self.dataset.collate(indices)
        return batch if self.replicas == 1 else evened(batch, len(indices), self.replicas)

    def sizes(self):
        """How many texts each batch has."""
        return [len(indices) for indices in self._plan]

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
            return np.split(np.arange(N), range(B, N, B))
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


def by_length(dataset, batch_size):
    """Batches from the shortest text to the longest, for quick prediction.

    Where a token costs the same in every batch, a batch ends when more padding would cost more than one more batch.

    Returns:
        ``(batches, order)``: ``order[i]`` is the place in the data set of the i-th text that comes.

    >>> from ktlearn.text.dataset import TextDataset
    >>> batches, _ = by_length(TextDataset([[7] * n for n in (90, 5, 5, 6)], None, None, None, None, 0, 128), 4)
    >>> [batch["input_ids"].shape for batch in batches]
    [(3, 8), (1, 90)]
    """
    check_whole("batch_size", batch_size)
    if dataset.lengths is None:
        order = np.arange(len(dataset))
        return Batches(dataset, batch_size), order
    order = np.argsort(dataset.lengths, kind="stable")
    starts = range(batch_size, len(dataset), batch_size)
    if _lengths_are_free():
        starts = _ends(dataset.lengths[order].tolist(), batch_size)
    return Batches(dataset, batch_size, plan=np.split(order, starts)), order


def _ends(lengths, batch_size):
    """The places at which lengths that grow are cut into batches."""
    ends, size, tokens = [], 0, 0
    for place, length in enumerate(lengths):
        if size == batch_size or length * size - tokens > ONE_MORE:
            ends.append(place)
            size = tokens = 0
        size, tokens = size + 1, tokens + length
    return ends


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


def _lengths_are_free():
    """Does a token cost the same in a batch of any shape? On a CPU, where no shape is compiled."""
    return keras.backend.backend() == "tensorflow" and not _has_gpu()


@functools.cache
def _has_gpu():
    return bool(keras.distribution.list_devices("gpu"))


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
