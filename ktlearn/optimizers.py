"""AdamW whose momentum can change during training."""

from ktlearn.backend import keras

_ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
UNDECAYED = ["bias", "gamma", "beta"]  # names of the vectors: biases and normalisations


@keras.saving.register_keras_serializable(package="ktlearn")
class AdamW(keras.optimizers.AdamW):
    """Keras' AdamW with ``beta_1`` as a variable, as the one-cycle policy needs it, and a quicker step.

    In Keras ``beta_1`` is a number, frozen into the compiled step at the first batch. And Keras squares
    the gradient of a word that occurs twice in a batch before it adds the two up; here it is added first.

    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization".
    """

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        start = keras.initializers.Constant(float(self.beta_1))
        self.beta_1 = self.add_variable(shape=(), initializer=start, name="beta_1")

    def apply(self, grads, trainable_variables=None):
        super().apply([_whole(gradient) for gradient in grads], trainable_variables)

    def update_step(self, gradient, variable, learning_rate):
        if not _ON_TENSORFLOW or self.amsgrad:
            return super().update_step(gradient, variable, learning_rate)
        from ktlearn.fused_adam import fused_adam

        index = self._get_variable_index(variable)
        slots = self._momentums[index].value, self._velocities[index].value
        step = self.iterations + 1
        fused_adam(variable, *slots, gradient, step, learning_rate, self.beta_1, self.beta_2, self.epsilon)

    def set_momentum(self, momentum):
        """Set ``beta_1``, the share of the old direction that each step keeps."""
        if self.built:
            self.beta_1.assign(momentum)
        else:
            self.beta_1 = momentum

    def get_config(self):
        beta_1 = float(self.beta_1.numpy()) if self.built else self.beta_1
        return super().get_config() | {"beta_1": beta_1}


def _whole(gradient):
    if not _ON_TENSORFLOW:
        return gradient
    from ktlearn.fused_adam import whole

    return whole(gradient)


def adamw(learning_rate=5e-5, weight_decay=0.01, clip=1.0):
    """A fresh optimizer for one model: biases and normalisations are not decayed.

    Args:
        learning_rate: the rate, until a learner sets another.
        weight_decay: share of each matrix that is taken off at each step, times the rate.
        clip: the largest length of the whole gradient.
    """
    optimizer = AdamW(learning_rate, weight_decay=weight_decay, global_clipnorm=clip)
    optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    return optimizer
