"""A model that answers with several things when it is called, and with one tensor while Keras trains it."""

import contextvars
import functools

from ktlearn.backend import keras
from ktlearn.support.distributed import build_optimizer
from ktlearn.support.keras_internals import all_layers

# What Keras computes on a batch inside fit, evaluate and predict; it builds losses and metrics in the fourth. An
# exported model answers with one tensor too.
STEPS = ("train_step", "test_step", "predict_step", "_symbolic_build", "export")
TRAININGS = ("fit", "train_on_batch")
_STEPPING = contextvars.ContextVar("the model whose step is being computed", default=None)  # one for each thread


class OneTensorModel(keras.Model):
    """A Keras model whose ``call`` looks at ``self.one_tensor``.

    It is True inside the steps of ``fit``, ``evaluate`` and ``predict`` (and of their forms for one batch), in the
    thread that computes the step: Keras' losses and metrics want one tensor there, not a tuple of logits,
    attention maps and hidden states. It is False everywhere else, so in callbacks and other threads too.

    Before a training its optimizer is built: Keras would do it inside the first step, and TensorFlow then traces
    that step, the longest work of a short training, twice.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name in STEPS:
            if name in vars(cls):  # a step of the reader's own
                setattr(cls, name, _with_one_tensor(vars(cls)[name]))

    @property
    def one_tensor(self):
        """Is this model's answer wanted by Keras' losses and metrics?"""
        return _STEPPING.get() is self


def _with_one_tensor(method):
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        token = _STEPPING.set(self)
        try:
            return method(self, *args, **kwargs)
        finally:
            _STEPPING.reset(token)

    return wrapped


def _with_built_optimizer(method):
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        is_unbuilt = self.compiled and self.optimizer is not None and not self.optimizer.built
        if is_unbuilt and all(layer.built for layer in all_layers(self)):
            build_optimizer(self)
        return method(self, *args, **kwargs)

    return wrapped


for _name in TRAININGS:
    setattr(OneTensorModel, _name, _with_built_optimizer(getattr(keras.Model, _name)))
for _name in STEPS:
    setattr(OneTensorModel, _name, _with_one_tensor(getattr(keras.Model, _name)))
