"""The diagnoses of lesson 09. What holds for every exercise is in test_every_exercise.py."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from tests.exercises.answers import diagnosis, line


def coins(k, n):
    return sum(math.comb(n, i) for i in range(k + 1)) / 2**n


def discordant(a, b):
    return int((a & ~b).sum()), int((b & ~a).sum())


def one_sided(a, b):
    return coins(min(discordant(a, b)), sum(discordant(a, b)))


def for_all_texts(a, b):
    return min(1, 2 * coins(int(min(a.sum(), b.sum())), len(a)))


def exactly_this(a, b):
    n = sum(discordant(a, b))
    return math.comb(n, min(discordant(a, b))) / 2**n


def not_cut_at_one(a, b):
    return 2 * one_sided(a, b)


def bins(sure, right):
    for low in np.arange(5, 10) / 10:
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            yield inside.mean(), right[inside].mean() - sure[inside].mean()


def bins_alike(sure, right):
    return np.mean([abs(gap) for _, gap in bins(sure, right)])


def signed(sure, right):
    return abs(sum(share * gap for share, gap in bins(sure, right)))


def squared(sure, right):
    return sum(share * gap**2 for share, gap in bins(sure, right))


def empty_bins_too(sure, right):
    total = 0
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        inside = (sure >= low) & (sure < low + 0.1)
        total += inside.mean() * abs(right[inside].sum() / inside.sum() - sure[inside].sum() / inside.sum())
    return total


def three(p):
    return p.argmax(1) + 1, p @ [1, 2, 3, 4, 5], (p.cumsum(1) >= 0.5).argmax(1) + 1


def from_zero(p):
    return tuple(x - 1 for x in three(p))


def likeliest_from_zero(p):
    return p.argmax(1), *three(p)[1:]


def mean_from_zero(p):
    return three(p)[0], p @ np.arange(5), three(p)[2]


def middle_from_zero(p):
    return *three(p)[:2], three(p)[2] - 1


def mean_rounded(p):
    return three(p)[0], np.rint(three(p)[1]), three(p)[2]


def median_of_probabilities(p):
    return *three(p)[:2], np.median(p, axis=1)


def words_only(texts, labels):
    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression()).fit(texts, labels)


def letters_only(texts, labels):
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    return make_pipeline(letters, LogisticRegression()).fit(texts, labels)


def not_fitted(texts, labels):
    both = make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    return make_pipeline(both, LogisticRegression())


def drawn(*rights, count=5000):
    """The accuracy of each method in each draw of texts."""
    texts = np.random.default_rng().integers(0, len(rights[0]), (count, len(rights[0])))
    return [right[texts].mean(axis=1) for right in rights]


def ends(draws, low=2.5):
    return np.percentile(draws, [low, 100 - low])


def paired(a, b):
    means_a, means_b = drawn(a, b)
    return ends(means_a - means_b)


def apart(a, b):
    return ends(drawn(a)[0] - drawn(b)[0])


def without_putting_back(a, b):
    order = np.random.default_rng().permutation(len(a))
    return (a[order].mean() - b[order].mean(),) * 2


def mixed_losses(p_a, p_b, truth, loss=lambda p: -np.log(p)):
    return [loss((w * p_a + (1 - w) * p_b)[np.arange(len(truth)), truth]).mean() for w in np.arange(21) / 20]


def weight(p_a, p_b, truth):
    return np.argmin(mixed_losses(p_a, p_b, truth)) / 20


def weight_of_b(p_a, p_b, truth):
    return 1 - weight(p_a, p_b, truth)


def between_two_steps(p_a, p_b, truth):
    return weight(p_a, p_b, truth) + 0.02


def most_right(p_a, p_b, truth):
    return np.argmin(mixed_losses(p_a, p_b, truth, lambda p: p < 0.5)) / 20


def squared_weight(p_a, p_b, truth):
    return np.argmin(mixed_losses(p_a, p_b, truth, lambda p: (1 - p) ** 2)) / 20


def cheapest(p, is_negative, miss, alarm):
    costs = [
        miss * (is_negative & (p < t)).sum() + alarm * (~is_negative & (p >= t)).sum() for t in np.arange(101) / 100
    ]
    return np.argmin(costs) / 100


EFFECTS = ["same", "lower", "lower", "same", "higher", "lower"]


def effects(number, word):
    return [*EFFECTS[: number - 1], word, *EFFECTS[number:]]


def lines(draft):
    with open(draft, encoding="utf-8") as file:
        return len(file.readlines()) - 1


def rows(draft, off=0):
    with open(draft, newline="", encoding="utf-8") as file:
        return len(list(csv.reader(file))) - 1 + off


def never_none(draft):
    return max(rows(draft), 1)


def by_pandas(draft):
    return len(pd.read_csv(draft))


GOOD = (
    "Both come from 265 reviews, so the standard error of each is about 0.025 and the lead may be chance. I would "
    "count the same texts in pairs and train more seeds. If they stay equal, take the cheaper one."
)


WRONG = [
    ("9.1", [100], "Which others are less than a standard error behind it"),
    ("9.1", [0.1, 1, 10, 100], "validation can tell them apart"),
    ("9.1", [10, 100], "1 is missing: 0.747"),
    ("9.1", [1, 10, 50], "You gave 50"),
    ("9.1", 100, "must be a list"),
    ("9.2", words_only, "'dreadful' and does not know 'dreadfully'"),
    ("9.2", letters_only, "does not tell 'not bad' from 'not good'"),
    ("9.2", lambda texts, labels: labels, "return the fitted model"),
    ("9.2", not_fitted, "not fitted"),
    ("9.3", one_sided, "one side of it"),
    ("9.3", for_all_texts, "tossed for all the texts"),
    ("9.3", lambda a, b: abs(a.mean() - b.mean()), "the difference of the accuracies"),
    ("9.3", exactly_this, "Count the more extreme ones"),
    ("9.3", not_cut_at_one, "with 2 against 2 it must be 1"),
    ("9.4", apart, "drew the texts of a and of b apart"),
    ("9.4", lambda a, b: ends(np.subtract(*drawn(a, b)), 5), "the ends of 90 %"),
    ("9.4", lambda a, b: paired(b, a), "this is b against a"),
    ("9.4", lambda a, b: paired(a, b)[::-1], "the lower end comes first"),
    ("9.4", lambda a, b: ends(drawn(a)[0]), "the accuracy of a alone"),
    ("9.4", lambda a, b: ends(np.subtract(*drawn(a, b)), 0), "the lowest and the highest draw"),
    ("9.4", without_putting_back, "drawn without putting back"),
    ("9.4", lambda a, b: 0.5, "return two numbers"),
    ("9.5", weight_of_b, "the weight of b"),
    ("9.5", most_right, "the most right answers"),
    ("9.5", squared_weight, "you squared the distances"),
    ("9.5", between_two_steps, "is another one"),
    ("9.6", lambda p, n, miss, alarm: cheapest(p, n, alarm, miss), "exchanged the two costs"),
    ("9.6", lambda p, n, miss, alarm: cheapest(p, n, 1, 1), "the fewest mistakes"),
    ("9.6", lambda p, n, miss, alarm: 1 - cheapest(p, n, miss, alarm), "one minus the threshold"),
    ("9.6", lambda p, n, miss, alarm: alarm / (alarm + miss), "is for a calibrated model"),
    ("9.6", lambda p, n, miss, alarm: 1.01, "There is one that costs"),
    ("9.7", effects(1, "higher"), "number 1, the number of right answers: not higher"),
    ("9.7", effects(5, "lower"), "the right class loses probability"),
    ("9.7", effects(6, "up"), "'up' is none of the words"),
    ("9.7", EFFECTS[:5], "a list of 6 words"),
    ("9.8", ["B", "A", "C"], "A is more often right than it is sure"),
    ("9.8", ["A", "B", "C"], "C runs below the diagonal"),
    ("9.8", ["A", "C", "B"], "on the diagonal"),
    ("9.8", "BCA", "a list of 3 words"),
    ("9.9", bins_alike, "A bin with more texts must count for more"),
    ("9.9", signed, "cancel"),
    ("9.9", squared, "you squared the distances"),
    ("9.9", lambda sure, right: abs(sure.mean() - right.mean()), "as if all were one bin"),
    ("9.9", empty_bins_too, "not finite"),
    ("9.10", from_zero, "all three are one too low"),
    ("9.10", likeliest_from_zero, "the likeliest: columns count from 0"),
    ("9.10", mean_from_zero, "multiply by 1 to 5"),
    ("9.10", middle_from_zero, "the middle: columns count from 0"),
    ("9.10", mean_rounded, "Do not round it"),
    ("9.10", median_of_probabilities, "the median of the five probabilities"),
    ("9.10", lambda p: three(p)[0], "must return 3 things"),
    ("9.11", lines, "these are still lines"),
    ("9.11", lambda draft: rows(draft, off=1), "you counted the header too"),
    ("9.11", never_none, "has 0 rows"),
    ("9.11", lambda draft: rows(draft) // 2, "a draft of 1 reviews"),
    ("9.12", "The Transformer is better.", "these are 4 words"),
    ("9.12", GOOD.replace("265", "some"), "how few texts were asked"),
    ("9.12", GOOD.replace("standard error of each", "number").replace("chance", "nothing"), "how far chance alone"),
    ("9.12", GOOD.replace("same texts in pairs and train more seeds", "words"), "what you would look at next"),
    ("9.12", GOOD.replace("the cheaper one", "the other"), "accuracy is not all"),
    ("9.12", 0.79, "answer in words"),
]

RIGHT = [
    ("9.1", [100, 10, 1]),
    ("9.1", np.array([1, 10, 100])),
    ("9.4", paired),
    ("9.5", weight),
    ("9.6", cheapest),
    ("9.7", tuple(word.upper() for word in EFFECTS)),
    ("9.8", ["b", "c", "a"]),
    ("9.11", rows),
    ("9.11", by_pandas),
    ("9.12", GOOD),
]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_another_right_answer_is_right_too(number, answer):
    assert line(number, answer) == "✓ Right."
