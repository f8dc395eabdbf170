"""How much arithmetic a training step is, counted, and how much the machine can do, measured.

Counted are the matrix products of an encoder with a classification head, an addition and a multiplication as two
operations: the projections of attention, q kᵀ and weights · v, the feed-forward networks, pooler and classifier. The
way back has two products for each of the way there, so a training step counts three times. Not counted are look-ups,
softmax, normalisations, activations, dropout, the loss and the optimizer: they cost time and count as nothing.

Letters: B texts in a batch, n tokens of a text, L padded length of its batch, D model width, F feed-forward width.
"""

import time

TRAINING = 3  # forward, and backward to the inputs and to the weights


def forward_flops(config, labels, n, attended):
    """Operations of one text of ``n`` tokens, each of which attends to ``attended`` tokens."""
    D, F = config.hidden_size, config.intermediate_size
    projections = 4 * 2 * n * D * D
    products = 2 * 2 * n * attended * D
    feed_forward = 2 * 2 * n * D * F
    head = 2 * D * D + 2 * D * labels
    return config.num_hidden_layers * (projections + products + feed_forward) + head


def batches_flops(config, labels, batches):
    """What is computed in training: padding costs like any token. ``batches`` are (texts' lengths, L)."""
    return TRAINING * sum(len(lengths) * forward_flops(config, labels, L, L) for lengths, L in batches)


def texts_flops(config, labels, batches):
    """What is of use in it: real tokens that attend to real tokens."""
    return TRAINING * sum(forward_flops(config, labels, n, n) for lengths, _ in batches for n in lengths)


def matmul_peak(size=2048, rounds=20):
    """The most operations per second in a product of two float32 matrices, on all cores this process may use."""
    from ktlearn.backend import keras, ops

    a, b = (keras.random.normal((size, size), seed=seed) for seed in (1, 2))
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        ops.convert_to_numpy(ops.matmul(a, b))  # as NumPy: so that it is really finished
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)
