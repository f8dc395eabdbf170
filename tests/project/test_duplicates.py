"""Texts that stand there twice, in two lists or in one."""

import numpy as np
import pytest

from ktlearn.project import duplicates, earlier_copies, near_duplicates

LONG = "The room was cold, the tea was colder, and nobody came when we rang the bell."


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.upper(),
        f"Fwd: {LONG} (see below)",
        LONG.replace(", ", " — "),
        LONG.replace("cold", "c\u006fld").replace("bell.", "bell!!!"),
        LONG[:-12],
    ],
)
def test_what_is_nearly_the_same_is_found(copy):
    (pair,) = near_duplicates(["Something else altogether was written here.", LONG], [copy])
    assert (pair.place, pair.other) == (1, 0)
    assert pair.likeness > 0.8


@pytest.mark.parametrize("other", ["We rang the bell and had tea in a cold room.", "Fine.", "☺", "它很冷"])
def test_what_says_something_like_it_in_other_words_is_not(other):
    assert near_duplicates([LONG], [other]) == []


def test_very_short_texts_must_be_equal_and_signs_alone_are_no_text():
    assert near_duplicates(["Thank you very much"], ["Thank you very much indeed"]) == []
    assert [pair.other for pair in near_duplicates(["Thank you!", "☺"], ["thank you", "☹"])] == [0]


def test_only_the_later_of_two_is_a_copy():
    texts = [LONG, "Quite another message, about a lamp that flickers all night.", f"re {LONG}", LONG]
    assert [(pair.place, pair.other) for pair in earlier_copies(texts)] == [(0, 2), (0, 3)]


def test_portions_find_what_one_comparison_finds(monkeypatch):
    rng = np.random.default_rng(0)
    words = ["lamp", "river", "seven", "cold", "train", "orange", "letter", "stone"]
    texts = [" ".join(rng.choice(words, 12)) for _ in range(40)]
    texts += [f"fwd {text}" for text in texts[::4]]
    once = earlier_copies(texts), near_duplicates(texts[:20], texts[20:])
    monkeypatch.setattr(duplicates, "AT_ONCE", 7)
    assert (earlier_copies(texts), near_duplicates(texts[:20], texts[20:])) == once
    assert len(once[0]) >= 10


def test_a_series_with_an_index_of_its_own_is_a_list_of_texts():
    import pandas as pd

    texts = pd.Series([LONG, LONG], index=[7, 3])
    assert [pair.other for pair in earlier_copies(texts)] == [1]


@pytest.mark.parametrize("alike", [0, 1.5, "much"])
def test_a_share_that_is_none_is_refused(alike):
    with pytest.raises(ValueError, match="alike"):
        near_duplicates([LONG], [LONG], alike=alike)
