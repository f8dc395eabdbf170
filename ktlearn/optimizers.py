"""AdamW whose momentum can change during training, and whose layers may learn at different rates."""

import contextlib

from ktlearn.backend import keras, ops
from ktlearn.support.arguments import check_number, check_rate
from ktlearn.support.distributed import build_optimizer, devices_of, on_all_devices
from ktlearn.support.keras_internals import DECAY_EXCLUSIONS, forget_compiled, is_decayed

_ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
UNDECAYED = ["bias", "gamma", "beta"]  # names of the vectors: biases and normalisations


@keras.saving.register_keras_serializable(package="ktlearn")
class AdamW(keras.optimizers.AdamW):
    """Keras' AdamW with ``beta_1`` as a variable, as the one-cycle policy needs it, and a quicker step.

    In Keras ``beta_1`` is a number, frozen into the compiled step at the first batch. And Keras squares
    the gradient of a word that occurs twice in a batch before it adds the two up; here it is added first.
    The arguments are those of ``keras.optimizers.AdamW``.

    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization".

    >>> variable, optimizer = keras.Variable([1.0]), AdamW(learning_rate=0.1, weight_decay=0.0)
    >>> optimizer.apply([keras.ops.convert_to_tensor([5.0])], [variable])
    >>> variable.numpy()  # the first step is as long as the rate, whatever the gradient
    array([0.9], dtype=float32)
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._shares = {}  # of the learning rate, for the variables that take less than all of it

    def build(self, variables):
        """Make the optimizer's own variables, for these of a model."""
        if self.built:
            return
        super().build(variables)
        start = keras.initializers.Constant(float(self.beta_1))
        self.beta_1 = self.add_variable(shape=(), initializer=start, name="beta_1")

    def apply(self, grads, trainable_variables=None):
        """Take one step: a gradient for each variable."""
        if _ON_TENSORFLOW:
            from ktlearn.support.fused_adam import added_up, summed

            grads = [added_up(gradient) for gradient in summed(grads)]
            if self.gradient_accumulation_steps:  # then Keras adds the rows of an embedding to whole matrices
                grads = [None if gradient is None else ops.convert_to_tensor(gradient) for gradient in grads]
        super().apply(grads, trainable_variables)

    def _all_reduce_sum_gradients(self, grads_and_vars):
        """Nothing here: :meth:`apply` has added up what the devices found, so that the whole gradient is clipped."""
        return grads_and_vars

    def update_step(self, gradient, variable, learning_rate):
        """One variable's step, its decay first.

        ``learning_rate`` is a number; where the step is fused, the ``StepNumbers`` that all variables share.
        """
        whole = learning_rate.lr if self._is_fused() else learning_rate
        share = self.share_of(variable)
        rate = whole if share == 1 else whole * share
        if is_decayed(variable, self):
            variable.assign(variable * (1 - self.weight_decay * rate))
        if not self._is_fused():
            super().update_step(gradient, variable, rate)
            return
        from ktlearn.support.fused_adam import fused_adam

        index = self._get_variable_index(variable)
        memory = self._momentums[index].value, self._velocities[index].value
        fused_adam(variable, *memory, gradient, learning_rate._replace(lr=rate))

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        if self._is_fused():
            from ktlearn.support.fused_adam import StepNumbers

            step = self.iterations + 1
            learning_rate = StepNumbers.of(step, learning_rate, self.beta_1, self.beta_2, self.epsilon)
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def _apply_weight_decay(self, variables):
        """Nothing here: :meth:`update_step` does it in one pass over the variable, at the variable's own rate."""

    def _is_fused(self):
        return _ON_TENSORFLOW and not self.amsgrad

    def _clip_gradients(self, grads):
        if not (_ON_TENSORFLOW and self.global_clipnorm):
            return super()._clip_gradients(grads)
        from ktlearn.support.fused_adam import clipped

        return clipped(grads, self.global_clipnorm)

    def set_shares(self, shares):
        """Let some variables learn more slowly: ``(variable, share of the learning rate)`` pairs; [] for none.

        A training step that is compiled already does not notice: ``support.keras_internals.forget_compiled``.
        """
        self._shares = {self._var_key(variable): share for variable, share in shares}

    def share_of(self, variable):
        """The share of the learning rate at which a variable learns; 1 unless :meth:`set_shares` said less."""
        return self._shares.get(self._var_key(variable), 1) if self._shares else 1

    def set_momentum(self, momentum):
        """Set ``beta_1``, the share of the old direction that each step keeps."""
        if self.built:
            self.beta_1.assign(on_all_devices(momentum))
        else:
            self.beta_1 = momentum

    def get_momentum(self):
        """``beta_1`` as it is now, a plain number."""
        return float(self.beta_1.numpy()) if self.built else self.beta_1

    def get_config(self):
        """What ``from_config`` makes the same optimizer from, without its memory."""
        return super().get_config() | {"beta_1": self.get_momentum()}


def adamw(learning_rate=5e-5, weight_decay=0.01, clip=1.0):
    """A fresh optimizer for one model: biases and normalisations are not decayed.

    Args:
        learning_rate: the rate, until a learner sets another.
        weight_decay: share of each matrix that is taken off at each step, times the rate.
        clip: the largest length of the whole gradient; None for no limit.

    Raises:
        ValueError: a number that is none, or too large or small.

    Source: Devlin et al. 2019 (BERT), appendix A.2, and its published code, which leaves these out of the decay.

    >>> optimizer = adamw(learning_rate=1e-3)
    >>> optimizer.weight_decay, optimizer.global_clipnorm
    (0.01, 1.0)
    """
    if not isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        learning_rate = check_rate(learning_rate, "learning_rate")
    check_number("weight_decay", weight_decay, 0, 1, 0.01, or_low=True)
    if clip is not None:
        check_number("clip", clip, 0, 1e6, 1.0)
    optimizer = AdamW(learning_rate, weight_decay=weight_decay, global_clipnorm=clip)
    optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    return optimizer


def innermost(optimizer):
    """The optimizer that moves the weights: Keras wraps it in a ``LossScaleOptimizer`` for half precision.

    Its rate, decay and momentum count; the same attributes of what is wrapped around it do nothing.

    >>> optimizer = adamw()
    >>> innermost(keras.optimizers.LossScaleOptimizer(optimizer)) is optimizer
    True
    """
    while hasattr(optimizer, "inner_optimizer"):
        optimizer = optimizer.inner_optimizer
    return optimizer


@contextlib.contextmanager
def own_momentum(optimizer):
    """What a run's policy does to the momentum inside the block ends with it: the next run begins as this one did.

    >>> optimizer = adamw()
    >>> with own_momentum(optimizer):
    ...     optimizer.set_momentum(0.85)
    >>> optimizer.get_momentum()
    0.9
    """
    inner = innermost(optimizer)
    before = inner.get_momentum() if hasattr(inner, "get_momentum") else None
    try:
        yield
    finally:
        if before is not None:
            inner.set_momentum(before)


def settings_of(optimizer):
    """What an optimizer is, but for its rate and its momentum, which a learner sets: a dictionary.

    >>> settings_of(adamw())["weight_decay"]
    0.01
    """
    inner = innermost(optimizer)
    changing = ("name", "learning_rate", "beta_1", "momentum")
    return {"class": type(inner).__name__} | {k: v for k, v in inner.get_config().items() if k not in changing}


def fit_optimizer(model):
    """Make a compiled model's optimizer ready for exactly the variables that are trainable now.

    Where it was built for others, before a layer was frozen, say, a fresh one of the same settings takes
    its place. Loss and metrics are not touched.
    """
    optimizer, wanted = model.optimizer, model.trainable_variables
    if optimizer.built and [id(v) for v in optimizer._trainable_variables] != [id(v) for v in wanted]:
        renew_optimizer(model)
    build_optimizer(model)


def renew_optimizer(model):
    """Give a compiled model a fresh optimizer of the same settings; returns it."""
    old = model.optimizer
    with devices_of(model):
        new = type(old).from_config(old.get_config())
    # What is excluded from the decay is no part of Keras' config.
    for name in (*DECAY_EXCLUSIONS, "_shares"):
        if hasattr(innermost(old), name):
            setattr(innermost(new), name, getattr(innermost(old), name))
    model.optimizer = new
    forget_compiled(model)
    return new


def check_steps(model, batches):
    """A compiled model that adds up the gradients of several batches will take a step in a training of so many.

    Raises:
        ValueError: it would not, and learn nothing.
    """
    needed = innermost(model.optimizer).gradient_accumulation_steps or 1
    if batches < needed:
        raise ValueError(
            f"This training has {batches} batches, and a step needs {needed} of them (accumulate_gradients): nothing "
            f"would be learned. Train for more epochs, or accumulate at most {batches}."
        )


def set_weight_decay(model, weight_decay):
    """Change the decay of a compiled model's matrices; biases and normalisations are never decayed."""
    optimizer = innermost(model.optimizer)
    if not any(getattr(optimizer, name, None) for name in DECAY_EXCLUSIONS):
        optimizer = innermost(renew_optimizer(model))  # Keras excludes nothing from the decay after the first step
        optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    optimizer.weight_decay = weight_decay
    forget_compiled(model)  # the number is part of the compiled step
