"""One trace for a stack of layers that are alike, where TensorFlow compiles a training step.

Tracing is most of what a first step takes, and a stack makes TensorFlow trace the same operations once for each
layer. Here the first layer is traced alone, as a function of its weights too, and the others call what came out
with theirs. TensorFlow then puts the function's operations where the calls stand, so a step computes what it did.
"""

import functools
import types

from ktlearn.backend import keras
from ktlearn.support.keras_internals import all_layers, is_rematerialised, seed_generators

OF_ONE = ("name", "build", "quantize")  # each object has its own: the last two are functions that Keras wraps anew


def traced_once(layers, training):
    """The layers, or functions that stand for them, with one trace for all; the same arguments, the same answers.

    They are the layers themselves wherever a trace would not be the same for each: a layer that someone has changed,
    or of a class of their own; and outside a training step that TensorFlow compiles, and on several devices.

    Args:
        layers: built Keras layers whose ``call`` takes ``training``.
        training: whether they train now.

    >>> layers = [keras.layers.Dropout(0.1), keras.layers.Dropout(0.1)]
    >>> traced_once(layers, training=True) is layers  # no step is compiled here
    True
    """
    if not (training and len(layers) > 1 and _compiles() and _are_alike(layers)):
        return layers
    function = _function(layers[0])
    return [functools.partial(function, layer) for layer in layers]


def _compiles():
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return tf.inside_function() and not tf.distribute.has_strategy()


def _function(first):
    import tensorflow as tf

    own, own_states = first.weights, _states(first)

    @functools.partial(tf.function, autograph=False)
    def traced(weights, states, args, kwargs):
        given = [*zip(own, weights, strict=True), *zip(own_states, states, strict=True)]
        with keras.StatelessScope(state_mapping=given) as scope:
            answer = first(*args, **kwargs)
        return answer, [scope.get_current_value(state) for state in own_states]

    def call(layer, *args, **kwargs):
        states = _states(layer)
        values = [[variable.value for variable in part] for part in (layer.weights, states)]
        answer, new = traced(*values, args, kwargs)
        for state, value in zip(states, new, strict=True):
            state.assign(value)  # so the next step drops out others
        return answer

    return call


def _states(layer):
    return [generator.state for generator in seed_generators(layer)]


def _are_alike(layers):
    first, *others = map(_looks, layers)
    return first is not None and all(look == first for look in others)


def _looks(layer):
    """All that a trace of the layer depends on, but for what its variables hold; None where that cannot be said."""
    parts = all_layers(layer)
    if not all(_is_known(part) for part in parts):
        return None
    return [(type(part), part.dtype_policy.name, _shapes(part), _plain(part)) for part in parts]


def _is_known(part):
    is_ours_or_keras = type(part).__module__.partition(".")[0] in ("ktlearn", "keras")
    is_called_anew = "call" in vars(part) or is_rematerialised(part)  # for the gradient, when the function has ended
    return is_ours_or_keras and not is_called_anew and part.activity_regularizer is None


def _shapes(part):
    return [(tuple(variable.shape), variable.dtype) for variable in part.variables]


def _plain(part):
    """Its public attributes that are numbers, words and functions, also where someone has set them anew."""
    kinds = (bool, int, float, str, tuple, types.NoneType, types.FunctionType, types.BuiltinFunctionType)
    attributes = {name: value for name, value in vars(part).items() if name[0] != "_" and isinstance(value, kinds)}
    return {name: value for name, value in attributes.items() if name not in OF_ONE}
