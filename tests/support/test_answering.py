"""One batch is answered by the model alone: the same numbers as Keras' way for many, soon, and in every thread."""

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models
from ktlearn.models import EncoderModel
from ktlearn.text.dataset import TextDataset
from tests.tiny import VOCABULARY, tiny_config

LENGTHS = range(1, 201)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def model():
    config = tiny_config(max_position_embeddings=256, num_hidden_layers=1)
    return models.from_config(config, task="classification", num_labels=2, seed=0)


def texts(lengths):
    """Random token ids of these lengths, as a data set."""
    rng = np.random.default_rng(0)
    ids = [rng.integers(5, len(VOCABULARY), length) for length in lengths]
    return TextDataset(ids, None, None, None, None, pad_id=0, maxlen=256)


def test_a_text_alone_gets_the_numbers_that_it_gets_among_others(model):
    together = texts(LENGTHS[::14])
    found = together.outputs(model, batch_size=4)
    for place, expected in enumerate(found):
        alone = TextDataset([together.ids(place)], None, None, None, None, pad_id=0, maxlen=256)
        np.testing.assert_allclose(alone.outputs(model, batch_size=4), [expected], atol=1e-6)
    np.testing.assert_allclose(together.outputs(model, batch_size=64), found, atol=1e-6)


def test_200_lengths_need_two_graphs(model, monkeypatch):
    traced, call = [], EncoderModel.call
    monkeypatch.setattr(EncoderModel, "call", lambda *args, **kwargs: traced.append(1) or call(*args, **kwargs))
    for length in LENGTHS:
        texts([length]).outputs(model, batch_size=4)
    assert len(traced) == 2


def test_a_batch_does_not_pay_for_what_many_need(model, monkeypatch):
    monkeypatch.setattr(model, "predict", None)
    assert texts([3, 9]).outputs(model, batch_size=2).shape == (2, 2)
    with pytest.raises(TypeError):
        texts([3, 9, 4]).outputs(model, batch_size=2)


@pytest.mark.slow
def test_threads_that_ask_a_fresh_model_get_their_own_answers(model):
    asked = [texts([length]) for length in LENGTHS[::8]]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda data: data.outputs(model, batch_size=4), asked))
    again = [data.outputs(model, batch_size=4) for data in asked]
    np.testing.assert_allclose(found, again, atol=1e-6)
    assert len(np.unique(np.concatenate(found), axis=0)) == len(asked)  # of different texts


THREADS = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from ktlearn.backend import keras
from ktlearn.text.dataset import ArrayDataset

model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(512), keras.layers.Dense(2)])
numbers = np.random.default_rng(0).normal(size=(400, 64)).astype("float32")
data = [ArrayDataset(numbers[i : i + 1 + i % 2]) for i in range(200)]  # of one batch and of two
expected = [each.outputs(model, 1) for each in data]
with ThreadPoolExecutor(8) as threads:
    found = list(threads.map(lambda each: each.outputs(model, 1), data))
print(all(np.allclose(one, other, atol=1e-6) for one, other in zip(found, expected, strict=True)))
"""
DEVICES = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from ktlearn.backend import keras
import numpy as np
from ktlearn.support.answering import answer

with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
print(model.distribute_strategy.num_replicas_in_sync, answer(model, np.array([[1.0, 2.0], [3.0, 4.0]])).tolist())
"""


def run(program, backend):
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1:], done.stderr


@pytest.mark.slow
@pytest.mark.weekly  # a predictor's threads on JAX are asked at each change, in learner/test_on_jax.py
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_threads_take_turns_on_jax_which_lends_the_weights_to_one():
    printed, errors = run(THREADS, "jax")
    assert printed == ["True"], errors


@pytest.mark.slow
@pytest.mark.weekly  # as in learner/test_distributed_strategy.py, for a learner's answers
def test_a_model_on_two_devices_answers_each_text_once():
    printed, errors = run(DEVICES, "tensorflow")
    assert printed == ["2 [[3.0], [7.0]]"], errors
