"""A reader's own text is printed on any stream, and no control character of it reaches the terminal."""

import io

import pytest

from ktlearn.support.characters import say, visible, whole


def test_a_half_character_becomes_the_replacement_sign_and_two_halves_one_character():
    assert whole("battery \ud83d!") == "battery \ufffd!"
    assert whole("\ude0d\ud83d") == "\ufffd\ufffd"  # in the wrong order
    assert whole("love \ud83d\ude0d") == "love \U0001f60d"
    assert whole("café \U0001f60d") == "café \U0001f60d"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\rb", "a\\rb"),
        ("a\x00\x9bb", "a\\x00\\x9bb"),
        ("abc \u202eedoc", "abc \\u202eedoc"),
        ("two\n\tlines", "two\n\tlines"),
        ("最悪 \u200d emoji", "最悪 \u200d emoji"),  # joins emojis and Indian letters: it stays
    ],
)
def test_control_characters_are_written_out_and_all_others_stay(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "encoding, shown",
    [("cp1252", "café \\u2192 \\U0001f60d"), ("ascii", "caf\\xe9 \\u2192 \\U0001f60d"), ("utf-8", "café → \U0001f60d")],
)
def test_a_line_is_printed_on_any_stream(monkeypatch, encoding, shown):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", stream)
    say("café → \U0001f60d")
    say("half \ud83d")
    stream.flush()
    lines = stream.buffer.getvalue().decode(encoding).splitlines()
    assert lines == [shown, "half \\ud83d"]


def test_a_stream_without_an_encoding_will_do(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    say("→ one", end="")
    assert stream.getvalue() == "→ one"
