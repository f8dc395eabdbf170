"""Exercises of lesson 10 about beams, the length penalty and alignments."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import NotYet

# --- 10.3 Which text wins? -----------------------------------------------------------------------

TEXTS = {"A": (-2.0, 4), "B": (-2.8, 7), "C": (-6.0, 12)}  # log P, pieces
ALPHAS = (0, 1, 2)


def check_10_3(answer):
    if isinstance(answer, str) or not isinstance(answer, (list, tuple)) or len(answer) != 3:
        raise NotYet('give three letters, for α = 0, 1 and 2: ["A", "A", "A"].')
    found = [str(letter).strip().upper() for letter in answer]
    if set(found) - set(TEXTS):
        raise NotYet("the letters are A, B and C.")
    if found == [_winner(-alpha) for alpha in ALPHAS]:
        raise NotYet("a larger α favours longer texts: log P is negative, and is divided.")
    for letter, alpha in zip(found, ALPHAS, strict=True):
        if letter != _winner(alpha):
            scores = {name: log_p / length**alpha for name, (log_p, length) in TEXTS.items()}
            raise NotYet(f"for α = {alpha}, {letter} has a score of {scores[letter]:.3f}, and another one has more.")


def solution_10_3():
    texts = {"A": (-2.0, 4), "B": (-2.8, 7), "C": (-6.0, 12)}
    return [max(texts, key=lambda name: texts[name][0] / texts[name][1] ** alpha) for alpha in (0, 1, 2)]


def _winner(alpha):
    return max(TEXTS, key=lambda name: TEXTS[name][0] / TEXTS[name][1] ** alpha)


# --- 10.4 Draw the beams -------------------------------------------------------------------------


def check_10_4(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise NotYet('give two lists: the beams that grow on, and what is put aside, (["…", "…"], ["…"]).')
    beams, aside = ([str(text).replace(" ", "") for text in _as_list(part)] for part in answer)
    if beams == ["ab", "bc"]:
        raise NotYet("that is the best continuation of each beam. All continuations are compared together.")
    if len(beams) < 2:
        raise NotYet("a text that has ended leaves its place: two beams go on growing.")
    if len(beams) > 2:
        raise NotYet("K = 2: only two beams go on growing.")
    if any("end" in text for text in beams):
        raise NotYet("a text that has ended does not grow. It is put aside.")
    if beams == ["ac", "ab"]:
        raise NotYet("the right beams. The best one stands first.")
    if beams != ["ab", "ac"]:
        raise NotYet("multiply along each way: 0.5 · 0.5 for ab, and so on. Which two that do not end are best?")
    aside = [text.removesuffix("end").removesuffix("·") for text in aside]
    if "a" in aside:
        raise NotYet("a, end has 0.5 · 0.2 = 0.10. Is it among the best two of all continuations?")
    if aside != ["b"]:
        raise NotYet("one text ends with a probability that is among the best two of all. Which one?")


def solution_10_4():
    return ["ab", "ac"], ["b"]


def _as_list(part):
    return [part] if isinstance(part, str) else list(part) if isinstance(part, (list, tuple)) else []


# --- 10.5 Find the bugs --------------------------------------------------------------------------


def check_10_5(answer):
    rng = np.random.default_rng()
    cases = [_texts(rng, alpha) for alpha in (0.0, 1.0, 1.0, 2.0) * 15]
    name = "the number of the best text"
    found = [int(as_array(answer(ids.copy(), log_p.copy(), *more), name, shape=())) for ids, log_p, *more in cases]
    right = [int(solution_10_5(*case)) for case in cases]
    if found == right:
        return
    mistakes = [
        (_with_filling, "what stands behind the end is filling. Its log-probabilities must not be added."),
        (_one_length, "each text has its own length: up to its end, the end included."),
        (_product, "divide by the length to the power of α; do not multiply."),
        (_without_end, "the end counts too, as a piece and with its probability."),
        (_as_given, "that is still the colleague's function, with its three bugs."),
    ]
    for wrong, sentence in mistakes:
        if found == [wrong(*case) for case in cases]:
            raise NotYet(sentence)
    raise NotYet(
        f"in {sum(map(int.__ne__, found, map(int, right)))} of {len(cases)} cases another text is the best one."
    )


def solution_10_5(ids, log_p, alpha, end):
    length = (ids == end).argmax(axis=1) + 1  # (K,), the end included
    is_text = np.arange(ids.shape[1]) < length[:, None]  # (K, T)
    return ((log_p * is_text).sum(axis=1) / length**alpha).argmax()


def _without_end(ids, log_p, alpha, end):
    length = (ids == end).argmax(axis=1)
    is_text = np.arange(ids.shape[1]) < length[:, None]
    return ((log_p * is_text).sum(axis=1) / length**alpha).argmax()


def _with_filling(ids, log_p, alpha, end):
    return (log_p.sum(axis=1) / ((ids == end).argmax(axis=1) + 1) ** alpha).argmax()


def _one_length(ids, log_p, alpha, end):
    is_text = np.arange(ids.shape[1]) < (ids == end).argmax(axis=1)[:, None] + 1
    return ((log_p * is_text).sum(axis=1) / ids.shape[1] ** alpha).argmax()


def _product(ids, log_p, alpha, end):
    length = (ids == end).argmax(axis=1) + 1
    is_text = np.arange(ids.shape[1]) < length[:, None]
    return ((log_p * is_text).sum(axis=1) * length**alpha).argmax()


def _as_given(ids, log_p, alpha, end):
    return (log_p.sum(axis=1) * ids.shape[1] ** alpha).argmax()


def _texts(rng, alpha):
    """Five texts of several lengths, with log-probabilities behind their ends too."""
    length = rng.integers(2, 9, 5)
    ids = rng.integers(2, 50, (5, 9))
    ids[np.arange(5), length - 1] = 1  # the end
    ids[np.arange(9) >= length[:, None]] = 0
    return ids, -rng.exponential(1.0, (5, 9)), alpha, 1


# --- 10.9 The alignment error rate ---------------------------------------------------------------


def check_10_9(answer):
    rng = np.random.default_rng()
    mistakes = [
        (lambda a, s: 2 * len(a & s) / (len(a) + len(s)), "that is the F1. The error is 1 − F1."),
        (lambda a, s: 1 - len(a & s) / len(s), "what was found too much costs nothing here."),
        (lambda a, s: 1 - len(a & s) / len(a), "what was not found costs nothing here."),
        (lambda a, s: 1 - len(a & s) / len(a | s), "divide by the sum of both sizes, not by the union."),
        (lambda a, s: 1 - len(a & s) / (len(a) + len(s)), "the common links count in both: 2 · |A ∩ S|."),
    ]
    for _ in range(3):
        every = [(t, j) for t in range(5) for j in range(5)]
        right = {every[i] for i in rng.choice(25, 7, replace=False)}
        found = {every[i] for i in rng.choice(25, 10, replace=False)} | set(list(right)[:3])
        found -= set(list(right)[3:4])
        compare(answer, solution_10_9, found, right, mistakes=mistakes, names=["the error rate"])
    compare(answer, solution_10_9, {(0, 0)}, {(0, 0)}, names=["the error rate of a perfect alignment"])


def solution_10_9(found, right):
    return 1 - 2 * len(found & right) / (len(found) + len(right))


# --- 10.10 Read a map ----------------------------------------------------------------------------

MAP_COLUMNS = ["the", "dog", "did", "not", "bite", "my", "neighbour", "."]
MAP_ROWS = ["gǒu", "yǎo le", "wǒ de", "lín jū", "."]
MAP = np.array(
    [
        [0.22, 0.62, 0.03, 0.01, 0.04, 0.03, 0.03, 0.02],
        [0.02, 0.06, 0.25, 0.02, 0.58, 0.02, 0.03, 0.02],
        [0.02, 0.02, 0.02, 0.01, 0.03, 0.80, 0.08, 0.02],
        [0.01, 0.02, 0.01, 0.01, 0.02, 0.12, 0.78, 0.03],
        [0.03, 0.03, 0.06, 0.01, 0.05, 0.02, 0.05, 0.75],
    ]
)


def check_10_10(answer):
    if not isinstance(answer, str):
        raise NotYet("give one word of the source, as a text.")
    word = answer.strip().lower()
    if word not in MAP_COLUMNS:
        raise NotYet(f"{word!r} is no word of the source: {' '.join(MAP_COLUMNS)}")
    column = MAP[:, MAP_COLUMNS.index(word)]
    if word != "not":
        row = MAP_ROWS[int(column.argmax())]
        raise NotYet(f"the row {row} gives {column.max():.2f} to {word!r}. Look for a column that is pale all the way.")


def solution_10_10():
    return "not"
