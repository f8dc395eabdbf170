"""The diagnoses of lesson 08. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

from ktlearn.schedules import warm_up
from tests.exercises.answers import diagnosis, line


def slope_walk(slope, w, rates, momenta):
    """A walk without momentum."""
    walked = []
    for rate in rates:
        w = w - rate * slope(w)
        walked.append(w)
    return walked


def heavy(slope, w, rates, momenta, sign=-1.0, start_noted=False, damped=False, late=False):
    v, walked = 0.0, [w] if start_noted else []
    for rate, m in zip(rates, momenta, strict=True):
        push = sign * rate * slope(w) * ((1 - m) if damped else 1)
        if late:
            w = w + v
        v = m * v + push
        if not late:
            w = w + v
        walked.append(w)
    return walked


def half_cosine(share):
    return (1 + np.cos(np.pi * share)) / 2


def trapeze(step, steps, top, up=0.1, down=0.2):
    up, down = round(up * steps), round(down * steps)
    return top * min(1, (step + 1) / up, (steps - step) / (down + 1)), None


def from_zero(step, steps, top):
    rate, momentum = trapeze(step, steps, top)
    return (step / round(0.1 * steps) * top if step < round(0.1 * steps) else rate), momentum


def to_zero(step, steps, top):
    return top * min(1, (step + 1) / round(0.1 * steps), (steps - 1 - step) / round(0.2 * steps)), None


def down_late(step, steps, top):
    return top * min(1, (step + 1) / round(0.1 * steps), (steps - step) / round(0.2 * steps)), None


def bug(step, steps, top, begin=0, down=0):
    """The colleague's warm-up, and what it becomes when its mistakes are mended one by one."""
    up = round(0.1 * steps)
    return top * ((step + begin) / up if step < up else (steps - step) / (steps - down * up + (down == 1))), None


def fair(a, b, of=np.mean, rate=None, sign=1, error=lambda x, y: (y - x).std(ddof=1) / np.sqrt(len(x))):
    best_a, best_b = (max(row, key=lambda r: of(row[r])) for row in (a, b))
    if rate:
        best_a = best_b = {"a": best_a, "b": best_b}[rate]
    x, y = np.array(a[best_a]), np.array(b[best_b])
    return best_a, best_b, sign * (y - x).mean(), error(x, y)


RIGHT_STEPS = ["longer", "same", "same", "longer", "same", "longer"]


def steps(place, word):
    return [*RIGHT_STEPS[: place - 1], word, *RIGHT_STEPS[place:]]


def tried(*rates, best=1e-3, runs=3):
    return {rate: [0.8 if rate == best else 0.7] * runs for rate in rates}


WRONG = [
    ("8.1", [0.25, 0.125], "in the other order"),
    ("8.1", [0.5, 1.0], "a step multiplies the weight by 1 − 8η"),
    ("8.1", [0.25, 0.5], "you took 4w"),
    ("8.1", [0.125, 1], "where it is −1"),
    ("8.1", 0.25, "must have the shape (2,)"),
    ("8.1", [0.125, 0.3], "other numbers"),
    ("8.2", lambda rates, losses: rates[np.argmin(losses)] / 10, "takes a nan for the lowest"),
    ("8.2", lambda rates, losses: rates[np.nanargmin(losses)], "at the edge of the cliff"),
    ("8.2", lambda rates, losses: np.nanmin(losses) / 10, "a tenth of the lowest *loss*"),
    ("8.2", lambda rates, losses: np.nanargmin(losses), "the place of the lowest loss"),
    ("8.2", lambda rates, losses: rates[np.nanargmax(losses)] / 10, "the highest loss"),
    ("8.3", [1e-3, 3e-4, 0.1], "curve C never falls"),
    ("8.3", [0, 3e-4, 0], "curve A falls"),
    ("8.3", [1e-3, 0, 0], "curve B falls"),
    ("8.3", [0.03, 3e-4, 0], "the cliff is near"),
    ("8.3", [1e-3, 0.01, 0], "flat floor"),
    ("8.3", [2e-5, 3e-4, 0], "curve A is still flat"),
    ("8.3", [1e-3, 1e-5, 0], "curve B is still flat"),
    ("8.3", [1e-3, 3e-4], "must have the shape (3,)"),
    ("8.4", lambda top, decay, blocks: [top * decay**b for b in range(blocks)], "the other way round"),
    ("8.4", lambda top, decay, blocks: [top * decay ** (blocks - b) for b in range(blocks)], "one factor too small"),
    ("8.4", lambda top, decay, blocks: [top * decay] * (blocks - 1) + [top], "the lower blocks all have one rate"),
    ("8.4", lambda top, decay, blocks: [top / decay ** (blocks - 1 - b) for b in range(blocks)], "grow towards"),
    ("8.5", lambda step, cycle, top: top * half_cosine(step / cycle), "the restart is missing"),
    ("8.5", lambda step, cycle, top: top * half_cosine(2 * (step % cycle) / cycle), "a whole wave"),
    ("8.5", lambda step, cycle, top: top * np.cos(np.pi * (step % cycle) / cycle), "would walk uphill"),
    ("8.5", lambda step, cycle, top: top * (1 - half_cosine(step % cycle / cycle)), "it rises in each cycle"),
    ("8.5", lambda step, cycle, top: 2 * top * half_cosine(step % cycle / cycle), "it begins at 2 · top"),
    ("8.5", lambda step, cycle, top: half_cosine(step % cycle / cycle), "`top` has no effect"),
    ("8.6", steps(1, "same"), "the slope is ten times as steep"),
    ("8.6", steps(2, "longer"), "a factor drops out"),
    ("8.6", steps(3, "longer"), "longer than 1 already"),
    ("8.6", steps(4, "same"), "grow to rate / (1 − m)"),
    ("8.6", steps(5, "longer"), "Adam takes a mean"),
    ("8.6", steps(6, "same"), "only the decay moves the weight"),
    ("8.6", steps(6, "further"), 'number 6 must be "shorter"'),
    ("8.6", RIGHT_STEPS[:4], "a list of 6 words"),
    ("8.7", slope_walk, "the momentum has no effect"),
    ("8.7", lambda *x: heavy(*x, sign=1.0), "you walk uphill"),
    ("8.7", lambda *x: heavy(*x, start_noted=True), "the start is in your list"),
    ("8.7", lambda *x: heavy(*x, damped=True), "Adam does"),
    ("8.7", lambda *x: heavy(*x, late=True), "the weight moves by the old v"),
    ("8.7", lambda *x: heavy(*x)[-1], "the last weight only"),
    ("8.8", bug, "this is the colleague's row"),
    ("8.8", lambda *x: bug(*x, begin=1), "the rate jumps"),
    ("8.8", lambda *x: bug(*x, down=1), "the first step still has the rate 0"),
    ("8.8", lambda *x: bug(*x, begin=1, down=1)[0], "a schedule returns a pair"),
    ("8.9", lambda a, b: fair(a, b, rate="a"), "a's home ground"),
    ("8.9", lambda a, b: fair(a, b, rate="b"), "b's home ground"),
    ("8.9", lambda a, b: fair(a, b, of=np.max), "One lucky seed"),
    ("8.9", lambda a, b: fair(a, b, sign=-1), "the sign of the difference"),
    ("8.9", lambda a, b: fair(a, b, error=lambda x, y: (y - x).std(ddof=1)), "smaller, by √S"),
    ("8.9", lambda a, b: fair(a, b, error=lambda x, y: (y - x).std() / np.sqrt(len(x))), "`std(ddof=1)`"),
    (
        "8.9",
        lambda a, b: fair(a, b, error=lambda x, y: np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / len(x))),
        "the spread of the differences",
    ),
    ("8.9", lambda a, b: fair(a, b)[:2], "must return 4 things"),
    ("8.10", lambda step, steps, top: trapeze(step, steps, top)[0], "a schedule returns two things"),
    ("8.10", lambda step, steps, top: (trapeze(step, steps, top)[0], 0.9), "leave the optimizer its own momentum"),
    ("8.10", from_zero, "the first step has the rate 0"),
    ("8.10", to_zero, "Every step should learn something"),
    ("8.10", down_late, "begins one step late"),
    ("8.10", lambda step, steps, top: trapeze(step, steps, top, 0.2, 0.1), "have changed places"),
    ("8.10", lambda step, steps, top: (top * min(1, (step + 1) / (0.1 * steps)), None), "the way down is missing"),
    ("8.11", tried(3e-4, 1e-3), "three rates at least"),
    ("8.11", tried(3e-4, 1e-3, 3e-3, runs=2), "Take 3 seeds at least"),
    ("8.11", tried(1e-3, 3e-3, 1e-2), "is the lowest one you tried"),
    ("8.11", tried(1e-4, 3e-4, 1e-3), "is the highest one you tried"),
    ("8.11", tried(1e-5, 1e-3, 3e-3), "more than a factor of 3 apart"),
    ("8.11", tried(1e-6, 3e-6, 1e-5, best=3e-6), "clearly worse"),
    ("8.11", {1e-3: [80, 81, 82]}, "numbers from 0 to 1"),
    ("8.11", [1e-3, 3e-3], "give a dictionary"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_walk_written_in_another_way_is_right():
    assert line("8.7", heavy) == "✓ Right."
    assert line("8.7", lambda *x: np.array(heavy(*x))) == "✓ Right."


def test_a_schedule_written_as_a_smallest_of_three_is_right():
    assert line("8.10", trapeze) == "✓ Right."


def test_any_rate_where_a_curve_falls_is_right():
    for a, b in ((2e-4, 1e-4), (3e-3, 1e-3)):
        assert line("8.3", [a, b, 0]) == "✓ Right."


def test_words_may_be_written_in_capitals():
    assert line("8.6", [word.title() for word in RIGHT_STEPS]) == "✓ Right."


def test_the_mended_warm_up_is_the_one_of_the_package():
    assert line("8.8", lambda *x: bug(*x, begin=1, down=1)) == line("8.8", warm_up) == "✓ Right."


def test_a_comparison_written_in_another_way_is_right():
    assert line("8.9", fair) == "✓ Right."


def test_a_search_with_more_rates_and_seeds_is_right():
    assert line("8.11", tried(3e-4, 5e-4, 1e-3, 2e-3, runs=5)) == "✓ Right."
