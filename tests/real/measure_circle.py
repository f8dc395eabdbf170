"""Measure the children in a circle over several seeds: figures of lesson 03, sections 7 and 9.

    python -m tests.real.measure_circle [--seeds 5] [--minutes 5]

The model is the lesson's, with the package's layer. A seed draws its weights. Each run is a line of
``measured/circle.jsonl``: the share of the children whose two answers are both right.
"""

from pathlib import Path

import numpy as np

import ktlearn
from ktlearn.attention import MultiHeadAttention
from ktlearn.backend import keras, ops
from ktlearn.layers import LearnedPositions
from tests.real.portions import measure

LINES = Path(__file__).with_name("measured") / "circle.jsonl"
STUDIES = {
    "one head, long": {"heads": 1, "epochs": 40},
    "one head, not linear": {"heads": 1, "hidden": 64, "epochs": 4},
    "two heads": {"heads": 2, "epochs": 4},
    "wrong split": {"heads": 2, "split": "wrong", "epochs": 6},
}


def settings(study):
    """One setting for each study."""
    return [{"study": study, **STUDIES[study]}]


class WrongSplit(MultiHeadAttention):
    """Reshape without transpose on the way in; the way back is right."""

    def split_heads(self, x):
        return ops.reshape(x, (-1, self.num_heads, x.shape[1], self.d_k))


class Circle(keras.Model):
    """Two numbers for each of eight seats, by one attention."""

    def __init__(self, attention, hidden):
        super().__init__()
        self.numbers, self.seats = keras.layers.Embedding(6, attention.d_model), LearnedPositions(8)
        self.attention = attention
        self.reader = keras.layers.Dense(hidden, activation="relu") if hidden else keras.layers.Identity()
        self.answers = keras.layers.Dense(2 * 6)

    def call(self, numbers):
        x = self.seats(self.numbers(numbers))  # (B, L, D)
        return ops.reshape(self.answers(self.reader(self.attention(x, x, x))), (-1, 8, 2, 6))  # (B, L, 2, 6)


def circles(n, seed):
    """Numbers ``(n, 8)``, and the left and the right neighbour of each, ``(n, 8, 2)``."""
    numbers = np.random.default_rng(seed).integers(0, 6, size=(n, 8))
    return numbers, np.stack([np.roll(numbers, 1, axis=1), np.roll(numbers, -1, axis=1)], axis=-1)


def run(setting, seed):
    """One training, and how many children give both answers."""
    kind = WrongSplit if setting.get("split") else MultiHeadAttention
    model = Circle(kind(d_model=32, num_heads=setting["heads"]), setting.get("hidden"))
    test_x, test_y = circles(1000, seed=1)
    model(test_x[:2])
    ktlearn.seed_weights(model, seed)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(*circles(2048, seed=0), batch_size=64, epochs=setting["epochs"], shuffle=False, verbose=0)
    right = model.predict(test_x, batch_size=1000, verbose=0).argmax(axis=-1) == test_y  # (n, 8, 2)
    return {"both": round(float(right.all(axis=-1).mean()), 4)}


if __name__ == "__main__":
    measure(__doc__, LINES, STUDIES, settings, run)
