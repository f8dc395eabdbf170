"""One process of a training on JAX, for test_distributed.py: `worker.py SCENE PROCESS PROCESSES ADDRESS FOLDER MODEL`.

The lines between the two rules are the set-up that docs/scale shows; all the rest is the reader's own program, the same
for one process and for many. The last line of the output is JSON.
"""

import contextlib
import functools
import inspect
import json
import os
import signal
import sys
from pathlib import Path

scene, process, processes, address, folder, checkpoint = sys.argv[1:]
process, processes, folder = int(process), int(processes), Path(folder)

# ----------------------------------------------------------------------------------------------------------------------
import jax

limits = {"heartbeat_timeout_seconds": 30}
if "shutdown_timeout_seconds" in inspect.signature(jax.distributed.initialize).parameters:  # since JAX 0.8.1
    limits["shutdown_timeout_seconds"] = 10
if processes > 1:
    jax.distributed.initialize(address, processes, process, **limits)

import keras

if jax.device_count() > 1:
    keras.distribution.set_distribution(keras.distribution.DataParallel())
# ----------------------------------------------------------------------------------------------------------------------
import numpy as np
from tiny import NAMES, reviews

import ktlearn
from ktlearn import text
from ktlearn.learner import checkpoints
from ktlearn.models.layout import layout_map
from ktlearn.predictor import load_predictor
from ktlearn.predictor.predictor import checkpoint as checkpoint_of_a_predictor

rows = {}


class NotOnce(keras.metrics.Metric):
    """How many of the examples, which are numbered by their labels, were not seen exactly once in an epoch.

    And ``rows``: how many of a batch's rows each device computes.
    """

    def __init__(self, count, name="not_once"):
        super().__init__(name=name)
        self.times = self.add_weight(shape=(count,), initializer="zeros", name="times")

    def update_state(self, y_true, y_pred, sample_weight=None):
        jax.debug.inspect_array_sharding(y_pred, callback=functools.partial(note_rows, y_pred.shape))
        numbers = keras.ops.cast(keras.ops.round(keras.ops.reshape(y_true, (-1,))), "int32")
        self.times.assign(self.times + keras.ops.sum(keras.ops.one_hot(numbers, self.times.shape[0]), axis=0))

    def result(self):
        return keras.ops.sum(keras.ops.cast(self.times != 1, "float32"))


def note_rows(shape, sharding):
    with contextlib.suppress(ValueError):  # rows that do not divide: the last device has fewer
        parts = [part[0].indices(shape[0]) for part in sharding.devices_indices_map(shape).values()]
        rows.setdefault(shape[0], [len(range(*part)) for part in parts])


def learner(count=16, longest=5, val=8, seed=1):
    """Texts of one padded length, in batches that divide: one shape to compile."""
    keras.utils.set_random_seed(seed)
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    trn = t.preprocess_train(*reviews(count, longest=longest), verbose=0)
    val = t.preprocess_test(*reviews(val, seed=1, longest=longest), verbose=0)
    return ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8, eval_batch_size=8)


def run(learner, name, **how):
    """Three epochs with a checkpoint: the run that is interrupted, killed and resumed."""
    learner.fit(1e-3, 3, checkpoint_folder=folder / name, verbose=0, **how)
    return learner.history.history


class At(keras.callbacks.Callback):
    def __init__(self, epoch, act):
        super().__init__()
        self.epoch, self.act = epoch, act

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.act()


def interrupt():
    raise KeyboardInterrupt


def verbs():
    """On numbered texts of two padded lengths, in batches of which the last does not divide: 19 = 8 + 8 + 3."""
    keras.utils.set_random_seed(1)
    t = text.Transformer(checkpoint, maxlen=64, is_regression=True)
    trn = t.preprocess_train(reviews(19, longest=12)[0], np.arange(19.0), verbose=0)
    val = t.preprocess_test(reviews(19, seed=1, longest=12)[0], np.arange(19.0), verbose=0)
    model = t.get_regression_model(metrics=["mae", NotOnce(19)])
    one = ktlearn.get_learner(model, trn, val, batch_size=8, eval_batch_size=8)
    one.lr_find(start_lr=1e-5, max_epochs=5, verbose=0)
    told = {"search": one.search.losses}
    one.lr_plot(n_skip_beginning=0, n_skip_end=0)
    told["onecycle"] = one.fit_onecycle(1e-3, 2).history
    told["autofit"] = one.autofit(1e-3, 2, early_stopping=1, verbose=0).history
    told["figures"] = one.validate(save_path=folder / "report.csv").figures
    told["answers"] = one.predict().tolist()
    one.save_model(folder / "model")
    one.load_model(folder / "model")
    told["worst"] = [row.id for row in one.top_losses(3)]
    return told | {"rows": rows}


def one_process_alone():
    told = verbs()
    one = learner()
    told["whole"] = run(one, "whole")
    told["report"] = one.validate(print_report=False).tolist()
    run(learner(), "half", callbacks=[At(1, interrupt)])  # for two processes to go on
    return told


def two_together():
    told = verbs()
    told["written"], atomic_file = [], checkpoints.atomic_file
    checkpoints.atomic_file = lambda path: told["written"].append(path.name) or atomic_file(path)
    one = learner(seed=5)
    told["resumed"] = run(one, "half", resume=True)
    told["report"] = one.validate(print_report=False).tolist()
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    t.preprocess_train(*reviews(2), verbose=0)
    predictor = ktlearn.get_predictor(one.model, t)
    told["saved"], write = 0, checkpoint_of_a_predictor.write

    def counted(*args):
        told["saved"] += 1
        write(*args)

    checkpoint_of_a_predictor.write = counted
    predictor.save(folder / "predictor")
    texts = reviews(3)[0]
    told["loaded"] = [each.predict_proba(texts).tolist() for each in (predictor, load_predictor(folder / "predictor"))]
    told["file"] = error_of(lambda: predictor.predict_file(folder / "a.csv", folder / "b.csv", "text"))
    told["other data"] = error_of(lambda: learner(count=16 + process).fit(1e-3, 1, verbose=0))
    mesh = keras.distribution.DeviceMesh((2, 2), ("batch", "model"))
    keras.distribution.set_distribution(keras.distribution.ModelParallel(layout_map=layout_map(mesh)))
    told["split"] = error_of(lambda: ktlearn.get_learner(one.model, one.train_data))
    return told


def error_of(act):
    try:
        act()
    except ValueError as error:
        return str(error)


def killed(victim):
    """One process is killed at the beginning of the third epoch."""
    kill = At(2, lambda: os.kill(os.getpid(), signal.SIGKILL))
    run(learner(), f"{victim} killed", callbacks=[kill] if process == victim else [])


def first_killed():
    killed(0)


def second_killed():
    killed(1)


def resumed():
    resumed = run(learner(seed=6), "1 killed", resume=True)
    return {"resumed": resumed, "whole": run(learner(), "never killed")}


def model_parallel():
    """The same model whole, and split over two devices."""
    keras.distribution.set_distribution(None)
    whole = run(learner(), "unsplit")
    mesh = keras.distribution.DeviceMesh((1, 2), ("batch", "model"))
    keras.distribution.set_distribution(keras.distribution.ModelParallel(layout_map=layout_map(mesh)))
    one = learner()
    split = run(one, "split")
    values = [variable.value for variable in (*one.model.trainable_variables, *one.model.optimizer.variables)]
    held = sum(value.addressable_shards[0].data.nbytes for value in values)
    unsplit = [variable.path for variable in one.model.trainable_variables if variable.value.is_fully_replicated]
    one.save_model(folder / "split model")
    answers = one.predict().tolist()
    keras.distribution.set_distribution(None)
    again = learner()
    again.load_model(folder / "split model")
    return {
        "whole": whole,
        "split": split,
        "share": held / sum(value.nbytes for value in values),
        "unsplit": unsplit,
        "answers": [answers, again.predict().tolist()],
    }


print("\n" + json.dumps(globals()[scene]()), flush=True)
