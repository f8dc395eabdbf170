"""The same trainings on one device of TensorFlow and on two, for test_distributed_strategy.py.

Called as `mirrored.py FOLDER MODEL`. The last line of the output is JSON: what each of the two found.
"""

import contextlib
import json
import sys
from pathlib import Path

import tensorflow as tf

folder, checkpoint = Path(sys.argv[1]), sys.argv[2]
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

import keras
from plain import CopyHalf, X, Y, dense
from tiny import NAMES, reviews

import ktlearn
from ktlearn import text
from ktlearn.support.keras_internals import all_layers

TWO = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def texts(count, seed=0, longest=5):
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    return t, t.preprocess_train(*reviews(count, seed, longest), verbose=0)


def learner(strategy, count, longest):
    keras.utils.set_random_seed(1)
    t, trn = texts(count, longest=longest)
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = t.get_classifier()
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0  # each device draws random numbers of its own
    return ktlearn.get_learner(model, trn, texts(13, 1, longest)[1], batch_size=8, eval_batch_size=5)


def verbs(strategy):
    """All with one learner: a step that is compiled for two devices takes seconds."""
    one = learner(strategy, count=25, longest=12)  # three batches of 8 and one of 1: the second device has nothing
    one.lr_find(start_lr=1e-5, max_epochs=5, verbose=0)
    yield "search", one.search.losses
    one.lr_plot(n_skip_beginning=0, n_skip_end=0)
    yield "onecycle", one.fit_onecycle(1e-2, 2, verbose=0).history
    yield "autofit", one.autofit(1e-3, 2, early_stopping=1, verbose=0).history
    yield "report", one.validate(print_report=False).tolist()
    yield "answers", one.predict().tolist()
    yield "one batch", one.predict(texts(3)[1]).tolist()
    predictor = ktlearn.get_predictor(one.model, texts(2)[0])
    predictor.save(folder / "predictor")
    for name, each in (("predictor", predictor), ("loaded", ktlearn.load_predictor(folder / "predictor"))):
        yield name, each.predict_proba(reviews(3)[0]).tolist()


def small(strategy, seed=1, batch_size=8):
    """A plain model with LoRA: quicker to compile."""
    keras.utils.set_random_seed(seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        model = dense(activation="softmax", metrics=["accuracy"])
    one = ktlearn.get_learner(model, (X[:16], Y[:16]), (X[:13], Y[:13]), batch_size)
    one.add_lora(rank=1, layers=model.layers[0].name)
    return one


def whole():
    one = small(None)
    copy = CopyHalf(folder / "whole", folder / "half")
    yield "whole", one.fit(0.1, 2, checkpoint_folder=folder / "whole", callbacks=[copy], verbose=0).history


def goes_on():
    one = small(TWO, seed=3)
    yield "resumed", one.fit(0.1, 2, checkpoint_folder=folder / "half", resume=True, verbose=0).history


def refused():
    try:
        small(TWO, batch_size=5).fit(1e-3, 1, verbose=0)
    except ValueError as error:
        yield "five", str(error)


alone = dict([*verbs(None), *whole()])
print("\n" + json.dumps([alone, dict([*verbs(TWO), *goes_on(), *refused()])]))
