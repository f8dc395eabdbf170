"""Exercises of lesson 12 about spans, their loss, windows and the offsets."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, must_be_close
from ktlearn.exercises.exercise import NotYet

STARTS = np.array([0.4, 1.9, 0.2, 2.6, 0.7, 1.1])
ENDS = np.array([0.1, 0.6, 2.6, 0.3, 1.5, 2.1])
LONGEST = 2  # tokens, in exercise 12.1
POSITIONS = 160  # exercise 12.2


def check_12_1(answer):
    span = as_array(answer, "the span", shape=(2,))
    if (span != np.floor(span)).any() or not ((span >= 0) & (span < len(STARTS))).all():
        raise NotYet("give two positions from 0 to 5: the first and the last token.")
    first, last = map(int, span)
    if (first, last) == (STARTS.argmax(), ENDS.argmax()):
        raise NotYet("that is the best start and the best end, but the end comes first.")
    if last < first:
        raise NotYet("the end comes before the start.")
    if last - first >= LONGEST:
        raise NotYet(f"that answer has {last - first + 1} tokens. At most {LONGEST} are allowed.")
    best = sum_of(solution_12_1())
    if sum_of((first, last)) < best:
        raise NotYet(f"that pair is worth {sum_of((first, last)):.1f}. There is a legal one worth {best:.1f}.")


def sum_of(span):
    return STARTS[span[0]] + ENDS[span[1]]


def solution_12_1():
    return 1, 2  # 1.9 + 2.6 = 4.5; (3, 2) is no span, and (3, 5), worth 4.7, has three tokens


def check_12_2(answer):
    loss = as_array(answer, "the loss", shape=())
    said = {
        2 * np.log(POSITIONS): "that is the sum of both. The loss is their mean.",
        1 / POSITIONS: "that is the probability of one position. The loss is minus its logarithm.",
        np.log2(POSITIONS): "that is the logarithm to base 2. Take the natural one.",
        np.log10(POSITIONS): "that is the logarithm to base 10. Take the natural one.",
        -np.log(POSITIONS): "a loss is not negative: −log of a probability.",
        np.log(2): "two scores a token, but the choice is among the positions.",
    }
    for wrong, sentence in said.items():
        if abs(float(loss) - wrong) < 0.006:
            raise NotYet(sentence)
    must_be_close(loss, np.log(POSITIONS), "the loss", atol=0.006)


def solution_12_2():
    return float(np.log(160))  # -(log(1/160) + log(1/160)) / 2


def check_12_3(answer):
    rng = np.random.default_rng()
    mistakes = [
        (lambda s, e, n, m: solution_12_3(s, e, n, len(s)), "an answer may have at most `longest` tokens."),
        (
            lambda s, e, n, m: solution_12_3(s, e, n, m + 1),
            "one token too long: from i to j there are j − i + 1 tokens.",
        ),
        (lambda s, e, n, m: solution_12_3(s, e, n, m)[::-1], "the best one comes first."),
        (_any_order, "some of these end before they start."),
    ]
    for _ in range(3):
        starts, ends = _telling_scores(rng, [solution_12_3, *(wrong for wrong, _ in mistakes)])
        compare(answer, solution_12_3, starts, ends, 4, 3, mistakes=mistakes, names=["the array of spans"])


def _telling_scores(rng, functions):
    """Scores for which each function answers something else, so that a mistake is not taken for another."""
    while True:
        starts, ends = rng.normal(size=(2, 9))
        answers = {tuple(function(starts, ends, 4, 3).ravel()) for function in functions}
        if len(answers) == len(functions):
            return starts, ends


def solution_12_3(starts, ends, n, longest):
    i, j = np.indices((len(starts), len(starts)))
    legal = (i <= j) & (j < i + longest)
    sums = np.where(legal, starts[:, None] + ends, -np.inf)  # (L, L)
    order = np.argsort(-sums, axis=None)[:n]
    return np.stack(np.unravel_index(order, sums.shape), axis=1)  # (n, 2)


def _any_order(starts, ends, n, longest):
    sums = starts[:, None] + ends
    return np.stack(np.unravel_index(np.argsort(-sums, axis=None)[:n], sums.shape), axis=1)


def check_12_4(answer):
    mistakes = [
        (lambda n, room, overlap: _windows(n, room, 0), "the windows do not overlap."),
        (lambda n, room, overlap: _windows(n, room, room - overlap), "`overlap` is what two share, not the step."),
        (_one_more, "the last window brings nothing new: its tokens were all in the one before."),
        (_beyond, "a window ends where the text ends."),
        (lambda n, room, overlap: _windows(n, room, overlap)[:-1], "the end of the text is in no window."),
    ]
    for size in ((100, 40, 10), (430, 120, 40), (70, 40, 10), (41, 40, 20), (30, 40, 10)):
        compare(answer, solution_12_4, *size, mistakes=mistakes, names=["the array of windows"])


def solution_12_4(length, room, overlap):
    windows, start = [], 0
    while True:
        windows.append((start, min(start + room, length)))
        if start + room >= length:
            return np.array(windows)
        start += room - overlap


_windows = solution_12_4


def _one_more(length, room, overlap):
    return np.array([(start, min(start + room, length)) for start in range(0, length, room - overlap)])


def _beyond(length, room, overlap):
    return np.array([(start, start + room) for start, _ in solution_12_4(length, room, overlap)])


# [CLS] When ? [SEP] On June 14 , 1958 - 60 . [SEP], where "1958-60" is one token of the passage
OFFSETS = np.array([[0, 0], [0, 4], [4, 5], [0, 0], [0, 2], [3, 7], [8, 10], [10, 11], [12, 19], [19, 20], [0, 0]])
SEGMENTS = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1])


def check_12_5(answer):
    cases = [
        ((3, 10), "an answer of whole tokens"),
        ((17, 19), "an answer that begins inside a token: 60 in 1958-60"),
        ((12, 16), "an answer that ends inside a token: 1958 in 1958-60"),
        ((19, 20), "an answer of one sign"),
        ((0, 2), "an answer that begins at character 0, where the question begins too"),
    ]
    for (start, end), what in cases:
        try:
            found = answer(OFFSETS.copy(), SEGMENTS.copy(), start, end)
        except (IndexError, ValueError) as error:
            raise NotYet(f"{what}: it stops with {type(error).__name__}. No token has to begin or end there.") from None
        if found is None or found is ...:
            raise NotYet("your function must return two positions.")
        tokens = as_array(found, "the span", shape=(2,))
        if np.isin(tokens, np.flatnonzero(SEGMENTS == 0)).any():
            raise NotYet(f"{what}: your span has a token of the question. Its offsets begin at 0, too.")
        must_be_close(tokens, solution_12_5(OFFSETS, SEGMENTS, start, end), f"the span of {what}")


def solution_12_5(offsets, segments, start, end):
    touched = (segments == 1) & (offsets[:, 0] < end) & (offsets[:, 1] > start)
    first, *_ = positions = np.flatnonzero(touched)
    return first, positions[-1]


def check_12_6(answer):
    said = {
        "a": "the sums all grow by the same 100, so which is the largest?",
        "b": "is the start score of position 0 not among those that grow?",
        "c": "a softmax looks at differences only: lesson 01.",
        "d": None,
    }
    if not isinstance(answer, str) or answer.strip().lower() not in said:
        raise NotYet('choose one of the four: "a", "b", "c" or "d".')
    if said[answer.strip().lower()]:
        raise NotYet(said[answer.strip().lower()])


def solution_12_6():
    return "d"
