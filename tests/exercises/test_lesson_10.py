"""The diagnoses of lesson 10. What holds for every exercise is in test_every_exercise.py."""

import re
from collections import Counter

import numpy as np
import pytest

from ktlearn.exercises.lesson_10_measuring import pieces_per_word, solution_10_11
from ktlearn.exercises.lesson_10_searching import MAP, MAP_COLUMNS, TEXTS
from ktlearn.text.bleu import runs
from tests.exercises.answers import diagnosis, line


def precision(translation, references, n, join):
    every = join([runs(reference, n) for reference in references])
    return (runs(translation, n) & every).total() / runs(translation, n).total()


def share(counts, rows):
    total = counts[rows].sum(1)
    return total[:, 0] / total[:, 1]


def lost(source, translation, pattern=r"\d+(?:\.\d+)?", clean=lambda text: text.replace(",", "")):
    ours, theirs = (Counter(re.findall(pattern, clean(text))) for text in (source, translation))
    return list((ours - theirs).elements())


def score(ids, log_p, alpha, end, filling=False, one_length=False, sign=-1, last=1):
    length = (ids == end).argmax(1) + last
    total = log_p.sum(1) if filling else np.array([row[:n].sum() for row, n in zip(log_p, length, strict=True)])
    return (total * (ids.shape[1] if one_length else length) ** (sign * alpha)).argmax()


ONLY_ERROR = "One point of BLEU on sixty sentences may be chance, since the error of such a small set is about " * 2

WRONG = [
    ("10.1", 44.7, "the brevity penalty is missing"),
    ("10.1", 0.366, "multiply by 100"),
    ("10.1", 40.9, "only one a"),
    ("10.1", 43.0, "geometric mean"),
    ("10.1", 29.9, "these are recalls"),
    ("10.1", 16.4, "take its square root"),
    ("10.1", 52.8, "1 − 6/5"),
    ("10.1", 12.0, "other numbers"),
    ("10.2", lambda t, some, n: precision(t, some[:1], n, lambda r: r[0]), "only the first reference"),
    ("10.2", lambda t, some, n: precision(t, some, n, lambda r: sum(r, Counter())), "not as all of them together"),
    ("10.2", lambda t, some, n: max(precision(t, [s], n, lambda r: r[0]) for s in some), "each reference by itself"),
    ("10.3", ["C", "B", "A"], "for α = 0, C has a score"),
    ("10.3", ["A", "B", "B"], "for α = 2, B has a score"),
    ("10.3", ["A", "A", "A"], "larger α favours longer"),
    ("10.3", "ABC", "three letters"),
    ("10.3", ["A", "B", "D"], "A, B and C"),
    ("10.4", (["ab", "bc"], ["b"]), "compared together"),
    ("10.4", (["ab"], ["b"]), "leaves its place"),
    ("10.4", (["ab", "ac", "bc"], ["b"]), "only two beams"),
    ("10.4", (["ab", "b end"], []), "put aside"),
    ("10.4", (["ac", "ab"], ["b"]), "best one stands first"),
    ("10.4", (["ab", "ac"], ["b", "a"]), "0.5 · 0.2"),
    ("10.4", (["ab", "ac"], []), "Which one"),
    ("10.5", lambda *case: score(*case, filling=True), "filling"),
    ("10.5", lambda *case: score(*case, one_length=True), "its own length"),
    ("10.5", lambda *case: score(*case, sign=1), "do not multiply"),
    ("10.5", lambda *case: score(*case, last=0), "the end counts too"),
    ("10.6", "a", "divided by"),
    ("10.6", "b", "change places"),
    ("10.6", "d", "brevity penalty turns"),
    ("10.6", "e", "one of the four"),
    ("10.7", lambda a, b, rows: (share(b, rows) > share(a, rows)).mean(), "how often b is better"),
    ("10.7", lambda a, b, rows: (share(a, rows) - share(b, rows)).mean(), "the mean difference"),
    ("10.8", lambda s, t: [n for n in lost(s, "") if n not in t.replace(",", "")], "compare whole numbers"),
    ("10.8", lambda s, t: sorted(set(lost(s, "")) - set(lost(t, ""))), "must arrive twice"),
    ("10.8", lambda s, t: lost(s, t, r"\d+", str), "one number"),
    ("10.8", lambda s, t: lost(t, s), "were added"),
    ("10.8", lambda s, t: lost(s, t)[:0], "Lost is"),
    ("10.9", lambda a, s: 2 * len(a & s) / (len(a) + len(s)), "The error is 1 − F1"),
    ("10.9", lambda a, s: 1 - len(a & s) / len(s), "found too much"),
    ("10.9", lambda a, s: 1 - len(a & s) / len(a), "what was not found"),
    ("10.9", lambda a, s: 1 - len(a & s) / len(a | s), "not by the union"),
    ("10.10", "did", "the row yǎo le gives 0.25"),
    ("10.10", "cat", "no word of the source"),
    ("10.11", ("everyday", 9.0), "all pieces over all words"),
    ("10.11", ("animals", 1.0), "the kind must be one of"),
    ("10.12", "No.", "these are 1 words"),
    ("10.12", ONLY_ERROR, "what BLEU hardly sees"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_each_text_wins_once():
    winners = [max(TEXTS, key=lambda name: TEXTS[name][0] / TEXTS[name][1] ** alpha) for alpha in (0, 1, 2)]
    assert winners == ["A", "B", "C"]


def test_one_column_of_the_map_is_pale_and_the_rows_are_shares():
    pale = [word for word, column in zip(MAP_COLUMNS, MAP.T, strict=True) if column.max() < 0.05]
    assert pale == ["not"]
    assert MAP.sum(axis=1) == pytest.approx(1)


def test_pieces_with_the_end_are_recognised():
    kind, ratio = solution_10_11()
    assert line("10.11", (kind, ratio)) == "✓ Right."
    assert "leave out </s>" in diagnosis("10.11", (kind, pieces_per_word(end=1)[kind]))
    ordered = sorted(pieces_per_word().values())
    assert ordered[-1] - ordered[-2] > 0.02  # the winner is clear
    other = min(pieces_per_word(), key=pieces_per_word().get)
    assert "another kind has more" in diagnosis("10.11", (other, pieces_per_word()[other]))
