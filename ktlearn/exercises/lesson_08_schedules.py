"""Lesson 08: checks and solutions of the exercises on schedules and steps."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import NotYet

# --- 8.4 A rate for each block ------------------------------------------------------------------


def check_8_4(answer):
    for top, decay, blocks in ((3e-4, 0.5, 4), (1.0, 0.9, 6), (0.01, 1.0, 3)):
        compare(answer, solution_8_4, top, decay, blocks, mistakes=BLOCK_MISTAKES, names=["the rates"], atol=1e-7)


def solution_8_4(top, decay, blocks):
    return [top * decay ** (blocks - 1 - block) for block in range(blocks)]


BLOCK_MISTAKES = [
    (lambda t, d, n: solution_8_4(t, d, n)[::-1], "the other way round: the first block is the one at the input."),
    (
        lambda t, d, n: [t * d ** (n - block) for block in range(n)],
        "the last block must learn at the full rate. Yours are all one factor too small.",
    ),
    (
        lambda t, d, n: [t * (1 - (1 - d) * (n - 1 - block)) for block in range(n)],
        "you take the same amount off each time. Multiply: each is the share `decay` of the one above.",
    ),
    (
        lambda t, d, n: [t / d ** (n - 1 - block) for block in range(n)],
        "the rates grow towards the input. They should shrink.",
    ),
    (lambda t, d, n: [t] * (n - 1) + [t * d], "only one block is different."),
    (
        lambda t, d, n: [t * d] * (n - 1) + [t],
        "the lower blocks all have one rate. Each needs less than the one above.",
    ),
]


# --- 8.5 Down like a cosine, again and again ----------------------------------------------------


def check_8_5(answer):
    top, cycle = np.random.default_rng().uniform(0.1, 2), 6

    def rates(schedule):
        return [schedule(step, cycle, top) for step in range(3 * cycle)]

    compare(
        lambda: rates(answer),
        lambda: rates(solution_8_5),
        mistakes=[(lambda wrong=wrong: rates(wrong), sentence) for wrong, sentence in COSINE_MISTAKES],
        names=["the row of rates"],
    )


def solution_8_5(step, cycle, top):
    share = step % cycle / cycle  # of this cycle, from 0 to nearly 1
    return top * (1 + np.cos(np.pi * share)) / 2


COSINE_MISTAKES = [
    (
        lambda step, cycle, top: top * (1 + np.cos(np.pi * step / cycle)) / 2,
        "the restart is missing: after a whole cycle the rate climbs back slowly. `step % cycle` begins again.",
    ),
    (
        lambda step, cycle, top: top * (1 + np.cos(2 * np.pi * (step % cycle) / cycle)) / 2,
        "this is a whole wave: down, and up again within one cycle. Half a cosine ends at the bottom.",
    ),
    (
        lambda step, cycle, top: top * np.cos(np.pi * (step % cycle) / cycle),
        "half of your rates are negative, and would walk uphill. Add 1 to the cosine, and halve.",
    ),
    (
        lambda step, cycle, top: top * np.cos(np.pi / 2 * (step % cycle) / cycle),
        "this is a quarter of a wave. It stays high for too long, and falls off at the end.",
    ),
    (
        lambda step, cycle, top: top * (1 - np.cos(np.pi * (step % cycle) / cycle)) / 2,
        "it rises in each cycle, and should come down.",
    ),
    (lambda step, cycle, top: top * (1 + np.cos(np.pi * (step % cycle) / cycle)), "it begins at 2 · top. Halve it."),
    (lambda step, cycle, top: top * (1 - step % cycle / cycle), "this is a straight line. Take the cosine."),
    (
        lambda step, cycle, top: (1 + np.cos(np.pi * (step % cycle) / cycle)) / 2,
        "`top` has no effect: each cycle begins at 1.",
    ),
]


# --- 8.6 Predict: which step is longer? ---------------------------------------------------------


def check_8_6(answer):
    if isinstance(answer, (str, bytes)) or not hasattr(answer, "__len__") or len(answer) != len(STEPS):
        raise NotYet(f'give a list of {len(STEPS)} words, each "shorter", "same" or "longer".')
    for place, (given, (right, reason)) in enumerate(zip(list(answer), STEPS, strict=True)):
        if given is ...:
            raise NotYet(f"number {place + 1} is still `...`.")
        if not isinstance(given, str) or given.strip().lower() not in ("shorter", "same", "longer"):
            raise NotYet(f'number {place + 1} must be "shorter", "same" or "longer"; it is {given!r:.40}.')
        if given.strip().lower() != right:
            raise NotYet(f"number {place + 1}: {reason}")


def solution_8_6():
    return ["longer", "same", "same", "longer", "same", "longer"]


STEPS = [
    ("longer", "SGD takes the rate times the slope, and the slope is ten times as steep."),
    ("same", "Adam divides each slope by its usual size, so a factor drops out."),
    ("same", "the gradient was longer than 1 already. Before and after, it is cut to length 1."),
    ("longer", "in SGD the steps on an even slope grow to rate / (1 − m)."),
    ("same", "Adam takes a mean of old slopes, and on an even slope their mean is the slope."),
    ("longer", "without a slope only the decay moves the weight, by rate · decay · w."),
]


# --- 8.7 Walk with momentum ---------------------------------------------------------------------


def check_8_7(answer):
    rng = np.random.default_rng()
    rates, momenta = rng.uniform(0.05, 0.2, 6), rng.uniform(0.5, 0.9, 6)
    steepness = rng.uniform(0.5, 2)

    def slope(w):
        return steepness * w

    compare(answer, solution_8_7, slope, 1.0, rates, momenta, mistakes=WALK_MISTAKES, names=["the row of weights"])


def solution_8_7(slope, w, rates, momenta):
    v, walked = 0.0, []
    for rate, momentum in zip(rates, momenta, strict=True):
        v = momentum * v - rate * slope(w)
        w = w + v
        walked.append(w)
    return walked


def _walk(slope, w, rates, momenta, keep=lambda v, m: m * v, push=lambda m: 1.0, late=False, sign=-1):
    v, walked = 0.0, []
    for rate, momentum in zip(rates, momenta, strict=True):
        old = v
        v = keep(v, momentum) + sign * rate * push(momentum) * slope(w)
        w = w + (old if late else v)
        walked.append(w)
    return walked


def _with_the_start(slope, w, rates, momenta):
    return [w, *solution_8_7(slope, w, rates, momenta)]


def _without_the_rate(slope, w, rates, momenta):
    return _walk(lambda w: slope(w), w, np.ones_like(rates), momenta)


def _slope_at_the_start(slope, w, rates, momenta):
    start = w
    return _walk(lambda _: slope(start), w, rates, momenta)


def _only_the_last(slope, w, rates, momenta):
    return solution_8_7(slope, w, rates, momenta)[-1]


WALK_MISTAKES = [
    (lambda *x: _walk(*x, keep=lambda v, m: 0.0), "the momentum has no effect: each step forgets the one before."),
    (lambda *x: _walk(*x, sign=1), "you walk uphill: the step goes *against* the slope."),
    (lambda *x: _walk(*x, late=True), "the weight moves by the old v. Compute the new v first."),
    (lambda *x: _walk(*x, keep=lambda v, m: v), "all of the old step is kept. Multiply it by the momentum."),
    (lambda *x: _walk(*x, keep=lambda v, m: (1 - m) * v), "you keep the share 1 − m of the old step. Keep m."),
    (
        lambda *x: _walk(*x, push=lambda m: 1 - m),
        "you take 1 − m of the new push. Adam does, but the momentum of this lesson takes all of it.",
    ),
    (_with_the_start, "the start is in your list. Give the weight after each step only."),
    (_without_the_rate, "the rate is missing: the push is rate · slope(w)."),
    (_slope_at_the_start, "you always take the slope of the start. The weight has moved: ask for the slope again."),
    (_only_the_last, "this is the last weight only. Give the weight after each step."),
]


# --- 8.8 Find the bug: a warm-up ----------------------------------------------------------------


def check_8_8(answer):
    for steps in (20, 50):
        top = np.random.default_rng().uniform(0.1, 2)
        for step in (0, steps - 1):
            given = answer(step, steps, top)
            if not isinstance(given, (tuple, list)) or len(given) != 2 or given[1] is not None:
                raise NotYet("a schedule returns a pair, the rate and the momentum: `return rate, None`.")
        names = ["the row of rates"]
        compare(_rates_of(answer), _rates_of(solution_8_8), steps, top, mistakes=BUGS, names=names)


def solution_8_8(step, steps, top):
    up = round(0.1 * steps)
    if step < up:
        return top * (step + 1) / up, None
    return top * (steps - step) / (steps - up + 1), None


def _warm_up_row(begin, down):
    """Rates with other ways up and down: each a function of the step, the steps and the steps of the way up."""

    def row(steps, top):
        up = round(0.1 * steps)
        return [top * (begin(s, up) if s < up else down(s, steps, up)) for s in range(steps)]

    return row


def _from_zero(step, up):
    return step / up


def _to_the_top(step, up):
    return (step + 1) / up


BUGS = [
    (
        _warm_up_row(_from_zero, lambda s, n, up: (n - s) / n),
        "this is the colleague's row. Print its rates: what does the first step learn, and what happens after the "
        "way up?",
    ),
    (
        _warm_up_row(_to_the_top, lambda s, n, up: (n - s) / n),
        "the first step learns now, but after the top the rate jumps: the line down must begin at the top.",
    ),
    (
        _warm_up_row(_from_zero, lambda s, n, up: (n - s) / (n - up + 1)),
        "the way down is right. But the first step still has the rate 0: a whole batch is read for nothing.",
    ),
    (
        _warm_up_row(_from_zero, lambda s, n, up: (n - s) / (n - up)),
        "the first step still has the rate 0: a whole batch is read for nothing.",
    ),
    (
        _warm_up_row(_to_the_top, lambda s, n, up: (n - s) / (n - up)),
        "the top comes twice: the last step of the way up has it already.",
    ),
    (
        _warm_up_row(_to_the_top, lambda s, n, up: (n - 1 - s) / (n - up)),
        "the last step has the rate 0. A step *after* the last one would have 0.",
    ),
]


# --- 8.10 Up, stay, down ------------------------------------------------------------------------


def check_8_10(answer):
    for steps in (20, 50):
        top = np.random.default_rng().uniform(0.1, 2)
        for step in range(steps):
            _must_be_a_step(answer(step, steps, top), step, steps)
        compare(_rates_of(answer), _rates_of(solution_8_10), steps, top, mistakes=TRAPEZE, names=["the row of rates"])


def _must_be_a_step(given, step, steps):
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise NotYet("a schedule returns two things, the rate and the momentum: `return rate, None`.")
    if given[1] is not None:
        raise NotYet("leave the optimizer its own momentum: the second thing is None.")
    rate = as_array(given[0], f"the rate of step {step}", shape=())
    if step == 0 and rate == 0:
        raise NotYet("the first step has the rate 0, and learns nothing. Begin at top / (steps of the way up).")
    if rate <= 0:
        raise NotYet(f"the rate of step {step} of {steps} is {rate:.2g}. Every step should learn something.")


def _rates_of(schedule):
    return lambda steps, top: [schedule(step, steps, top)[0] for step in range(steps)]


def solution_8_10(step, steps, top):
    up, down = round(0.1 * steps), round(0.2 * steps)  # number of steps
    if step < up:
        share = (step + 1) / up
    elif step < steps - down:
        share = 1
    else:
        share = (steps - step) / (down + 1)
    return top * share, None


def _trapeze(steps, top, up=0.1, down=0.2, late=0):
    """Wrong ways: other lengths, and a way down that begins late."""
    up, down = round(up * steps), round(down * steps)
    step = np.arange(steps)
    rising = (step + 1) / up if up else np.ones(steps)
    falling = (steps - step) / (down + 1 - late) if down else np.ones(steps)
    return top * np.minimum(1, np.minimum(rising, falling))


TRAPEZE = [
    (lambda n, t: _trapeze(n, t, late=1), "the way down begins one step late: its first step still has the top."),
    (lambda n, t: _trapeze(n, t, down=0), "the way down is missing."),
    (lambda n, t: _trapeze(n, t, up=0), "the way up is missing."),
    (lambda n, t: _trapeze(n, t, 0.2, 0.1), "up and down have changed places: a tenth up, a fifth down."),
    (lambda n, t: _trapeze(n, t, 0.1, 0.9), "it never stays at the top: the way down is a fifth."),
]
