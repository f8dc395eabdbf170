"""The same learner on Keras' JAX backend, in a process of its own, since a process has one backend."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.processes import LIMIT
from tests.tiny import reviews

# A quick compiler: the arrays are small. And what it has compiled for one model, it need not for the next one like it.
ON_CPU = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
ON_CPU |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed"),
]

BEGIN = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.learner.model_state import read_state
from tiny import NAMES, reviews

t = text.Transformer(sys.argv[1], maxlen=64, class_names=NAMES)
short = t.preprocess_train(*reviews(16, longest=5), verbose=0)  # one padded length to compile

def same(one, other):
    return all(np.array_equal(a, b) for part in one for a, b in zip(one[part], other[part], strict=True))

def fresh(seed, trn=short, val=short):
    keras.utils.set_random_seed(seed)
    return ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)
"""

TRAINS = """
class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise KeyboardInterrupt

trn = t.preprocess_train(*reviews(120, longest=5), verbose=0)
val = t.preprocess_test(*reviews(20, seed=1, longest=5), verbose=0)
learner = fresh(0, trn, val)
momentum, seen = learner.model.optimizer.get_momentum, []
look = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(momentum()))
history = learner.fit_onecycle(3e-3, 4, callbacks=[look], verbose=0).history
history["backend"] = keras.backend.backend()
history["seen"], history["own"] = seen, momentum()
history["order"] = learner.predict().argmax(1).tolist()
learner.fit(1e-6, 1, callbacks=[Interrupt()], verbose=0)
history["after"] = learner.predict().argmax(1).tolist()

predictor = ktlearn.get_predictor(learner.model, t)

def ask(texts):
    return np.round(predictor.predict_proba(texts), 5).tolist()

asked = ["good film", "bad", ["good", "bad book"]] * 10
with ThreadPoolExecutor(8) as threads:
    history["threads"] = list(map(ask, asked)) == list(threads.map(ask, asked))

learner = fresh(0)
learner.fit(1e-3, 1, verbose=0)
before = read_state(learner.model)
found = learner.lr_find(start_lr=1e-6, max_epochs=10, stop_factor=1e6, verbose=0)
history["search"] = [len(learner.search.rates), found.minimum_over_10, same(before, read_state(learner.model))]

resumed, whole = fresh(2), fresh(1)
whole.autofit(1e-3, 2, early_stopping=2, verbose=0)
broken = fresh(1)
class Stop(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
broken.autofit(1e-3, 2, early_stopping=2, checkpoint_folder=sys.argv[2], callbacks=[Stop()], verbose=0)
resumed.autofit(1e-3, 2, early_stopping=2, checkpoint_folder=sys.argv[2], resume=True, verbose=0)
history["resumed"] = [
    resumed.history.history == whole.history.history, same(read_state(resumed.model), read_state(whole.model))
]

kernel = whole.model.encoder.layers[0].attention.query._kernel
base = kernel.numpy().copy()
whole.set_layer_decay(0.9)
whole.add_lora(rank=2)
whole.fit(1e-2, 1, verbose=0)
frozen, answers = np.array_equal(kernel.numpy(), base), whole.predict()
whole.merge_lora()
history["lora"] = [frozen, float(np.abs(kernel.numpy() - base).max()), float(np.abs(whole.predict() - answers).max())]
print("\\n" + json.dumps(history))
"""

FREEZES = """
learner = fresh(0)
learner.fit(1e-2, 1, verbose=0)
before = [variable.numpy().copy() for variable in learner.model.weights]
learner.freeze()
learner.fit(1e-2, 1, verbose=0)
moved = sum(not np.array_equal(v.numpy(), a) for v, a in zip(learner.model.weights, before, strict=True))
print("\\n" + json.dumps([len(learner.model.trainable_variables), moved, len(learner.top_losses(99))]))
"""


def told(program, checkpoint, folder):
    tests = Path(__file__).parents[1]
    folders = f"{tests.parent}{os.pathsep}{tests}"  # an installed package may be called "tests" too
    answer = subprocess.run(
        [sys.executable, "-c", BEGIN + program, checkpoint, str(folder / "run")],
        env=os.environ | ON_CPU | {"PYTHONPATH": folders, "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled")},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def test_the_learner_trains_on_jax_too(shallow, tmp_path):
    history = told(TRAINS, shallow, tmp_path)
    assert history["backend"] == "jax"
    assert len(history["lr"]) == len(history["momentum"]) == 60
    assert history["seen"] == pytest.approx(history["momentum"][14::15])  # after each epoch of 15 batches
    assert history["own"] == pytest.approx(0.9)  # and after the training its own again
    assert history["loss"][-1] < history["loss"][0]
    assert np.mean(np.array(history["order"]) == reviews(20, seed=1, longest=5)[1]) >= 0.9
    assert history["after"] == history["order"]  # three small steps later, interrupted
    assert history["threads"]  # JAX lends the weights to one: the others wait

    steps, rate, is_restored = history["search"]
    assert (steps, is_restored) == (20, True)
    assert 1e-6 < rate <= 1
    assert history["resumed"] == [True, True]
    base_is_frozen, merged, difference = history["lora"]
    assert base_is_frozen and merged > 1e-4 and difference < 1e-5


@pytest.mark.weekly  # LoRA freezes and compiles anew as well, above
def test_what_is_frozen_after_a_training_stays_on_jax_too(shallow, tmp_path):
    trained, moved, wrong = told(FREEZES, shallow, tmp_path)
    assert trained == moved == 4
    assert 0 <= wrong <= 16
