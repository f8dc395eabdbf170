"""The small vocabulary: text to ids and back, without loss."""

import numpy as np
import pytest

from ktlearn.data import Vocabulary, date_pairs, number_pairs, take
from ktlearn.data.vocabulary import tokenize


@pytest.fixture(scope="module")
def texts():
    dates, numbers = take(date_pairs("train"), 500), take(number_pairs("train"), 500)
    return [*dates[0], *dates[1], *numbers[0], *numbers[1]]


def test_tokens_are_a_tag_words_single_digits_and_single_signs():
    assert tokenize("<zh> Friday, March 15, 2021")[:6] == ["<zh>", " ", "Friday", ",", " ", "March"]
    assert tokenize("March 15, 2021") == ["March", *list(" 15, 2021")]
    assert tokenize("2021年3月5日") == list("2021年3月5日")
    assert tokenize("1,2 Millionen") == ["1", ",", "2", " ", "Millionen"]


def test_joined_tokens_are_the_text_again(texts):
    for text in [*texts, "a_b\n<c", "", "¿qué?"]:
        assert "".join(tokenize(text)) == text


def test_decode_undoes_encode(texts):
    vocabulary = Vocabulary(texts)
    for text in texts:
        assert vocabulary.decode(vocabulary.encode(text)) == text


def test_padding_is_zero_and_every_token_has_one_id():
    vocabulary = Vocabulary(["b a", "a c"])
    assert vocabulary.tokens == ["<pad>", "<start>", "<end>", "<unknown>", " ", "a", "b", "c"]
    assert (vocabulary.pad, vocabulary.start, vocabulary.end, vocabulary.unknown) == (0, 1, 2, 3)
    assert [vocabulary.ids[token] for token in vocabulary.tokens] == list(range(len(vocabulary)))


def test_the_ids_do_not_depend_on_the_order_of_the_texts():
    assert Vocabulary(["b", "a"]).tokens == Vocabulary(["a", "b", "a"]).tokens


def test_a_batch_is_padded_with_start_and_end_where_asked():
    vocabulary = Vocabulary(["ab c"])  # ids: " " 4, "ab" 5, "c" 6
    assert vocabulary.batch(["ab c", "c"], 5).tolist() == [[5, 4, 6, 0, 0], [6, 0, 0, 0, 0]]
    assert vocabulary.batch(["c"], 4, start=True).tolist() == [[1, 6, 0, 0]]
    assert vocabulary.batch(["c"], 4, end=True).tolist() == [[6, 2, 0, 0]]
    assert vocabulary.batch(["c"], 3, start=True, end=True).tolist() == [[1, 6, 2]]
    assert vocabulary.batch([], 3).shape == (0, 3)


def test_decode_stops_at_the_first_end_and_hides_start_and_padding():
    vocabulary = Vocabulary(["ab c"])
    assert vocabulary.decode([1, 5, 4, 6, 2, 5, 0]) == "ab c"
    assert vocabulary.decode(np.array([5, 0, 0])) == "ab"
    assert vocabulary.decode([2, 5]) == ""


def test_an_unseen_token_is_unknown_not_an_error():
    vocabulary = Vocabulary(["5 Mar"])
    assert vocabulary.tokens_of(vocabulary.encode("7 Mar")) == ["<unknown>", " ", "Mar"]


def test_a_text_that_is_too_long_is_named():
    with pytest.raises(ValueError, match="'5 Mar' needs 4 ids, more than length=3. Give a larger length."):
        Vocabulary(["5 Mar"]).batch(["5", "5 Mar"], 3, end=True)


@pytest.mark.parametrize("ids", [[5, 99], [-1]])
def test_ids_of_another_vocabulary_are_refused(ids):
    with pytest.raises(ValueError, match="ids must lie between 0 and 5"):
        Vocabulary(["5 "]).decode(ids)
