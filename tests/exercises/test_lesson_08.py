"""The diagnoses of lesson 08. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

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
    ("8.3", lambda top, decay, blocks: [top * decay**b for b in range(blocks)], "the other way round"),
    ("8.3", lambda top, decay, blocks: [top * decay ** (blocks - b) for b in range(blocks)], "one factor too small"),
    ("8.3", lambda top, decay, blocks: [top * decay] * (blocks - 1) + [top], "the lower blocks all have one rate"),
    ("8.3", lambda top, decay, blocks: [top / decay ** (blocks - 1 - b) for b in range(blocks)], "grow towards"),
    ("8.4", lambda step, cycle, top: top * half_cosine(step / cycle), "the restart is missing"),
    ("8.4", lambda step, cycle, top: top * half_cosine(2 * (step % cycle) / cycle), "a whole wave"),
    ("8.4", lambda step, cycle, top: top * np.cos(np.pi * (step % cycle) / cycle), "would walk uphill"),
    ("8.4", lambda step, cycle, top: top * (1 - half_cosine(step % cycle / cycle)), "it rises in each cycle"),
    ("8.4", lambda step, cycle, top: 2 * top * half_cosine(step % cycle / cycle), "it begins at 2 · top"),
    ("8.4", lambda step, cycle, top: half_cosine(step % cycle / cycle), "`top` has no effect"),
    ("8.5", slope_walk, "the momentum has no effect"),
    ("8.5", lambda *x: heavy(*x, sign=1.0), "you walk uphill"),
    ("8.5", lambda *x: heavy(*x, start_noted=True), "the start is in your list"),
    ("8.5", lambda *x: heavy(*x, damped=True), "Adam does"),
    ("8.5", lambda *x: heavy(*x, late=True), "the weight moves by the old v"),
    ("8.5", lambda *x: heavy(*x)[-1], "the last weight only"),
    ("8.6", lambda step, steps, top: trapeze(step, steps, top)[0], "a policy returns two things"),
    ("8.6", lambda step, steps, top: (trapeze(step, steps, top)[0], 0.9), "leave the optimizer its own momentum"),
    ("8.6", from_zero, "the first step has the rate 0"),
    ("8.6", to_zero, "Every step should learn something"),
    ("8.6", down_late, "begins one step late"),
    ("8.6", lambda step, steps, top: trapeze(step, steps, top, 0.2, 0.1), "have changed places"),
    ("8.6", lambda step, steps, top: (top * min(1, (step + 1) / (0.1 * steps)), None), "the way down is missing"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_walk_written_in_another_way_is_right():
    assert line("8.5", heavy) == "✓ Right."
    assert line("8.5", lambda *x: np.array(heavy(*x))) == "✓ Right."


def test_a_policy_written_as_a_smallest_of_three_is_right():
    assert line("8.6", trapeze) == "✓ Right."
