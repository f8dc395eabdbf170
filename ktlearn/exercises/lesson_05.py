"""Exercises of lesson 05, the encoder and the decoder."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- 5.1 One step to the right -----------------------------------------------------------------


def check_5_1(answer):
    rng = np.random.default_rng()
    labels = rng.integers(3, 30, (3, 6))
    labels[0, 3:], labels[1, 4:] = [2, 0, 0], [2, 0]
    compare(answer, solution_5_1, labels, 1, mistakes=SHIFT_MISTAKES, names=("the decoder's input",))


def solution_5_1(labels, start):
    first = np.full((len(labels), 1), start)  # (B, 1)
    return np.concatenate([first, labels[:, :-1]], axis=1)  # (B, T)


def _shift_left(labels, start):
    return np.concatenate([labels[:, 1:], np.zeros((len(labels), 1), labels.dtype)], axis=1)


def _start_over_the_first(labels, start):
    changed = labels.copy()
    changed[:, 0] = start
    return changed


SHIFT_MISTAKES = [
    (lambda labels, start: labels, "nothing is shifted: the decoder reads the very token it must write."),
    (_shift_left, "the labels went to the left: the decoder reads the token after the one it must write."),
    (
        lambda labels, start: np.roll(labels, 1, axis=1),
        "np.roll puts the last label in front. There belongs the start token.",
    ),
    (_start_over_the_first, "the start token has replaced the first label. It must come before it."),
    (
        lambda labels, start: np.concatenate([np.full((len(labels), 1), start), labels], axis=1),
        "input and labels must have one length: leave out the last label.",
    ),
    (
        lambda labels, start: np.concatenate([np.zeros((len(labels), 1), labels.dtype), labels[:, :-1]], axis=1),
        "in front stands 0, the padding, and not the start token.",
    ),
]


# --- 5.2 Three masks ---------------------------------------------------------------------------


def check_5_2(answer):
    rng = np.random.default_rng()
    source, target = rng.integers(3, 30, (2, 7)), rng.integers(3, 30, (2, 5))
    source[0, 4:], target[0, 3:], target[1, 4:] = 0, 0, 0
    found = answer(source.copy(), target.copy())
    if not isinstance(found, (tuple, list)) or len(found) != 3:
        raise NotYet("your function must return three masks: of the encoder, of the decoder, of the cross-attention.")
    right = solution_5_2(source, target)
    for name, mine, expected in zip(MASKS, found, right, strict=True):
        mine = as_array(mine, name)
        for wrong, sentence in _mask_mistakes(name, source, target):
            if mine.shape == wrong.shape and mine.dtype == bool and is_close(mine, wrong):
                raise NotYet(f"{name}: {sentence}")
        must_be_close(mine, expected, name)


def solution_5_2(source, target):
    of_source = (source != 0)[:, None, None, :]  # (B, 1, 1, S): hides keys
    of_target = (target != 0)[:, None, None, :]  # (B, 1, 1, T)
    causal = np.tril(np.ones((target.shape[1], target.shape[1]), dtype=bool))  # (T, T)
    return of_source, causal & of_target, of_source


MASKS = ("the encoder's mask", "the decoder's mask", "the mask of the cross-attention")


def _mask_mistakes(name, source, target):
    of_source, both, _ = solution_5_2(source, target)
    of_target = (target != 0)[:, None, None, :]
    causal = np.tril(np.ones((target.shape[1], target.shape[1]), dtype=bool))
    yield ~(both if name == MASKS[1] else of_source), "it is the wrong way round: True means may attend."
    if name == MASKS[1]:
        yield of_target, "the future is open. The causal triangle is missing."
        yield np.broadcast_to(of_target, both.shape), "the future is open. The causal triangle is missing."
        yield np.broadcast_to(causal, both.shape), "padding is open. Which targets are short?"
        yield causal, "padding is open. Which targets are short?"
        yield causal | of_target, "or lets too much through: both conditions must hold, so join them with &."
        yield causal.T & of_target, "the triangle looks forward: the past must be open, and the future closed."
    else:
        yield of_target, "it hides the padding of the target. The keys here come from the source."
        yield (source != 0)[:, None, :, None], "it hides queries (rows). Padding must be hidden as a key."


# --- 5.3 Who asks, who answers -----------------------------------------------------------------


def check_5_3(answer):
    rng = np.random.default_rng()
    x, memory = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
    matrices = rng.normal(size=(3, 4, 4))
    mask = np.ones((2, 5), dtype=bool)
    mask[0, 3:] = mask[1, 4:] = False
    names = ("the output", "the weights")
    compare(answer, solution_5_3, x, memory, *matrices, mask, mistakes=CROSS_MISTAKES, names=names)


def solution_5_3(x, memory, W_q, W_k, W_v, is_word):
    q, k, v = x @ W_q, memory @ W_k, memory @ W_v  # (B, T, d_k), (B, S, d_k), (B, S, d_v)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])  # (B, T, S)
    weights = _softmax(np.where(is_word[:, None, :], scores, -1e30))
    return weights @ v, weights


def _softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _cross(q, k, v, mask):
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(k.shape[-1])
    weights = _softmax(scores if mask is None else np.where(mask[:, None, :], scores, -1e30))
    return weights @ v, weights


CROSS_MISTAKES = [
    (
        lambda x, m, q, k, v, w: _cross(m @ q, x @ k, x @ v, None),
        "the source asks and the target answers. It is the other way round: queries come from x.",
    ),
    (lambda x, m, q, k, v, w: _cross(x @ q, m @ k, m @ v, None), "the padding of the source has weight."),
    (lambda x, m, q, k, v, w: _cross(x @ q, m @ k, m @ v, ~w), "the mask is the wrong way round."),
    (lambda x, m, q, k, v, w: _cross(x @ k, m @ q, m @ v, w), "W_q and W_k have changed places."),
    (lambda x, m, q, k, v, w: _cross(x @ q, m @ v, m @ k, w), "W_k and W_v have changed places."),
    (lambda x, m, q, k, v, w: _cross(x @ q, x @ k, x @ v, None), "this is self-attention: nobody looks at the memory."),
    (
        lambda x, m, q, k, v, w: _cross(2 * x @ q, m @ k, m @ v, w),
        "the scores are not divided by the root of d_k.",
    ),
]


# --- 5.4 The floor of the loss -----------------------------------------------------------------


def check_5_4(answer):
    rng = np.random.default_rng()
    for size in (2, int(rng.integers(5, 50)), 37000):
        epsilon = float(rng.uniform(0.05, 0.3))
        mistakes = [
            (lambda V, e: -np.log(1 - e), "that is the loss of the right token alone, and the share ε is left out."),
            (
                lambda V, e: -np.log(1 - e + e / V),
                "that is the loss of the right token alone: weigh it, add the others.",
            ),
            (lambda V, e: np.log(V), "that is the loss of a model that knows nothing."),
            (lambda V, e: 0.0, "0 needs a probability of 1, and then the others have 0, whose logarithm is -∞."),
            (lambda V, e: -solution_5_4(V, e), "the sign is wrong: a loss is -log p."),
            (_without_the_right_one, "ε goes to all V tokens, also to the right one: it gets 1 - ε + ε / V."),
        ]
        compare(answer, solution_5_4, size, epsilon, mistakes=mistakes, names=("the smallest loss",))


def solution_5_4(V, epsilon):
    other = epsilon / V
    right = 1 - epsilon + other
    return -right * np.log(right) - (V - 1) * other * np.log(other)


def _without_the_right_one(V, epsilon):
    other = epsilon / (V - 1)
    return -(1 - epsilon) * np.log(1 - epsilon) - epsilon * np.log(other)


# --- 5.5 A warm-up to order --------------------------------------------------------------------


def check_5_5(answer):
    rng = np.random.default_rng()
    for d_model in (64, 512, int(rng.integers(100, 1000))):
        steps = int(rng.integers(50, 8000))
        peak = float((d_model * steps) ** -0.5)
        found = as_array(answer(peak, d_model), "the number of steps", shape=())
        if not np.isclose(found, steps, rtol=1e-3):
            for wrong, sentence in WARM_UP_MISTAKES:
                if np.isclose(found, wrong(peak, d_model), rtol=1e-3):
                    raise NotYet(sentence)
            raise NotYet(
                f"with d_model={d_model} and {float(found):.4g} steps, the paper's rate is highest at "
                f"{(d_model * max(float(found), 1e-9)) ** -0.5:.3g}, not at {peak:.3g}."
            )


def solution_5_5(peak, d_model):
    return 1 / (d_model * peak**2)


WARM_UP_MISTAKES = [
    (lambda peak, D: D * peak**2, "this is 1 divided by the right answer."),
    (lambda peak, D: 1 / peak**2, "d_model has no effect."),
    (lambda peak, D: 1 / (D**0.5 * peak), "a root is left: the highest rate is 1 / √(d_model · warmup)."),
    (lambda peak, D: D / peak**2, "d_model stands on the wrong side of the fraction."),
]


# --- 5.6 Beam search ---------------------------------------------------------------------------


def check_5_6(answer):
    cases = [(table, num_beams, 4) for num_beams in (1, 2, 3) * 20 for table in [_Table(np.random.default_rng())]]
    found = [answer(*case) for case in cases]
    for tokens in found:
        if not isinstance(tokens, (list, tuple)) or not all(isinstance(t, (int, np.integer)) for t in tokens):
            raise NotYet("your function must return one list of token ids: the best one that it found.")
    found = [list(map(int, tokens)) for tokens in found]
    right = [solution_5_6(*case) for case in cases]
    if found == right:
        return
    for wrong, sentence in BEAM_MISTAKES:
        if found == [wrong(*case) for case in cases]:
            raise NotYet(sentence)
    raise NotYet(
        f"{sum(a == b for a, b in zip(found, right, strict=True))} of {len(cases)} searches end at the right list."
    )


def solution_5_6(next_log_p, num_beams, max_length):
    beams = [([], 0.0)]  # the tokens, and the log-probability of all of them
    for _ in range(max_length):
        longer = []
        for tokens, log_p in beams:
            if tokens and tokens[-1] == 0:
                longer.append((tokens, log_p))  # finished: it waits
            else:
                longer += [([*tokens, token], log_p + more) for token, more in enumerate(next_log_p(tokens))]
        beams = sorted(longer, key=lambda beam: beam[1], reverse=True)[:num_beams]
    return beams[0][0]


class _Table:
    """A toy decoder of four tokens: random probabilities for each beginning, always the same ones when asked again.

    A beam of one, two and three find three different targets, so that every search must be right.
    """

    def __init__(self, rng):
        self.rng, self.known = rng, {}
        while len({tuple(solution_5_6(self, num_beams, 4)) for num_beams in (1, 2, 3)}) < 3:
            self.known.clear()

    def __call__(self, tokens):
        key = tuple(int(token) for token in tokens)
        if key not in self.known:
            self.known[key] = np.log(self.rng.dirichlet(np.full(4, 0.8)) + 1e-9)
        return self.known[key].copy()


def _beams(next_log_p, num_beams, max_length, add=lambda log_p, more: log_p + more, best_first=True, **mistake):
    """Beam search with one thing wrong."""
    beams = [([], 0.0)]
    for _ in range(max_length):
        longer = []
        for tokens, log_p in beams:
            if tokens and tokens[-1] == 0 and not mistake.get("writes_on"):
                longer += [] if mistake.get("loses_finished") else [(tokens, log_p)]
            else:
                longer += [([*tokens, token], add(log_p, more)) for token, more in enumerate(next_log_p(tokens))]
        beams = sorted(longer, key=lambda beam: beam[1], reverse=best_first)[:num_beams] or beams
        finished = [tokens for tokens, _ in beams if tokens[-1] == 0]
        if mistake.get("stops_early") and finished:
            return finished[0]
    return beams[0][0]


BEAM_MISTAKES = [
    (lambda f, K, n: _beams(f, 1, n), "this is greedy search: it keeps one beginning, whatever num_beams says."),
    (
        lambda f, K, n: _beams(f, K, n, add=lambda log_p, more: more),
        "it compares the last token only. A target is as probable as all its tokens together: add the logarithms.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, add=lambda log_p, more: log_p * more if log_p else more),
        "it multiplies logarithms. Probabilities are multiplied; their logarithms are added.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, stops_early=True),
        "it stops as soon as one target is finished, though another may still become more probable.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, loses_finished=True),
        "finished targets are lost. They must wait among the beams.",
    ),
    (lambda f, K, n: _beams(f, K, n, writes_on=True), "it writes on after the end token, 0."),
    (lambda f, K, n: _beams(f, K, n, best_first=False), "it keeps the worst beginnings: sort from high to low."),
    (
        lambda f, K, n: _beams(f, 4**n, n),
        "it keeps more than num_beams beginnings: the cut must be made over all of them together.",
    ),
]


EXERCISES = [
    Exercise(
        "5.1",
        "One step to the right",
        minutes=4,
        difficulty=1,
        check=check_5_1,
        solution=solution_5_1,
        why="At place t the decoder reads the tokens before t and must write token t. So its input is the labels, one "
        "place later, with `<start>` in front. The last label has nobody who reads it.",
        hints=(
            "At the first place nothing has been written yet. Which token does the decoder read there?",
            "Input and labels have the same shape. One label must go: which one is never read?",
            "np.concatenate([a column of start tokens, labels[:, :-1]], axis=1).",
        ),
    ),
    Exercise(
        "5.2",
        "Three masks",
        minutes=12,
        difficulty=2,
        check=check_5_2,
        solution=solution_5_2,
        why="A mask hides keys. In the encoder and in the cross-attention the keys come from the source, so both take "
        "the same mask. In the decoder they come from the target, and there the future must be hidden too.",
        hints=(
            "For each of the three, ask first: whose tokens are the keys?",
            "Padding masks have the shape (B, 1, 1, keys). Two of the three are the same mask.",
            "The decoder's is np.tril(np.ones((T, T), dtype=bool)) & (target != 0)[:, None, None, :].",
        ),
    ),
    Exercise(
        "5.3",
        "Who asks, who answers",
        minutes=8,
        difficulty=2,
        check=check_5_3,
        solution=solution_5_3,
        why="The target asks, so the queries come from `x`. The source answers: keys and values come from the memory. "
        "The output has one row for each target token, whatever the length of the source.",
        hints=(
            "Three products with matrices. One of them starts from x, two from memory.",
            "The scores are (B, T, S). np.swapaxes(k, -1, -2) turns the keys around. The mask hides columns.",
            "np.where(is_word[:, None, :], scores, -1e30), then the softmax over the last axis, then @ v.",
        ),
    ),
    Exercise(
        "5.4",
        "The floor of the loss",
        minutes=8,
        difficulty=2,
        check=check_5_4,
        solution=solution_5_4,
        why="A cross-entropy is smallest when the model says exactly what the target says. What is left is the "
        "entropy of the target itself. Nobody can get below it.",
        hints=(
            "The loss is smallest when the model's probabilities are the smoothed target itself.",
            "One token has the probability 1 - ε + ε / V, and V - 1 tokens have ε / V each.",
            "Add up -p log p over all V tokens.",
        ),
    ),
    Exercise(
        "5.5",
        "A warm-up to order",
        minutes=5,
        difficulty=1,
        check=check_5_5,
        solution=solution_5_5,
        why="At step = warmup both branches of the formula are 1 / √warmup, so the peak is 1 / √(d_model · warmup). "
        "Solve for warmup: 1 / (d_model · peak²).",
        hints=(
            "Where is the rate highest? Put this step into the formula.",
            "At step = warmup the rate is 1 / √d_model · 1 / √warmup.",
            "peak² = 1 / (d_model · warmup). Solve for warmup.",
        ),
    ),
    Exercise(
        "5.6",
        "Beam search by hand",
        minutes=20,
        difficulty=3,
        check=check_5_6,
        solution=solution_5_6,
        why="Each round makes every open beginning longer by every token, and keeps the best `num_beams` of all. "
        "A finished target costs nothing more, so it simply waits. With one beam this is greedy search.",
        hints=(
            "Keep a list of pairs (tokens, log-probability). It begins with one pair: ([], 0.0).",
            "In each round make one long list: for each open beam and each token, the longer beam with the sum. A "
            "finished beam goes into the list as it is.",
            "Sort that list by the log-probability, highest first, keep the first num_beams, and go on. At the end "
            "return the tokens of the first.",
        ),
    ),
]
