"""Adam on TensorFlow with few passes over the numbers.

Keras writes a step as a dozen operations, each a pass over the whole variable: for the 12 million
numbers of a word embedding that is as long as a layer's arithmetic, and every operation of every
variable is traced in the first step. Other backends fuse such operations by themselves.
"""

from typing import NamedTuple

import tensorflow as tf


class StepNumbers(NamedTuple):
    """What a step needs beside gradients, as scalars of the graph: the same for every variable, so made once."""

    lr: tf.Tensor
    beta1: tf.Tensor
    beta2: tf.Tensor
    beta1_power: tf.Tensor
    beta2_power: tf.Tensor
    epsilon: tf.Tensor

    @classmethod
    def of(cls, step, learning_rate, beta_1, beta_2, epsilon):
        """From numbers or variables; ``step`` is 1 for the first step."""
        step, lr, beta1, beta2, epsilon = (
            tf.cast(number, "float32") for number in (step, learning_rate, beta_1, beta_2, epsilon)
        )
        return cls(lr, beta1, beta2, beta1**step, beta2**step, epsilon)


def fused_adam(variable, momentum, velocity, gradient, numbers):
    """Change ``variable``, ``momentum`` and ``velocity`` (TensorFlow variables of one shape) in place.

    Args:
        gradient: a tensor of the same shape, or rows of it (``tf.IndexedSlices``), as an embedding gives.
        numbers: the :class:`StepNumbers` of this step.

    Source: Kingma and Ba 2015, "Adam", algorithm 1, with the order of computation of its section 2.
    """
    gradient = tf.convert_to_tensor(gradient)
    numbers = {name: tf.cast(number, gradient.dtype) for name, number in numbers._asdict().items()}
    tf.raw_ops.ResourceApplyAdam(var=variable.handle, m=momentum.handle, v=velocity.handle, grad=gradient, **numbers)


def summed(gradients):
    """Each gradient, added up over the devices of a strategy; None stays None.

    Keras adds them up later: each device would clip its part of the gradient alone, and the steps would be others
    than those of one device.
    """
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return gradients
    gradients = list(gradients)
    sums = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, [one for one in gradients if one is not None]))
    return [None if one is None else next(sums) for one in gradients]


def added_up(gradient):
    """The rows of an embedding's gradient, those of the same word added up; any other gradient as it is."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    words, place = tf.unique(gradient.indices)
    rows = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(words))
    return tf.IndexedSlices(rows, words, gradient.dense_shape)


def clipped(gradients, length):
    """All gradients made shorter by one factor, where they are longer than ``length`` together.

    Each is read once, and an embedding's only where it has rows. An infinite one makes all of them NaN.

    Source: Pascanu et al. 2013. The numbers are those of ``tf.clip_by_global_norm``, with a third of its operations.
    """
    raw = tf.raw_ops
    values = [one.values if isinstance(one, tf.IndexedSlices) else one for one in gradients]
    halves = [raw.L2Loss(t=one) for one in values if one is not None]
    norm = tf.sqrt(tf.reduce_sum(tf.stack(halves)) * 2.0)
    # NaN where the norm is infinite or NaN; else 0.
    factor = length * tf.minimum(1.0 / norm, 1.0 / length) + (norm - norm)
    shorter = [None if one is None else raw.Mul(x=one, y=factor) for one in values]
    return [
        tf.IndexedSlices(new, one.indices, one.dense_shape) if isinstance(one, tf.IndexedSlices) else new
        for one, new in zip(gradients, shorter, strict=True)
    ]
