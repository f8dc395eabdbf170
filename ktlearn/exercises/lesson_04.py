"""Exercises of lesson 04, the encoder. What is checked of the layer is in lesson_04_layer.py, what is judged in
lesson_04_judging.py.
"""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.lesson_04_judging import (
    WARM_UP_WHY,
    check_4_2,
    check_4_9,
    check_4_10,
    check_4_11,
    solution_4_2,
    solution_4_9,
    solution_4_10,
    solution_4_11,
)
from ktlearn.exercises.lesson_04_layer import (
    check_4_6,
    check_4_7,
    check_4_8,
    solution_4_6,
    solution_4_7,
    solution_4_8,
)

# --- 4.1 The vector of position 2 --------------------------------------------------------------


def check_4_1(answer):
    answer = as_array(answer, shape=(4,))
    for wrong, sentence in POSITION_MISTAKES:
        if is_close(answer, wrong, atol=0.006):
            raise NotYet(sentence)
    must_be_close(answer, solution_4_1(), atol=0.006)


def solution_4_1():
    return [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)]


POSITION_MISTAKES = [
    ([0.035, 0.999, 0.0, 1.0], "these are sine and cosine of degrees. The angles here are in radians."),
    ([-0.416, 0.909, 1.0, 0.02], "sine and cosine have changed places: the sine comes first."),
    ([0.909, 0.02, -0.416, 1.0], "here both sines come first. In the formula each sine has its cosine behind it."),
    ([0.841, 0.540, 0.01, 1.0], "this is the vector of position 1."),
    ([0.909, -0.416, 0.199, 0.980], "the second pair turns too fast: its exponent 2i / D is 2/4, so its rate is 0.01."),
    ([0.909, -0.416, 0.0, 1.0], "the second pair turns too slowly: with i = 1 its rate is 1 / 10000^(2/4) = 0.01."),
]


# --- 4.3 The mean of the words -----------------------------------------------------------------


def check_4_3(answer):
    rng = np.random.default_rng()
    x = rng.normal(1, 3, size=(3, 6, 4))
    is_word = np.arange(6) < np.array([[4], [1], [6]])  # (B, L)
    compare(answer, solution_4_3, x, is_word, mistakes=MEAN_MISTAKES, names=("the mean",))


def solution_4_3(x, is_word):
    one = is_word[:, :, None].astype(x.dtype)  # (B, L, 1)
    return (x * one).sum(axis=1) / one.sum(axis=1)  # (B, D)


MEAN_MISTAKES = [
    (lambda x, w: x.mean(axis=1), "the padding counts like words. Leave it out of the sum, and out of the count."),
    (
        lambda x, w: (x * w[:, :, None]).mean(axis=1),
        "the sum leaves out the padding, but you divide by L. Divide by the number of words of each text.",
    ),
    (lambda x, w: (x * w[:, :, None]).sum(axis=1), "this is the sum of the words. Divide by how many there are."),
    (
        lambda x, w: (x * w[:, :, None]).sum(axis=1) / w.sum(),
        "you divide by the words of the whole batch. Each text has its own number of words.",
    ),
    (lambda x, w: _mean(x, ~w), "you average the padding: is_word is True for a word."),
    (lambda x, w: x[:, 0], "this is the first token alone."),
]


def _mean(x, kept):
    with np.errstate(invalid="ignore", divide="ignore"):
        return solution_4_3(x, kept)


# --- 4.4 Count the parameters ------------------------------------------------------------------


def check_4_4(answer):
    rng = np.random.default_rng()
    for _ in range(2):
        d_model = 4 * int(rng.integers(2, 200))
        d_ff = 4 * d_model + int(rng.integers(1, 9))
        compare(answer, solution_4_4, d_model, d_ff, mistakes=COUNT_MISTAKES, names=("the number",), atol=1e-9)


def solution_4_4(d_model, d_ff):
    attention = 4 * (d_model * d_model + d_model)
    feed_forward = d_model * d_ff + d_ff + d_ff * d_model + d_model
    norms = 2 * (d_model + d_model)
    return attention + feed_forward + norms


COUNT_MISTAKES = [
    (lambda D, F: 4 * D * D + 2 * D * F, "only the matrices are counted. Biases and normalisations are missing."),
    (
        lambda D, F: solution_4_4(D, F) - 5 * D - F,
        "the biases are missing: four in attention, two in the feed-forward.",
    ),
    (
        lambda D, F: solution_4_4(D, F) - 4 * D,
        "4D are missing: the gammas and betas of the two normalisations, or the four biases of attention.",
    ),
    (lambda D, F: solution_4_4(D, F) - 2 * D, "a layer has two normalisations, and each has a gamma and a beta."),
    (
        lambda D, F: solution_4_4(D, F) - D * D - D,
        "attention has four matrices: for queries, keys, values, and the one that mixes the heads at the end.",
    ),
    (lambda D, F: solution_4_4(D, F) - D * F - D, "the feed-forward network has two matrices: there and back."),
]


# --- 4.5 Further on, without knowing where -----------------------------------------------------


def check_4_5(answer):
    rng = np.random.default_rng()
    D = 2 * int(rng.integers(3, 8))
    for k in (1, int(rng.integers(2, 30))):
        p = _position(int(rng.integers(60, 99)), D)  # not 2k, from where k steps back is position k itself
        compare(answer, solution_4_5, p, k, mistakes=WALK_MISTAKES, names=("the vector",), atol=1e-6)


def solution_4_5(p, k):
    D = len(p)
    angle = k / 10000 ** (np.arange(0, D, 2) / D)  # one for each pair
    s, c = p[0::2], p[1::2]
    further = np.empty(D)
    further[0::2] = s * np.cos(angle) + c * np.sin(angle)
    further[1::2] = c * np.cos(angle) - s * np.sin(angle)
    return further


def _position(n, D):
    angle = n / 10000 ** (2 * (np.arange(D) // 2) / D)
    return np.where(np.arange(D) % 2 == 0, np.sin(angle), np.cos(angle))


def _one_angle(p, k):
    s, c = p[0::2], p[1::2]
    return np.stack([s * np.cos(k) + c * np.sin(k), c * np.cos(k) - s * np.sin(k)], axis=1).ravel()


WALK_MISTAKES = [
    (lambda p, k: solution_4_5(p, -k), "you walk backwards: this is the vector of k positions before."),
    (lambda p, k: p + _position(k, len(p)), "you add the vector of position k. Positions turn, they do not add up."),
    (_one_angle, "every pair turns by the angle k. Pair i turns more slowly: by k / 10000^(2i / D)."),
    (lambda p, k: _position(k, len(p)), "this is the vector of position k itself. Start from p."),
    (lambda p, k: solution_4_5(p, 1), "you walk one step, whatever k is."),
    (lambda p, k: p, "you have not moved."),
]


EXERCISES = [
    Exercise(
        "4.1",
        "The vector of position 2",
        minutes=3,
        difficulty=1,
        check=check_4_1,
        solution=solution_4_1,
        why="Two pairs, two speeds. The first pair turns by 1 at each step, so position 2 has the angle 2. The second "
        "turns a hundred times more slowly: 0.02.",
        hints=(
            "Four numbers make two pairs. Each pair is the sine and the cosine of one angle.",
            "The angle of pair i is position / 10000^(2i / 4). For i = 0 that is position / 1. And for i = 1?",
            "The two angles are 2 and 0.02. Write sin 2, cos 2, sin 0.02, cos 0.02, in radians.",
        ),
    ),
    Exercise(
        "4.2",
        "Predict: same or other?",
        minutes=6,
        difficulty=1,
        check=check_4_2,
        solution=solution_4_2,
        why="LayerNorm forgets the size of a token, not its direction. Feed-forward looks at one token, attention at "
        "all of them, but in no order. Positions bring the order in. A mask and `training=False` promise that "
        "something changes nothing: promises are what tests are made of.",
        hints=(
            "Ask of each part: does it look at one token or at all? And does it know an order?",
            "LayerNorm subtracts the mean and divides by the deviation: what becomes of 3x? Dropout is for training.",
            "Three of the eight are other: the one with positions, the single entry, and the other number of heads.",
        ),
    ),
    Exercise(
        "4.3",
        "The mean of the words",
        minutes=6,
        difficulty=2,
        check=check_4_3,
        solution=solution_4_3,
        why="A mask in attention is not enough: the rows of the padding are still there, full of numbers, and the mean "
        "would count them. Then the answer to a text depends on the texts beside it in the batch.",
        hints=(
            "Two sums: of the vectors of the words, and of the words themselves. Then divide.",
            "Multiply x by is_word with one more axis, is_word[:, :, None], and sum over axis 1.",
            "one = is_word[:, :, None]; (x * one).sum(axis=1) / one.sum(axis=1)",
        ),
    ),
    Exercise(
        "4.4",
        "Count the parameters",
        minutes=5,
        difficulty=2,
        check=check_4_4,
        solution=solution_4_4,
        why="The number of heads is not in the formula: heads cut the same matrices into pieces. With F = 4D the "
        "feed-forward network has 8D² parameters, attention 4D²: two thirds of a layer are feed-forward.",
        hints=(
            "Attention, feed-forward, two normalisations. A Dense layer from n to m has n · m + m parameters.",
            "Attention has four Dense layers from D to D. The feed-forward network has one from D to F and one back.",
            "4(D² + D) + (DF + F) + (FD + D) + 2 · 2D",
        ),
    ),
    Exercise(
        "4.5",
        "Further on, without knowing where",
        minutes=20,
        difficulty=3,
        check=check_4_5,
        solution=solution_4_5,
        why="Each pair is the hand of a clock, and k steps turn it by a fixed angle, wherever it stands. A turn is a "
        "matrix that depends on k only. So one matrix, W_Q or W_K, can learn to ask for *three places before me*.",
        hints=(
            "Look at one pair: sin a and cos a. You want sin(a + b) and cos(a + b), with b = k · rate of this pair.",
            "sin(a + b) = sin a cos b + cos a sin b, and cos(a + b) = cos a cos b - sin a sin b. You know all four.",
            "p[0::2] are the sines, p[1::2] the cosines, and b = k / 10000 ** (np.arange(0, D, 2) / D).",
        ),
    ),
    Exercise(
        "4.6",
        "Build an encoder layer",
        minutes=20,
        difficulty=3,
        check=check_4_6,
        solution=solution_4_6,
        why="Nothing in it is new: the heads of lesson 03, the mask of lesson 02, the formula of lesson 01, and the "
        "parts of this lesson. `ktlearn.transformer.EncoderLayer` computes the same numbers.",
        hints=(
            "In this order: queries, keys, values, heads, scores, mask, softmax, join, W_O, add, norm, feed-forward, "
            "add, norm.",
            "Heads: x.reshape(B, L, H, d_k).transpose(0, 2, 1, 3). Join: .transpose(0, 2, 1, 3).reshape(B, L, D).",
            "x = norm(x + attended @ W_O + b_O), then norm(x + np.maximum(x @ W_1 + b_1, 0) @ W_2 + b_2). Each norm "
            "has its own gamma and beta.",
        ),
    ),
    Exercise(
        "4.7",
        "Find the bugs",
        minutes=8,
        difficulty=2,
        check=check_4_7,
        solution=solution_4_7,
        why="Every shape is right, and a model with these bugs trains: it is only another model, with fewer "
        "parameters. What finds such bugs is the comparison with numbers that are known to be right.",
        hints=(
            "Follow the variables: which one does each part get? Compare with the two formulas of post-norm.",
            "The feed-forward network reads the change, not the sum. And count how often each norm is used.",
            "x = norm_1(x + attend(x)), then norm_2(x + feed_forward(x)).",
        ),
    ),
    Exercise(
        "4.8",
        "Break and measure",
        minutes=12,
        difficulty=2,
        check=check_4_8,
        solution=solution_4_8,
        why="Without the position table the share is exactly 0.50: partners get equal answers, and one of each two is "
        "right. What one attention layer gives, you have measured. This is not an ablation like the table's: there "
        "each model was trained without the part, here a trained one loses what it relies on.",
        hints=(
            "get_weights() gives a list of arrays. Keep it: you need it twice.",
            "set_weights([0 * w for w in kept]) breaks the part. Measure as in share_right, then put kept back.",
            "kept = part.get_weights(); part.set_weights([0 * w for w in kept]); share = …; part.set_weights(kept); "
            "return share",
        ),
    ),
    Exercise(
        "4.9",
        "Read the table",
        minutes=6,
        difficulty=2,
        check=check_4_9,
        solution=solution_4_9,
        why="A table shows what was measured: these encoders, this task, this rate. It shows a difference where the "
        "difference is large beside the spread, and beside the standard error of the test.",
        hints=(
            "Look for the two numbers of each statement, and for what stands behind ±.",
            "Two words are dangerous: *whatever* and *useless*. And the standard error on reviews is about 0.03.",
            "Two of the six are shown: they speak of word order with two layers.",
        ),
    ),
    Exercise(
        "4.10",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_4_10,
        solution=solution_4_10,
        why="The check looks for three points, not for good sentences: compare yours with this one. The reason that "
        "most texts give for residuals, the gradient, is right for a stack without norms, and only half of the story.",
        hints=(
            "What did the two experiments of section 9 measure? Your colleague has seen one of them.",
            "A gradient says how strongly the output reacts to a weight. Does it say what the output knows?",
            "Say what the gradient does not show, what becomes of the tokens without residuals, and what to measure.",
        ),
    ),
    Exercise(
        "4.11",
        "Experiment: start the deep post-norm stack",
        minutes=20,
        difficulty=3,
        check=check_4_11,
        solution=solution_4_11,
        why=WARM_UP_WHY,
        hints=(
            "One run of each kind proves nothing: take the same three seeds for both, and change one thing only.",
            "A smaller rate: deep_run(seed, 1e-4). Pre-norm: give `make` as its encoder "
            "lambda n, **widths: Encoder(n, norm_first=True, **widths).",
            "Helps: min(changed) > max(as_before). Harms: max(changed) < min(as_before). Else: not shown.",
        ),
    ),
]
