"""The bundled reviews: what is in the file, what must not be in it, and how a lesson loads it."""

import contextlib
import csv
import io
import re
from collections import Counter, defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest

from ktlearn.data import load_review_lists, load_reviews
from ktlearn.data.reviews import SPLITS, SUBJECTS
from ktlearn.support.bundled import resource

SHARES = {"train": 0.60, "validation": 0.15, "test": 0.25}
MOST_SHARED = 0.2  # of the three-word sequences of two texts together, the part that both may have


@pytest.fixture(scope="module")
def rows():
    with open(resource("data") / "reviews_en.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def spans(text, length):
    """All sequences of so many words; a shorter text is one sequence."""
    found = words(text)
    return {tuple(found[i : i + length]) for i in range(max(1, len(found) - length + 1))}


def texts_by_span(rows, length):
    """Which texts (by id) hold each sequence of so many words."""
    holders = defaultdict(set)
    for row in rows:
        for span in spans(row["text"], length):
            holders[span].add(row["id"])
    return holders


def test_at_least_a_thousand_reviews_of_five_subjects_with_one_to_five_stars(rows):
    assert len(rows) >= 1000
    assert Counter(row["subject"] for row in rows).keys() == set(SUBJECTS)
    for subject in SUBJECTS:
        stars = Counter(row["stars"] for row in rows if row["subject"] == subject)
        assert sorted(stars) == ["1", "2", "3", "4", "5"]
        assert min(stars.values()) >= 40


def test_the_sentiment_follows_from_the_stars(rows):
    label = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}
    assert all(row["sentiment"] == label[row["stars"]] for row in rows)


def test_ids_are_numbered_within_a_subject_and_keep_their_text(rows):
    for subject in SUBJECTS:
        ids = sorted(row["id"] for row in rows if row["subject"] == subject)
        assert ids == [f"{subject}-{number:04d}" for number in range(1, len(ids) + 1)]
    text = {row["id"]: row["text"] for row in rows}
    assert text["film-0001"].startswith("My wife has slept through every film since 1998.")
    assert text["hotel-0240"] == "Left my heart there, and a charger. They posted back the charger."
    assert text["gadget-0400"].startswith("best purchase this year, honestly.")


def test_the_rows_are_shuffled(rows):
    neighbours = sum(one["subject"] == other["subject"] for one, other in pairwise(rows))
    assert neighbours / len(rows) == pytest.approx(1 / 5, abs=0.05)


def test_the_splits_keep_the_mix_of_subjects_stars_and_styles(rows):
    strata = defaultdict(Counter)
    for row in rows:
        strata[row["subject"], row["stars"], row["style"]][row["split"]] += 1
    assert len(strata) == 5 * 5 * 2
    for counts in strata.values():
        assert counts.keys() == set(SPLITS)
        for split, share in SHARES.items():
            assert counts[split] == pytest.approx(share * counts.total(), abs=1.5)
    counts = Counter(row["split"] for row in rows)
    assert counts == {split: share * len(rows) for split, share in SHARES.items()}


def test_no_two_texts_are_the_same_or_nearly_the_same(rows):
    """Over all pairs, so also between a training text and a test text."""
    assert len({" ".join(words(row["text"])) for row in rows}) == len(rows)
    own = {row["id"]: spans(row["text"], 3) for row in rows}
    common = Counter()
    for ids in texts_by_span(rows, 3).values():
        common.update(combinations(sorted(ids), 2))
    for (one, other), shared in common.items():
        assert shared / len(own[one] | own[other]) <= MOST_SHARED, (one, other)


def test_no_opening_and_no_phrase_comes_from_a_template(rows):
    openings = Counter(tuple(words(row["text"])[:4]) for row in rows)
    assert openings.most_common(1)[0][1] <= 2
    assert max(len(ids) for span, ids in texts_by_span(rows, 6).items() if len(span) == 6) <= 3


def test_lengths_vary(rows):
    lengths = [len(row["text"].split()) for row in rows]
    shortest, short, middle, long, longest = np.quantile(lengths, [0, 0.05, 0.5, 0.95, 1])
    assert shortest >= 3 and short <= 12
    assert 20 <= middle <= 35
    assert long >= 50 and longest <= 128


def test_the_texts_are_plain_characters_on_one_line_and_name_no_rating(rows):
    for row in rows:
        text = row["text"]
        assert text == " ".join(text.split())
        assert all(" " <= character <= "~" for character in text), row["id"]
        assert not re.search(r"\b(one|two|three|four|five|\d)[ -]stars?\b|\bten out of ten\b|\d/(5|10)\b", text, re.I)


def test_by_default_sentiment_has_two_classes():
    reviews = load_reviews()
    assert set(reviews["sentiment"]) == {"negative", "positive"}
    assert set(load_reviews(neutral=True)["sentiment"]) == {"negative", "neutral", "positive"}
    assert list(reviews.columns) == ["id", "subject", "style", "stars", "sentiment", "text", "split"]
    assert list(reviews.index) == list(range(len(reviews)))
    assert set(reviews["style"]) == {"plain", "dry"}


def test_the_three_splits_are_disjoint_and_together_everything(rows):
    parts = [load_reviews(split, neutral=True) for split in SPLITS]
    ids = [review for part in parts for review in part["id"]]
    assert sorted(ids) == sorted(row["id"] for row in rows)
    for split, part in zip(SPLITS, parts, strict=True):
        assert set(part["split"]) == {split}


@pytest.mark.parametrize("subjects", ["film", ["film", "hotel"], ("gadget",)])
def test_one_subject_or_a_few(subjects):
    wanted = {subjects} if isinstance(subjects, str) else set(subjects)
    assert set(load_reviews("test", subjects)["subject"]) == wanted


def test_lists_for_training_hold_the_same_reviews():
    pairs = load_review_lists(subjects="book")
    for split, (texts, labels) in zip(SPLITS, pairs, strict=True):
        reviews = load_reviews(split, "book")
        assert texts == list(reviews["text"]) and labels == list(reviews["sentiment"])
        assert type(texts) is type(labels) is list and {type(item) for item in texts + labels} == {str}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"split": "valid"}, "split: there is no 'valid' .*'train', 'validation', 'test'"),
        ({"subjects": "movie"}, "subjects: there is no 'movie' .*'film', 'book', 'food', 'hotel', 'gadget'"),
        ({"subjects": ["film", "car"]}, "subjects: there is no 'car'"),
        ({"subjects": []}, "subjects is an empty list"),
    ],
)
def test_an_unknown_split_or_subject_is_named_with_what_is_accepted(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        load_reviews(**arguments)


@pytest.mark.slow
def test_the_code_in_the_data_card_gives_the_figures_in_the_data_card():
    """Counts exactly; the baseline's accuracies, which depend a little on scikit-learn's version, within 0.02."""
    card = (resource("data") / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", card, re.S)
    assert len(examples) >= 2
    names = {}
    for code, written in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        for now, then in zip(printed.getvalue().split(), written.split(), strict=True):
            assert now == then or ("." in then and float(now) == pytest.approx(float(then), abs=0.02))
