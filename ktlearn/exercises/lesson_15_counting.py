"""Exercises of lesson 15 that are done on paper: parameters, operations, bytes, and what travels between machines."""

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import NotYet


def known(answer, right, mistakes, name="your answer", room=1e-3):
    """Nothing for the right number; for a known wrong one its sentence.

    Raises:
        NotYet: with the sentence, or that it is another number.
    """
    said = float(as_array(answer, name, shape=()))
    if abs(said - right) <= room * abs(right):
        return
    for wrong, sentence in mistakes.items():
        if abs(said - wrong) <= room * abs(wrong):
            raise NotYet(sentence)
    raise NotYet(f"{name} is {said:,.10g}, {'too small' if said < right else 'too large'}.")


def check_15_1(answer):
    mistakes = {
        66_364_416: "this model has no segments: take the two vectors of width D away.",
        66_953_472: "this model has no pooler: nothing stands behind the layers.",
        108_890_112: "it has 6 layers, not 12.",
        66_361_344: "the embedding has a norm too: a scale and a shift for each of D entries.",
        66_321_408: "the matrices are right, the biases are missing: 4D in the attention, F + D in the network.",
        66_344_448: "each layer has two norms: 4D.",
    }
    known(answer, solution_15_1(), mistakes, "the number of parameters", room=1e-9)


def solution_15_1():
    V, P, D, F, N = 30_522, 512, 768, 3072, 6
    layer = (4 * D**2 + 4 * D) + (2 * D * F + F + D) + 4 * D
    return (V + P) * D + 2 * D + N * layer


def check_15_2(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise NotYet("give two numbers in GB: [12, 3].")
    whole, lora = answer
    first = {
        12: "these are the weights alone; in training there are gradients, and Adam's averages.",
        24: "these are weights and gradients; Adam keeps two more numbers for each weight.",
        36: "Adam keeps two averages, or the gradients are missing: 4 + 4 + 8 bytes.",
        48e9: "in GB, please: divide by a billion.",
    }
    known(whole, 48, first, "the first number")
    second = {
        48: "what does not learn has no gradient, and no averages.",
        12: "the weights are right; what learns has 12 bytes more for each number.",
        0.048: "the frozen weights are in the memory too.",
        0.036: "the frozen weights are in the memory too.",
    }
    known(lora, 12.036, second, "the second number", room=2e-4)


def solution_15_2():
    weights, learning = 3e9, 0.001 * 3e9
    return [16 * weights / 1e9, (4 * weights + 12 * learning) / 1e9]


def check_15_3(answer):
    inputs = (4, 100, 64, 192, 3)

    def wrong(factor=1.0, n_is=None, batch=True):
        def count(B, n, D, F, N):
            return factor * solution_15_3(B if batch else 1, n, D, F, N)

        return count

    mistakes = [
        (wrong(1 / 3), "this is the way there; the way back costs twice as much again."),
        (wrong(2 / 3), "the way back has two products for each one: 1 + 2 = 3 times."),
        (wrong(1 / 2), "an addition and a multiplication are two operations."),
        (wrong(1 / 100), "this is one token; a text has n of them."),
        (wrong(1 / 4), "this is one text; there are B."),
        (wrong(1 / 3 / 2), "two things are missing: additions count too, and so does the way back."),
        (
            lambda B, n, D, F, N: 3 * B * n * N * (8 * D**2 + 4 * D * F),
            "the products of attention are missing: q kᵀ, and weights times v.",
        ),
        (
            lambda B, n, D, F, N: 3 * B * n * N * (8 * D**2 + 2 * n * D + 4 * D * F),
            "attention has two products with n in them: q kᵀ, and weights times v.",
        ),
        (
            lambda B, n, D, F, N: 3 * B * n * N * (6 * D**2 + 4 * n * D + 4 * D * F),
            "there are four projections: the output has one too.",
        ),
        (
            lambda B, n, D, F, N: 3 * B * n * N * (8 * D**2 + 4 * n * D + 16 * D**2),
            "F is not always 4D: use F.",
        ),
    ]
    compare(answer, solution_15_3, *inputs, mistakes=mistakes, names=["the number of operations"])


def solution_15_3(B, n, D, F, N):
    token = 8 * D**2 + 4 * n * D + 4 * D * F
    return 3 * B * n * N * token


def check_15_4(answer):
    mistakes = {
        384: "n = 2D holds for F = 4D; here F is 512. Set 8D² + 4nD equal to 4DF.",
        512: "there its two products alone reach the network; the projections count too here.",
        768: "n = 4D holds for F = 4D, and for the two products alone.",
        256: "4nD, not 2nD: there are two products.",
        896: "the projections stand on the side of attention: subtract them.",
    }
    known(answer, solution_15_4(), mistakes, "the length")


def solution_15_4():
    D, F = 192, 512
    return F - 2 * D


def check_15_9(answer):
    said = as_array(answer, "the three numbers", shape=(3,))
    mistakes = (
        {
            0.44: "1 Gbit/s is an eighth of a billion bytes in a second.",
            0.88: "1 Gbit/s is an eighth of a billion bytes in a second.",
            0.11: "a number has 4 bytes.",
            0.055: "110 million numbers, of 4 bytes each, of 8 bits each.",
            3.52e3: "in seconds, not milliseconds.",
        },
        {
            7.52: "each process has half of the batch: 2 seconds.",
            2: "they have to send the gradients as well.",
            4: "this is one process alone.",
        },
        {
            2: "this would be so if sending took no time.",
            1.38: "the other way round: seconds alone, divided by seconds together.",
        },
    )
    names = ("sending", "the step of two", "how many times as fast")
    for number, right, known_wrong, name in zip(said, solution_15_9(), mistakes, names, strict=True):
        known(number, right, known_wrong, name, room=0.01)


def solution_15_9():
    sending = 110e6 * 4 * 8 / 1e9
    together = 4.0 / 2 + sending
    return [sending, together, 4.0 / together]
