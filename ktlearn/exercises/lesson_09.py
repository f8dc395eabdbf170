"""The exercises of lesson 09, Sentiment analysis."""

import math
import os
import tempfile
from pathlib import Path

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import Exercise, NotYet

CHOICES = (0.1, 1, 10, 100)


def _baseline_scores(C):
    """Accuracy of the baseline on train, validation and test."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from ktlearn.data import load_review_lists

    parts = load_review_lists()
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=C, max_iter=1000)).fit(*parts[0])
    return [model.score(texts, labels) for texts, labels in parts]


def check_9_1(answer):
    answer = as_array(answer, "best_C", shape=())
    if answer not in CHOICES:
        raise NotYet(f"best_C must be one of {', '.join(map(str, CHOICES))}. You gave {answer:g}.")
    on_train, on_validation, on_test = zip(*map(_baseline_scores, CHOICES), strict=True)
    mine = CHOICES.index(answer)
    if on_validation[mine] == max(on_validation):
        return
    if on_test[mine] == max(on_test):
        raise NotYet(f"{answer:g} is the best on the test part. A choice made there spoils it: choose with validation.")
    if on_train[mine] == max(on_train):
        raise NotYet(f"{answer:g} is the best on the training part, which the model has seen. Choose with validation.")
    raise NotYet(f"{answer:g} gets {on_validation[mine]:.3f} on validation. Another one gets more.")


def solution_9_1():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from ktlearn.data import load_review_lists

    (x_train, y_train), (x_val, y_val), _ = load_review_lists()

    def score(C):
        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=C, max_iter=1000))
        return model.fit(x_train, y_train).score(x_val, y_val)

    return max([0.1, 1, 10, 100], key=score)


def check_9_2(answer):
    rng = np.random.default_rng()
    # Both kinds of difference are there, not equally often, and not so unequally that the probability is nearly 0.
    only_b = int(rng.integers(12, 20))
    either = 2 * only_b + int(rng.integers(5, 13))
    a = rng.random(200) < 0.75
    b = a.copy()
    a[:either], b[:either] = np.arange(either) >= only_b, np.arange(either) < only_b
    order = rng.permutation(200)
    mistakes = [
        (_one_sided, "this is one side of it. The other model could have been ahead as well: take it twice."),
        (_all_texts, "your coin was tossed for all the texts. Where both are right, or both wrong, nobody won."),
        (_difference, "this is the difference of the accuracies. How often would coins give one as large?"),
        (lambda a, b: _probability_of(_only(a, b), a, b), "this is exactly that result. Count the more extreme ones."),
    ]
    compare(answer, solution_9_2, a[order], b[order], mistakes=mistakes, names=["the probability"])
    even = np.array([True, False, True, False]), np.array([False, True, False, True])
    if not np.isclose(float(as_array(answer(*even))), 1):
        raise NotYet("with 2 against 2 it must be 1: twice the half is more than 1 here, so cut it there.")


def solution_9_2(right_a, right_b):
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    tosses = only_a + only_b
    ways = sum(math.comb(tosses, k) for k in range(min(only_a, only_b) + 1))
    return min(1, 2 * ways / 2**tosses)


def _only(a, b):
    return int(min((a & ~b).sum(), (b & ~a).sum()))


def _probability_of(k, a, b):
    tosses = int((a != b).sum())
    return math.comb(tosses, k) / 2**tosses


def _one_sided(a, b):
    return sum(_probability_of(k, a, b) for k in range(_only(a, b) + 1))


def _all_texts(a, b):
    k, N = int(min(a.sum(), b.sum())), len(a)
    return min(1, 2 * sum(math.comb(N, i) for i in range(k + 1)) / 2**N)


def _difference(a, b):
    return abs(a.mean() - b.mean())


def check_9_3(answer):
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
    compare(answer, solution_9_3, sure, right, mistakes=mistakes, names=["the error"])


def solution_9_3(sure, right):
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


def check_9_4(answer):
    p = np.random.default_rng().dirichlet([0.6] * 5, size=60)
    mistakes = [
        (lambda p: (_likeliest(p) - 1, _mean(p), _middle(p)), "the likeliest: columns count from 0, stars from 1."),
        (
            lambda p: tuple(x - 1 for x in solution_9_4(p)),
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
    compare(answer, solution_9_4, p, mistakes=mistakes, names=["the likeliest", "the mean", "the middle"])


def solution_9_4(p):
    likeliest = p.argmax(axis=1) + 1
    mean = p @ np.arange(1, 6)
    middle = (p.cumsum(axis=1) >= 0.5).argmax(axis=1) + 1
    return likeliest, mean, middle


def _likeliest(p):
    return solution_9_4(p)[0]


def _mean(p):
    return solution_9_4(p)[1]


def _middle(p):
    return solution_9_4(p)[2]


_TEXTS = ["Lovely, lovely soup.", "NA", "Cold, and late.", 'She said "never again".', "Fine."]


def _by_length(texts):
    _must_hold_na(texts)
    return np.array([[0.2, 0.8] if len(text) % 2 else [0.9, 0.1] for text in texts])


def _must_hold_na(texts):
    if list(texts) != _TEXTS:
        raise NotYet('the texts are not the same. "NA" is a text here: read_csv(…, keep_default_na=False).')


def _breaks(texts):
    raise RuntimeError("the machine was switched off")


def check_9_5(answer):
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        source, target, twin = (Path(folder) / name for name in ("in.csv", "out.csv", "twin"))
        pd.DataFrame({"id": range(5), "text": _TEXTS}).to_csv(source, index=False)
        target.write_text("yesterday's answers\n", encoding="utf-8")
        os.link(target, twin)  # a second name for the old file: whoever writes *into* the file changes both

        rows = as_array(answer(_by_length, str(source), str(target)), "the number of rows", shape=())
        _only_these_files(folder, "in.csv", "out.csv", "twin")
        found = pd.read_csv(target, keep_default_na=False)
        if "positive" not in found or list(found.columns)[:2] != ["id", "text"]:
            raise NotYet(
                "the new file must have the columns of the old one and one more, positive. "
                f"Its columns are {', '.join(map(str, found.columns))}."
            )
        if list(found.columns) != ["id", "text", "positive"]:
            raise NotYet("there is a column too many. Leave out pandas' own numbers: to_csv(…, index=False).")
        _must_hold_na(found["text"])
        if not np.allclose(as_array(found["positive"], "positive"), _by_length(_TEXTS)[:, 1]):
            raise NotYet("the column positive must hold column 1 of what predict_proba returns.")
        if twin.read_text(encoding="utf-8") != "yesterday's answers\n":
            raise NotYet("you wrote into the old file. Write a draft beside it, then os.replace(draft, target).")

        if rows != len(_TEXTS):
            raise NotYet(f"return the number of rows, here {len(_TEXTS)}. You returned {rows:g}.")

        before = target.read_bytes()
        try:
            answer(_breaks, str(source), str(target))
        except RuntimeError:
            pass
        else:
            raise NotYet("the model failed, and nobody heard of it. Let the error through.")
        if not target.exists() or target.read_bytes() != before:
            raise NotYet("the model failed, and the old file is no longer what it was.")
        _only_these_files(folder, "in.csv", "out.csv", "twin")


def solution_9_5(predict_proba, source, target):
    import os

    import pandas as pd

    table = pd.read_csv(source, keep_default_na=False)
    table["positive"] = predict_proba(table["text"].tolist())[:, 1]
    draft = f"{target}.draft"
    table.to_csv(draft, index=False)
    os.replace(draft, target)
    return len(table)


def _only_these_files(folder, *names):
    found = {path.name for path in Path(folder).iterdir()}
    if "out.csv" not in found:
        raise NotYet("there is no file at the address target.")
    if found != set(names):
        raise NotYet(f"a file is left over: {', '.join(sorted(found - set(names)))}. Only the target should be there.")


EXERCISES = [
    Exercise(
        "9.1",
        "A fair opponent",
        minutes=5,
        difficulty=1,
        check=check_9_1,
        solution=solution_9_1,
        why="If you tune your own method and leave the opponent as it came, you win unfairly. On 265 texts the "
        "differences between 1, 10 and 100 are within the noise, so do not read much into the winner.",
        hints=(
            "For each C fit a new baseline on x_train, y_train. Which part do you score it on?",
            "Copy the cell of section 2, and write LogisticRegression(C=C, max_iter=1000). Score it on x_val, y_val.",
            "A loop over (0.1, 1, 10, 100) that prints C and .score(x_val, y_val). Take the C with the largest number.",
        ),
    ),
    Exercise(
        "9.2",
        "Could it be chance?",
        minutes=15,
        difficulty=3,
        check=check_9_2,
        solution=solution_9_2,
        why="This is the *sign test*; for two classifiers it is called McNemar's exact test. The texts on which both "
        "agree say nothing about who is better, and pairing the answers makes the test sharper than two separate "
        "standard errors.",
        hints=(
            "First count two numbers: the texts that only a has right, and those that only b has right.",
            "n coins show exactly k heads in math.comb(n, k) of 2**n ways. Add them up for k from 0 to the smaller "
            "number.",
            "Twice that sum, divided by 2**n; and min(1, …) around it.",
        ),
    ),
    Exercise(
        "9.3",
        "One number for the diagram",
        minutes=10,
        difficulty=2,
        check=check_9_3,
        solution=solution_9_3,
        why="This is the *expected calibration error*, ECE. It depends on the bins: with other borders you get another "
        "number. So name the bins when you report it, and show the diagram too.",
        hints=(
            "Section 6 gives each text its bin. What are the mean of sure and the mean of right inside one bin?",
            "Each bin adds |mean of right − mean of sure|, times its share of the texts. Empty bins add nothing.",
            "With inside = bins == number, the share is inside.mean(). Start with error = 0, and add in a loop over "
            "np.unique(bins).",
        ),
    ),
    Exercise(
        "9.4",
        "Three ways to name one number",
        minutes=10,
        difficulty=2,
        check=check_9_4,
        solution=solution_9_4,
        why="The likeliest star is right most often. The median makes the mean distance smallest, the mean makes the "
        "mean *squared* distance smallest. So the measure by which you are judged decides what to answer. Without a "
        "new training!",
        hints=(
            "argmax gives columns 0 to 4, and the stars are 1 to 5.",
            "The mean is a matrix product with np.arange(1, 6). For the middle, look at p.cumsum(axis=1).",
            "The middle is the first column where the sum reaches 0.5: (p.cumsum(axis=1) >= 0.5).argmax(axis=1) + 1.",
        ),
    ),
    Exercise(
        "9.5",
        "A job that may be switched off",
        minutes=15,
        difficulty=2,
        check=check_9_5,
        solution=solution_9_5,
        why="os.replace changes one name in one step: whoever looks sees the old file or the new one, never a half. It "
        "works within one disk; so the draft lies beside the target, not in a folder for temporary files.",
        hints=(
            "Four steps: read, ask, write a draft, replace.",
            'Read with pd.read_csv(source, keep_default_na=False), so that the text "NA" stays a text.',
            "Write to target + '.draft' with index=False, and only then call os.replace(draft, target).",
        ),
    ),
]
