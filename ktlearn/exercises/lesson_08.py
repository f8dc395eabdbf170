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


# --- 8.3 Three curves --------------------------------------------------------------------------


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


# --- 8.4 A rate for each block -----------------------------------------------------------------


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


# --- 8.5 Down like a cosine, again and again ---------------------------------------------------


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


# --- 8.6 Predict: which step is longer? --------------------------------------------------------


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


# --- 8.7 Walk with momentum --------------------------------------------------------------------


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


# --- 8.8 Find the bug: a warm-up ---------------------------------------------------------------


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


# --- 8.9 A fair comparison ---------------------------------------------------------------------


def check_8_9(answer):
    rng = np.random.default_rng()
    noise = rng.normal(0, 0.01, size=6)  # each seed's luck, the same for all
    a = {1e-4: 0.70, 3e-4: 0.80, 1e-3: 0.76}
    b = {1e-4: 0.60, 3e-4: 0.74, 1e-3: 0.82}
    a, b = ({rate: m + noise + rng.normal(0, 0.004, size=6) for rate, m in row.items()} for row in (a, b))
    a[1e-3] = a[1e-3] + np.array([0, 0, 0, 0, 0, 0.08])  # one lucky run at a rate that is not the best
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


# --- 8.10 Up, stay, down -----------------------------------------------------------------------


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


# --- 8.11 One epoch, and which rate? -----------------------------------------------------------

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
    return {@@SHORT@@}


GOOD_FOR_ONE_EPOCH = (@@LOW@@, @@HIGH@@)  # tests/real/measured/tuning.jsonl


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
        "Three curves",
        minutes=5,
        difficulty=1,
        check=check_8_3,
        solution=solution_8_3,
        why="In A and B a rate from the middle of the way down is a good one to try. In B a rule that looks for the "
        "lowest point finds one anywhere on the floor, and a tenth of that may lie on the floor too. C is a search "
        "with too few batches: repeat it with a larger `max_epochs`, or a higher `start_lr`.",
        hints=(
            "Where does each curve fall? Does each of them fall?",
            "A rate from the middle of the way down, not from the lowest point and not from the floor.",
            "A falls around 1e-3, B around 3e-4, and C nowhere: give 0 for it.",
        ),
    ),
    Exercise(
        "8.4",
        "A rate for each block",
        minutes=5,
        difficulty=1,
        check=check_8_4,
        solution=solution_8_4,
        why="The last block gets decay⁰ = 1, the one below it decay¹, and so on. Blocks near the input hold what all "
        "texts have in common, and change least. `learner.set_layer_decay` does the same.",
        hints=(
            "Begin with the last block. Which rate does it have, and which the one below it?",
            "The block that lies k blocks below the last one has top * decay ** k.",
            "Block number b, counted from the input, lies blocks - 1 - b below the last one.",
        ),
    ),
    Exercise(
        "8.5",
        "Down like a cosine, again and again",
        minutes=8,
        difficulty=2,
        check=check_8_5,
        solution=solution_8_5,
        why="From 0 to π a cosine goes from 1 down to −1. Adding 1 and halving makes it 1 down to 0. The remainder "
        "`step % cycle` is the restart.",
        hints=(
            "Which share of its cycle has a step done? Think of step % cycle.",
            "np.cos(np.pi * share) goes from 1 down to -1. Make it go from 1 down to 0.",
            "top * (1 + np.cos(np.pi * share)) / 2, with share = step % cycle / cycle.",
        ),
    ),
    Exercise(
        "8.6",
        "Predict: which step is longer?",
        minutes=5,
        difficulty=2,
        check=check_8_6,
        solution=solution_8_6,
        why="SGD's steps follow the slope, Adam's follow the rate. Clipping hides how far above the limit a gradient "
        "was. Weight decay needs no slope at all.",
        hints=(
            "SGD: rate times slope. Adam: the slope is divided by its usual size first.",
            "What is left of a gradient of length 5, and of length 50, when both are cut to length 1?",
            "SGD's momentum adds old steps up, Adam's takes their mean. The decay takes rate · decay · w off.",
        ),
    ),
    Exercise(
        "8.7",
        "Walk with momentum",
        minutes=12,
        difficulty=2,
        check=check_8_7,
        solution=solution_8_7,
        why="Three lines: a share of the old step and a push against the slope make the new step; the step moves the "
        "weight; the weight is noted. With all momenta 0 it is the walk of section 1.",
        hints=(
            "Before the loop there are two things: the weight w, and the step v = 0.",
            "In the loop v changes first, then w. The slope is asked for at the weight of now.",
            "v = momentum * v - rate * slope(w); w = w + v; append w.",
        ),
    ),
    Exercise(
        "8.8",
        "Find the bug: a warm-up",
        minutes=8,
        difficulty=2,
        check=check_8_8,
        solution=solution_8_8,
        why="Steps are counted from 0, so a way up that takes step / up begins at 0. And a line that starts at 1 in "
        "step 0 has fallen to 0.9 when the way up ends: the rate jumps down. `ktlearn.schedules.warm_up` is this row.",
        hints=(
            "Print the rates of a run of 20 steps, and look at steps 0 to 4.",
            "Step 0 has the rate 0; the last step of the way up should have `top`. And the step after it: just below.",
            "Up: (step + 1) / up. Down: (steps - step) / (steps - up + 1).",
        ),
    ),
    Exercise(
        "8.9",
        "A fair comparison",
        minutes=12,
        difficulty=2,
        check=check_8_9,
        solution=solution_8_9,
        why="Each schedule is tuned with the same effort, and then compared where it is best. As a rule of thumb, a "
        "difference of less than two errors shows nothing. (Both best rates are chosen with the same runs, so both "
        "means are a little too good.)",
        hints=(
            "Two best rates, each by the mean over its seeds.",
            "Seed by seed: b at its best rate minus a at its best rate. That is one difference for each seed.",
            "d.mean() and d.std(ddof=1) / np.sqrt(len(d)).",
        ),
    ),
    Exercise(
        "8.10",
        "Up, stay, down",
        minutes=15,
        difficulty=3,
        check=check_8_10,
        solution=solution_8_10,
        why="This is the schedule *warm-up, stable, decay*. Large models are trained with it too, because in the flat "
        "part nobody needs to know yet when the training will end.",
        hints=(
            "Three cases: step < up, step < steps - down, and the rest.",
            "On the way up the share is (step + 1) / up, so that the last of these steps has the top.",
            "On the way down it is (steps - step) / (down + 1): just below 1 at first, and 1 / (down + 1) at the end.",
        ),
    ),
    Exercise(
        "8.11",
        "One epoch, and which rate?",
        minutes=15,
        difficulty=3,
        check=check_8_11,
        solution=solution_8_11,
        why="@@WHY11@@",
        hints=(
            "Begin with 3e-4, the best of three epochs, and its neighbours 1e-4 and 1e-3.",
            "When the best of your rates is the lowest or the highest, go on in that direction.",
            "{rate: [tune(warm_up, rate, seed, epochs=1)[0] for seed in range(3)] for rate in (3e-4, 1e-3, 3e-3)}",
        ),
    ),
]
