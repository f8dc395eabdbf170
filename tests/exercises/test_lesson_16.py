"""The diagnoses of lesson 16. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.exercises.lesson_16 import EXERCISES
from ktlearn.exercises.lesson_16_judging import solution_16_3
from ktlearn.exercises.lesson_16_serving import CLIENTS, CURVES
from tests.exercises.answers import diagnosis, line


def rows_by_chance(senders, share, seed):
    return np.random.default_rng(seed).random(len(senders)) < share


def by_sender(senders, share, seed):
    different = np.unique(senders)
    return np.isin(senders, np.random.default_rng(seed).permutation(different)[: round(share * len(different))])


def unstable(predict, pairs):
    return [pair for pair in pairs if len(set(predict(list(pair)))) == 2]


WITHOUT_THE_END = (
    "It writes tokens, batches, the schedule and the report for me, and it hides choices such as the optimizer; the "
    "numbers are the same as those of fit, so it is a matter of taste and of time and not of quality."
)

WHEN = {  # the last sentence of an answer to 16.10, and whether it says when to leave
    "I leave it when the loss looks at pairs of texts.": True,
    "I leave it when I train two models against each other.": True,
    "I leave it when it stands in my way: a model with two outputs.": True,
    "Then I would write my own training step.": True,
    "When I need a custom train_step, I go to Keras.": True,
    "I never leave it.": False,
    "I leave it when I need a loss of my own.": False,
    "It clips each gradient, too.": False,
}

WRONG = [
    ("16.1", rows_by_chance, "Choose senders, not rows"),
    ("16.1", lambda senders, share, seed: ~by_sender(senders, share, seed), "True means test"),
    ("16.1", lambda senders, share, seed: by_sender(senders, 0.5, seed), "senders are in the test part"),
    ("16.1", lambda senders, share, seed: by_sender(senders, share, None), "the same seed"),
    ("16.1", lambda senders, share, seed: by_sender(senders, share, 0), "another seed"),
    ("16.2", ["a", "b", "c", "d"], "b is no such case"),
    ("16.2", ["a", "c"], "2 of 3 found"),
    ("16.2", ["x"], "there is no 'x'"),
    ("16.2", "acd", "a list of letters"),
    ("16.3", 0.8, "on average"),
    ("16.3", 170.3, "divide by the 200 texts"),
    ("16.3", 0.8283, "one standard error above"),
    ("16.3", 0.9, "not the mean of the largest"),
    (
        "16.4",
        lambda h: max(range(len(h["val_loss"])), key=lambda i: (h["val_accuracy"][i], -h["val_loss"][i])),
        "from 1",
    ),
    ("16.4", lambda h: int(np.argmax(h["val_accuracy"])) + 1, "the loss decides"),
    ("16.4", lambda h: int(np.argmin(h["val_loss"])) + 1, "the lowest loss"),
    ("16.5", ["a"], "a is no such case"),
    ("16.5", ["b"], "1 of 3 found"),
    ("16.6", lambda predict, pairs: [p for p in pairs if len(set(predict(list(p)))) == 1], "keep their desk"),
    ("16.6", lambda predict, pairs: [p for p in pairs if predict(p[0]) != predict(p[1])], "a list of texts"),
    ("16.6", lambda predict, pairs: unstable(predict, pairs)[::-1], "in their order"),
    ("16.6", lambda predict, pairs: [pairs.index(p) for p in unstable(predict, pairs)], "the pairs themselves"),
    ("16.6", lambda predict, pairs: pairs, "7 pairs, and 3 of 7"),
    ("16.6", lambda predict, pairs: len(unstable(predict, pairs)), "return a list of pairs"),
    ("16.7", [400, 0.16, 100, 0.08], "share one core"),
    ("16.7", [50, 0.02, 100, 0.08], "waits for the seven others"),
    ("16.7", [50, 160, 100, 0.08], "in seconds"),
    ("16.7", [50, 0.16, 50, 0.08], "two cores"),
    ("16.7", [50, 0.16, 100, 0.16], "twice as fast"),
    ("16.8", [2, 16], "still climbs"),
    ("16.8", [8, 16], "is flat long before"),
    ("16.8", [4, 32], "about 320 ms"),
    ("16.8", [3, 16], "not on the axis"),
    ("16.9", [1, 2, 4], "line 1 is all right"),
    ("16.9", [2, 4], "Look at the last line again"),
    ("16.9", [2, 6], "2 of 3 found"),
    ("16.10", "No.", "these are 1 words"),
    ("16.10", WITHOUT_THE_END, "when you would leave it"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


@pytest.mark.parametrize("sentence", WHEN)
def test_when_to_leave_is_said_in_many_words(sentence):
    answer = f"{WITHOUT_THE_END} {sentence}"
    assert (line("16.10", answer) == "✓ Right.") == WHEN[sentence]
    assert WHEN[sentence] or "when you would leave it" in diagnosis("16.10", answer)


def test_the_reasons_of_the_solutions_name_the_right_numbers():
    patient = CLIENTS.index(16)
    slow = CURVES["99th percentile, ms"]
    why = next(exercise.why for exercise in EXERCISES if exercise.number == "16.8")
    assert f"With 16 the 99th percentile is {slow[patient]} ms, with 32 it is {slow[patient + 1]}." in why


def test_the_best_of_twenty_is_what_many_draws_give():
    right = np.random.default_rng(3).binomial(200, 0.8, size=(100_000, 20)).max(1).mean() / 200
    assert right == pytest.approx(0.8513, abs=0.0005)
    assert solution_16_3() == pytest.approx(right, abs=0.001)


def test_the_curves_have_one_answer_each():
    rate, slow = CURVES["requests per second"], CURVES["99th percentile, ms"]
    flat = [clients for clients, one, best in zip(CLIENTS, rate, [max(rate)] * 6, strict=True) if one > 0.95 * best]
    assert flat[0] == 4
    assert max(clients for clients, ms in zip(CLIENTS, slow, strict=True) if ms < 200) == 16
    assert line("16.8", (4, 16)) == "✓ Right."
