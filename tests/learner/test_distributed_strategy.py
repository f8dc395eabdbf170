"""The learner under ``tf.distribute.MirroredStrategy``: two logical CPU devices against one, in one program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.learner.test_distributed import assert_same
from tests.processes import LIMIT

TESTS = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory, shallow):
    """What one device told, and two."""
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
    done = subprocess.run(
        [sys.executable, TESTS / "learner" / "mirrored.py", tmp_path_factory.mktemp("runs"), shallow],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def alone(found):
    return found[0]


@pytest.fixture(scope="module")
def mirrored(found):
    return found[1]


@pytest.mark.parametrize("verb", ["onecycle", "autofit"])
def test_two_devices_train_as_one_does_and_each_example_counts_alike(verb, alone, mirrored):
    """Also in the last batch of an epoch, a single example."""
    one, two = dict(alone[verb]), dict(mirrored[verb])
    # Of the epoch's mean, which is only shown, Keras counts the parts of that batch by their weights.
    np.testing.assert_allclose(two.pop("loss"), one.pop("loss"), rtol=0.1)
    assert_same(two, one)


def test_the_search_for_a_rate_is_the_same(alone, mirrored):
    # At the high rates of its end a difference in the last digit grows without bound.
    np.testing.assert_allclose(mirrored["search"][:8], alone["search"][:8], rtol=1e-4)


def test_validation_and_predictions_are_the_same_and_in_order(alone, mirrored):
    np.testing.assert_allclose(mirrored["answers"], alone["answers"], atol=1e-5)
    np.testing.assert_allclose(mirrored["one batch"], alone["one batch"], atol=1e-5)  # each device answers the whole
    assert mirrored["report"] == alone["report"]


def test_its_predictor_answers_and_is_saved_as_that_of_one_device(alone, mirrored):
    for name in ("predictor", "loaded"):
        np.testing.assert_allclose(mirrored[name], alone["predictor"], atol=1e-5)


def test_a_run_of_one_device_goes_on_with_two_lora_and_all(alone, mirrored):
    assert_same(mirrored["resumed"], alone["whole"])


def test_a_batch_that_the_devices_cannot_share_is_refused(mirrored):
    assert "batch_size: 5 examples" in mirrored["five"]
    assert "multiple of 2, such as 6" in mirrored["five"]
