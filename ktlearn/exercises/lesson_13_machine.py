"""The exercises of lesson 13 about the machine: norm, positions, published tensors, cache, loss; a map and words."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words


def check_13_5(answer):
    rng = np.random.default_rng()
    x, gamma = rng.normal(1, 2, (2, 3, 8)), rng.normal(size=8)
    small = x[:, :1] * 1e-3
    mistakes = [
        (_centred, "the mean is taken away first. That is LayerNorm; RMSNorm does not shift."),
        (_over_all, "the mean runs over the whole array. It runs over the last axis, for each token on its own."),
        (_no_root, "the root is missing."),
        (_sum_of_squares, "that divides by the length of the vector. RMS is the root of the *mean* of the squares."),
        (_eps_outside, "eps stands outside the root. Put it inside."),
        (lambda x, gamma, eps: solution_13_5(x, 1, eps), "gamma has no effect."),
    ]
    compare(answer, solution_13_5, x, gamma, 1e-6, mistakes=mistakes)
    compare(answer, solution_13_5, small, gamma, 1e-3, mistakes=mistakes)


def solution_13_5(x, gamma, eps):
    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps) * gamma


def _centred(x, gamma, eps):
    return solution_13_5(x - x.mean(axis=-1, keepdims=True), gamma, eps)


def _over_all(x, gamma, eps):
    return x / np.sqrt((x**2).mean() + eps) * gamma


def _no_root(x, gamma, eps):
    return x / ((x**2).mean(axis=-1, keepdims=True) + eps) * gamma


def _sum_of_squares(x, gamma, eps):
    return x / np.sqrt((x**2).sum(axis=-1, keepdims=True) + eps) * gamma


def _eps_outside(x, gamma, eps):
    return x / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps) * gamma


def check_13_6(answer):
    rng = np.random.default_rng()
    x, positions = rng.normal(size=(2, 5, 8)), np.sort(rng.choice(60, 5, replace=False)) + 1
    compare(
        answer,
        solution_13_6,
        x,
        positions,
        mistakes=[
            (_counted, "the rows stand at `positions`, not at 0, 1, 2, …"),
            (_other_way, "that turns the other way: check the two signs."),
            (_neighbours, "the pairs here are entry i and entry i + d_k/2, as in section 7, not neighbours."),
            (_one_rate, "all pairs turn at one rate. Pair i has the rate 10000^(-2i/d_k)."),
            (_slow_rates, "the exponent is -2i/d_k: with d_k/2 pairs that is -i/(d_k/2), and it is not -i/d_k."),
        ],
        names=("the turned vectors",),
    )


def solution_13_6(x, positions):
    half = x.shape[-1] // 2
    angles = positions[:, None] * 10_000.0 ** (-np.arange(half) / half)  # (L, d_k / 2)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], axis=-1)


def _counted(x, positions):
    return solution_13_6(x, np.arange(len(positions)))


def _other_way(x, positions):
    return solution_13_6(x, -positions)


def _neighbours(x, positions):
    order = np.r_[0 : x.shape[-1] : 2, 1 : x.shape[-1] : 2]
    turned = np.empty_like(x)
    turned[..., order] = solution_13_6(x[..., order], positions)
    return turned


def _with_rates(x, positions, rates):
    half = x.shape[-1] // 2
    angles = positions[:, None] * rates
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], axis=-1)


def _one_rate(x, positions):
    return _with_rates(x, positions, np.ones(x.shape[-1] // 2))


def _slow_rates(x, positions):
    return _with_rates(x, positions, 10_000.0 ** (-np.arange(x.shape[-1] // 2) / x.shape[-1]))


def check_13_7(answer):
    rng = np.random.default_rng()
    for D in (4, 6):
        _compare_pairs(answer, rng.normal(size=(D, 3 * D)), rng.normal(size=3 * D))


def _compare_pairs(answer, W, b):
    found = answer(W.copy(), b.copy())
    if not isinstance(found, (list, tuple)) or len(found) != 3 or any(len(pair) != 2 for pair in found):
        raise NotYet("return three pairs, (kernel, bias) of query, key and value.")
    D = len(W)
    for name, pair in zip(("query", "key", "value"), found, strict=True):
        as_array(pair[0], f"the kernel of the {name}", shape=(D, D))
        as_array(pair[1], f"the bias of the {name}", shape=(D,))
    sentences = [
        (solution_13_7, None),
        (_every_third, "the kernels are every third column, as hers. Query, key and value lie in blocks."),
        (_transposed, "the kernels are transposed. c_attn is stored (input, output), as Keras has it."),
        (_other_order, "the order is query, key, value."),
        (_own_bias_cut, "the kernels are right, but the biases are every third number."),
    ]
    for wrong, sentence in sentences:
        numbers = [(pair[i], other[i]) for pair, other in zip(found, wrong(W, b), strict=True) for i in (0, 1)]
        if all(is_close(mine, theirs) for mine, theirs in numbers):
            if sentence:
                raise NotYet(sentence)
            return
    raise NotYet("the shapes are right, the numbers are not: kernel n is columns n · D to (n + 1) · D.")


def solution_13_7(kernel, bias):
    D = len(kernel)
    return [(kernel[:, n * D : (n + 1) * D], bias[n * D : (n + 1) * D]) for n in range(3)]


def _every_third(kernel, bias):
    return [(kernel[:, n::3], bias[n::3]) for n in range(3)]


def _transposed(kernel, bias):
    return [(part.T, own) for part, own in solution_13_7(kernel, bias)]


def _other_order(kernel, bias):
    return [solution_13_7(kernel, bias)[n] for n in (1, 2, 0)]


def _own_bias_cut(kernel, bias):
    return [(solution_13_7(kernel, bias)[n][0], bias[n::3]) for n in range(3)]


def check_13_8(answer):
    found, right = float(as_array(answer, shape=())), solution_13_8()
    for wrong, sentence in (
        (right / 2, "keys *and* values are kept: twice as much."),
        (right / 24, "that is one layer. There are 24."),
        (right * 7, "14 is the number of query heads. Only the 2 heads of keys and values are kept."),
        (right * 2, "that is four bytes a number, or something counted twice. The cache here has two bytes a number."),
        (right / 1000, "that is one token. The text has 1,000."),
    ):
        if is_close(found, wrong, atol=1e-6):
            raise NotYet(sentence)
    if not is_close(found, right, atol=1e-6):
        raise NotYet("multiply: 2 (keys and values) · layers · heads that are kept · d_k · bytes a number · tokens.")


def solution_13_8():
    return 2 * 24 * 2 * 64 * 2 * 1000


def check_13_9(answer):
    rng = np.random.default_rng()
    for _ in range(3):
        prompt, reply = int(rng.integers(3, 9)), int(rng.integers(2, 6))
        L = prompt + reply + int(rng.integers(1, 5))
        setting = f"with prompt={prompt}, reply={reply}, L={L} "
        compare(
            answer,
            solution_13_9,
            prompt,
            reply,
            L,
            mistakes=[
                (_late, setting + "the 1s begin one place too late: position i is judged by token i + 1."),
                (_all_real, setting + "the prompt's tokens count too."),
                (_all_after, setting + "the padding behind the answer counts too."),
                (_short, setting + "the answer's last token, the end, does not count. It says when to stop."),
            ],
            names=("the weights",),
        )


def solution_13_9(prompt, reply, L):
    weights = np.zeros(L)
    weights[prompt - 1 : prompt + reply - 1] = 1
    return weights


def _late(prompt, reply, L):
    weights = np.zeros(L)
    weights[prompt : prompt + reply] = 1
    return weights


def _all_real(prompt, reply, L):
    weights = np.zeros(L)
    weights[: prompt + reply - 1] = 1
    return weights


def _all_after(prompt, reply, L):
    weights = np.zeros(L)
    weights[prompt - 1 :] = 1
    return weights


def _short(prompt, reply, L):
    weights = np.zeros(L)
    weights[prompt - 1 : prompt + reply - 2] = 1
    return weights


MAP_TOKENS = ["a", "cat", "ran", ".", "a", "dog", "slept", ".", "a", "cat"]


def _invented_map():
    """Most positions look at the first token; a second copy looks at what came after its first copy."""
    size = len(MAP_TOKENS)
    looks = np.zeros((size, size))
    for i in range(size):
        looks[i, : i + 1] = 0.3 / (i + 1)
        looks[i, 0] += 0.7
    for i, target in ((4, 1), (9, 2)):
        looks[i] = 0
        looks[i, : i + 1] = 0.2 / (i + 1)
        looks[i, target] += 0.8
    return looks


MAP = _invented_map()


def check_13_10(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(a, str) for a in answer):
        raise NotYet('give two tokens as text: ("…", "…").')
    first, second = (token.strip().lower() for token in answer)
    if (first, second) == ("ran", "cat"):
        raise NotYet("the last row is the one that looks: cat looks, and at which token?")
    if first != "cat":
        raise NotYet("the last row is the last token of the text.")
    if second == "cat":
        raise NotYet("it does not look at its first copy, but at the token after it.")
    if second != "ran":
        raise NotYet(f"in the last row {second!r} does not have the darkest cell.")


def solution_13_10():
    return ("cat", "ran")


_POINTS = [
    (r"token|vocabular|piece|byte", "perplexity counts tokens, and theirs are other ones"),
    (r"text|data|domain|corpus|test set", "it holds for the texts that were measured"),
    (r"per byte|per character|bits|same token", "what can be compared: bits per byte, on the same text"),
    (
        r"fact|true|truth|instruction|useful|task|answer|quality|people|judge",
        "perplexity does not say whether what it writes is true or useful",
    ),
]


def check_13_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_13_12():
    return (
        "Perplexity is counted per token, and the two models have other tokens: one with larger pieces has fewer and "
        "harder guesses. Compare bits per byte, on the same text, which neither has read. Even then it says only how "
        "well a model predicts that kind of text. Whether its answers are true or useful is another question: let both "
        "answer 100 of our customers' questions, and let people judge them without knowing which is which."
    )
