"""Exercises of lesson 11 about ROUGE: on paper, in code, with bugs, and what it cannot tell."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, must_be_close
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

REFERENCE = "The old bridge is closed to all cars."
SUMMARY = "Cars may not use the old bridge."


def check_11_1(answer):
    from ktlearn.text.rouge import rouge_n

    found = as_array(answer, "the two figures", shape=(2,)).astype(float)
    one, two = (rouge_n(SUMMARY, REFERENCE, n) for n in (1, 2))
    said = [
        ((one.precision, two.precision), "these are the precisions. F1 looks at both texts."),
        ((one.recall, two.recall), "these are the recalls. F1 looks at both texts."),
        ((two.f1, one.f1), "the other way round: ROUGE-1 first."),
    ]
    if np.allclose(found / 100, (one.f1, two.f1), atol=0.006):
        raise NotYet("right, but give them between 0 and 1 this time: 0.29, not 29.")
    for wrong, sentence in said:
        if np.allclose(found, wrong, atol=0.006):
            raise NotYet(sentence)
    if min(abs(found[0] - 6 / 15), abs(found[0] - 4 / 15)) < 0.006:
        raise NotYet('upper and lower case are the same: "Cars" and "cars" are one word, and so are "The" and "the".')
    if abs(found[1] - 4 / 15) < 0.006:
        raise NotYet("for ROUGE-2 count pairs below the line, too: 7 words have 6 pairs.")
    for value, right, name in zip(found, (one.f1, two.f1), ("ROUGE-1", "ROUGE-2"), strict=True):
        must_be_close(value, right, name, atol=0.006)


def solution_11_1():
    # In common: cars, the, old, bridge; as pairs "the old" and "old bridge".
    return 2 * 4 / (7 + 8), 2 * 2 / (6 + 7)


def check_11_2(answer):
    said = {
        "a": "does a pair of neighbours stay a pair when the words change places?",
        "b": None,
        "c": "ROUGE-1 counts words. Are there other words now?",
        "d": "ROUGE-L wants the common words in the same order.",
    }
    if not isinstance(answer, str) or answer.strip().lower() not in said:
        raise NotYet('choose one of the four: "a", "b", "c" or "d".')
    if said[answer.strip().lower()]:
        raise NotYet(said[answer.strip().lower()])


def solution_11_2():
    return "b"


def check_11_3(answer):
    rng = np.random.default_rng()
    mistakes = [
        (_longest_run, "that is the longest run without a gap. Other words may stand between."),
        (_bag, "these are the common words in any order. They must come in the same order in both."),
        (_greedy, "you take each word as soon as it comes. Sometimes it is better to skip one."),
    ]
    functions = [solution_11_3, *(wrong for wrong, _ in mistakes)]
    for _ in range(3):
        ours, theirs = _telling_lists(rng, functions)
        compare(answer, solution_11_3, ours, theirs, mistakes=mistakes, names=["the length"])
    compare(answer, solution_11_3, ["a"], [], names=["the length for an empty list"])


def _telling_lists(rng, functions):
    """Two lists for which each function answers another number, so that a mistake is not taken for another."""
    while True:
        ours, theirs = (list("abcd"[i] for i in rng.integers(4, size=9)) for _ in range(2))
        if len({function(ours, theirs) for function in functions}) == len(functions):
            return ours, theirs


def solution_11_3(ours, theirs):
    length = np.zeros((len(ours) + 1, len(theirs) + 1), int)  # of the first i and the first j words
    for i, word in enumerate(ours):
        for j, other in enumerate(theirs):
            longer = length[i, j] + 1 if word == other else 0
            length[i + 1, j + 1] = max(longer, length[i, j + 1], length[i + 1, j])
    return int(length[-1, -1])


def _longest_run(ours, theirs):
    runs = {tuple(theirs[i:j]) for i in range(len(theirs)) for j in range(i + 1, len(theirs) + 1)}
    mine = [tuple(ours[i:j]) for i in range(len(ours)) for j in range(i + 1, len(ours) + 1)]
    return max((len(run) for run in mine if run in runs), default=0)


def _bag(ours, theirs):
    return sum(min(ours.count(word), theirs.count(word)) for word in set(ours))


def _greedy(ours, theirs):
    found, at = 0, 0
    for word in ours:
        if word in theirs[at:]:
            at += theirs[at:].index(word) + 1
            found += 1
    return found


def check_11_4(answer):
    from ktlearn.text.rouge import rouge_n

    cases = [
        ("the the the bridge", "the bridge", "a word that comes three times counts as often as the reference has it"),
        ("The bridge is open.", "the bridge is open", 'case and full stop: "The" is "the", and "open." is "open"'),
        ("a bridge", "the old bridge is open", "a short summary"),
        (SUMMARY, REFERENCE, "the pair of exercise 11.1"),
    ]
    for summary, reference, what in cases:
        value = as_array(answer(summary, reference), "ROUGE-1", shape=())
        if abs(float(value) - rouge_n(summary, reference).f1) > 1e-6:
            raise NotYet(f"{what}: {summary!r} against {reference!r} gives {float(value):.2f}.")


def solution_11_4(summary, reference):
    from collections import Counter

    from ktlearn.text.rouge import words

    ours, theirs = Counter(words(summary)), Counter(words(reference))
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def check_11_8(answer):
    cases = [
        ("5 of 40 left in 1952.", "40 people came in 1952, 15 by bus.", "5 is not 15: a number is a whole one"),
        ("It cost 1,450 euros.", "It cost 1450 euros, no more.", "1,450 and 1450 are the same number"),
        ("In 2019 it was 7.", "In 2019, 8 of 9 came.", "a full stop behind a number is no part of it"),
        ("4.5 metres", "45 metres", "4.5 is not 45"),
        ("30 came, then 30 more, and 12.", "20 came.", "each number once, in the order of the summary"),
        ("Nobody came.", "Nobody came in 2020.", "no numbers"),
    ]
    for summary, source, what in cases:
        found = answer(summary, source)
        if not isinstance(found, (list, tuple)) or not all(isinstance(number, str) for number in found):
            raise NotYet('return a list of texts, such as ["5", "40"].')
        if [number.replace(",", "") for number in found] != solution_11_8(summary, source):
            raise NotYet(f"{what}. For {summary!r} and {source!r} you give {list(found)}.")


def solution_11_8(summary, source):
    import re

    def numbers(text):
        return [number.replace(",", "") for number in re.findall(r"\d+(?:[.,]\d+)*", text)]

    there = set(numbers(source))
    return [number for number in dict.fromkeys(numbers(summary)) if number not in there]


def check_11_11(answer):
    rng = np.random.default_rng()
    theirs = rng.uniform(15, 45, 50)
    ours = theirs + rng.normal(1, 3, 50)
    mistakes = [
        (_unpaired, "that is the error of two separate groups. Here both ways have the same reports."),
        (lambda a, b: (np.mean(a - b), np.std(a - b, ddof=1)), "that is the spread of one report. Divide by √N."),
        (lambda a, b: (np.mean(a - b), np.std(a - b) / len(a) ** 0.5), "the spread with N − 1: std(…, ddof=1)."),
        (lambda a, b: (np.mean(b - a), _paired(a, b)[1]), "ours minus theirs, not the other way round."),
    ]
    compare(answer, solution_11_11, ours, theirs, mistakes=mistakes, names=["the mean", "its standard error"])


def solution_11_11(ours, theirs):
    difference = ours - theirs
    return difference.mean(), difference.std(ddof=1) / len(difference) ** 0.5


_paired = solution_11_11


def _unpaired(ours, theirs):
    return np.mean(ours - theirs), (np.var(ours, ddof=1) / len(ours) + np.var(theirs, ddof=1) / len(theirs)) ** 0.5


_NOISE = r"error|noise|chance|luck|how many|significan|uncertain|0\.3|small(?:er)? (?:than|difference)"
_LOST_NOT = r"(?:lost|missing|dropped|a|the|of) [\"'*]?not\b"  # not any "not": it is in nearly every answer
_FACTS = rf"name|number|dose|negat|{_LOST_NOT}|fact|faithful|wrong|false|true|invent|meaning"
_TEXTS = r"other (?:text|kind|domain)|news|domain|medical|record|own (?:text|data)"
_POINTS = [
    (_NOISE, "is 0.3 a difference at all?"),
    (_FACTS, "ROUGE does not see a false fact"),
    (_TEXTS, "it was measured on which texts?"),
    (r"\bread|check|compar|look(?:s|ed)? (?:up|at)|beside|sample", "who looks at the summaries beside the records?"),
]


def check_11_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_11_12():
    return (
        "A difference of 0.3 may be noise: give it with its standard error on the same texts, and with the number of "
        "texts. ROUGE counts shared words with one reference, so a summary with the wrong dose, the wrong name or a "
        "lost 'not' scores nearly as well as a right one. The 44.2 was measured on news and says little about patient "
        "records. Before a doctor relies on it, let doctors check a few hundred summaries against their records, "
        "claim by claim, count the false ones, and always show the record beside the summary."
    )
