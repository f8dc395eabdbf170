"""Gradient checkpointing: forget what a layer computes on the way forward, and compute it again on the way back.

For its gradient a layer needs its intermediate results, so all layers' results are kept until the way back: most of
what training holds in memory. Here only what goes into a layer is kept; for a third more arithmetic, the memory of a
stack is little more than that of one layer.

Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
"""

import inspect
from collections import Counter

from ktlearn.backend import keras, ops
from ktlearn.support.keras_internals import seed_generators


class Recomputed:
    """A layer's ``call`` in training, of which only what goes in is kept for the gradient.

    Weights and random states are given to the layer from outside, as they were at the first time: so the second time
    drops out the same numbers, and no backend looks for variables in the middle of a gradient.

    Args:
        layer: a built Keras layer whose ``call`` takes ``training``.
    """

    def __init__(self, layer):
        self.layer, self.plain = layer, layer.call

    def __call__(self, *args, training=None, **kwargs):
        if not training:
            return self.plain(*args, training=training, **kwargs)
        given = inspect.signature(self.plain).bind(*args, training=training, **kwargs).arguments
        smooth = [name for name, value in given.items() if _has_gradient(value)]
        weights = self.layer.weights
        generators = seed_generators(self.layer)
        states = [(generator.state, generator.state.value * 1) for generator in generators]  # copies, not to change
        draws = []

        def run(*values):
            named, kernels = dict(zip(smooth, values, strict=False)), values[len(smooth) :]
            with _Counting([*zip(weights, kernels, strict=True), *states]) as scope:
                y = self.plain(**given | named)
            draws.append(scope.draws)
            return y

        y = keras.remat(run)(*(given[name] for name in smooth), *(weight.value for weight in weights))
        for generator in generators:  # so the next step drops out others
            for _ in range(draws[0][id(generator.state)]):
                generator.next()
        return y


class _Counting(keras.StatelessScope):
    """A scope in which variables have other values, and which counts how often each was to be changed."""

    def __init__(self, values):
        super().__init__(state_mapping=values)
        self.draws = Counter()

    def add_update(self, update):
        self.draws[id(update[0])] += 1
        super().add_update(update)


def _has_gradient(value):
    return ops.is_tensor(value) and "float" in keras.backend.standardize_dtype(value.dtype)
