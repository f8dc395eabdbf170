"""Where a new decoder should look in the source, computed before the first step of training.

To copy, a decoder that has just written a word must find this word in the source, and read the one behind it. An
attention that begins at random finds that out by trial, in some thousand steps; most of a small budget would be spent
on it. But it can be computed. From texts of which a part is written again it is known what the decoder's state is after
each word, and which vector of the encoder belongs to the next one. Canonical correlation finds the directions in
which the two say the same: they become queries and keys. A linear regression finds the word in the encoder's vector:
it becomes values and output. So each layer's look at the source is computed, one after the other, for the second
layer sees what the first one has found.

Source: Hotelling 1936, "Relations between two sets of variates" (canonical correlation); Olsson et al. 2022,
"In-context Learning and Induction Heads" (what a copying attention must do).
"""

import numpy as np

from ktlearn.attention import causal_mask
from recipes.summariser_en.tokens import CLS, PAD

HIGHEST = 0.95  # of the correlations: what is nearly the same would be looked at too sharply
SMALLEST = 1e-3  # directions with a smaller share of the largest variance are noise
LOUDNESS = 2.0  # how large what is read is, beside what the layer knows already


def look_where_the_copy_stands(model, sources, targets, begins, seed=0):
    """Compute the cross-attentions of all decoder layers.

    Args:
        model: an encoder–decoder whose layers have their norms behind the residuals, as BART.
        sources: token ids ``(N, S)``, padded.
        targets: token ids ``(N, T)``, each a part of its source.
        begins: where in the source each target begins, ``(N,)``.
        seed: for how the values are divided among the heads.

    Returns:
        For each layer, how much weight the first of its heads puts on the right place, on average.
    """
    real = sources != PAD
    memory, memory_mask, _ = model.encode(sources, attention_mask=real.astype("int32"))
    shifted = np.concatenate([np.full_like(targets[:, :1], CLS), targets[:, :-1]], axis=1)
    places = begins[:, None] + np.arange(targets.shape[1])  # of what is to be written next
    vectors = np.asarray(memory)
    words = np.asarray(model.embedding.embeddings)[sources[real]]
    reading = regression(vectors[real], words)
    x, mask, shares = model.embed_target(shifted), causal_mask(targets.shape[1]), []
    for layer in model.decoder.layers:
        state = np.asarray(layer.attention_norm(x + layer.attention(x, x, x, mask=mask)))
        wanted = np.take_along_axis(vectors, places[..., None], axis=1)
        # After the start no word is known yet, and nothing says where to look.
        directions = correlated(*(each[:, 1:].reshape(-1, each.shape[-1]) for each in (state, wanted)))
        fill(layer.cross_attention, *directions, *reading, LOUDNESS * state.std(), seed)
        x, _, weights = layer(x, memory, mask=mask, memory_mask=memory_mask, return_weights=True)
        right = np.take_along_axis(np.asarray(weights)[:, 0], places[..., None], axis=-1)[:, 1:]
        shares.append(float(right.mean()))
    return shares


def correlated(x, y):
    """The directions in which two vectors agree most: for each of them a mean and a matrix ``(D, D)``, best first.

    The columns are scaled so that products of the two are scores: log-odds that the two belong together, if they
    were normally distributed (without the terms that know only one of them).
    """
    (mean_x, white_x), (mean_y, white_y) = whitening(x), whitening(y)
    left, found, right = np.linalg.svd(((x - mean_x) @ white_x).T @ ((y - mean_y) @ white_y) / len(x))
    found = np.minimum(found, HIGHEST)
    strength = np.sqrt(found / (1 - found**2))
    return mean_x, white_x @ left * strength, mean_y, white_y @ right.T * strength


def whitening(x):
    """The mean of vectors ``(N, D)``, and a matrix after which no two numbers of a vector hang together."""
    size, directions = np.linalg.eigh(np.cov(x.T))
    return x.mean(axis=0), directions / np.sqrt(np.maximum(size, SMALLEST * size.max()))


def regression(x, y):
    """The mean of x, and the matrix that tells from x what y is, as far from its own mean, in a straight line."""
    mean, cov = x.mean(axis=0), np.cov(x.T)
    ridge = SMALLEST * np.trace(cov) / len(cov) * np.eye(len(cov))
    matrix = np.linalg.solve(cov + ridge, (x - mean).T @ (y - y.mean(axis=0)) / len(x))
    return mean, matrix / ((x - mean) @ matrix).std()


def fill(attention, mean_x, queries, mean_y, keys, mean_v, reading, size, seed):
    """Give an attention these directions: all heads look alike at first, each reads a part of the vector."""
    D, d_k, H = attention.d_model, attention.d_k, attention.num_heads
    for layer, mean, matrix in ((attention.query, mean_x, queries), (attention.key, mean_y, keys)):
        matrix = np.tile(matrix[:, :d_k] * d_k**0.25, (1, H))  # the scores will be divided by √d_k
        layer.set_weights([matrix, -mean @ matrix])
    mixed = np.linalg.qr(np.random.default_rng(seed).normal(size=(D, D)))[0]
    left, strength, right = np.linalg.svd(reading * size)
    values = left * np.sqrt(strength) @ mixed
    attention.value.set_weights([values, -mean_v @ values])
    attention.output_projection.set_weights([mixed.T @ (np.sqrt(strength)[:, None] * right), np.zeros(D)])
