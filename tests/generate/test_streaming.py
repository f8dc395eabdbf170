"""A text that is shown while it is written: whole letters, in order, and the same text as at once."""

import pytest

from ktlearn.generate import generate, stream
from tests.generate.planted import Recital, byte_tokenizer

TEXT = "Grüße, 東京! 😀 fin"
tokenizer = byte_tokenizer()


def test_the_pieces_are_the_text_letter_by_letter():
    pieces = list(stream(Recital(TEXT), "He said: ", tokenizer, max_new_tokens=100))
    assert "".join(pieces) == TEXT
    assert pieces == list(TEXT)  # never half of an ü: its two bytes are two tokens, and come together


def test_it_is_the_text_that_generate_writes_at_once():
    model = Recital(TEXT)
    for most in (1, 3, 9, 40):
        streamed = "".join(stream(model, "x", tokenizer, max_new_tokens=most))
        assert streamed == generate(model, "x", tokenizer, max_new_tokens=most).text


def test_a_letter_that_was_cut_off_at_the_end_is_shown_as_such():
    assert list(stream(Recital("aü"), "x", tokenizer, max_new_tokens=2)) == ["a", "\ufffd"]


def test_the_first_piece_comes_before_the_last_one_is_computed():
    pieces = stream(Recital("abc" * 50), "x", tokenizer, max_new_tokens=150)
    assert next(pieces) == "a"
    pieces.close()


def test_it_stops_at_a_stop_string():
    pieces = list(stream(Recital("one. two. three."), "x", tokenizer, max_new_tokens=50, stop_strings=["wo."]))
    assert "".join(pieces) == "one. two."


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"num_beams": 2}, ValueError, "with beams the text is known only at the end"),
        ({"prompt": ["a", "b"]}, ValueError, "one text can be shown at a time; got 2"),
        ({"tokenizer": None}, TypeError, "tokenizer: pieces of text need the model's tokenizer; got None"),
        ({"max_new_tokens": 0}, ValueError, "max_new_tokens must be a whole number"),
    ],
)
def test_what_cannot_be_is_refused_at_once(change, error, message):
    with pytest.raises(error, match=message):  # before the first piece is asked for
        stream(**{"model": Recital(TEXT), "prompt": "x", "tokenizer": tokenizer} | change)


# Stop strings, written at once


def test_a_text_ends_where_a_stop_string_is_complete():
    model = Recital("first line\nsecond line\nthird")
    found = generate(model, ["a", "b"], tokenizer, max_new_tokens=40, stop_strings="\n")
    assert found.texts == ["first line\n"] * 2
    assert found.ids.shape == (2, len("first line\n"))


@pytest.mark.parametrize(
    ("strings", "expected"), [(["zzz"], "abcdefghijklmno"), (["hij", "bcd"], "abcd"), (["o"], "abcdefghijklmno")]
)
def test_the_stop_string_that_is_complete_first_counts(strings, expected):
    found = generate(Recital("abcdefghijklmno"), "x", tokenizer, max_new_tokens=60, stop_strings=strings)
    assert found.text == expected
    assert (found.ids[0, -1] == 256) == (strings == ["zzz"])


def test_no_text_is_written_behind_a_stop_string_while_others_go_on():
    # Two rows of one recital stop alike, so one of them is looked at alone.
    model = Recital("ab. cd.")
    for most in (7, 9, 20):
        assert generate(model, "x", tokenizer, max_new_tokens=most, stop_strings=["d."]).text == "ab. cd."
