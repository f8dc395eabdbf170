"""Which texts are taken, and what is said about those that are not."""

import numpy as np
import pandas as pd
import pytest

from ktlearn.text.check_texts import are_pairs, checked_texts


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_texts_may_come_in_any_usual_container(kind):
    texts = checked_texts(kind(["one", "two", ""]))
    assert texts == ["one", "two", ""]
    assert not are_pairs(texts)


def test_a_filtered_series_keeps_its_order():
    series = pd.Series(["one", "two", "three"])[[False, True, True]]
    assert checked_texts(series) == ["two", "three"]


@pytest.mark.parametrize(
    "pairs", [[("a", "b"), ("c", "d")], [["a", "b"], ["c", "d"]], np.array([["a", "b"], ["c", "d"]])]
)
def test_pairs_may_be_tuples_lists_or_rows(pairs):
    texts = checked_texts(pairs)
    assert texts == [("a", "b"), ("c", "d")]
    assert are_pairs(texts)


@pytest.mark.parametrize("empty", [[], (), np.array([]), pd.Series([], dtype=str)])
def test_an_empty_list_is_refused(empty):
    with pytest.raises(ValueError, match="there are no texts"):
        checked_texts(empty)


def test_one_string_is_refused():
    with pytest.raises(ValueError, match=r"got one string. Give a list of texts, such as \['A film.'\]"):
        checked_texts("A film.")


def test_a_bare_pair_is_refused_because_it_could_be_two_texts():
    with pytest.raises(ValueError, match="could be two texts or one pair"):
        checked_texts(("good", "bad"))


@pytest.mark.parametrize(
    "texts, message",
    [
        (["a", None, "c"], "item 1 is None; accepted is a string"),
        (["a", "b", 5], r"item 2 is 5 \(int\)"),
        (["a", float("nan")], r"item 1 is nan \(float\)"),
        ([b"a"], r"item 0 is b'a' \(bytes\)"),
        (pd.Series(["a", None]), "item 1 is"),
        ([("a", "b"), "c"], "item 1 is 'c' .*a pair of strings, as the first one"),
        (["a", ("b", "c")], "item 1 is .*accepted is a string"),
        ([("a", None)], "item 0"),
    ],
)
def test_the_first_item_that_is_no_text_is_named(texts, message):
    with pytest.raises(TypeError, match=message):
        checked_texts(texts)


@pytest.mark.parametrize("texts", [None, 5, {"a": 1}, {"a", "b"}, (text for text in "ab")])
def test_what_has_no_order_or_no_length_is_refused(texts):
    with pytest.raises(TypeError, match="accepted are a list, tuple, array or Series"):
        checked_texts(texts)


def test_a_data_frame_is_refused_since_its_items_are_column_names():
    with pytest.raises(TypeError, match=r'one of its columns, such as df\["text"\]'):
        checked_texts(pd.DataFrame({"text": ["a", "b"]}))
