"""A model on several devices or in several processes: Keras' own engines, and what a learner has to add to them.

On JAX, ``keras.distribution`` lays the weights out, and every process runs the same program on the same data. Here each
of them hands Keras the **whole** batch, and the first thing that a compiled step does is to take it apart: each device
computes its share of the rows. So no batch need be a multiple of the devices, every example counts exactly once, and
loss, metrics and dropout are those of one device. (Token ids are small; the work on them is not.)

On TensorFlow a strategy (``tf.distribute.MirroredStrategy``) does the taking apart itself.
"""

import contextlib
import copy
import functools

import numpy as np

from ktlearn.backend import keras
from ktlearn.support.keras_internals import STEPS, forget_compiled

# How JAX begins an error that comes from the network; in a compiled function it is a ValueError.
LOST = ("ABORTED:", "CANCELLED:", "DEADLINE_EXCEEDED:", "FAILED_PRECONDITION:", "INTERNAL:", "UNAVAILABLE:", "UNKNOWN:")
_ON_JAX = keras.backend.backend() == "jax"


class ProcessLost(RuntimeError):
    """Another process of the run was killed, or has stopped."""


def process_count():
    """How many processes run this program together; 1 unless `jax.distributed` was initialized."""
    return _jax().process_count() if _ON_JAX else 1


def is_first():
    """Is this the process that prints and writes? The only one is."""
    return not _ON_JAX or _jax().process_index() == 0


def replica_count(model):
    """Over how many devices a strategy of TensorFlow's splits this model's batches; 1 without one."""
    strategy = getattr(model, "distribute_strategy", None)
    return strategy.num_replicas_in_sync if strategy else 1


def check_distribution():
    """The distribution that is set must be one whose weights each process has whole.

    Raises:
        ValueError: it splits the weights of a model, and there are several processes.
    """
    distribution = keras.distribution.distribution() if process_count() > 1 else None
    if isinstance(distribution, keras.distribution.ModelParallel):
        raise ValueError(
            f"keras.distribution: with ModelParallel all devices must belong to one process, which has the whole model "
            f"to save; there are {process_count()} processes. Start one with all devices, or set DataParallel()."
        )


def devices_of(model):
    """The scope in which a model was made for several devices by a strategy of TensorFlow's; else nothing.

    Variables that are added to a model later must be made there too.
    """
    strategy = getattr(model, "distribute_strategy", None)
    return strategy.scope() if strategy else contextlib.nullcontext()


def build_optimizer(model):
    """Make the variables of a compiled model's optimizer, where it has none yet, before its first step.

    Inside that step Keras would make TensorFlow trace it twice.
    """
    if not model.optimizer.built:
        with devices_of(model):
            model.optimizer.build(model.trainable_variables)


@contextlib.contextmanager
def spread(model):
    """Whatever Keras computes on whole batches inside the block, the devices of the distribution share.

    Without ``keras.distribution.set_distribution``, or a strategy, nothing happens. A block may stand inside another.

    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    >>> with spread(model):
    ...     float(model.predict_on_batch(np.ones((1, 1)))[0, 0])
    1.0
    """
    if replica_count(model) > 1:
        model._maybe_symbolic_build = functools.partial(_build_from_one_part, model)
    distribution = keras.distribution.distribution() if _ON_JAX else None
    if distribution is None:
        yield
        return
    _share_steps(model)
    with (distribution if hasattr(distribution, "share_layout") else _of_whole_batches(distribution)).scope():
        yield


def from_first(number):
    """The first process's whole number, in every process.

    >>> from_first(7)
    7
    """
    return number if process_count() == 1 else int(_gathered(number)[0])


def on_all_devices(number):
    """A number that every process has, as all devices hold it, to be assigned to a variable.

    JAX would ask the others first whether they have the same one, and wait for their answers: at each batch too long.

    >>> on_all_devices(0.5)
    0.5
    """
    distribution = keras.distribution.distribution() if process_count() > 1 else None
    if distribution is None:
        return number
    layout = _on_every_device(distribution.device_mesh, ()).backend_layout
    return _jax().make_array_from_process_local_data(layout, np.asarray(number, "float32"))


def check_same(what, number, advice):
    """Every process must have the same whole number.

    Raises:
        ValueError: one has another, in all processes.
    """
    if process_count() == 1:
        return
    numbers = _gathered(number)
    if len(set(numbers)) > 1:
        raise ValueError(f"{what} is not the same in all {len(numbers)} processes. {advice}")


def write_once(write):
    """Call a function that writes in the first process only; the others go on when it is done.

    Raises:
        Exception: what the function raises.
        OSError: in the other processes, when it raised something in the first one.
    """
    error = None
    if is_first():
        try:
            write()
        except Exception as raised:  # the others wait, so they are told before it is raised here
            error = raised
    failed = from_first(int(error is not None))
    if error is not None:
        raise error
    if failed:
        raise OSError("the first process could not write: its own message says why")


@contextlib.contextmanager
def stops_with_the_others(advice):
    """Inside the block a process that loses another one says so, and what to do.

    Raises:
        ProcessLost: another process was killed, or has stopped.
    """
    try:
        yield
    except Exception as error:
        if not is_loss_of_a_process(error):
            raise
        raise ProcessLost(
            f"Another of the {process_count()} processes has stopped, so this one (number {_jax().process_index()}) "
            f"stops too. Its own message says why it did. {advice} JAX says: {str(error).splitlines()[0]}"
        ) from error


def is_loss_of_a_process(error):
    """Is it what JAX raises in a process that waits for another one's numbers, when that one is gone?

    >>> is_loss_of_a_process(OSError("disk full"))
    False
    """
    if process_count() == 1 or not isinstance(error, (ValueError, _jax().errors.JaxRuntimeError)):
        return False
    return str(error).startswith(LOST)


def _of_whole_batches(distribution):
    """The same distribution, whose data come as whole batches, the same in every process."""
    whole = copy.copy(distribution)
    whole.auto_shard_dataset = False
    whole.get_data_layout = functools.partial(_on_every_device, distribution.device_mesh)
    whole.share_layout = distribution.get_data_layout
    return whole


def _on_every_device(mesh, shape):
    return keras.distribution.TensorLayout([None] * len(shape), mesh)


def _build_from_one_part(model, iterator=None, data_batch=None):
    """In place of Keras' own, which takes the mean of the parts of the first batch and fails where they are unequal.

    And which takes that batch also where all is built: a stream that draws its order anew would be one epoch ahead.
    """
    strategy = model.distribute_strategy

    def first_parts():
        for begin, end, batches in iterator:
            parts = next(batches)
            yield (
                begin,
                end,
                iter([keras.tree.map_structure(lambda v: strategy.experimental_local_results(v)[0], parts)]),
            )

    with strategy.scope():
        model._symbolic_build(iterator=None if iterator is None else first_parts(), data_batch=data_batch)


def _share_steps(model):
    """Let the model's steps begin with taking their batch apart; a compiled step is compiled again, once."""
    if getattr(model.train_step, "is_shared", False):
        return
    for name in STEPS:
        setattr(model, f"{name}_step", _shared(getattr(model, f"{name}_step"), gathers=name == "predict"))
    forget_compiled(model, answers=True)


def _shared(step, gathers):
    @functools.wraps(step)
    def shared(state, data):
        distribution = keras.distribution.distribution()
        layout = getattr(distribution, "share_layout", None)
        if layout is None:  # the reader's own model.fit, say
            return step(state, data)
        answer, *rest = step(state, _laid_out(data, layout))
        if gathers:  # each process gets all answers, in order
            answer = _laid_out(answer, distribution.get_data_layout)
        return answer, *rest

    shared.is_shared = True
    return shared


def _laid_out(tensors, layout):
    def lay(tensor):
        return None if tensor is None else keras.distribution.distribute_tensor(tensor, layout(tensor.shape))

    return keras.tree.map_structure(lay, tensors)


def _gathered(number):
    """The number of each process, in their order."""
    from jax.experimental import multihost_utils

    return np.asarray(multihost_utils.process_allgather(np.array(number, "int32"))).reshape(-1).tolist()


def _jax():
    import jax

    return jax
