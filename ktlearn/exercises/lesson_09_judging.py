"""The checks and solutions of lesson 09 about judging: probabilities, stars, a file, a claim."""

import csv
import tempfile
from pathlib import Path

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

SAME, LOWER, HIGHER = "same", "lower", "higher"
_EFFECTS = [  # what is looked at; what a temperature above 1 does to it; why
    ("the number of right answers", SAME, "the larger logit stays the larger one"),
    ("the mean of the larger probability", LOWER, "every answer becomes milder"),
    ("the number of texts that are at least 0.75 sure", LOWER, "some fall below the border, none climbs above it"),
    ("the order of the texts from most negative to most positive", SAME, "all are divided by the same number"),
    ("the loss of a text answered rightly", HIGHER, "the right class loses probability"),
    ("the loss of a text answered wrongly", LOWER, "the right class gains probability"),
]


def check_9_7(answer):
    words = _words(answer, "effects", len(_EFFECTS), {SAME, LOWER, HIGHER})
    for number, (word, (what, right, why)) in enumerate(zip(words, _EFFECTS, strict=True), start=1):
        if word != right:
            raise NotYet(f"number {number}, {what}: not {word}. Think of this: {why}.")


def solution_9_7():
    return ["same", "lower", "lower", "same", "higher", "lower"]


def _words(answer, name, count, allowed):
    """A list of words as the reader gave it; the check's own sentence when it is none."""
    if isinstance(answer, str) or not isinstance(answer, (list, tuple)) or len(answer) != count:
        raise NotYet(f"{name} must be a list of {count} words.")
    words = [str(word).strip().lower() for word in answer]
    if unknown := [word for word in words if word not in allowed]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the words {', '.join(sorted(allowed))}.")
    return words


def check_9_8(answer):
    first, second, third = _words(answer, "lines", 3, {"a", "b", "c"})
    if (first, second, third) == ("b", "c", "a"):
        return
    if second == "a":
        raise NotYet("A is more often right than it is sure. A temperature above 1 would make it even less sure.")
    if third == "c":
        raise NotYet("C runs below the diagonal: it is too sure. A temperature below 1 would make it surer still.")
    raise NotYet("the calibrated one is as often right as it is sure, in every bin: on the diagonal.")


def solution_9_8():
    return ["B", "C", "A"]  # calibrated; too sure, T > 1; not sure enough, T < 1


def check_9_9(answer):
    rng = np.random.default_rng()
    # The lowest bin is empty, and the bins are not equally full.
    sure = np.concatenate([rng.uniform(0.61, 0.79, 20), rng.uniform(0.81, 0.99, 80)])
    right = rng.random(100) < sure - 0.2
    right[:20] = rng.permutation(np.arange(20) < 17)  # above the line in two bins, below it in the others
    mistakes = [
        (_bins_alike, "every bin counts alike. A bin with more texts must count for more."),
        (_signed, "bins above and below the diagonal cancel, as if all were one bin. Take each distance without sign."),
        (_squared, "you squared the distances. Take them as they are."),
    ]
    compare(answer, solution_9_9, sure, right, mistakes=mistakes, names=["the error"])


def solution_9_9(sure, right):
    bins = np.minimum(((sure - 0.5) * 10).astype(int), 4)
    error = 0
    for number in np.unique(bins):  # the empty ones are not among them
        inside = bins == number
        error += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    return error


def _gaps(sure, right):
    """Of each bin that is not empty: its share of the texts, and how far it lies above the diagonal."""
    bins = np.minimum(((sure - 0.5) * 10).astype(int), 4)
    inside = [bins == number for number in np.unique(bins)]
    return np.array([(i.mean(), right[i].mean() - sure[i].mean()) for i in inside]).T


def _bins_alike(sure, right):
    return np.abs(_gaps(sure, right)[1]).mean()


def _signed(sure, right):
    share, gap = _gaps(sure, right)
    return abs((share * gap).sum())


def _squared(sure, right):
    share, gap = _gaps(sure, right)
    return (share * gap**2).sum()


def check_9_10(answer):
    p = np.random.default_rng().dirichlet([0.6] * 5, size=60)
    mistakes = [
        (lambda p: (_likeliest(p) - 1, _mean(p), _middle(p)), "the likeliest: columns count from 0, stars from 1."),
        (
            lambda p: tuple(x - 1 for x in solution_9_10(p)),
            "all three are one too low: columns count from 0, stars from 1.",
        ),
        (lambda p: (_likeliest(p), _mean(p) - 1, _middle(p)), "the mean: multiply by 1 to 5, not by 0 to 4."),
        (lambda p: (_likeliest(p), _mean(p), _middle(p) - 1), "the middle: columns count from 0, stars from 1."),
        (
            lambda p: (_likeliest(p), np.rint(_mean(p)), _middle(p)),
            "the mean is a number between the stars. Do not round it.",
        ),
        (
            lambda p: (_likeliest(p), _mean(p), np.median(p, axis=1)),
            "the middle: this is the median of the five probabilities. The median of the *stars* is asked for.",
        ),
    ]
    compare(answer, solution_9_10, p, mistakes=mistakes, names=["the likeliest", "the mean", "the middle"])


def solution_9_10(p):
    likeliest = p.argmax(axis=1) + 1
    mean = p @ np.arange(1, 6)
    middle = (p.cumsum(axis=1) >= 0.5).argmax(axis=1) + 1
    return likeliest, mean, middle


def _likeliest(p):
    return solution_9_10(p)[0]


def _mean(p):
    return solution_9_10(p)[1]


def _middle(p):
    return solution_9_10(p)[2]


_TEXTS = [
    "Lovely, lovely soup.",
    "Two stars:\none for the view,\none for the cat.",
    'She said "never again".',
    "NA",
    "",
]


def check_9_11(answer):
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "answers.csv.draft"
        for count in (1, 0, 2, 3, 5):
            with open(draft, "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([["text", "positive"], *([text, 0.5] for text in _TEXTS[:count])])
            found = as_array(answer(str(draft)), "the number of rows", shape=())
            lines = draft.read_text(encoding="utf-8").count("\n")
            if found == count:
                continue
            if count == 0:
                raise NotYet(f"a draft with its header only has 0 rows. You returned {found:g}.")
            if found == lines - 1:
                raise NotYet("these are still lines. A review in quotes may hold line breaks: let a CSV reader count.")
            if found == count + 1:
                raise NotYet("you counted the header too. It is no review.")
            raise NotYet(f"a draft of {count} reviews, two line breaks inside one of them: you returned {found:g}.")


def solution_9_11(draft):
    import csv

    with open(draft, newline="", encoding="utf-8") as file:
        return sum(1 for row in csv.reader(file)) - 1  # without the header


_POINTS = [  # what a good answer touches, and the sentence when it is missing
    (r"265|few (texts|reviews|examples)|small|size of the (validation|sample)", "how few texts were asked"),
    (
        r"standard error|chance|noise|noisy|luck|random|confidence|interval|significan|uncertain|error bar",
        "how far chance alone would move such a number",
    ),
    (
        r"seed|pair|same texts|bootstrap|mcnemar|sign test|test (set|part)|more (texts|data|reviews)|calibrat",
        "what you would look at next, to know more",
    ),
    (
        r"cost|cheap|price|time|fast|slow|second|memory|simple|maintain|explain|average|combin|ensemble",
        "that accuracy is not all: what each of the two costs, or gives, besides",
    ),
]


def check_9_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_9_12():
    return (
        "Both numbers come from 265 texts, so each has a standard error of about 0.025: a lead of 0.01 is a handful "
        "of texts, and chance alone often makes one as large. On the same texts, look where exactly one of the two "
        "is right, and train the Transformer with several seeds. Until then they are equally good here, and the "
        "pipeline is trained in seconds. If we can afford both, their average may be better than either."
    )
