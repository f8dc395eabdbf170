"""The diagnoses of lesson 04. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

import ktlearn
from ktlearn.layers import sinusoidal_positions
from ktlearn.transformer import EncoderLayer
from tests.exercises.answers import diagnosis, line

POSITIONS = sinusoidal_positions(100, 14).astype("float64")


def norm(x, gamma, beta, eps=1e-5, ddof=0, axis=-1):
    mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True, ddof=ddof)
    return (x - mean) / np.sqrt(variance + eps) * gamma + beta


def eps_outside(x, gamma, beta, eps):
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps) * gamma + beta


def divided_by_the_variance(x, gamma, beta, eps):
    return (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + eps) * gamma + beta


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
    ("4.2", lambda x, rate, draws: x * (draws >= rate), "the average becomes smaller: "),
    ("4.2", lambda x, rate, draws: x * (draws >= rate) / rate, "you divide by the share that is dropped"),
    ("4.2", lambda x, rate, draws: x * (draws >= rate) * (1 - rate), "smaller twice"),
    ("4.2", lambda x, rate, draws: x * (draws < rate) / (1 - rate), "you keep what should be dropped"),
    ("4.2", lambda x, rate, draws: x * (draws < rate) / rate, "you keep what should be dropped"),
    ("4.2", lambda x, rate, draws: x, "nothing is dropped"),
    ("4.3", lambda x, g, b, eps: norm(x, g, b, eps, ddof=1), "divide by D."),
    ("4.3", eps_outside, "your eps stands outside the root"),
    ("4.3", lambda x, g, b, eps: norm(x, g, b, 0), "eps is missing"),
    ("4.3", divided_by_the_variance, "you divide by the variance"),
    ("4.3", lambda x, g, b, eps: norm(x, g, b, eps, axis=1), "you normalise over the tokens"),
    ("4.3", lambda x, g, b, eps: norm(x, g, b, eps, axis=0), "you normalise over the batch"),
    ("4.3", lambda x, g, b, eps: norm(x, g, b, eps, axis=(0, 1, 2)), "one mean for everything"),
    ("4.3", lambda x, g, b, eps: norm(x, 1, 0, eps), "gamma and beta have no effect"),
    ("4.3", lambda x, g, b, eps: norm(x, 1, b, eps), "gamma has no effect"),
    ("4.3", lambda x, g, b, eps: norm(x, g, 0, eps), "beta has no effect"),
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
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_another_way_to_write_the_layer_is_right():
    assert line("4.6", layer(Layer)) == "✓ Right."


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
