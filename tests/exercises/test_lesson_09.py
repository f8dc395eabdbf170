"""The diagnoses of lesson 09. What holds for every exercise is in test_every_exercise.py."""

import contextlib
import math
import os

import numpy as np
import pandas as pd
import pytest

from tests.exercises.answers import diagnosis


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


def answered(predict_proba, source, **reading):
    table = pd.read_csv(source, **(reading or {"keep_default_na": False}))
    table["positive"] = predict_proba(table["text"].astype(str).tolist())[:, 1]
    return table


def replaced(table, target, **writing):
    table.to_csv(f"{target}.new", **(writing or {"index": False}))
    os.replace(f"{target}.new", target)


def in_place(predict_proba, source, target):
    answered(predict_proba, source).to_csv(target, index=False)
    return 5


def leaves_the_draft(predict_proba, source, target):
    replaced(answered(predict_proba, source), target)
    answered(predict_proba, source).to_csv(f"{target}.copy", index=False)
    return 5


def removes_first(predict_proba, source, target):
    os.remove(target)
    replaced(answered(predict_proba, source), target)
    return 5


def draft_before_the_model(predict_proba, source, target):
    open(f"{target}.new", "w").close()
    replaced(answered(predict_proba, source), target)
    return 5


def swallows_the_error(predict_proba, source, target):
    with contextlib.suppress(RuntimeError):
        replaced(answered(predict_proba, source), target)
    return 5


def with_row_numbers(predict_proba, source, target):
    table = answered(predict_proba, source)
    table["number"] = range(len(table))
    replaced(table, target)
    return 5


def na_is_lost(predict_proba, source, target):
    replaced(answered(predict_proba, source, keep_default_na=True), target)
    return 5


def column_0(predict_proba, source, target):
    replaced(answered(lambda texts: predict_proba(texts)[:, ::-1], source), target)
    return 5


def another_column(predict_proba, source, target):
    replaced(answered(predict_proba, source).rename(columns={"positive": "p"}), target)
    return 5


def nowhere(predict_proba, source, target):
    os.remove(target)
    return 5


def counts_wrongly(predict_proba, source, target):
    replaced(answered(predict_proba, source), target)
    return 1


WRONG = [
    ("9.1", 10, "the best on the test part"),
    ("9.1", 0.1, "Another one gets more"),
    ("9.1", 5, "must be one of 0.1, 1, 10, 100"),
    ("9.2", one_sided, "one side of it"),
    ("9.2", for_all_texts, "tossed for all the texts"),
    ("9.2", lambda a, b: abs(a.mean() - b.mean()), "the difference of the accuracies"),
    ("9.2", exactly_this, "Count the more extreme ones"),
    ("9.2", not_cut_at_one, "with 2 against 2 it must be 1"),
    ("9.3", bins_alike, "A bin with more texts must count for more"),
    ("9.3", signed, "cancel"),
    ("9.3", squared, "you squared the distances"),
    ("9.3", lambda sure, right: abs(sure.mean() - right.mean()), "as if all were one bin"),
    ("9.3", empty_bins_too, "not finite"),
    ("9.4", from_zero, "all three are one too low"),
    ("9.4", likeliest_from_zero, "the likeliest: columns count from 0"),
    ("9.4", mean_from_zero, "multiply by 1 to 5"),
    ("9.4", middle_from_zero, "the middle: columns count from 0"),
    ("9.4", mean_rounded, "Do not round it"),
    ("9.4", median_of_probabilities, "the median of the five probabilities"),
    ("9.4", lambda p: three(p)[0], "must return 3 things"),
    ("9.5", in_place, "you wrote into the old file"),
    ("9.5", leaves_the_draft, "a file is left over: out.csv.copy"),
    ("9.5", removes_first, "the old file is no longer what it was"),
    ("9.5", draft_before_the_model, "a file is left over: out.csv.new"),
    ("9.5", swallows_the_error, "Let the error through"),
    ("9.5", with_row_numbers, "a column too many"),
    ("9.5", na_is_lost, '"NA" is a text here'),
    ("9.5", column_0, "must hold column 1"),
    ("9.5", another_column, "Its columns are id, text, p"),
    ("9.5", counts_wrongly, "return the number of rows, here 5"),
    ("9.5", nowhere, "there is no file at the address target"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)
