"""The diagnoses of lesson 12. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_12_judging import SETTINGS, _recall_at_10, solution_12_9
from ktlearn.exercises.lesson_12_reading import ENDS, LONGEST, STARTS, solution_12_1
from tests.exercises.answers import diagnosis, line


def spans(starts, ends, n, longest, is_legal=lambda i, j, longest: i <= j < i + longest):
    pairs = [(i, j) for i in range(len(starts)) for j in range(len(ends)) if is_legal(i, j, longest)]
    return np.array(sorted(pairs, key=lambda pair: -starts[pair[0]] - ends[pair[1]])[:n])


def cut(length, room, overlap, step=None):
    step, windows = step or room - overlap, []
    for start in range(0, length, step):
        windows.append((start, min(start + room, length)))
        if start + room >= length:
            break
    return np.array(windows)


def by_equality(offsets, segments, start, end):
    return np.flatnonzero(offsets[:, 0] == start)[0], np.flatnonzero(offsets[:, 1] == end)[-1]


def without_segments(offsets, segments, start, end):
    touched = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start))
    return touched[0], touched[-1]


def cheapest(margins, right, has_answer, wrong=3, miss=1):
    cuts = [*margins, margins.max() + 1]

    def cost(cut):
        return wrong * ((margins >= cut) & ~right).sum() + miss * ((margins < cut) & has_answer).sum()

    return min(cuts, key=cost)


def ranks(likeness, true):
    return np.array([sum(row >= row[right]) for row, right in zip(likeness, true, strict=True)])


def ranks_by_luck(likeness, true):
    return np.array([1 + sum(row > row[right]) for row, right in zip(likeness, true, strict=True)])


ONLY_WORDS = (
    "F1 counts words and half an answer earns a part of a point, so the number is an overlap and no promise at all. It "
    "says little about what a customer needs, and nobody should ship because of it."
)

WRONG = [
    ("12.1", (3, 2), "the end comes first"),
    ("12.1", (4, 1), "the end comes before the start"),
    ("12.1", (3, 5), "that answer has 3 tokens"),
    ("12.1", (3, 4), "that pair is worth 4.1"),
    ("12.1", (0.5, 1), "two positions from 0 to 5"),
    ("12.2", 2 * np.log(160), "the sum of both"),
    ("12.2", 1 / 160, "minus its logarithm"),
    ("12.2", np.log2(160), "to base 2"),
    ("12.2", np.log10(160), "to base 10"),
    ("12.2", -np.log(160), "not negative"),
    ("12.3", lambda s, e, n, m: spans(s, e, n, len(s)), "at most `longest` tokens"),
    ("12.3", lambda s, e, n, m: spans(s, e, n, m + 1), "one token too long"),
    ("12.3", lambda s, e, n, m: spans(s, e, n, m)[::-1], "the best one comes first"),
    ("12.4", lambda n, room, overlap: cut(n, room, 0), "do not overlap"),
    ("12.4", lambda n, room, overlap: cut(n, room, overlap, step=overlap), "not the step"),
    ("12.4", lambda n, room, overlap: cut(n, room, overlap)[:-1], "the end of the text is in no window"),
    ("12.5", by_equality, "stops with IndexError"),
    ("12.5", without_segments, "a token of the question"),
    ("12.6", "a", "which is the largest"),
    ("12.6", "b", "position 0"),
    ("12.6", "c", "differences only"),
    ("12.7", lambda m, r, h: cheapest(m, r, h, wrong=1), "costs 3, not 1"),
    ("12.8", lambda s, t: 1 / ranks(s, t).mean(), "then the mean"),
    ("12.8", lambda s, t: ranks(s, t).mean(), "the mean rank"),
    ("12.8", lambda s, t: (1 / ranks(-s, t)).mean(), "not the smallest"),
    ("12.8", lambda s, t: (ranks(s, t) == 1).mean(), "recall at 1"),
    ("12.8", lambda s, t: (1 / (ranks(s, t) + 1)).mean(), "has rank 1"),
    ("12.8", lambda s, t: (1 / ranks_by_luck(s, t)).mean(), "just as alike"),
    ("12.9", ("b", 0.863), "another setting loses more"),
    ("12.9", ("a", 0.942), "count a tie as lost"),
    ("12.9", ("d", 0.9), 'the letter must be "a", "b" or "c"'),
    ("12.10", ("who", "tom"), "*from* the passage"),
    ("12.10", ("met", "met"), "finds its own word"),
    ("12.10", ("tom", "[SEP]"), "does not have the darkest cell"),
    ("12.11", "No.", "these are 1 words"),
    ("12.11", ONLY_WORDS, "not every question has an answer there"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_superfluous_window_is_named():
    def one_more(length, room, overlap):
        starts = range(0, length, room - overlap)
        return np.array([(start, min(start + room, length)) for start in starts])

    assert "brings nothing new" in diagnosis("12.4", one_more)


def test_the_best_span_is_best_among_all_legal_ones():
    best = spans(STARTS, ENDS, 2, LONGEST)
    assert tuple(best[0]) == solution_12_1()
    assert STARTS[best[0, 0]] + ENDS[best[0, 1]] > STARTS[best[1, 0]] + ENDS[best[1, 1]]  # no tie


def test_one_setting_is_right_and_its_recall_is_the_least():
    letter, recall = solution_12_9()
    right = [name for name in SETTINGS if line("12.9", (name, recall)) == "✓ Right."]
    assert right == [letter]
    assert 0.8 < recall < 0.85  # the others have 0.85 and more


def test_the_recall_that_the_exercise_starts_from_is_that_of_plain_words():
    assert round(_recall_at_10({}), 2) == 0.86
