"""The table of exercise 6.8: how far four wrong ways to load mini-bert-en are from the right one.

    python -m tests.real.measure_fingerprints > tests/real/measured/fingerprints.txt

On the two sentences of lesson 06, the first of which is padded: the largest difference to the right model over the
real tokens, after the embeddings and after the last layer. The right model is compared with PyTorch's numbers in
tests/models; here it is the reference, because PyTorch's file holds no embeddings.
"""

import numpy as np

from ktlearn import models
from ktlearn.models import checkpoint, hub

NAME = "ktlearn/mini-bert-en"


def right(model):
    pass


def shift_positions(model):
    table = model.embeddings.positions.embeddings
    table.assign(np.roll(np.asarray(table), -2, axis=0))


def exchange_norms(model):
    for layer in model.encoder.layers:
        first, second = layer.attention_norm, layer.feed_forward_norm
        weights = first.get_weights()
        first.set_weights(second.get_weights())
        second.set_weights(weights)


WAYS = {
    "A": ("norms", exchange_norms, True, {}),
    "B": ("mask", right, False, {}),
    "C": ("eps", right, True, {"layer_norm_eps": 1e-5}),
    "D": ("positions", shift_positions, True, {}),
}


def vectors(change=right, use_mask=True, settings=None):
    """After the embeddings and after the last layer, ``(B, L, D)`` each."""
    folder = hub.find(NAME)
    config = checkpoint.read_config(folder)
    config.update(settings or {})
    model = models.from_config(config, seed=0)
    model.set_weights(models.from_pretrained(NAME, verbose=0).get_weights())
    change(model)
    golden = np.load(folder / "golden.npz")
    mask = golden["attention_mask"] if use_mask else np.ones_like(golden["attention_mask"])
    embedded = model.embeddings(golden["input_ids"])
    last = model({"input_ids": golden["input_ids"], "attention_mask": mask}).last_hidden_state
    return np.asarray(embedded), np.asarray(last)


def main():
    real = np.load(hub.find(NAME) / "golden.npz")["attention_mask"] == 1
    reference = vectors()
    print("way  what        embeddings     last layer, sentence 1     last layer, sentence 2")
    for letter, (name, change, use_mask, settings) in WAYS.items():
        found = vectors(change, use_mask, settings)
        embeddings, last = (np.abs(a - b) for a, b in zip(found, reference, strict=True))
        figures = [embeddings[real].max(), last[0][real[0]].max(), last[1][real[1]].max()]
        print(f"{letter}    {name:10}", *(f"{figure:12.4f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
