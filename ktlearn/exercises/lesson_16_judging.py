"""Exercises of lesson 16 about a split, a leak, a choice, a card, and what a wrapper is."""

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

LEAKING = {  # letter → why it leaks; of exercise 16.2
    "a": "it counts the words of all texts, those of the test part too",
    "c": "it takes the epoch that is best on the test part",
    "d": "it copies rows before it splits them, so a copy may lie in each part",
}
UNTENABLE = {  # of exercise 16.5
    "b": "0.93 was measured on 200 texts of one shop, and an error belongs to it",
    "c": "it chose with the test set",
    "e": "nothing like it was measured",
}


def check_16_1(answer):
    rng = np.random.default_rng()
    for _ in range(3):
        senders = np.array([f"customer-{number}" for number in rng.integers(0, 40, 300)])
        in_test = as_array(answer(senders.copy(), 0.25, 7), "the result", shape=(300,)).astype(bool)
        again = as_array(answer(senders.copy(), 0.25, 7), "the result", shape=(300,)).astype(bool)
        both = set(senders[in_test]) & set(senders[~in_test])
        if both:
            raise NotYet(f"{len(both)} senders stand in both parts, such as {min(both)}. Choose senders, not rows.")
        chosen, everyone = len(set(senders[in_test])), len(set(senders))
        if chosen == round(0.75 * everyone):
            raise NotYet("True means test, and `share` is the share of the test senders.")
        if abs(chosen - 0.25 * everyone) > 1:
            raise NotYet(f"with share 0.25, {chosen} of {everyone} senders are in the test part.")
        if (in_test != again).any():
            raise NotYet("the same seed must give the same split.")
        if all((answer(senders.copy(), 0.25, seed) == in_test).all() for seed in (1, 2, 3)):
            raise NotYet("another seed must give another split.")


def solution_16_1(senders, share, seed):
    different = np.unique(senders)
    shuffled = np.random.default_rng(seed).permutation(different)
    test_senders = shuffled[: round(share * len(different))]
    return np.isin(senders, test_senders)


def check_16_2(answer):
    _letters(answer, LEAKING, "abcde", "leaks", "could another test set have changed the model?")


def solution_16_2():
    return ["a", "c", "d"]


def check_16_3(answer):
    said = float(as_array(answer, "the mean", shape=()))
    right = 0.8513  # the mean of 200,000 draws
    if abs(said - 0.8) < 0.004:
        raise NotYet("that is what one model gets on average. Take the best of twenty.")
    if abs(said - 200 * right) < 1:
        raise NotYet("divide by the 200 texts: the answer is an accuracy.")
    if abs(said - 0.8 - 0.0283) < 0.003:
        raise NotYet("one standard error above is not the best of twenty. Simulate it.")
    if abs(said - right) > 0.004:
        raise NotYet(f"{said:.3f} is not the mean of the largest of twenty accuracies. Each has 200 texts.")


def solution_16_3():
    right = np.random.default_rng(0).binomial(200, 0.8, size=(10_000, 20))  # (draws, models)
    return (right / 200).max(axis=1).mean()


def check_16_4(answer):
    cases = [
        ([0.70, 0.80, 0.75, 0.72, 0.80], [0.9, 0.6, 0.4, 0.55, 0.5], 5),
        ([0.70, 0.82, 0.80], [0.9, 0.6, 0.5], 2),
        ([0.9, 0.9, 0.9], [0.3, 0.4, 0.5], 1),
    ]
    for accuracy, loss, right in cases:
        said = as_array(answer({"val_accuracy": list(accuracy), "val_loss": list(loss)}), "the epoch", shape=())
        if said == right:
            continue
        if said == right - 1:
            raise NotYet("epochs are counted from 1.")
        if said == int(np.argmin(loss)) + 1:
            raise NotYet("that is the epoch with the lowest loss. The accuracy decides, the loss only among equals.")
        if accuracy[int(said) - 1 if 1 <= said <= len(accuracy) else 0] == max(accuracy):
            raise NotYet(f"among epochs of equal accuracy, the loss decides: {right} here, and you have {int(said)}.")
        raise NotYet(f"for the accuracies {accuracy} and losses {loss} it is epoch {right}; you have {float(said):g}.")


def solution_16_4(history):
    accuracy, loss = history["val_accuracy"], history["val_loss"]
    return max(range(len(loss)), key=lambda i: (accuracy[i], -loss[i])) + 1


def check_16_5(answer):
    _letters(answer, UNTENABLE, "abcdef", "cannot stand", "which number of the task supports it?")


def solution_16_5():
    return ["b", "c", "e"]


def _letters(answer, right, all_letters, what, question):
    """A list of letters: names the first one that is missing, or does not belong there."""
    if not isinstance(answer, (list, tuple, set)) or not all(isinstance(letter, str) for letter in answer):
        raise NotYet('give a list of letters: ["a", "b"].')
    given = [letter.strip().lower() for letter in answer]
    if strangers := [letter for letter in given if letter not in all_letters or len(letter) != 1]:
        raise NotYet(f"there is no {strangers[0]!r}; the letters are {', '.join(all_letters)}.")
    for letter in given:
        if letter not in right:
            raise NotYet(f"{letter} is no such case. {question[0].upper()}{question[1:]}")
    for letter in right:
        if letter not in given:
            raise NotYet(f"{len(set(given))} of {len(right)} found. Look once more: {question}")


_POINTS = [
    (r"batch|padd|tokeni|schedule|learning rate|callback|report", "what you would have to write without it"),
    (r"hid|default|decid|choos|choice|without asking", "what it hides or decides for you"),
    (
        r"st(?:an|oo)ds? in (?:my|the|your|its) way|fight|pairs of|custom|train_?step|training step|gradient ?tape"
        r"|own (?:loop|step|training)|(?:two|three|several|many|more) (?:inputs|outputs|models)",
        "when you would leave it",
    ),
    (r"same|equal|nothing (?:else|new)|no better|not better|identical", "that the model and its numbers are the same"),
]


def check_16_10(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_16_10():
    return (
        "The wrapper writes what I would otherwise write each time: tokens and padded batches, the schedule of the "
        "learning rate, the report, and a folder that holds model, tokenizer and class names together. The model and "
        "its numbers are the same as with Keras' own fit. What it hides are choices: AdamW, the loss, the order of the "
        "texts, where a text is cut; so I read what it prints. I leave it when I need two models that train each "
        "other, several inputs or outputs, or a training step that fit does not have, and then by one stair only: a "
        "loss of my own the learner takes as it is."
    )
