"""Exercises of lesson 11 about choosing sentences, a map, and an experiment."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import NotYet

ALIKE = np.array([[0.0, 1.0, 3.0], [1.0, 0.0, 0.0], [3.0, 0.0, 0.0]])  # exercise 11.5
DAMPING = 0.85


def check_11_5(answer):
    from ktlearn.text import extractive

    found = as_array(answer, "the three scores", shape=(3,)).astype(float)
    start = np.full(3, 1 / 3)
    P = ALIKE / ALIKE.sum(1, keepdims=True)
    said = [
        (P.T @ start, "that is without d: take 0.85 of it, and add 0.15 / 3 to each."),
        (0.15 + DAMPING * P.T @ start, "0.15 is shared by all three: each gets 0.15 / 3."),
        (0.05 + DAMPING * ALIKE.T @ start, "first make shares of the similarities: what A gives adds up to 1."),
        (extractive.rank(ALIKE), "that is where the rounds end. Asked is one round."),
        (start, "that is where it starts. What a sentence *gives* must add up to 1, not what it gets."),
    ]
    right = 0.05 + DAMPING * P.T @ start
    if np.allclose(found, right, atol=0.006):
        return
    for wrong, sentence in said:
        if np.allclose(found, wrong, atol=0.006):
            raise NotYet(sentence)
    raise NotYet(
        f"not these. Yours add up to {found.sum():.2f}, and the scores always add up to 1."
        if abs(found.sum() - 1) > 0.01
        else "they add up to 1, but not all are right. What does B give to A?"
    )


def solution_11_5():
    a = 0.15 / 3 + 0.85 * (1 / 3 + 1 / 3)  # B and C have no other neighbour: they give A all
    b = 0.15 / 3 + 0.85 * 1 / 3 * 1 / 4  # A gives a quarter to B
    c = 0.15 / 3 + 0.85 * 1 / 3 * 3 / 4  # and three quarters to C
    return a, b, c


def check_11_6(answer):
    rng = np.random.default_rng()
    mistakes = [
        (lambda s, a, n, w: np.argsort(-s)[:n], "these are the n highest scores: likeness to what is taken is unused."),
        (lambda s, a, n, w: _diverse(s, a, n, w, np.mean), "the penalty is the *largest* similarity, not the mean."),
        (lambda s, a, n, w: np.sort(solution_11_6(s, a, n, w)), "give them in the order in which they were taken."),
        (lambda s, a, n, w: solution_11_6(s, a, n, 1 - w), "`weight` belongs to the score, 1 − weight to the penalty."),
        (lambda s, a, n, w: _diverse(s, a, n, w, np.max, again=True), "no sentence is taken twice."),
    ]
    functions = [solution_11_6, *(wrong for wrong, _ in mistakes)]
    for _ in range(3):
        scores, alike = _telling_numbers(rng, functions)
        compare(answer, solution_11_6, scores, alike, 4, 0.4, mistakes=mistakes, names=["the positions"])


def _telling_numbers(rng, functions):
    """Scores and similarities for which each function takes other sentences."""
    while True:
        scores, alike = rng.uniform(size=8), rng.uniform(size=(8, 8))
        alike = (alike + alike.T) / 2
        np.fill_diagonal(alike, 0)
        if len({tuple(function(scores, alike, 4, 0.4)) for function in functions}) == len(functions):
            return scores, alike


def solution_11_6(scores, alike, n, weight):
    taken = [int(scores.argmax())]
    while len(taken) < n:
        value = weight * scores - (1 - weight) * alike[:, taken].max(axis=1)
        value[taken] = -np.inf
        taken.append(int(value.argmax()))
    return taken


def _diverse(scores, alike, n, weight, of, again=False):
    taken = [int(scores.argmax())]
    while len(taken) < n:
        value = weight * scores - (1 - weight) * of(alike[:, taken], axis=1)
        if not again:
            value[taken] = -np.inf
        taken.append(int(value.argmax()))
    return taken


def check_11_7(answer):
    said = {
        "a": "with d = 0 no similarity is looked at, so being like all others does not help.",
        "b": None,
        "c": "the scores still add up to 1: the other share, 1 − 0, goes to all.",
        "d": "put d = 0 into the formula: what is left of it?",
    }
    if not isinstance(answer, str) or answer.strip().lower() not in said:
        raise NotYet('choose one of the four: "a", "b", "c" or "d".')
    if said[answer.strip().lower()]:
        raise NotYet(said[answer.strip().lower()])


def solution_11_7():
    return "b"


MAP_ROWS = ["ann", "lee", "released", "on", "friday"]
MAP_COLUMNS = ["judges", "freed", "ann", "lee", "on", "friday", "."]
MAP = np.array(
    [
        [0.15, 0.05, 0.65, 0.05, 0.03, 0.03, 0.04],
        [0.05, 0.05, 0.15, 0.65, 0.03, 0.03, 0.04],
        [0.20, 0.55, 0.05, 0.05, 0.05, 0.05, 0.05],
        [0.03, 0.10, 0.03, 0.04, 0.60, 0.15, 0.05],
        [0.03, 0.03, 0.03, 0.03, 0.18, 0.65, 0.05],
    ]
)


def check_11_9(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(a, str) for a in answer):
        raise NotYet('give two words as text: ("…", "…").')
    first, second = (word.strip().lower() for word in answer)
    if (first, second) == ("freed", "released"):
        raise NotYet("the written word first: it stands at a row.")
    if first not in MAP_ROWS:
        raise NotYet(f"{first!r} was not written: the rows are the written words.")
    if first != "released":
        raise NotYet(f"{first!r} looks most at the same word. Which row looks most at another one?")
    if second != "freed":
        raise NotYet(f"in the row of released, {second!r} does not have the darkest cell.")


def solution_11_9():
    return "released", "freed"


def check_11_10(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise NotYet('give a letter and a ROUGE-1: ("b", 29.5).')
    letter, said = answer
    ways = _ways()
    if not isinstance(letter, str) or letter.strip().lower() not in ways:
        raise NotYet('the letter must be "a", "b" or "c".')
    said = as_array(said, "ROUGE-1", shape=())
    figures = {name: _rouge_1(choose) for name, choose in ways.items()}
    own = figures[letter.strip().lower()]
    if abs(said * 100 - own) < 0.06:
        raise NotYet("right, but times 100, as in the table: 30.5, not 0.305.")
    if abs(said - own) > 0.06:
        raise NotYet(
            f"way {letter} has another ROUGE-1 than {float(said):.1f}. Take the F1, on the 70 validation reports."
        )
    if own < max(figures.values()):
        raise NotYet(f"{own:.1f} is right for {letter}, but another of the three has more.")


def solution_11_10():
    from ktlearn.data import load_reports
    from ktlearn.text.rouge import rouge_n
    from ktlearn.text.sentences import sentences

    figures = []
    for report, summary in load_reports("validation")[["report", "summary"]].itertuples(index=False):
        cut = sentences(report)
        longest = max(cut[1:], key=lambda sentence: len(sentence.split()))
        figures.append(rouge_n(f"{cut[0]} {longest}", summary).f1)
    return "b", 100 * sum(figures) / len(figures)


def _ways():
    from ktlearn.text import extractive

    def words_in(cut):
        return [len(sentence.split()) for sentence in cut]

    return {
        "a": lambda cut: [0, len(cut) - 1],
        "b": lambda cut: [0, 1 + int(np.argmax(words_in(cut)[1:]))],
        "c": lambda cut: extractive.best(words_in(cut)),
    }


def _rouge_1(choose):
    from ktlearn.data import load_reports
    from ktlearn.text.rouge import rouge_n
    from ktlearn.text.sentences import sentences

    reports = load_reports("validation")
    found = []
    for report, summary in zip(reports["report"], reports["summary"], strict=True):
        cut = sentences(report)
        found.append(rouge_n(" ".join(cut[i] for i in choose(cut)), summary).f1)
    return 100 * float(np.mean(found))
