"""What labels may look like, what they become, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.text.labels import Labels

SIDES = ["negative", "positive"]
TWO = [[1, 0], [0, 1], [1, 0]]  # negative, positive, negative
TOPICS = ["sport", "money", "art"]


def encoded(y, class_names=(), is_regression=False):
    labels = Labels(class_names, is_regression)
    return labels, labels.fit(y, len(y))


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
@pytest.mark.parametrize(
    "y",
    [[0, 1, 0], ["negative", "positive", "negative"], [False, True, False], [0.0, 1.0, 0.0]],
    ids=["integers", "strings", "booleans", "whole floats"],
)
def test_labels_of_any_kind_in_any_container_become_one_hot_rows(y, kind):
    labels, rows = encoded(kind(y), SIDES)
    assert labels.kind == CLASSES
    assert rows.dtype == "float32"
    np.testing.assert_array_equal(rows, TWO)


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.DataFrame])
def test_one_hot_rows_are_classes(kind):
    labels, rows = encoded(kind(TWO), SIDES)
    assert labels.kind == CLASSES
    np.testing.assert_array_equal(rows, TWO)


def test_rows_with_several_ones_are_multilabel():
    many = [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    labels, rows = encoded(many, TOPICS)
    assert labels.kind == MULTILABEL
    np.testing.assert_array_equal(rows, many)


def test_floats_without_class_names_are_a_regression():
    labels, rows = encoded([0.5, 2.0, -1.5])
    assert labels.kind == REGRESSION
    assert labels.class_names == []
    np.testing.assert_array_equal(rows, np.array([[0.5], [2.0], [-1.5]], "float32"))


def test_integers_without_class_names_are_classes():
    labels, rows = encoded([3, 5, 3])
    assert labels.kind == CLASSES
    assert labels.class_names == ["3", "5"]
    np.testing.assert_array_equal(rows, TWO)


def test_integers_are_a_regression_only_when_asked():
    labels, rows = encoded([3, 5, 3], is_regression=True)
    assert labels.kind == REGRESSION
    np.testing.assert_array_equal(rows, [[3], [5], [3]])


def test_booleans_without_class_names_are_classes():
    labels, rows = encoded([False, True, False])
    assert labels.class_names == ["False", "True"]
    np.testing.assert_array_equal(rows, TWO)


def test_strings_without_class_names_are_classes_in_alphabetical_order():
    labels, rows = encoded(["no", "yes", "no"])
    assert labels.class_names == ["no", "yes"]
    np.testing.assert_array_equal(rows, TWO)


def test_the_order_of_the_class_names_is_kept():
    labels, rows = encoded(["no", "yes", "no"], ["yes", "no"])
    assert labels.class_names == ["yes", "no"]
    np.testing.assert_array_equal(rows, [[0, 1], [1, 0], [0, 1]])


def test_class_names_that_are_numbers_are_the_labels_themselves():
    _, stars = encoded([1, 2, 1], [1, 2])
    np.testing.assert_array_equal(stars, TWO)
    _, turned = encoded([0, 1, 0], [1, 0])
    np.testing.assert_array_equal(turned, [[0, 1], [1, 0], [0, 1]])


def test_test_labels_are_read_as_the_training_labels_were():
    labels, _ = encoded([3, 5, 9])
    np.testing.assert_array_equal(labels.encode([9, 3], 2), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(labels.encode(["9", "3"], 2), [[0, 0, 1], [1, 0, 0]])


def test_a_test_set_may_lack_a_class():
    labels, _ = encoded([0, 1], SIDES)
    np.testing.assert_array_equal(labels.encode([1, 1], 2), [[0, 1], [0, 1]])


@pytest.mark.parametrize(
    "y, class_names, message",
    [
        ([0, 1, 2], SIDES, r"item 2 has the unknown label 2.*numbered 0 to 1"),
        ([0, -1], SIDES, r"item 1 has the unknown label -1"),
        (["negative", "neutral"], SIDES, r"item 1 has the unknown label 'neutral'. Known: \['negative', 'positive'\]"),
        ([1, 2, 6], [1, 2, 3], r"item 2 has the unknown label 6. Known: \[1, 2, 3\]"),
        ([0.2, 0.8], SIDES, "fractions cannot be classes"),
        ([0, 0, 1], TOPICS, r"no training text has the class 'art'"),
        ([1, 1, 1], SIDES, r"no training text has the class 'negative'"),
        (["same", "same"], (), "all training labels are 'same'"),
        ([[1, 1, 0], [0, 1, 0]], TOPICS, "no training text has the class 'art'"),
        ([[0, 1], [1, 0]], (), r"y has 2 columns.*class_names"),
        ([[0, 1], [1, 0]], TOPICS, "y has 2 columns, but there are 3 class names"),
        ([[0.5, 0.6], [1, 0]], SIDES, "only 0 and 1"),
        ([[1, 0], [1]], SIDES, "rows must hold a 0 or a 1 for each class"),
        ([["sport"], ["sport", "art"]], TOPICS, "MultiLabelBinarizer"),
        ([["sport", "art"], ["art", "money"]], TOPICS, "MultiLabelBinarizer"),
        (["a", None], (), "item 1 is None, which is no label"),
        (["a", float("nan")], (), "item 1 is nan, which is no label"),
        ([1.0, float("nan")], (), "item 1 is nan"),
        ([1.0, float("inf")], (), "item 1 is inf, not a finite number"),
        (["a", 1], (), "item 1 is 1, but item 0 is 'a'"),
        ([b"a", b"b"], (), "item 0 is b'a', which is no label"),
    ],
)
def test_unusable_training_labels_are_refused_and_named(y, class_names, message):
    with pytest.raises(ValueError, match=message):
        encoded(y, class_names)


def test_a_missing_label_in_a_series_is_found():
    with pytest.raises(ValueError, match="item 1 is .*no label"):
        encoded(pd.Series(["a", None, "b"]))
    with pytest.raises(ValueError, match="item 2 is .*no label"):
        encoded(pd.Series([1, 2, None], dtype="Int64"))


@pytest.mark.parametrize("y", ["negative", {0: 1}, {0, 1}, 5, None])
def test_what_is_no_list_of_labels_is_refused(y):
    with pytest.raises(TypeError, match="y: accepted are a list"):
        Labels(SIDES).fit(y, 2)


def test_the_counts_of_texts_and_labels_must_agree():
    with pytest.raises(ValueError, match="there are 3 texts, but 2 labels"):
        Labels(SIDES).fit([0, 1], 3)
    with pytest.raises(ValueError, match="there are 4 texts, but 3 labels"):
        Labels(SIDES).fit(pd.DataFrame(TWO, columns=SIDES), 4)


def test_a_regression_wants_one_number_for_each_text():
    for y in ([[1.0, 2.0], [3.0, 4.0]], ["1.5", "2.5"]):
        with pytest.raises(ValueError, match="one number for each text"):
            encoded(y, is_regression=True)


def test_probabilities_are_classes_each_as_far_as_it_is_likely():
    soft = [[0.9, 0.1], [0.25, 0.75], [1, 0]]
    labels, rows = encoded(soft, SIDES)
    assert labels.kind == "classes"
    np.testing.assert_allclose(rows, soft)
    np.testing.assert_allclose(labels.encode([[0.5, 0.5]], 1), [[0.5, 0.5]])
    np.testing.assert_allclose(labels.encode(["negative"], 1), [[1, 0]])


@pytest.mark.parametrize("rows", [[[0.9, 0.2], [1, 0]], [[1.2, -0.2], [1, 0]], [[0.5, 0.5], [1, 1]]])
def test_numbers_that_are_no_probabilities_are_refused(rows):
    with pytest.raises(ValueError, match="only 0 and 1 .*or probabilities that add up to 1"):
        encoded(rows, SIDES)


def test_test_labels_must_be_of_the_training_labels_kind():
    one_each, _ = encoded(TWO, SIDES)
    with pytest.raises(ValueError, match="row 1 holds 2 ones; each needs exactly one"):
        one_each.encode([[1, 0], [1, 1]], 2)
    many, _ = encoded([[1, 1], [0, 1]], SIDES)
    with pytest.raises(ValueError, match="rows of 0 and 1, one column a class"):
        many.encode([0, 1], 2)


@pytest.mark.parametrize(
    "class_names, is_regression, message",
    [(["a", "a"], False, "twice"), (["a"], False, "at least two"), (SIDES, True, "exclude each other")],
)
def test_unusable_class_names_are_refused(class_names, is_regression, message):
    with pytest.raises(ValueError, match=message):
        Labels(class_names, is_regression)


# --- numbers and names --------------------------------------------------------------------------


def test_a_number_is_a_position_only_in_class_names_that_were_given():
    mixed, _ = encoded(["1", "2", "3", "unknown"])
    np.testing.assert_array_equal(mixed.encode([1, 2, 3], 3).argmax(1), [0, 1, 2])
    np.testing.assert_array_equal(mixed.encode([3.0, 1.0], 2).argmax(1), [2, 0])
    words, _ = encoded(["neg", "pos"])
    with pytest.raises(ValueError, match="item 0 has the unknown label 0. .*Numbers are positions"):
        words.encode([0, 1], 2)
    given, _ = encoded(["neg", "pos"], ["neg", "pos"])
    np.testing.assert_array_equal(given.encode([0, 1], 2).argmax(1), [0, 1])


@pytest.mark.parametrize(
    "names, y, places",
    [
        (["1", "2", "3"], [2, 1, 3], [1, 0, 2]),
        (["1", "0"], [0, 1, 1], [1, 0, 0]),
        (["unknown", "1", "2"], [1, 2, 1], [1, 2, 1]),
        (["True", "False"], [True, False, True], [0, 1, 0]),
    ],
)
def test_class_names_that_are_written_as_numbers_are_the_labels_themselves(names, y, places):
    labels, _ = encoded(names, names)
    np.testing.assert_array_equal(labels.encode(y, 3).argmax(1), places)


@pytest.mark.parametrize("names", [["01", "02", "03"], ["1.0", "2.0", "3.0"]])
def test_a_code_is_not_taken_for_the_position_of_a_class(names):
    labels, _ = encoded(names, names)
    with pytest.raises(ValueError, match="item 0 has the unknown label 1"):
        labels.encode([1, 2], 2)


def test_huge_numbers_are_labels_like_others():
    labels, rows = encoded([10**30, 1, 10**30])
    assert labels.values == [1, 10**30]
    np.testing.assert_array_equal(rows, [[0, 1], [1, 0], [0, 1]])
    with pytest.raises(ValueError, match="unknown label -1|unknown label"):
        Labels(SIDES).fit([10**30, 1], 2)
    with pytest.raises(ValueError, match="item 1 is 1e\\+300, not a finite number"):
        encoded([1.5, 1e300])


def test_whole_floats_are_numbers_with_a_word_about_classes():
    with pytest.warns(UserWarning, match=r"all of them are whole: 0, 1, … .*y.astype\(int\).*is_regression=True"):
        labels, _ = encoded([0.0, 1.0, 0.0])
    assert labels.kind == REGRESSION


@pytest.mark.parametrize(
    "y, options",
    [([0.5, 1.0], {}), ([0.0, 1.0], {"is_regression": True}), ([0.0, 1.0], {"class_names": SIDES})],
)
def test_no_word_where_the_kind_is_clear(y, options, recwarn):
    encoded(y, **options)
    assert not recwarn.list


def test_an_unknown_label_that_differs_only_by_spaces_or_case_gets_a_hint():
    labels, _ = encoded(["boot", "shoe"])
    with pytest.raises(ValueError, match="unknown label 'Boot\\\\xa0'.* Is 'boot' meant"):
        labels.encode(["shoe", "Boot\xa0"], 2)


@pytest.mark.parametrize(
    "class_names, error, message",
    [
        ({"a", "b"}, TypeError, "in the order of the model's outputs; got {"),
        ({"a": 0, "b": 1}, TypeError, "in the order of the model's outputs; got {"),
        (5, TypeError, "got 5"),
        ("ab", ValueError, "one string, 'ab'"),
        (["a", None], TypeError, "item 1 is None"),
        (["a", 1], TypeError, "item 1 is 1"),
        ([1, "a"], TypeError, "item 1 is 'a'"),
        ([1.5, 2.5], TypeError, "item 0 is 1.5"),
        ([["a"], ["b"]], TypeError, r"item 0 is \['a'\]"),
        (["a", ""], ValueError, "item 1 is '', which is no name"),
        (["a", " "], ValueError, "item 1 is ' ', which is no name"),
        (["a", "b\ud800"], ValueError, "half a character"),
        (["a", "b\x1b[0m"], ValueError, "control character"),
    ],
)
def test_class_names_that_no_file_could_keep_or_that_have_no_order_are_refused(class_names, error, message):
    with pytest.raises(error, match=message):
        Labels(class_names)


@pytest.mark.parametrize("y", [["a", ""], ["a", "b\ud83d"], ["a", "b\x00"]])
def test_labels_that_would_be_no_class_names_are_refused(y):
    with pytest.raises(ValueError, match="y: item 1 is .* which is no label"):
        encoded(y)


def test_a_column_of_an_array_is_read_as_a_list():
    np.testing.assert_array_equal(encoded(np.array([["no"], ["yes"], ["no"]]))[1], TWO)


def test_saved_labels_mean_the_same_again():
    for names, given in ((["neg", "pos"], True), ([], False)):
        labels, _ = encoded(["neg", "pos"], names)
        again = Labels.from_settings(labels.settings())
        assert (again.kind, again.values, again.are_given) == (CLASSES, ["neg", "pos"], given)
