"""Lesson 08: checks and solutions of the exercises on choosing a rate."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import NotYet

# --- 8.1 The edge -------------------------------------------------------------------------------


def check_8_1(answer):
    answer = as_array(answer, "your answer", shape=(2,))
    for wrong, sentence in EDGE_MISTAKES:
        if is_close(answer, wrong):
            raise NotYet(sentence)
    must_be_close(answer, solution_8_1(), "the pair of rates")


def solution_8_1():
    return [0.125, 0.25]


EDGE_MISTAKES = [
    ([0.25, 0.125], "these are the right two numbers, in the other order."),
    (
        [0.5, 1.0],
        "this is the answer for the loss w². The slope of 4w² is 8w, so a step multiplies the weight by 1 − 8η.",
    ),
    ([0.25, 0.5], "the slope of 4w² is 8w, and you took 4w."),
    ([1 / 16, 0.125], "the slope of 4w² is 8w, and you took 16w."),
    ([0.125, 0.125], "the second one is larger: a factor of −0.5, for example, still comes nearer in each step."),
    ([0.125, 1.0], "at a rate of 1 the factor is −7. Look for the rate where it is −1."),
]


# --- 8.2 Read a curve ---------------------------------------------------------------------------


def check_8_2(answer):
    rates, losses = _searched(np.random.default_rng())
    for mistakes, curve in ((READ_MISTAKES, losses), (NAN_MISTAKES, np.append(losses[:-2], [np.nan, np.nan]))):
        compare(answer, solution_8_2, rates, curve, mistakes=mistakes, names=["the rate"])


def solution_8_2(rates, losses):
    return rates[np.nanargmin(losses)] / 10


def _searched(rng):
    rates = np.geomspace(1e-5, 1, 60)  # (N,)
    lowest = rng.integers(20, 50)
    losses = 0.2 + 0.001 * (np.arange(60) - lowest) ** 2 + rng.uniform(0, 0.0004, 60)
    return rates, losses


READ_MISTAKES = [
    (lambda rates, losses: np.argmin(losses), "this is the place of the lowest loss. Give the rate at this place."),
    (lambda rates, losses: np.argmin(losses) / 10, "you divided the place by ten, not the rate at this place."),
    (
        lambda rates, losses: rates[np.argmin(losses)],
        "this is the rate with the lowest loss, at the edge of the cliff. Take a tenth of it.",
    ),
    (lambda rates, losses: losses.min() / 10, "this is a tenth of the lowest *loss*. Its rate is wanted."),
    (lambda rates, losses: losses.min(), "this is the lowest loss. Its rate is wanted."),
    (lambda rates, losses: rates[np.argmax(losses)] / 10, "you took the highest loss."),
    (
        lambda rates, losses: rates[np.argmin(np.diff(losses))] / 10,
        "you took the place where the loss falls fastest. The lowest one is wanted.",
    ),
]
NAN_MISTAKES = [
    (
        lambda rates, losses: rates[np.argmin(losses)] / 10,
        "the search ended in nan, and np.argmin takes a nan for the lowest. Leave them out.",
    ),
]


# --- 8.3 Three curves ---------------------------------------------------------------------------


def check_8_3(answer):
    a, b, c = as_array(answer, "your answer", shape=(3,))
    if a <= 0 or b <= 0:
        raise NotYet(f"curve {'A' if a <= 0 else 'B'} falls, so it does suggest a rate. Only one curve does not.")
    if c != 0:
        raise NotYet(
            "curve C never falls: the search was in a hurry. It shows where the cliff is, and no rate at which this "
            "model learns. Give 0."
        )
    _must_fall("A", a, FALLS["A"], "there the curve has reached its lowest point, and the cliff is near.")
    _must_fall("B", b, FALLS["B"], "there the curve lies on its flat floor, where no rate differs from another.")


def _must_fall(name, rate, falls, beyond):
    low, high = falls
    if rate < low:
        raise NotYet(f"at {rate:.0e} curve {name} is still flat: steps so short change next to nothing.")
    if rate > high:
        raise NotYet(f"at {rate:.0e} you are too far right in curve {name}: {beyond} Go back to where it falls.")


def solution_8_3():
    return [1e-3, 3e-4, 0]


FALLS = {"A": (1.5e-4, 5e-3), "B": (5e-5, 1.5e-3)}  # from a tenth of the way down to nine tenths


# --- 8.9 A fair comparison ----------------------------------------------------------------------


def check_8_9(answer):
    rng = np.random.default_rng()
    noise = rng.normal(0, 0.03, size=6)  # each seed's luck, the same for all
    a = {1e-4: 0.70, 3e-4: 0.80, 1e-3: 0.76, 3e-3: 0.60}
    b = {1e-4: 0.60, 3e-4: 0.70, 1e-3: 0.74, 3e-3: 0.82}
    a, b = ({rate: m + noise + rng.normal(0, 0.004, size=6) for rate, m in row.items()} for row in (a, b))
    a[1e-3][noise.argmax()] += 0.08  # one lucky run at a rate that is not the best
    names = ["the best rate of a", "the best rate of b", "the difference", "its error"]
    compare(answer, solution_8_9, a, b, mistakes=UNFAIR, names=names)


def solution_8_9(a, b):
    best_a = max(a, key=lambda rate: np.mean(a[rate]))
    best_b = max(b, key=lambda rate: np.mean(b[rate]))
    differences = np.array(b[best_b]) - np.array(a[best_a])  # (S,)
    return best_a, best_b, differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))


def _at(rate_a, rate_b, a, b):
    d = np.array(b[rate_b]) - np.array(a[rate_a])
    return rate_a, rate_b, d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def _with(a, b, difference=None, error=None):
    """The right answer, but for one part."""
    best_a, best_b, right, right_error = solution_8_9(a, b)
    x, y = np.array(a[best_a]), np.array(b[best_b])
    return best_a, best_b, difference(x, y) if difference else right, error(x, y) if error else right_error


def _luckiest(row):
    return max(row, key=lambda rate: np.max(row[rate]))


UNFAIR = [
    (
        lambda a, b: _at(solution_8_9(a, b)[0], solution_8_9(a, b)[0], a, b),
        "you compare both at the best rate of a. That is a's home ground: b has a best rate of its own.",
    ),
    (
        lambda a, b: _at(solution_8_9(a, b)[1], solution_8_9(a, b)[1], a, b),
        "you compare both at the best rate of b. That is b's home ground: a has a best rate of its own.",
    ),
    (
        lambda a, b: _at(_luckiest(a), _luckiest(b), a, b),
        "you chose the rate with the best single run. One lucky seed does not make a good rate: take the mean.",
    ),
    (
        lambda a, b: _with(a, b, difference=lambda x, y: (x - y).mean()),
        "the sign of the difference: b minus a is wanted.",
    ),
    (
        lambda a, b: _with(a, b, difference=lambda x, y: y.max() - x.max()),
        "you compare the best run of each. Compare the means.",
    ),
    (
        lambda a, b: _with(a, b, error=lambda x, y: (y - x).std(ddof=1)),
        "this is the standard deviation of one difference. The error of their mean is smaller, by √S.",
    ),
    (
        lambda a, b: _with(a, b, error=lambda x, y: (y - x).std() / np.sqrt(len(x))),
        "S differences from their own mean have S − 1 free numbers: `std(ddof=1)`.",
    ),
    (
        lambda a, b: _with(a, b, error=lambda x, y: np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / len(x))),
        "you took the two spreads apart. The seeds are the same, so take the spread of the differences: the luck "
        "that both share drops out.",
    ),
]


# --- 8.11 One epoch, and which rate? ------------------------------------------------------------


SEEDS, FACTOR = 3, 3.4  # a search has so many seeds at least, and so large steps between two rates at most


def check_8_11(answer):
    if not isinstance(answer, dict) or not answer or not all(_is_rate(rate) for rate in answer):
        raise NotYet("give a dictionary: a rate → the accuracies of its seeds, such as {3e-4: [0.7, 0.72, 0.69]}.")
    tried = {float(rate): _accuracies(rate, row) for rate, row in answer.items()}
    if len(tried) < 3:
        raise NotYet("three rates at least: one that is best, and one on each side of it.")
    if few := [rate for rate, row in tried.items() if len(row) < SEEDS]:
        raise NotYet(f"{few[0]:.0e} has {len(tried[few[0]])} runs. Take {SEEDS} seeds at least: one run is luck.")
    rates = sorted(tried)
    best = max(rates, key=lambda rate: tried[rate].mean())
    for edge, where in ((rates[0], "lowest"), (rates[-1], "highest")):
        if best == edge:
            raise NotYet(f"your best rate, {best:.0e}, is the {where} one you tried. Go on in this direction.")
    place = rates.index(best)
    if max(rates[place + 1] / best, best / rates[place - 1]) > FACTOR:
        raise NotYet(f"beside {best:.0e} your rates are more than a factor of 3 apart. The best one may lie between.")
    low, high = GOOD_FOR_ONE_EPOCH
    if not low <= best <= high:
        raise NotYet(
            f"in our runs {best:.0e} was clearly worse than the best rates. Did you train with warm-up, epochs=1, and "
            "take `tune(…)[0]`?"
        )


def _is_rate(rate):
    return isinstance(rate, (int, float, np.number)) and not isinstance(rate, bool) and 0 < rate < 100


def _accuracies(rate, row):
    row = as_array(row, f"what you have for {rate}")
    if row.ndim != 1 or not ((row >= 0) & (row <= 1)).all():
        raise NotYet(f"for {rate} give a list of accuracies, numbers from 0 to 1, one for each seed.")
    return row


def solution_8_11():
    # {rate: [tune(warm_up, rate, seed, epochs=1)[0] for seed in range(3)] for rate in (3e-4, 1e-3, 3e-3)}
    return {3e-4: [0.85, 0.86, 0.74], 1e-3: [0.9, 0.91, 0.89], 3e-3: [0.88, 0.91, 0.53]}


GOOD_FOR_ONE_EPOCH = (5e-4, 4e-3)  # tests/real/measured/tuning.jsonl
