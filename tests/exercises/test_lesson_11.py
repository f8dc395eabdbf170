"""The diagnoses of lesson 11. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_11_choosing import MAP, MAP_COLUMNS, MAP_ROWS, _rouge_1, _ways, solution_11_10
from ktlearn.exercises.lesson_11_measuring import REFERENCE, SUMMARY
from ktlearn.text.rouge import rouge_l, rouge_n, words
from tests.exercises.answers import diagnosis, line


def in_any_order(ours, theirs):
    return sum(min(ours.count(word), theirs.count(word)) for word in set(ours))


def in_one_piece(ours, theirs):
    length = range(len(ours), 0, -1)
    pieces = {tuple(theirs[i : i + n]) for n in length for i in range(len(theirs) - n + 1)}
    return next((n for n in length for i in range(len(ours) - n + 1) if tuple(ours[i : i + n]) in pieces), 0)


def as_soon_as_it_comes(ours, theirs):
    rest, found = list(theirs), 0
    for word in ours:
        if word in rest:
            rest, found = rest[rest.index(word) + 1 :], found + 1
    return found


def by_split(summary, reference):
    ours, theirs = summary.split(), reference.split()
    return 2 * sum(word in theirs for word in ours) / (len(ours) + len(theirs))


def not_clipped(summary, reference):
    ours, theirs = words(summary), words(reference)
    return 2 * sum(word in theirs for word in ours) / (len(ours) + len(theirs))


def mmr(scores, alike, n, weight, of=np.max, again=False):
    taken = [int(np.argmax(scores))]
    while len(taken) < n:
        left = [i for i in range(len(scores)) if again or i not in taken]
        taken.append(max(left, key=lambda i: weight * scores[i] - (1 - weight) * of([alike[i, j] for j in taken])))
    return taken


def as_text(summary, source):
    return [number for number in _numbers(summary) if number not in source]


def with_full_stops(summary, source):
    there = {word for word in source.split() if word[0].isdigit()}
    return [word for word in dict.fromkeys(summary.split()) if word[0].isdigit() and word not in there]


def _numbers(text):
    digits = "".join(letter if letter.isdigit() else " " for letter in text)
    return list(dict.fromkeys(digits.split()))


def unpaired(a, b):
    return (a - b).mean(), (a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)) ** 0.5


NO_FACTS = (
    "A difference of 0.3 is small and may be chance, so I would not build on it: we do not know its error. "
    "It was measured on news, and a doctor has other texts. Let somebody check a sample beside the records first."
)
ONLY_ROUGE = (
    "ROUGE counts the common words of two texts, and so it cannot tell whether a dose or a name is right. I would "
    "wait, because such a figure is no promise of anything to a hospital."
)

WRONG = [
    ("11.1", (4 / 7, 2 / 6), "the precisions"),
    ("11.1", (4 / 8, 2 / 7), "the recalls"),
    ("11.1", (4 / 13, 8 / 15), "ROUGE-1 first"),
    ("11.1", (6 / 15, 4 / 13), "upper and lower case"),
    ("11.1", (4 / 15, 2 / 13), "upper and lower case"),
    ("11.1", (8 / 15, 4 / 15), "7 words have 6 pairs"),
    ("11.1", (53.3, 30.8), "between 0 and 1"),
    ("11.2", "a", "stay a pair"),
    ("11.2", "c", "other words now"),
    ("11.2", "d", "in the same order"),
    ("11.3", in_one_piece, "without a gap"),
    ("11.3", in_any_order, "in any order"),
    ("11.3", as_soon_as_it_comes, "better to skip one"),
    ("11.4", by_split, "as often as the reference has it"),
    ("11.4", not_clipped, "as often as the reference has it"),
    ("11.4", lambda s, r: by_split(" ".join(dict.fromkeys(s.split())), r), "as often as"),
    ("11.4", lambda s, r: rouge_n(s, r).precision, "as often as"),
    ("11.5", (2 / 3, 1 / 12, 1 / 4), "without d: take"),
    ("11.5", (0.716667, 0.220833, 0.3625), "each gets 0.15 / 3"),
    ("11.5", (0.4865, 0.1534, 0.3601), "Asked is one round"),
    ("11.5", (1 / 3, 1 / 3, 1 / 3), "where it starts"),
    ("11.5", (0.6, 0.15, 0.25), "not all are right"),
    ("11.5", (0.6, 0.15, 0.5), "add up to 1.25"),
    ("11.6", lambda s, a, n, w: np.argsort(-s)[:n], "the n highest scores"),
    ("11.6", lambda s, a, n, w: mmr(s, a, n, w, of=np.mean), "not the mean"),
    ("11.6", lambda s, a, n, w: sorted(mmr(s, a, n, w)), "in which they were taken"),
    ("11.6", lambda s, a, n, w: mmr(s, a, n, 1 - w), "belongs to the score"),
    ("11.7", "a", "no similarity is looked at"),
    ("11.7", "c", "still add up to 1"),
    ("11.7", "d", "put d = 0"),
    ("11.8", as_text, "5 is not 15"),
    ("11.8", with_full_stops, "5 is not 15"),
    ("11.8", lambda summary, source: "5", "a list of texts"),
    ("11.9", ("freed", "released"), "the written word first"),
    ("11.9", ("judges", "released"), "the rows are the written words"),
    ("11.9", ("ann", "ann"), "the same word"),
    ("11.9", ("released", "judges"), "does not have the darkest cell"),
    ("11.10", ("a", 30.4), "another of the three has more"),
    ("11.10", ("b", 0.3227), "times 100"),
    ("11.10", ("b", 30.4), "has another ROUGE-1"),
    ("11.10", ("d", 30.4), 'the letter must be "a", "b" or "c"'),
    ("11.11", unpaired, "two separate groups"),
    ("11.11", lambda a, b: ((a - b).mean(), (a - b).std(ddof=1)), "Divide by √N"),
    ("11.11", lambda a, b: ((b - a).mean(), (a - b).std(ddof=1) / len(a) ** 0.5), "ours minus theirs"),
    ("11.12", "No.", "these are 1 words"),
    ("11.12", ONLY_ROUGE, "is 0.3 a difference at all?"),
    ("11.12", NO_FACTS, "does not see a false fact"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_the_pair_of_texts_is_as_the_lesson_prints_it():
    assert (len(words(SUMMARY)), len(words(REFERENCE))) == (7, 8)
    assert round(rouge_n(SUMMARY, REFERENCE, 2).f1, 3) == 0.308


def test_sorted_words_keep_rouge_1_and_lose_the_rest():
    in_order = " ".join(sorted(words(SUMMARY)))
    assert rouge_n(in_order, REFERENCE) == rouge_n(SUMMARY, REFERENCE)
    assert rouge_n(in_order, REFERENCE, 2).f1 < rouge_n(SUMMARY, REFERENCE, 2).f1
    assert rouge_l(in_order, REFERENCE).f1 < rouge_l(SUMMARY, REFERENCE).f1


def test_one_row_of_the_map_looks_at_another_word():
    best = [MAP_COLUMNS[column] for column in MAP.argmax(1)]
    others = [pair for pair in zip(MAP_ROWS, best, strict=True) if pair[0] != pair[1]]
    assert others == [("released", "freed")]
    np.testing.assert_allclose(MAP.sum(1), 1)


def test_one_rule_is_right_and_clearly_the_best():
    letter, figure = solution_11_10()
    figures = sorted(_rouge_1(choose) for choose in _ways().values())
    assert figures[-1] == pytest.approx(figure)
    assert figures[-1] - figures[-2] > 0.5
    assert [name for name in "abc" if line("11.10", (name, round(figure, 1))) == "✓ Right."] == [letter]
