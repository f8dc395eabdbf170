"""Token ids and plain arrays: kept small, batched whole, refused where they do not fit."""

import numpy as np
import pandas as pd
import pytest

from ktlearn.text.batches import padded_length
from ktlearn.text.dataset import ArrayDataset, TextDataset, joined
from ktlearn.text.labels import Labels


def made_of(lengths, maxlen=512, y=True, segments=False):
    """A data set of texts of these lengths; each token of text number n is n + 1, so that a batch tells its texts."""
    ids = [np.full(length, number + 1, "int32") for number, length in enumerate(lengths)]
    parts = [np.arange(length) % 2 for length in lengths] if segments else None
    y = np.arange(len(lengths), dtype="float32")[:, None] if y else None
    return TextDataset(ids, parts, y, None, Labels(is_regression=True), pad_id=0, maxlen=maxlen)


def test_stored_bytes_follow_the_tokens_and_not_maxlen():
    def stored(dataset):
        return sum(value.nbytes for value in vars(dataset).values() if isinstance(value, np.ndarray))

    lengths = [10] * 1000
    assert stored(made_of(lengths, maxlen=512)) == stored(made_of(lengths, maxlen=16))
    assert stored(made_of(lengths, maxlen=512, segments=True)) < 1000 * (10 * 5 + 20)  # 5 bytes a token, 20 a text


def test_a_batch_is_padded_on_the_right_and_its_mask_says_so():
    inputs, y = made_of([3, 5, 9], segments=True).collate(np.array([1, 0]))
    L = padded_length(5, 512)
    rest = [0] * (L - 5)
    assert inputs["input_ids"].tolist() == [[2, 2, 2, 2, 2, *rest], [1, 1, 1, 0, 0, *rest]]
    assert inputs["attention_mask"].tolist() == [[1, 1, 1, 1, 1, *rest], [1, 1, 1, 0, 0, *rest]]
    assert inputs["token_type_ids"].tolist() == [[0, 1, 0, 1, 0, *rest], [0, 1, 0, 0, 0, *rest]]
    assert {array.dtype for array in inputs.values()} == {np.dtype("int32")}
    assert y.tolist() == [[1], [0]]


def test_a_data_set_says_what_it_is():
    labels = Labels(["no", "yes"])
    y = labels.fit([0, 1], 2)
    dataset = TextDataset([np.ones(3), np.ones(4)], None, y, ["a", "b"], labels, 0, 16)
    assert repr(dataset) == "<TextDataset: 2 texts, 7 tokens, classes ['no', 'yes']>"
    assert repr(made_of([3, 4], y=False)) == "<TextDataset: 2 texts, 7 tokens, no labels>"


# --- plain arrays -------------------------------------------------------------------------------


def test_arrays_are_batched_with_their_labels():
    dataset = ArrayDataset(np.arange(10)[:, None], pd.Series(range(10)))
    seen = []
    batches = dataset.batches(4, shuffle=True, seed=3)
    for i in range(len(batches)):
        x, y = batches[i]
        assert x[:, 0].tolist() == y.tolist()
        seen += y.tolist()
    assert sorted(seen) == list(range(10)) != seen


def test_several_arrays_are_batched_together():
    dataset = ArrayDataset({"a": np.arange(4), "b": np.arange(4) * 10})
    batch = dataset.batches(3)[0]
    assert (batch["a"] * 10).tolist() == batch["b"].tolist() == [0, 10, 20]


@pytest.mark.parametrize(
    "x, y, message",
    [
        (np.zeros((3, 2)), np.zeros(2), r"same number of examples; got \[3, 2\]"),
        (np.zeros((0, 2)), np.zeros(0), "x and y are empty"),
        ([[1, 2], [3, 4]], np.zeros(2), "must be an array"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        ArrayDataset(x, y)


def test_ktrains_pair_of_texts_and_labels_is_the_data_set_again():
    data = made_of([3, 5, 2])
    x, y = data
    assert x.y is None and len(x) == len(data) and not isinstance(x.collate(np.arange(2)), tuple)
    np.testing.assert_array_equal(y, data.y)
    inputs, labels = joined((x, y)).collate(np.arange(3))
    np.testing.assert_array_equal(inputs["input_ids"], data.collate(np.arange(3))[0]["input_ids"])
    np.testing.assert_array_equal(labels, data.y)
    assert joined(data) is data and joined(None) is None
    for wrong in (y[:2], y[:, 0]):
        with pytest.raises(ValueError, match=r"y must be the labels that came with these texts, one row for each of 3"):
            joined((x, wrong))
