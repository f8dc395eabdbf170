"""Batches: nothing lost, nothing padded that need not be, and few shapes where each is compiled."""

import numpy as np
import pytest

from ktlearn.backend import keras, ops
from ktlearn.text import batches as batches_file
from ktlearn.text.batches import by_length, padded_length
from tests.text.test_dataset import made_of

on_tensorflow = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX compiles each length")


@pytest.fixture
def ragged():
    """203 texts of 3 to 300 tokens: many short ones, few long ones, as in real collections."""
    return made_of(np.random.default_rng(0).gamma(1.5, 40, 203).clip(3, 300).astype(int))


def texts_of(batch):
    """The numbers of the texts in a batch, in order."""
    inputs = batch[0] if isinstance(batch, tuple) else batch
    return [int(number) for number in np.asarray(inputs["input_ids"])[:, 0] - 1]


def epoch(batches):
    """The numbers of the texts, batch by batch."""
    return [texts_of(batches[i]) for i in range(len(batches))]


def flat(lists):
    return [item for items in lists for item in items]


def padding(batches):
    """The share of the places in an epoch's batches that hold padding."""
    masks = [batches[i][0]["attention_mask"] for i in range(len(batches))]
    return 1 - sum(mask.sum() for mask in masks) / sum(mask.size for mask in masks)


# --- lengths ---------------------------------------------------------------------------------------


@pytest.fixture
def gpu(monkeypatch):
    """TensorFlow says that there is a GPU."""
    monkeypatch.setattr(batches_file, "_has_gpu", lambda: True)


@on_tensorflow
def test_a_padded_length_wastes_less_than_8_tokens_and_is_never_above_maxlen():
    assert all(0 <= padded_length(n, 512) - n < 8 for n in range(1, 513))
    assert padded_length(499, 500) == 500
    assert all(padded_length(n, 512, alone=True) == n for n in (1, 57, 512))


def test_padded_lengths_are_few_where_each_of_them_is_compiled(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    for alone in (False, True):
        assert len({padded_length(n, 500, alone) for n in range(1, 501)}) <= 20
    assert all(padded_length(n, 512) - n < max(8, n / 4) for n in range(1, 513))


# --- training batches ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 6, 203, 500])
def test_every_text_comes_exactly_once_an_epoch(ragged, batch_size):
    batches = ragged.batches(batch_size, shuffle=True)
    for _ in range(3):
        order = epoch(batches)
        assert len(order) == len(batches) == -(-203 // batch_size)
        assert sorted(flat(order)) == list(range(203))
        batches.on_epoch_end()


def test_labels_stay_with_their_texts(ragged):
    batches = ragged.batches(6, shuffle=True)
    for i in range(len(batches)):
        assert texts_of(batches[i]) == batches[i][1][:, 0].tolist()


def test_each_epoch_has_another_order_and_other_companions(ragged):
    batches = ragged.batches(6, shuffle=True)
    first = epoch(batches)
    batches.on_epoch_end()
    second = epoch(batches)
    assert first != second
    together = {frozenset(batch) for batch in first} & {frozenset(batch) for batch in second}
    assert len(together) < 5  # of 34


def test_the_seed_decides_the_order_of_all_epochs(ragged):
    def two_epochs(seed):
        batches = ragged.batches(6, shuffle=True, seed=seed)
        first = epoch(batches)
        batches.on_epoch_end()
        return first, epoch(batches)

    assert two_epochs(1) == two_epochs(1)
    assert two_epochs(1)[0] != two_epochs(2)[0]


def test_texts_of_similar_length_meet(ragged):
    as_they_come = padding(ragged.batches(6))
    together = padding(ragged.batches(6, shuffle=True))
    assert as_they_come > 0.4
    assert together < 0.2
    assert padding(by_length(ragged, 6)[0]) < together  # what an order without any chance reaches


def test_batches_do_not_come_from_short_to_long(ragged):
    batches = ragged.batches(6, shuffle=True)
    lengths = [batches[i][0]["input_ids"].shape[1] for i in range(len(batches))]
    assert abs(np.corrcoef(lengths, np.arange(len(lengths)))[0, 1]) < 0.5


def test_a_batch_size_below_one_is_refused(ragged):
    with pytest.raises(ValueError, match="batch_size must be a whole number, at least 1; got 0"):
        ragged.batches(0)


# --- evaluation batches -------------------------------------------------------------------------


def test_without_shuffling_the_texts_come_in_their_order(ragged):
    batches = ragged.batches(6)
    batches.on_epoch_end()
    assert flat(epoch(batches)) == list(range(203))


def test_by_length_goes_from_short_to_long_and_says_where_each_text_belongs(ragged):
    batches, order = by_length(ragged, 6)
    assert flat(epoch(batches)) == order.tolist()
    assert np.all(np.diff(ragged.lengths[order]) >= 0)


@on_tensorflow
def test_on_a_cpu_a_batch_for_prediction_ends_where_padding_would_cost_more_than_one_more_batch():
    batches, _ = by_length(made_of([90, 5, 7, 40, 5, 6, 5, 6], y=False), 6)
    assert epoch(batches) == [[1, 4, 6, 5, 7, 2], [3, 0]]
    batches, _ = by_length(made_of([90, 90, 5, 7, 5, 10], y=False), 6)
    assert epoch(batches) == [[2, 4, 3, 5], [0, 1]]


def test_equally_long_texts_fill_their_batches():
    batches, _ = by_length(made_of([40] * 14), 6)
    assert batches.sizes() == [6, 6, 2]


@pytest.mark.parametrize("seed", range(5))
def test_no_cut_costs_more_than_batches_of_one_size(seed):
    data = made_of(np.random.default_rng(seed).gamma(1.5, 40, 203).clip(3, 300).astype(int))

    def cost(plan):
        return sum(len(each) * data.lengths[each].max() + batches_file.ONE_MORE for each in plan)

    batches, order = by_length(data, 32)
    plan = np.split(order, np.cumsum(batches.sizes())[:-1])
    assert cost(plan) <= cost(np.split(order, range(32, 203, 32)))


def test_on_a_gpu_all_batches_for_prediction_have_one_size(ragged, gpu):
    assert by_length(ragged, 32)[0].sizes() == [32] * 6 + [11]


# --- what Keras gets ----------------------------------------------------------------------------


def test_keras_gets_every_text_exactly_once_in_each_epoch():
    class Seen(keras.Model):
        """Writes down the texts it is given."""

        def __init__(self):
            super().__init__()
            self.epochs, self.scale = [], self.add_weight(shape=(), initializer="ones")

        def call(self, inputs):
            self.epochs[-1].extend(texts_of({"input_ids": ops.convert_to_numpy(inputs["input_ids"])}))
            return self.scale * ops.ones_like(inputs["input_ids"][:, :1], dtype="float32")

    model = Seen()
    model.epochs.append([])
    model.compile("sgd", "mse", run_eagerly=True)
    begin = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: model.epochs.append([]))
    data = made_of(range(3, 40)).batches(6, shuffle=True).for_keras()
    model.fit(data, epochs=3, callbacks=[begin], shuffle=False, verbose=0)
    _, *epochs = model.epochs
    assert len(epochs) == 3
    for order in epochs:
        assert sorted(order) == list(range(37))
    assert epochs[0] != epochs[1] != epochs[2]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data is the TensorFlow backend's")
def test_an_epoch_that_has_begun_keeps_its_order_when_another_begins(ragged):
    data = ragged.batches(6, shuffle=True).for_keras()
    first = iter(data)
    seen = texts_of(next(first))
    for _ in data:  # a whole epoch between
        pass
    for batch in first:
        seen += texts_of(batch)
    assert sorted(seen) == list(range(203))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a graph is TensorFlow's")
def test_the_graph_is_traced_a_few_times_only_although_the_first_batches_are_equally_long():
    class Mean(keras.layers.Layer):
        traces = 0

        def call(self, x):
            Mean.traces += 1
            return ops.mean(x, axis=1)

    names = ("input_ids", "attention_mask")
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in names}
    vectors = keras.layers.Embedding(300, 4)(inputs["input_ids"])
    hidden = Mean()(vectors * ops.cast(inputs["attention_mask"], "float32")[:, :, None])
    model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
    model.compile("sgd", "mse")
    dataset = made_of([8] * 20 + [20, 40, 60, 70, 90, 110, 130, 200, 260, 300] * 4)
    Mean.traces = 0
    model.fit(dataset.batches(4).for_keras(), epochs=2, shuffle=False, verbose=0)
    assert 1 <= Mean.traces <= 3
    Mean.traces = 0
    model.predict(by_length(dataset, 4)[0].for_keras(), verbose=0)
    assert 1 <= Mean.traces <= 3


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data is the TensorFlow backend's")
def test_no_thread_tunes_the_stream_because_the_end_of_fit_would_wait_for_it(ragged):
    assert ragged.batches(6).for_keras().options().autotune.enabled is False
