"""The diagnoses of lesson 14. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_14_labels import CHANCE, START, SUREST, UNCERTAIN
from ktlearn.exercises.lesson_14_measuring import CURVES, OURS, SIZES, THEIRS, solution_14_11
from tests.exercises.answers import diagnosis, line

GAP = OURS - THEIRS
LONG = "The one number is higher than the other, so the better one should be used by everybody here, and at once, "


def rows_of(labels, per_class):
    return [np.flatnonzero(labels == name)[:per_class] for name in np.unique(labels)]


def always_the_first(labels, per_class, rng):
    return np.concatenate(rows_of(labels, per_class))


def any_of_them(labels, per_class, rng):
    return rng.choice(len(labels), per_class * len(np.unique(labels)), replace=False)


def with_repeats(labels, per_class, rng):
    return np.concatenate([[places[0]] * per_class for places in rows_of(labels, per_class)])


def own_chance(labels, per_class, rng):
    rng = np.random.default_rng()
    return np.concatenate([rng.permutation(np.flatnonzero(labels == name))[:per_class] for name in np.unique(labels)])


def copies_first(texts, labels, augment, rng):
    texts, labels = texts + [augment(each) for each in texts], labels + labels
    order = rng.permutation(len(texts))
    val, rest = order[:10], order[10:]
    return ([texts[i] for i in rest], [labels[i] for i in rest]), ([texts[i] for i in val], [labels[i] for i in val])


def copies_of_all(texts, labels, augment, rng):
    train, y_train = texts[10:] + [augment(each) for each in texts], labels[10:] + labels
    return (train, y_train), (texts[:10], labels[:10])


def no_copies(texts, labels, augment, rng):
    return (texts[10:], labels[10:]), (texts[:10], labels[:10])


def labels_mixed(texts, labels, augment, rng):
    return (texts[10:] + [augment(each) for each in texts[10:]], labels[10:] + labels[::-1][:30]), (
        texts[:10],
        labels[:10],
    )


def own_of(p, labels):
    return p[np.arange(len(labels)), labels]


def gap_of(p):
    two = np.sort(p, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


WRONG = [
    ("14.1", (GAP.mean(), GAP.std(ddof=1)), "Divide it by √5"),
    ("14.1", (GAP.mean(), GAP.std() / 5**0.5), "divided by 5 − 1"),
    ("14.1", (GAP.mean(), ((OURS.var(ddof=1) + THEIRS.var(ddof=1)) / 5) ** 0.5), "spread of the *differences*"),
    ("14.1", (GAP.mean(), GAP.std(ddof=1) / 5), "by √5, not by 5"),
    ("14.1", (-GAP.mean(), GAP.std(ddof=1) / 5**0.5), "the sign"),
    ("14.1", (0.5, 0.1), "the mean lead is not 0.500"),
    ("14.2", 33, "one too few"),
    ("14.2", 45, "it is a step, too"),
    ("14.2", 50, "left over"),
    ("14.2", 100, "those are the steps"),
    ("14.3", always_the_first, "Let `rng` draw"),
    ("14.3", any_of_them, "of each class were asked for"),
    ("14.3", with_repeats, "twice"),
    ("14.3", own_chance, "with `rng` only"),
    ("14.4", copies_of_all, "Split first"),
    ("14.4", no_copies, "are 60 training texts"),
    ("14.4", labels_mixed, "its own label"),
    ("14.5", "a", "the penalty on the weights still once"),
    ("14.5", "c", "count more, not less"),
    ("14.5", "d", "no new text"),
    ("14.6", 0.81, "the two agree"),
    ("14.6", 0.9, "if all test labels were right"),
    ("14.6", 0.18, "disagree"),
    ("14.7", lambda p, y, k: np.argsort(-own_of(p, y))[:k], "believes these labels most"),
    ("14.7", lambda p, y, k: np.argsort(p.max(1))[:k], "*given* label"),
    ("14.7", lambda p, y, k: np.argsort(own_of(p, y))[:k][::-1], "comes first"),
    ("14.7", lambda p, y, k: np.sort(own_of(p, y))[:k], "not their probabilities"),
    ("14.8", lambda p, done, k: np.argsort(gap_of(p))[:k], "have a label already"),
    ("14.8", lambda p, done, k: np.argsort(np.where(done, -1, gap_of(p)))[::-1][:k], "surest"),
    ("14.8", lambda p, done, k: np.argsort(gap_of(p[~done]))[:k], "among all texts"),
    ("14.9", lambda a, b: ((a > b) + (a == b) / 2).mean(), "five pairs"),
    ("14.9", lambda a, b: (a[:, None] > b).mean(), "a tie counts as a half"),
    ("14.10", START, "at the start"),
    ("14.10", UNCERTAIN, "Is your rule the one"),
    ("14.10", 0.6, "not 0.600"),
    ("14.11", (200, 2), "A is still ahead"),
    ("14.11", (400, 0.5), "more examples than A"),
    ("14.11", (400, 4), "Where has B 0.80"),
    ("14.12", "No.", "these are 1 words"),
    ("14.12", LONG + "and that is all there is to be said about it, I think, today.", "may be luck"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_the_bug_itself_is_found():
    assert any(phrase in diagnosis("14.4", copies_first) for phrase in ("copies in the validation", "Split first"))


def test_a_sample_in_any_order_is_right():
    def backwards(labels, per_class, rng):
        drawn = [rng.permutation(np.flatnonzero(labels == name))[:per_class] for name in np.unique(labels)]
        return np.concatenate(drawn)[::-1]

    assert line("14.3", backwards) == "✓ Right."


def test_the_curves_cross_once_and_where_the_solution_says():
    ahead = [size for size, a, b in zip(SIZES, CURVES["A"], CURVES["B"], strict=True) if b > a]
    size, times = solution_14_11()
    assert ahead == SIZES[SIZES.index(size) :]
    assert SIZES[CURVES["B"].index(0.80)] == times * SIZES[CURVES["A"].index(0.80)]


def test_the_surest_first_is_far_from_all_others():
    assert min(START, CHANCE, UNCERTAIN) > SUREST + 0.02
