"""The checks and solutions of lesson 05 about the machine: the shift, the masks, the attention, the loss, the rate."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import NotYet

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
        "np.roll puts the last label in front. The start token belongs there.",
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


# --- 5.4 Predict: who feels it? -----------------------------------------------------------------

_CHANGES = [  # what is changed; the first position whose logits move, None for no one; why
    ("another token at position 4 of what the decoder reads", 4, "position t sees the positions 0 to t, itself too"),
    ("another word in the middle of the source", 0, "cross-attention shows the whole source to every position"),
    ("two more <pad> behind the source", None, "two masks hide the padding of the source from all who look at it"),
    ("two source words change places", 0, "their position vectors differ, so the encoder's output differs"),
    ("another label at position 2", None, "labels go into the loss; no layer reads them"),
    ("two more <pad> behind what the decoder reads", None, "for every earlier position they lie in the future"),
]


def check_5_4(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != len(_CHANGES):
        raise NotYet(f"give a list of {len(_CHANGES)}: for each change a position, or None.")
    for number, (found, (what, right, why)) in enumerate(zip(answer, _CHANGES, strict=True), start=1):
        if found is not None and (isinstance(found, bool) or not isinstance(found, (int, np.integer))):
            raise NotYet(f"number {number} must be a position, a whole number, or None. It is {found!r:.30}.")
        if found != right:
            raise NotYet(f"number {number}, {what}: not {found}. Think of this: {why}.")


def solution_5_4():
    return [4, 0, None, 0, None, None]


# --- 5.5 The floor of the loss -----------------------------------------------------------------


def check_5_5(answer):
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
            (lambda V, e: -solution_5_5(V, e), "the sign is wrong: a loss is -log p."),
            (_without_the_right_one, "ε goes to all V tokens, also to the right one: it gets 1 - ε + ε / V."),
        ]
        compare(answer, solution_5_5, size, epsilon, mistakes=mistakes, names=("the smallest loss",))


def solution_5_5(V, epsilon):
    other = epsilon / V
    right = 1 - epsilon + other
    return -right * np.log(right) - (V - 1) * other * np.log(other)


def _without_the_right_one(V, epsilon):
    other = epsilon / (V - 1)
    return -(1 - epsilon) * np.log(1 - epsilon) - epsilon * np.log(other)


# --- 5.6 A warm-up to order --------------------------------------------------------------------


def check_5_6(answer):
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


def solution_5_6(peak, d_model):
    return 1 / (d_model * peak**2)


WARM_UP_MISTAKES = [
    (lambda peak, D: D * peak**2, "this is 1 divided by the right answer."),
    (lambda peak, D: 1 / peak**2, "d_model has no effect."),
    (lambda peak, D: 1 / (D**0.5 * peak), "a root is left: the highest rate is 1 / √(d_model · warmup)."),
    (lambda peak, D: D / peak**2, "d_model stands on the wrong side of the fraction."),
]
