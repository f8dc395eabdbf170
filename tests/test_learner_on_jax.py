"""The same learner on Keras' JAX backend, in a process of its own, since a process has one backend."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import reviews

pytest_plugins = ["tests.fixtures"]

ON_JAX = """
import json, sys
import ktlearn
from ktlearn import text
from ktlearn.backend import keras
keras.utils.set_random_seed(0)
from tiny import NAMES, reviews

class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            raise KeyboardInterrupt

t = text.Transformer(sys.argv[1], maxlen=64, class_names=NAMES)
trn = t.preprocess_train(*reviews(120), verbose=0)
val = t.preprocess_test(*reviews(20, seed=1), verbose=0)
learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)
history = learner.fit_onecycle(3e-3, 4, verbose=0).history
history["backend"] = keras.backend.backend()
history["beta_1"] = float(learner.model.optimizer.beta_1.numpy())
history["order"] = learner.predict().argmax(1).tolist()
learner.fit(1e-6, 1, callbacks=[Interrupt()], verbose=0)
history["after"] = learner.predict().argmax(1).tolist()
print("\\n" + json.dumps(history))
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_the_learner_trains_on_jax_too(checkpoint):
    tests = Path(__file__).parent
    folders = f"{tests.parent}{os.pathsep}{tests}"  # an installed package may be called "tests" too
    answer = subprocess.run(
        [sys.executable, "-c", ON_JAX, checkpoint],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": folders},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    history = json.loads(answer.stdout.splitlines()[-1])
    assert history["backend"] == "jax"
    assert len(history["lr"]) == len(history["momentum"]) == 60
    assert history["beta_1"] == pytest.approx(history["momentum"][-1])
    assert history["loss"][-1] < history["loss"][0]
    assert np.mean(np.array(history["order"]) == reviews(20, seed=1)[1]) >= 0.9
    assert history["after"] == history["order"]  # three small steps later, interrupted
