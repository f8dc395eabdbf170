"""Exercises of lesson 14 about seeds, steps, samples, splits and a curve."""

import math

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

OURS = np.array([0.80, 0.84, 0.78, 0.86, 0.82])  # of exercise 14.1
THEIRS = np.array([0.77, 0.80, 0.76, 0.83, 0.79])


def check_14_1(answer):
    found = as_array(answer, "your answer", shape=(2,))
    mean, error = solution_14_1()
    if abs(found[0] + mean) < 0.0006:
        raise NotYet("the sign: ours before theirs.")
    if abs(found[0] - mean) > 0.0006:
        raise NotYet(f"the mean lead is not {found[0]:.3f}. Take the difference for each seed, then the mean.")
    gap = OURS - THEIRS
    mistakes = {
        "that is the standard deviation. Divide it by √5.": gap.std(ddof=1),
        "the spread of five numbers is divided by 5 − 1, not by 5.": gap.std() / math.sqrt(5),
        "each method alone varies a lot, but with the samples. Take the spread of the *differences*.": math.sqrt(
            (OURS.var(ddof=1) + THEIRS.var(ddof=1)) / 5
        ),
        "divide by √5, not by 5.": gap.std(ddof=1) / 5,
    }
    if abs(found[1] - error) < 0.00015:
        return
    for sentence, wrong in mistakes.items():
        if abs(found[1] - wrong) < 0.00015:
            raise NotYet(sentence)
    raise NotYet(f"the standard error is not {found[1]:.4f}. Write down the five differences first.")


def solution_14_1():
    gap = np.array([0.80, 0.84, 0.78, 0.86, 0.82]) - np.array([0.77, 0.80, 0.76, 0.83, 0.79])
    return gap.mean(), gap.std(ddof=1) / 5**0.5


def check_14_2(answer):
    found = as_array(answer, "the number of epochs", shape=())
    if found == 34:
        return
    if found == 33:
        raise NotYet("33 epochs are 99 steps: one too few.")
    if found in (44, 45):
        raise NotYet("the last batch of an epoch is smaller, but it is a step, too: 36 texts are 3 batches.")
    if found == 50:
        raise NotYet("the 4 texts that are left over after two batches are a batch, too.")
    if found == 100:
        raise NotYet("those are the steps. How many of them has one epoch?")
    raise NotYet("how many batches of at most 16 do 36 texts make? And how often does that go into 100?")


def solution_14_2():
    in_an_epoch = math.ceil(36 / 16)  # 3
    return math.ceil(100 / in_an_epoch)


def check_14_3(answer):
    rng = np.random.default_rng()
    for classes, per_class in ((2, 5), (3, 4)):
        labels = rng.permutation(np.repeat([f"class {i}" for i in range(classes)], (12, 20, 31)[:classes]))
        found = as_array(answer(labels.copy(), per_class, np.random.default_rng(0)), "your indices")
        if found.ndim != 1 or found.dtype.kind not in "iu":
            raise NotYet("return one row of indices: whole numbers.")
        if len(found) and (found.min() < 0 or found.max() >= len(labels)):
            raise NotYet(f"with {len(labels)} labels an index goes from 0 to {len(labels) - 1}.")
        if len(set(found.tolist())) < len(found):
            raise NotYet("an example stands in the sample twice. Draw without putting back.")
        counts = {str(name): int((labels[found] == name).sum()) for name in np.unique(labels)}
        if set(counts.values()) != {per_class}:
            raise NotYet(f"{per_class} of each class were asked for; there are {counts}.")
        drawn = [
            tuple(sorted(int(i) for i in answer(labels.copy(), per_class, np.random.default_rng(s))))
            for s in (0, 0, 1, 2, 3)
        ]
        if len(set(drawn)) == 1:
            raise NotYet("each seed gives the same examples. Let `rng` draw.")
        if drawn[0] != drawn[1]:
            raise NotYet("the same seed gives other examples the second time. Draw with `rng` only.")


def solution_14_3(labels, per_class, rng):
    drawn = [rng.choice(np.flatnonzero(labels == name), per_class, replace=False) for name in np.unique(labels)]
    return np.concatenate(drawn)


def check_14_4(answer):
    rng = np.random.default_rng()
    texts = [f"text {i}" for i in rng.permutation(40)]
    labels = [int(each[5:]) % 2 for each in texts]
    found = answer(list(texts), list(labels), lambda each: each + " copy", np.random.default_rng(0))
    if (
        not isinstance(found, (tuple, list))
        or len(found) != 2
        or not all(isinstance(part, (tuple, list)) and len(part) == 2 for part in found)
    ):
        raise NotYet("return two pairs: (texts, labels) for training, and (texts, labels) for validation.")
    (train, y_train), (val, y_val) = ([list(column) for column in part] for part in found)
    for some, marks in ((train, y_train), (val, y_val)):
        if len(some) != len(marks):
            raise NotYet("a part has not one label for each text.")
        if not all(isinstance(each, str) and each.removesuffix(" copy") in texts for each in some):
            raise NotYet("there is a text that is neither an example nor its copy.")
        if any(int(each.removesuffix(" copy")[5:]) % 2 != mark for each, mark in zip(some, marks, strict=True)):
            raise NotYet("a text has lost its own label.")
    if any(each.endswith(" copy") for each in val):
        raise NotYet("there are copies in the validation part. It must be like what comes later: as it was written.")
    if {each.removesuffix(" copy") for each in train} & set(val):
        raise NotYet("a validation text, or its copy, is in the training part: that is the bug. Split first.")
    if len(val) != 10:
        raise NotYet(f"a quarter of the 40 examples is for validation; there are {len(val)}.")
    if len(train) != 60:
        raise NotYet(f"30 examples and a copy of each are 60 training texts; there are {len(train)}.")


def solution_14_4(texts, labels, augment, rng):
    order = rng.permutation(len(texts))
    val, rest = order[: len(texts) // 4], order[len(texts) // 4 :]
    train = [texts[i] for i in rest] + [augment(texts[i]) for i in rest]
    y_train = [labels[i] for i in rest] * 2
    return (train, y_train), ([texts[i] for i in val], [labels[i] for i in val])


def check_14_5(answer):
    letter = answer.strip().lower() if isinstance(answer, str) else answer
    sentences = {
        "a": "the loss of the data is counted twice now, and the penalty on the weights still once.",
        "c": "the data count more, not less.",
        "d": "there is no new text in the sample, so nothing is learned that was not there.",
    }
    if letter == "b":
        return
    if not isinstance(letter, str) or letter not in sentences:
        raise NotYet('answer with one letter: "a", "b", "c" or "d".')
    raise NotYet(sentences[letter])


def solution_14_5():
    return "b"


SIZES = [25, 50, 100, 200, 400, 800]  # of exercise 14.11
CURVES = {"A": [0.70, 0.76, 0.80, 0.82, 0.83, 0.83], "B": [0.55, 0.62, 0.72, 0.80, 0.86, 0.90]}


def check_14_11(answer):
    found = as_array(answer, "your answer", shape=(2,)).tolist()
    if found == [400, 2]:
        return
    if found[0] == 200:
        raise NotYet("at 200 A is still ahead, 0.82 to 0.80.")
    if found[0] != 400:
        raise NotYet("from which of the six sizes on does the dashed line lie above the solid one?")
    if found[1] == 0.5:
        raise NotYet("B needs more examples than A, not fewer.")
    raise NotYet("A has 0.80 at 100 examples. Where has B 0.80, and how many times as many are that?")


def solution_14_11():
    return 400, 2


_SURE = r"test set|test text|how many test|standard error|uncertain|band|error of|small test|interval"
_TUNED = r"tun|baseline|same (?:\w+ )?(?:split|sample|text|email)|cross"
_COST = r"cost|label|time|simple|maintain|explain|fast|cheap|more (?:data|example|email)"
_POINTS = [
    (r"seed|run|sample|repeat|luck|chance", "one run on one sample may be luck"),
    (_SURE, "how sure the figures are"),
    (_TUNED, "is the baseline tuned, on the same emails?"),
    (_COST, "what else speaks: cost, or more labels"),
]


def check_14_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_14_12():
    return (
        "One run with 60 emails says little: another sample, or another seed, may turn the order round. Repeat both "
        "with five samples and give the mean difference with its standard error, on the same splits, with the "
        "baseline tuned by cross-validation. With 100 test emails each figure alone has an error of about 0.03, as "
        "large as the lead. And labelling 200 more emails may bring more than the choice of the model, at less cost."
    )
