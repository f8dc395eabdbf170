"""The exercises of lesson 08, Learning rates."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- 8.1 The edge ------------------------------------------------------------------------------


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


# --- 8.2 Read a curve --------------------------------------------------------------------------


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


# --- 8.3 A rate for each block -----------------------------------------------------------------


def check_8_3(answer):
    for top, decay, blocks in ((3e-4, 0.5, 4), (1.0, 0.9, 6), (0.01, 1.0, 3)):
        compare(answer, solution_8_3, top, decay, blocks, mistakes=BLOCK_MISTAKES, names=["the rates"], atol=1e-7)


def solution_8_3(top, decay, blocks):
    return [top * decay ** (blocks - 1 - block) for block in range(blocks)]


BLOCK_MISTAKES = [
    (lambda t, d, n: solution_8_3(t, d, n)[::-1], "the other way round: the first block is the one at the input."),
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


# --- 8.4 Down like a cosine, again and again ---------------------------------------------------


def check_8_4(answer):
    top, cycle = np.random.default_rng().uniform(0.1, 2), 6

    def rates(policy):
        return [policy(step, cycle, top) for step in range(3 * cycle)]

    compare(
        lambda: rates(answer),
        lambda: rates(solution_8_4),
        mistakes=[(lambda wrong=wrong: rates(wrong), sentence) for wrong, sentence in COSINE_MISTAKES],
        names=["the row of rates"],
    )


def solution_8_4(step, cycle, top):
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


# --- 8.5 Walk with momentum --------------------------------------------------------------------


def check_8_5(answer):
    rng = np.random.default_rng()
    rates, momenta = rng.uniform(0.05, 0.2, 6), rng.uniform(0.5, 0.9, 6)
    steepness = rng.uniform(0.5, 2)

    def slope(w):
        return steepness * w

    compare(answer, solution_8_5, slope, 1.0, rates, momenta, mistakes=WALK_MISTAKES, names=["the row of weights"])


def solution_8_5(slope, w, rates, momenta):
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
    return [w, *solution_8_5(slope, w, rates, momenta)]


def _without_the_rate(slope, w, rates, momenta):
    return _walk(lambda w: slope(w), w, np.ones_like(rates), momenta)


def _slope_at_the_start(slope, w, rates, momenta):
    start = w
    return _walk(lambda _: slope(start), w, rates, momenta)


def _only_the_last(slope, w, rates, momenta):
    return solution_8_5(slope, w, rates, momenta)[-1]


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


# --- 8.6 Up, stay, down ------------------------------------------------------------------------


def check_8_6(answer):
    for steps in (20, 50):
        top = np.random.default_rng().uniform(0.1, 2)
        for step in range(steps):
            _must_be_a_step(answer(step, steps, top), step, steps)
        compare(_rates_of(answer), _rates_of(solution_8_6), steps, top, mistakes=TRAPEZE, names=["the row of rates"])


def _must_be_a_step(given, step, steps):
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise NotYet("a policy returns two things, the rate and the momentum: `return rate, None`.")
    if given[1] is not None:
        raise NotYet("leave the optimizer its own momentum: the second thing is None.")
    rate = as_array(given[0], f"the rate of step {step}", shape=())
    if step == 0 and rate == 0:
        raise NotYet("the first step has the rate 0, and learns nothing. Begin at top / (steps of the way up).")
    if rate <= 0:
        raise NotYet(f"the rate of step {step} of {steps} is {rate:.2g}. Every step should learn something.")


def _rates_of(policy):
    return lambda steps, top: [policy(step, steps, top)[0] for step in range(steps)]


def solution_8_6(step, steps, top):
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


EXERCISES = [
    Exercise(
        "8.1",
        "The edge",
        minutes=3,
        difficulty=1,
        check=check_8_1,
        solution=solution_8_1,
        why="A step takes w to w − η · 8w = (1 − 8η) · w. The factor is 0 at η = 1/8, and −1 at η = 1/4: from there on "
        "no step comes nearer. The steeper the valley, the smaller the rates it bears.",
        hints=(
            "What is the slope of 4w²? Write the step as w ← (…) · w.",
            "The factor is 1 − 8η. For which η is it 0?",
            "It runs away when the factor is below −1, that is from η = 2/8 on.",
        ),
    ),
    Exercise(
        "8.2",
        "Read a curve",
        minutes=5,
        difficulty=1,
        check=check_8_2,
        solution=solution_8_2,
        why="At the lowest point the rate is already too high: the next steps made the loss worse. A tenth is a safe "
        "distance. For `np.argmin`, a nan is lower than any number; `np.nanargmin` leaves them out.",
        hints=(
            "np.argmin(losses) is the place of the lowest loss.",
            "Give a tenth of the rate at this place. But a search may end in nan: what does np.argmin say then?",
            "rates[np.nanargmin(losses)] / 10",
        ),
    ),
    Exercise(
        "8.3",
        "A rate for each block",
        minutes=5,
        difficulty=1,
        check=check_8_3,
        solution=solution_8_3,
        why="The last block gets decay⁰ = 1, the one below it decay¹, and so on. Blocks near the input hold what all "
        "texts have in common, and change least. `learner.set_layer_decay` does the same.",
        hints=(
            "Begin with the last block. Which rate does it have, and which the one below it?",
            "The block that lies k blocks below the last one has top * decay ** k.",
            "Block number b, counted from the input, lies blocks - 1 - b below the last one.",
        ),
    ),
    Exercise(
        "8.4",
        "Down like a cosine, again and again",
        minutes=8,
        difficulty=2,
        check=check_8_4,
        solution=solution_8_4,
        why="From 0 to π a cosine goes from 1 down to −1. Adding 1 and halving makes it 1 down to 0. The remainder "
        "`step % cycle` is the restart.",
        hints=(
            "Which share of its cycle has a step done? Think of step % cycle.",
            "np.cos(np.pi * share) goes from 1 down to -1. Make it go from 1 down to 0.",
            "top * (1 + np.cos(np.pi * share)) / 2, with share = step % cycle / cycle.",
        ),
    ),
    Exercise(
        "8.5",
        "Walk with momentum",
        minutes=12,
        difficulty=2,
        check=check_8_5,
        solution=solution_8_5,
        why="Three lines: a share of the old step and a push against the slope make the new step; the step moves the "
        "weight; the weight is noted. With all momenta 0 it is the walk of section 1.",
        hints=(
            "Before the loop there are two things: the weight w, and the step v = 0.",
            "In the loop v changes first, then w. The slope is asked for at the weight of now.",
            "v = momentum * v - rate * slope(w); w = w + v; append w.",
        ),
    ),
    Exercise(
        "8.6",
        "Up, stay, down",
        minutes=15,
        difficulty=3,
        check=check_8_6,
        solution=solution_8_6,
        why="This is the policy *warm-up, stable, decay*. Large models are trained with it too, because in the flat "
        "part nobody needs to know yet when the training will end.",
        hints=(
            "Three cases: step < up, step < steps - down, and the rest.",
            "On the way up the share is (step + 1) / up, so that the last of these steps has the top.",
            "On the way down it is (steps - step) / (down + 1): just below 1 at first, and 1 / (down + 1) at the end.",
        ),
    ),
]
