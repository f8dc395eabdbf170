"""The diagnoses of lesson 04. What holds for every exercise is in test_every_exercise.py."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

import ktlearn
from ktlearn.attention import padding_mask
from ktlearn.layers import FeedForward, LayerNorm, SinusoidalPositions, sinusoidal_positions
from ktlearn.transformer import EncoderLayer
from tests.exercises.answers import diagnosis, line

POSITIONS = sinusoidal_positions(100, 14).astype("float64")


def norm(x, gamma, beta, eps=1e-5, ddof=0):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True, ddof=ddof)
    return (x - mean) / np.sqrt(variance + eps) * gamma + beta


PREDICTED = ["same", "other", "same", "same", "other", "same", "same", "other"]
SHOWN = ["yes", "no", "no", "yes", "no", "no"]
REPLY = (
    "Your gradient is healthy because of the norms. But without residuals all tokens become the same vector. "
    "Please measure the cosine between tokens of two texts, and train the stack with and without."
)


def other_at(right, number, word):
    return [word if n == number else x for n, x in enumerate(right, start=1)]


def masked_sum(x, is_word):
    return (x * is_word[..., None]).sum(axis=1)


def mean_by_a_loop(x, is_word):
    return np.array([text[kept].mean(axis=0) for text, kept in zip(x, is_word, strict=True)])


def broken(x, attend, feed_forward, norm_1, norm_2):
    change = attend(x)
    x = norm_1(x + change)
    change = feed_forward(change)
    return norm_1(x + change)


def half_mended(x, attend, feed_forward, norm_1, norm_2):
    change = attend(x)
    x = norm_1(x + change)
    return norm_2(x + feed_forward(change))


def share(model, ids, labels):
    return np.mean((model(ids) > 0.5) == labels)


def never_put_back(model, part, ids, labels):
    part.set_weights([np.zeros_like(w) for w in part.get_weights()])
    return share(model, ids, labels)


def put_back(model, part, ids, labels, found=lambda share: share):
    kept = part.get_weights()
    try:
        return found(never_put_back(model, part, ids, labels))
    finally:
        part.set_weights(kept)


def count(D, F, matrices=4, norms=2, biases=True):
    return matrices * (D * D + biases * D) + 2 * D * F + biases * (F + D) + norms * 2 * D


def rotated(p, angle):
    pairs = p.reshape(-1, 2)
    turned = [
        pairs[:, 0] * np.cos(angle) + pairs[:, 1] * np.sin(angle),
        pairs[:, 1] * np.cos(angle) - pairs[:, 0] * np.sin(angle),
    ]
    return np.stack(turned, axis=1).ravel()


def rates(p):
    return 1 / 10000 ** (np.arange(0, len(p), 2) / len(p))


def softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


class Layer:
    """An encoder layer of a reader. Each wrong one overrides one method."""

    def __call__(self, x, weights, num_heads, mask):
        self.w, self.H, self.mask = weights, num_heads, mask
        x = self.around(x, self.attention, "1")
        return self.around(x, self.feed_forward, "2")

    def around(self, x, part, number):
        return self.norm(x + part(x), number)

    def norm(self, x, number, ddof=0):
        return norm(x, self.w["gamma_" + number], self.w["beta_" + number], ddof=ddof)

    def attention(self, x):
        q, k, v = (self.heads(x @ self.w["W_" + name] + self.w["b_" + name]) for name in "QKV")
        return self.joined(self.weights(q, k) @ v) @ self.w["W_O"] + self.w["b_O"]

    def weights(self, q, k):
        return softmax(np.where(self.mask, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]), -1e30))

    def heads(self, x):
        return np.stack(np.split(x, self.H, axis=-1), axis=1)

    def joined(self, x):
        return np.concatenate(list(np.swapaxes(x, 0, 1)), axis=-1)

    def feed_forward(self, x):
        return self.activation(x @ self.w["W_1"] + self.w["b_1"]) @ self.w["W_2"] + self.w["b_2"]

    def activation(self, x):
        return np.maximum(x, 0)


class PreNorm(Layer):
    def around(self, x, part, number):
        return x + part(self.norm(x, number))


class NormOfThePart(Layer):
    def around(self, x, part, number):
        return x + self.norm(part(x), number)


class NoResidual(Layer):
    def around(self, x, part, number):
        return self.norm(part(x), number)


class NoNorm(Layer):
    def around(self, x, part, number):
        return x + part(x)


class SampleVariance(Layer):
    def norm(self, x, number):
        return super().norm(x, number, ddof=1)


class NoTranspose(Layer):
    def heads(self, x):
        B, L, D = x.shape
        return x.reshape(B, self.H, L, D // self.H)

    def joined(self, x):
        B, H, L, d_k = x.shape
        return x.reshape(B, L, H * d_k)


class NoOutputMatrix(Layer):
    def attention(self, x):
        q, k, v = (self.heads(x @ self.w["W_" + name] + self.w["b_" + name]) for name in "QKV")
        return self.joined(self.weights(q, k) @ v)


class NoRelu(Layer):
    def activation(self, x):
        return x


class OverTheQueries(Layer):
    def weights(self, q, k):
        return softmax(np.where(self.mask, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]), -1e30), axis=-2)


class NoMask(Layer):
    def weights(self, q, k):
        return softmax(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))


class FlippedMask(Layer):
    def weights(self, q, k):
        return softmax(np.where(self.mask, -1e30, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])))


class DividedByTheWholeWidth(Layer):
    def weights(self, q, k):
        d_model = q.shape[-1] * self.H
        return softmax(np.where(self.mask, q @ np.swapaxes(k, -1, -2) / np.sqrt(d_model), -1e30))


class NotDivided(Layer):
    def weights(self, q, k):
        return softmax(np.where(self.mask, q @ np.swapaxes(k, -1, -2), -1e30))


class OneSentence(Layer):
    def __call__(self, x, weights, num_heads, mask):
        return super().__call__(x[:1], weights, num_heads, mask[:1])[0]


def layer(kind):
    return lambda x, weights, num_heads, mask: kind()(x, weights, num_heads, mask)


WRONG = [
    ("4.1", np.sin(np.radians([2, 92, 0.02, 90.02])), "sine and cosine of degrees"),
    ("4.1", [np.cos(2), np.sin(2), np.cos(0.02), np.sin(0.02)], "sine and cosine have changed places"),
    ("4.1", [np.sin(2), np.sin(0.02), np.cos(2), np.cos(0.02)], "both sines come first"),
    ("4.1", [0.84, 0.54, 0.01, 1], "the vector of position 1"),
    ("4.1", [np.sin(2), np.cos(2), np.sin(0.2), np.cos(0.2)], "turns too fast"),
    ("4.1", [np.sin(2), np.cos(2), np.sin(0.0002), np.cos(0.0002)], "turns too slowly"),
    ("4.1", [0.9, 0.4, 0.02, 1], "The largest difference is 0.82"),
    ("4.2", other_at(PREDICTED, 1, "other"), "number 1, a token times 3"),
    ("4.2", other_at(PREDICTED, 5, "same"), "number 5, the same, with positions"),
    ("4.2", other_at(PREDICTED, 8, "same"), "its own softmax"),
    ("4.2", [*PREDICTED[:-1], "different"], "'different' is none of the words other, same"),
    ("4.2", PREDICTED[:-1], "a list of 8 words"),
    ("4.2", "same", "a list of 8 words"),
    ("4.3", lambda x, is_word: x.mean(axis=1), "the padding counts like words"),
    ("4.3", lambda x, is_word: masked_sum(x, is_word) / x.shape[1], "but you divide by L"),
    ("4.3", masked_sum, "this is the sum of the words"),
    ("4.3", lambda x, is_word: masked_sum(x, is_word) / is_word.sum(), "the words of the whole batch"),
    ("4.3", lambda x, is_word: x[:, 0], "the first token alone"),
    ("4.3", lambda x, is_word: x[is_word].mean(axis=0), "shape"),
    ("4.4", lambda D, F: 4 * D**2 + 2 * D * F, "only the matrices are counted"),
    ("4.4", lambda D, F: count(D, F, biases=False), "the biases are missing"),
    ("4.4", lambda D, F: count(D, F, norms=0), "4D are missing"),
    ("4.4", lambda D, F: count(D, F, norms=1), "a layer has two normalisations"),
    ("4.4", lambda D, F: count(D, F, matrices=3), "attention has four matrices"),
    ("4.4", lambda D, F: count(D, F) - D * F - D, "the feed-forward network has two matrices"),
    ("4.5", lambda p, k: rotated(p, -k * rates(p)), "you walk backwards"),
    ("4.5", lambda p, k: rotated(p, k), "every pair turns by the angle k"),
    ("4.5", lambda p, k: p + sinusoidal_positions(k + 1, len(p))[k], "you add the vector of position k"),
    ("4.5", lambda p, k: sinusoidal_positions(k + 1, len(p))[k], "the vector of position k itself"),
    ("4.5", lambda p, k: rotated(p, rates(p)), "you walk one step"),
    ("4.5", lambda p, k: p, "you have not moved"),
    ("4.6", layer(PreNorm), "this is pre-norm"),
    ("4.6", layer(NormOfThePart), "you normalise what a part adds"),
    ("4.6", layer(NoResidual), "the residuals are missing"),
    ("4.6", layer(NoNorm), "the normalisations are missing"),
    ("4.6", layer(SampleVariance), "divides by D - 1"),
    ("4.6", layer(NoTranspose), "the heads are cut without a transpose"),
    ("4.6", layer(NoOutputMatrix), "the last matrix of attention is missing"),
    ("4.6", layer(NoRelu), "the relu is missing"),
    ("4.6", layer(OverTheQueries), "the softmax runs over the queries"),
    ("4.6", layer(NoMask), "the mask has no effect"),
    ("4.6", layer(FlippedMask), "the mask is the wrong way round"),
    ("4.6", layer(DividedByTheWholeWidth), "you divide the scores by √D"),
    ("4.6", layer(NotDivided), "the scores are not divided"),
    ("4.6", layer(OneSentence), "shape"),
    ("4.7", broken, "both bugs are in it"),
    ("4.7", half_mended, "one bug is left: the feed-forward network reads what attention added"),
    ("4.7", lambda x, a, f, n_1, n_2: Mended()(x, a, f, n_1, n_1), "one bug is left: both halves use norm_1"),
    ("4.7", lambda x, a, f, n_1, n_2: n_2(x + f(n_1(x + a(x)))), "starts from the first x"),
    ("4.7", lambda x, a, f, n_1, n_2: x + a(n_1(x)) + f(n_2(x + a(n_1(x)))), "this is pre-norm"),
    ("4.8", never_put_back, "other weights than before"),
    ("4.8", lambda model, part, ids, labels: share(model, ids, labels), "nothing was broken"),
    ("4.8", lambda *args: put_back(*args, found=lambda share: 1 - share), "the share of the wrong answers"),
    ("4.8", lambda *args: put_back(*args, found=lambda share: 100 * share), "other numbers"),
    ("4.9", other_at(SHOWN, 2, "yes"), "about one standard error of 0.03 apart"),
    ("4.9", other_at(SHOWN, 3, "yes"), "one rate was tried"),
    ("4.9", other_at(SHOWN, 6, "yes"), "0.82 ± 0.02 against 0.83 ± 0.01"),
    ("4.9", other_at(SHOWN, 1, "no"), "0.51 ± 0.03 is a coin"),
    ("4.10", "She is wrong.", "these are 3 words"),
    ("4.10", REPLY.replace("gradient", "number"), "what a healthy gradient shows"),
    ("4.10", REPLY.replace("the same vector", "bad").replace("cosine", "size"), "what is lost"),
    ("4.10", REPLY.split("Please")[0] + "Think about it again before you decide to test less.", "look at as well"),
    ("4.10", 0.94, "answer in words"),
    ("4.11", ([0.5] * 3, [0.9] * 3), "give three things"),
    ("4.11", ([0.5], [0.9], "helps"), "at least three accuracies"),
    ("4.11", ([0.5] * 3, [0.9] * 4, "helps"), "the same seeds for both"),
    ("4.11", ([50] * 3, [90] * 3, "helps"), "numbers from 0 to 1"),
    ("4.11", ([0.5] * 3, [0.9] * 3, "great"), 'the verdict is "helps"'),
    ("4.11", ([0.5, 0.7, 0.5], [0.9, 0.6, 0.9], "helps"), 'do not say "helps": as_before 0.50 to 0.70'),
    ("4.11", ([0.5] * 3, [0.9] * 3, "not shown"), 'do not say "not shown"'),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


class Mended:
    def __call__(self, x, attend, feed_forward, norm_1, norm_2):
        after = norm_1(attend(x) + x)
        return norm_2(feed_forward(after) + after)


RIGHT = [
    ("4.2", tuple(word.upper() for word in PREDICTED)),
    ("4.3", mean_by_a_loop),
    ("4.6", layer(Layer)),
    ("4.7", Mended()),
    ("4.8", put_back),
    ("4.9", SHOWN),
    ("4.10", REPLY),
    ("4.11", ([0.5, 0.6, 0.5], [0.9, 0.7, 1.0], "Helps")),
    ("4.11", ([0.9, 0.8, 0.9], [0.5, 0.5, 0.6], "harms")),
    ("4.11", ([0.5, 0.6, 0.5], [0.9, 0.6, 1.0], "not shown")),
]


@pytest.mark.parametrize(("number", "answer"), RIGHT)
def test_another_right_answer_is_right(number, answer):
    assert line(number, answer) == "✓ Right."


def test_every_prediction_of_4_2_holds_in_the_package():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 5, 8)).astype("float32")
    swapped = x[:, [1, 0, 2, 3, 4]]  # the word that is looked at stands at 0, then at 1
    one_more = x + np.eye(8, dtype="float32")[0] * 5
    padded, mask = np.concatenate([x, x[:, :2]], axis=1), padding_mask([[1, 1, 1, 1, 1, 0, 0]])
    positions, normed, feed = SinusoidalPositions(), LayerNorm(), FeedForward(8, 32)
    encoder, dropped, two = EncoderLayer(8, 4, 32), EncoderLayer(8, 4, 32, dropout=0.5), EncoderLayer(8, 2, 32)
    encoder(x)
    for other in (dropped, two):
        other(x)
        other.set_weights(encoder.get_weights())
    pairs = [
        (normed(3 * x)[0, 0], normed(x)[0, 0]),
        (normed(one_more)[0, 0], normed(x)[0, 0]),
        (feed(swapped)[0, 1], feed(x)[0, 0]),
        (encoder(swapped)[0, 1], encoder(x)[0, 0]),
        (encoder(positions(swapped))[0, 1], encoder(positions(x))[0, 0]),
        (encoder(padded, mask=mask)[0, 0], encoder(x)[0, 0]),
        (dropped(x, training=False)[0, 0], encoder(x)[0, 0]),
        (two(x)[0, 0], encoder(x)[0, 0]),
    ]
    assert ["same" if np.allclose(a, b, atol=1e-3) else "other" for a, b in pairs] == PREDICTED


def test_the_statements_of_4_9_speak_of_the_table_of_the_lesson():
    (path,) = (Path(__file__).resolve().parents[2] / "notebooks").glob("04_*.ipynb")
    cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    rows = [row.split("|")[1:-1] for row in cells["ablation"].splitlines() if row.startswith("|")]
    table = {row[0].strip(): [entry.strip() for entry in row[1:]] for row in rows}
    assert table["no positions"][0] == "0.51 ± 0.03"
    assert (table["sinusoidal positions"][2], table["everything (post-norm)"][2]) == ("0.85 ± 0.01", "0.82 ± 0.02")
    assert table["pre-norm"][0] == table["everything (post-norm)"][0] == "1.00 ± 0.00"
    assert table["no encoder at all"][2] == "0.83 ± 0.01"


def test_the_formula_of_the_parameters_is_the_count_of_the_layer():
    for D, H, F in ((8, 2, 32), (12, 3, 7)):
        made = EncoderLayer(D, H, F)
        made.build((None, None, D))
        assert count(D, F) == made.count_params()
    assert line("4.4", count_from_a_layer) == "✓ Right."


def count_from_a_layer(d_model, d_ff):
    made = EncoderLayer(d_model, 1, d_ff)
    made.build((None, None, d_model))
    return made.count_params()


def test_a_walk_from_any_place_ends_at_the_position_of_the_course():
    solution = ktlearn.exercise("4.5").answer
    for place, steps in ((0, 5), (7, 1), (30, 60)):
        assert np.allclose(solution(POSITIONS[place], steps), POSITIONS[place + steps], atol=1e-5)
