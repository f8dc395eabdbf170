"""Measure what each part of an encoder gives: the table of lesson 04.

    python -m tests.real.measure_ablation [--seeds 5] [--only "no residual"]

The data, the classifier and the training are those of the lesson: its own cells are run. Only the encoder changes.
A seed decides the weights, the order of the rows and, in the task of the word order, which pairs of words are known.

``measured/ablation.jsonl`` keeps what was measured so: eight post-norm layers, with and without the warm-up. The other
rows of the table are older: 2,000 random sentences of the same kind, and 10 epochs with 8 layers.
"""

import argparse
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ktlearn.attention import MaskedLayer, MultiHeadAttention
from ktlearn.backend import keras, ops
from ktlearn.layers import FeedForward, LayerNorm, LearnedPositions, SinusoidalPositions
from ktlearn.transformer import Encoder
from tests.real.lesson_cells import run_cells

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "04_the_encoder.ipynb"
CELLS = ("classifier-class", "order-sentences", "encode-code", "training", "reviews-words", "reviews-ids")
WIDTHS = {"d_model": 32, "num_heads": 4, "d_ff": 64}


def cells_of_the_lesson(ids=CELLS):
    """What these cells define, after all imports of the lesson."""
    return SimpleNamespace(**run_cells(LESSON, ids))


class EqualWeights(MaskedLayer):
    """Attention that looks at every word alike: each token gets the mean of all values."""

    def __init__(self):
        super().__init__()
        self.value, self.output_projection = keras.layers.Dense(32), keras.layers.Dense(32)

    def call(self, x, mask):
        weights = ops.cast(mask[:, 0], x.dtype)  # (B, 1, L)
        weights = weights / ops.sum(weights, axis=-1, keepdims=True)
        mean = self.output_projection(ops.matmul(weights, self.value(x)))  # (B, 1, D)
        return mean + ops.zeros_like(x)  # (B, L, D)


class Attention(MaskedLayer):
    def __init__(self):
        super().__init__()
        self.heads = MultiHeadAttention(32, 4)

    def call(self, x, mask):
        return self.heads(x, x, x, mask=mask)


class AtEachPlace(MaskedLayer):
    def __init__(self):
        super().__init__()
        self.network = FeedForward(32, 64)

    def call(self, x, mask):
        return self.network(x)


class EncoderWithout(MaskedLayer):
    """A post-norm encoder from which something is missing."""

    def __init__(self, num_layers, parts=(Attention, AtEachPlace), residual=True, norm=True):
        super().__init__()
        self.parts = [part() for _ in range(num_layers) for part in parts]
        self.norms = [LayerNorm() if norm else keras.layers.Identity() for _ in self.parts]
        self.dropout, self.residual = keras.layers.Dropout(0.1), residual

    def call(self, x, mask=None, training=None):
        for part, norm in zip(self.parts, self.norms, strict=True):
            change = self.dropout(part(x, mask=mask), training=training)
            x = norm(x + change if self.residual else change)
        return x


class NoEncoder(MaskedLayer):
    def call(self, x, mask=None, training=None):
        return x


def learned(length):
    return LearnedPositions(length)


def whole(**changed):
    return lambda N: Encoder(N, **WIDTHS | changed)


def without(**changed):
    return lambda N: EncoderWithout(N, **changed)


VARIANTS = {
    "everything": (learned, whole()),
    "pre-norm": (learned, whole(norm_first=True)),
    "no positions": (lambda length: keras.layers.Identity(), whole()),
    "sinusoidal positions": (lambda length: SinusoidalPositions(), whole()),
    "one head": (learned, whole(num_heads=1)),
    "equal weights": (learned, without(parts=(EqualWeights, AtEachPlace))),
    "no attention": (learned, without(parts=(AtEachPlace,))),
    "no feed-forward": (learned, without(parts=(Attention,))),
    "no residual": (learned, without(residual=False)),
    "no normalisation": (learned, without(norm=False)),
    "no dropout": (learned, whole(dropout=0.0)),
    "no encoder": (lambda length: keras.layers.Identity(), lambda N: NoEncoder()),
}
TASKS = {
    "order": lambda lesson, made, seed: word_order(lesson, *made, seed),
    "reviews": lambda lesson, made, seed: reviews(lesson, *made, seed),
    "order, 8 layers": lambda lesson, made, seed: deep_order(lesson, *made, seed, rate=1e-3),
    "order, 8 layers, warm-up": lambda lesson, made, seed: deep_order(lesson, *made, seed, rate=warm_up(1e-3)),
}
DEEP = {
    "order, 8 layers": ("everything", "pre-norm", "no residual", "no normalisation"),
    "order, 8 layers, warm-up": ("everything",),
}


def word_order(lesson, positions, encoder, seed, num_layers=2, epochs=8, rate=3e-3):
    """The share of sentences of unseen pairs that is right."""
    train, test = map(lesson.order_arrays, lesson.order_data(seed))
    model = lesson.Classifier(lesson.order_vocabulary, positions(12), encoder(num_layers))
    lesson.train(model, *train, epochs, seed, rate)
    return {"sentences": lesson.share_right(model, *test).mean()}


def deep_order(lesson, positions, encoder, seed, rate):
    return word_order(lesson, positions, encoder, seed, num_layers=8, epochs=12, rate=rate)


def warm_up(rate, steps=400):
    """From 0 to the rate in a straight line. Then the rate stays (the cosine ends after ages)."""
    return keras.optimizers.schedules.CosineDecay(0.0, 10**9, warmup_target=rate, warmup_steps=steps)


def reviews(lesson, positions, encoder, seed):
    """The shares of plain and of dry reviews that are right."""
    order = np.random.default_rng(seed).permutation(len(lesson.review_ids))
    model = lesson.Classifier(lesson.vocabulary, positions(64), encoder(2))
    lesson.train(model, lesson.review_ids[order], lesson.review_labels[order], 5, seed)
    right, plain = lesson.share_right(model, lesson.unseen_ids, lesson.unseen_labels), lesson.is_plain
    return {"plain": right[plain].mean(), "dry": right[~plain].mean()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=VARIANTS, help="one row of the table")
    options = parser.parse_args()
    lesson = cells_of_the_lesson()
    for name, task in product([options.only] if options.only else VARIANTS, TASKS):
        if name not in DEEP.get(task, VARIANTS):
            continue
        found = []
        for seed in range(options.seeds):
            keras.backend.clear_session()
            found.append(TASKS[task](lesson, VARIANTS[name], seed))
        for part in found[0]:
            shares = [each[part] for each in found]
            print(f"{name:21} {task:25} {part:10} {np.mean(shares):.2f} ± {np.std(shares):.2f}", flush=True)


if __name__ == "__main__":
    main()
