"""A training on TensorFlow with one device or two, for test_distributed_strategy.py.

Called as `mirrored.py DEVICES FOLDER MODEL SCENE…`. The last line of the output is JSON.
"""

import contextlib
import json
import sys
from pathlib import Path

import tensorflow as tf

devices, folder, checkpoint = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)

import keras
from tiny import NAMES, reviews

import ktlearn
from ktlearn import text
from ktlearn.support.keras_internals import all_layers

strategy = tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(devices)]) if devices > 1 else None


def learner(seed=1, count=16, batch_size=8, longest=5):
    keras.utils.set_random_seed(seed)
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    trn = t.preprocess_train(*reviews(count, longest=longest), verbose=0)
    val = t.preprocess_test(*reviews(13, seed=1, longest=longest), verbose=0)
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = t.get_classifier()
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0  # each device draws random numbers of its own
    return ktlearn.get_learner(model, trn, val, batch_size=batch_size, eval_batch_size=5)


class Stop(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def verbs():
    one = learner(count=24, longest=12)
    one.lr_find(start_lr=1e-5, max_epochs=5, verbose=0)
    yield "search", one.search.losses
    one.lr_plot(n_skip_beginning=0, n_skip_end=0)
    yield "onecycle", one.fit_onecycle(1e-2, 2, verbose=0).history
    yield "autofit", one.autofit(1e-3, 2, early_stopping=1, verbose=0).history
    yield "report", one.validate(print_report=False).tolist()
    yield "answers", one.predict().tolist()


def uneven():
    one = learner(count=17)  # two batches of 8 and one of 1: the second device has nothing
    yield "uneven", one.fit(1e-2, 2, verbose=0).history
    yield "uneven answers", one.predict().tolist()


def lora():
    one = learner()
    one.add_lora(rank=2)
    yield "lora", one.fit(1e-2, 1, verbose=0).history


def whole():
    one = learner()
    one.fit(1e-3, 2, checkpoint_folder=folder / f"whole {devices}", verbose=0)
    yield "whole", one.history.history


def half():
    """Only with one device."""
    learner().fit(1e-3, 2, checkpoint_folder=folder / "half", callbacks=[Stop()], verbose=0)
    return ()


def goes_on():
    """Only with two devices."""
    one = learner(seed=3)
    one.fit(1e-3, 2, checkpoint_folder=folder / "half", resume=True, verbose=0)
    yield "resumed", one.history.history
    try:
        learner(batch_size=5).fit(1e-3, 1, verbose=0)
    except ValueError as error:
        yield "five", str(error)


found = [pair for scene in sys.argv[4:] for pair in globals()[scene]()]
print("\n" + json.dumps(dict(found)))
