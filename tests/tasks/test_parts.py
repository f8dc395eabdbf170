"""Long texts in parts: nothing is lost, nothing is too long, and the cuts are where a reader would make them."""

import pytest

from ktlearn.tasks.parts import in_parts, joined


def words(text):
    return len(text.split())


def test_a_text_that_fits_is_one_part():
    assert in_parts("One two. Three.", 3, words) == ["One two. Three."]


@pytest.mark.parametrize(
    "text",
    [
        "One two three. Four five! Six seven eight nine? Ten.",
        "First paragraph of six words here.\n\nSecond one. It has two sentences.\nThird.",
        "no end " * 30,
        "一二三。四五六！七八九？十",
        "x" * 50,
        " \n leading and trailing  \n",
    ],
)
@pytest.mark.parametrize("room", [4, 6])
@pytest.mark.parametrize("count", [words, len])
def test_the_parts_are_the_text_and_none_is_too_long(text, room, count):
    parts = in_parts(text, room, count)
    assert "".join(parts) == text
    assert max(map(count, parts)) <= room


def test_it_is_cut_between_paragraphs_else_sentences_else_words():
    assert in_parts("One two. Three.\nFour five.", 3, words) == ["One two. Three.\n", "Four five."]
    assert in_parts("One two. Three four five. Six.", 4, words) == ["One two.", " Three four five. Six."]
    assert in_parts("one two three four", 2, words) == ["one two", " three four"]
    assert in_parts("一二。三四。五六。", 6, len) == ["一二。三四。", "五六。"]


def test_the_parts_are_of_about_one_length():
    text = " ".join("word word word." for _ in range(11))  # 33 words
    assert [words(part) for part in in_parts(text, 30, words)] == [18, 15]  # not 30 and 3


def test_what_became_of_the_parts_is_joined_as_they_were():
    parts = ["Eins.\n\n", "Zwei.", " Drei."]
    assert joined(parts, ["One.", "Two.", "Three."], "en") == "One.\nTwo. Three."
    assert (
        joined(parts, ["一。", "二。", "三。"], "zh")
        == joined(parts, ["一。", "二。", "三。"], "cmn_Hans")
        == "一。\n二。三。"
    )
