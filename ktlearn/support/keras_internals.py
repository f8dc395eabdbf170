"""Every private name of Keras that ktlearn uses, in one place: Keras may rename them in any version.

``tests/support/test_keras_internals.py`` asks for each of them, so that a Keras without one fails in one clear
line; and it reads ktlearn's code, so that none is used that is not listed here.
"""

from ktlearn.backend import keras, ops

DECAY_EXCLUSIONS = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
_ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
STEPS = ("train", "test", "predict")  # model.train_function and so on: not private, but in no documentation


def examples():
    """The names, and an object of Keras that has them: ``{what it is: (object, names)}``."""
    layer, model, optimizer = keras.layers.Dense(1), keras.Sequential([keras.Input((1,))]), keras.optimizers.AdamW()
    layer.build((None, 1))
    model.compile(optimizer, "mse")
    optimizer.exclude_from_weight_decay([layer.bias], ["bias"])
    optimizer.build([layer.kernel])
    words = keras.layers.Embedding(2, 1, mask_zero=True)(ops.convert_to_tensor([[1, 0]]))
    return {
        "a layer": (layer, ("_flatten_layers", "_kernel", "_remat_mode", "_tracker", "_untrack_variable")),
        "a model": (
            model,
            (
                *("_symbolic_build", *(f"{step}_function" for step in STEPS)),
                *(("_maybe_symbolic_build",) if _ON_TENSORFLOW else ()),
            ),
        ),
        "a metric": (keras.metrics.MeanSquaredError(), ("_direction",)),
        "an optimizer": (
            optimizer,
            (
                *("_apply_weight_decay", "_backend_update_step", "_clip_gradients", "_get_variable_index"),
                *("_learning_rate", "_momentums", "_trainable_variables", "_use_weight_decay", "_var_key"),
                *("_velocities", *DECAY_EXCLUSIONS),
                *(("_all_reduce_sum_gradients",) if _ON_TENSORFLOW else ()),
            ),
        ),
        "the output of a layer that masks": (words, ("_keras_mask",)),
    }


def forget_compiled(model, answers=False):
    """Let Keras compile a model's training step again: what it was compiled for has changed.

    Args:
        model: a Keras model.
        answers: True to compile evaluation and prediction again too: the model answers in another way now.
    """
    for step in STEPS if answers else STEPS[:1]:
        setattr(model, f"{step}_function", None)


def all_layers(model):
    """The model itself and all layers inside it, also those inside other layers."""
    return model._flatten_layers()


def seed_generators(layer):
    """What a layer and those inside it draw random numbers with."""
    return [part.seed_generator for part in all_layers(layer) if hasattr(part, "seed_generator")]


def is_rematerialised(layer):
    """Was the layer made in a ``keras.RematScope``, so that Keras computes it a second time for the gradient?"""
    return layer._remat_mode is not None


def remove_variables(layer, names):
    """Take variables off a built layer, as if it had never had them."""
    layer._tracker.unlock()
    for name in names:
        layer._untrack_variable(getattr(layer, name))
        # Not `delattr`: Keras' own collects garbage each time, which for all layers of a model takes many seconds.
        super(keras.layers.Layer, layer).__delattr__(name)
    layer._tracker.lock()


def rate_schedule(optimizer):
    """The learning-rate schedule inside an optimizer; None when its rate is a number."""
    rate = getattr(optimizer, "_learning_rate", None)
    return rate if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) else None


def is_decayed(variable, optimizer):
    """Does an optimizer's weight decay shrink this variable?"""
    return bool(optimizer.weight_decay) and optimizer._use_weight_decay(variable)


def rises(model, name):
    """Is a compiled model's metric of that name better when it is higher? None when Keras does not know."""
    metrics = [metric for group in model.metrics for metric in getattr(group, "metrics", [group])]
    directions = [getattr(metric, "_direction", None) for metric in metrics if metric.name == name]
    return {"up": True, "down": False}.get(directions[0]) if directions else None
