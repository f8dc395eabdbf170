"""Names and numbers of a summary that stand in its source, and those that do not."""

import pytest

from ktlearn.data import load_reports
from ktlearn.text.faithful import faithful, numbers_of, ordinary_words

SOURCE = "Ros Tregear of Penhallick let 4 of her nine people go. She has 1,450 sails."
ORDINARY = ordinary_words([SOURCE, "the old ones say that they sew"])


@pytest.mark.parametrize(
    ("summary", "names", "numbers"),
    [
        ("Tregear let four of nine people go.", [], []),
        ("ros tregear let 4 go", [], []),  # upper and lower case do not matter
        ("Rose Tregear let five go.", ["rose"], ["5"]),
        ("Tregearn has 1450 sails.", ["tregearn"], []),  # a made-up word is a foreign name
        ("Tregear's people say that she has 145 sails.", [], ["145"]),
        ("One of nine", [], []),
    ],
)
def test_what_the_source_does_not_have_is_foreign(summary, names, numbers):
    said = faithful(summary, SOURCE, ORDINARY | {"she", "one"})
    assert (said.foreign_names, said.foreign_numbers) == (names, numbers)


def test_the_right_names_in_a_wrong_sentence_are_not_found():
    assert not faithful("Penhallick let Ros Tregear go.", SOURCE, ORDINARY).foreign_names


def test_numbers_are_the_same_in_words_in_digits_and_with_commas():
    assert numbers_of("Twelve of 1,450, at 4.12: 12 and 1450") == ["12", "1450", "4.12"]
    assert numbers_of("a 12,5 b") == ["12,5"]  # no group of three: not a thousand's comma


def test_the_references_themselves_are_nearly_all_faithful():
    parts = [load_reports(part) for part in ("train", "validation", "test")]
    ordinary = ordinary_words(text for part in parts for column in ("report", "summary") for text in part[column])
    said = [faithful(*row, ordinary) for part in parts for row in zip(part["summary"], part["report"], strict=True)]
    names, foreign = (sum(len(getattr(each, kind)) for each in said) for kind in ("names", "foreign_names"))
    assert names > 1000 and foreign / names < 0.01
