"""Exercises of lesson 16 about a model at work: a test of behaviour, what to expect of a service, a container file."""

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import NotYet

DESKS = ["book", "film", "food"]  # of exercise 16.6
CLIENTS = [1, 2, 4, 8, 16, 32]
CURVES = {  # of exercise 16.8
    "requests per second": [60, 118, 180, 186, 184, 185],
    "99th percentile, ms": [24, 26, 41, 78, 155, 320],
}
BUGS = {  # of exercise 16.9
    2: "it takes the newest versions of the day on which it is built",
    4: "it copies the whole folder, the texts of the customers too",
    6: "it listens on 127.0.0.1, which is the inside of the container",
}


def check_16_6(answer):
    rng = np.random.default_rng()
    for _ in range(3):
        differs = rng.permutation([True] * 3 + [False] * 4)
        pairs = [(f"Message {number}.", f"Hello, message {number}.") for number in range(7)]
        first = [DESKS[place] for place in rng.integers(0, 3, 7)]
        second = [DESKS[DESKS.index(desk) - 1] if other else desk for desk, other in zip(first, differs, strict=True)]
        texts = [one for one, other in pairs] + [other for one, other in pairs]
        known = dict(zip(texts, first + second, strict=True))
        _judge_pairs(answer(lambda texts, known=known: _answers(texts, known), list(pairs)), pairs, differs)


def solution_16_6(predict, pairs):
    first = predict([one for one, other in pairs])
    second = predict([other for one, other in pairs])
    return [pair for pair, a, b in zip(pairs, first, second, strict=True) if a != b]


def _answers(texts, known):
    """A stand-in for ``predictor.predict``."""
    if isinstance(texts, str):
        raise NotYet("predict takes a list of texts, and gives a list of desks: predict([text])[0].")
    return [known[text] for text in texts]


def _judge_pairs(said, pairs, differs):
    if said is None or isinstance(said, str) or not isinstance(said, (list, tuple)):
        raise NotYet("return a list of pairs.")
    wanted = [pair for pair, differ in zip(pairs, differs, strict=True) if differ]
    said = [tuple(pair) if isinstance(pair, (list, tuple)) else pair for pair in said]
    if said == wanted:
        return
    if said == [pair for pair, differ in zip(pairs, differs, strict=True) if not differ]:
        raise NotYet("these are the pairs that keep their desk. Return those that change it.")
    if any(pair not in pairs for pair in said):
        raise NotYet(f"return the pairs themselves, as they stand in the list; {str(said[0])[:40]!r} is none of them.")
    if sorted(said) == sorted(wanted):
        raise NotYet("these are the right pairs. Keep them in their order.")
    raise NotYet(f"{len(said)} pairs, and {len(wanted)} of {len(pairs)} have two different desks.")


def check_16_7(answer):
    said = as_array(answer, "the four numbers", shape=(4,))
    for number, right, others in zip(said, (50, 0.16, 100, 0.08), _WRONG, strict=True):
        if abs(number - right) < 1e-6:
            continue
        for wrong, sentence in others.items():
            if abs(number - wrong) < 1e-6:
                raise NotYet(sentence)
        raise NotYet(f"{number:g} is not right. Begin with the requests that one core does in a second.")


_WAIT = "a client waits for the seven others too."
_WRONG = (
    {
        400: "the eight clients share one core: they do not make it faster.",
        0.02: "the first number is requests per second.",
    },
    {0.02: _WAIT, 160: "in seconds, not milliseconds.", 0.14: "its own 20 ms count too."},
    {50: "there are two cores at work now.", 800: "the clients do not make a core faster."},
    {0.16: "the queue is worked off twice as fast now.", 0.02: _WAIT, 80: "in seconds, not milliseconds."},
)


def solution_16_7():
    rate = 1 / 0.020
    return [rate, 8 / rate, 2 * rate, 8 / (2 * rate)]


def check_16_8(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise NotYet("give two numbers of clients: [2, 8].")
    full, patient = (float(as_array(number, "the number of clients", shape=())) for number in answer)
    for number in (full, patient):
        if number not in CLIENTS:
            raise NotYet(f"{number:g} is not on the axis; it has {CLIENTS}.")
    if full != 4:
        side = "still climbs after it" if full < 4 else "is flat long before"
        raise NotYet(f"at {full:g} clients, the line of the requests per second {side}.")
    if patient != 16:
        slow = CURVES["99th percentile, ms"][CLIENTS.index(int(patient))]
        raise NotYet(f"with {patient:g} clients it is about {slow} ms. Which is the largest number below 200?")


def solution_16_8():
    return [4, 16]


def check_16_9(answer):
    if not isinstance(answer, (list, tuple, set)) or not answer:
        raise NotYet("give a list of line numbers: [1, 5].")
    given = {int(as_array(number, "a line", shape=())) for number in answer}
    for line in sorted(given):
        if line not in range(1, 7):
            raise NotYet(f"there is no line {line}; there are lines 1 to 6.")
        if line not in BUGS:
            raise NotYet(f"line {line} is all right.")
    if missing := [line for line in BUGS if line not in given]:
        raise NotYet(
            f"{len(given)} of {len(BUGS)} found. Look at {'the last line' if missing == [6] else 'the rest'} again."
        )


def solution_16_9():
    return [2, 4, 6]
