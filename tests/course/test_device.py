"""What a notebook computes on, in a sentence."""

import sys
import types

import pytest

import ktlearn
from ktlearn.backend import keras


@pytest.fixture
def devices(monkeypatch):
    """Pretend that Keras finds these."""
    return lambda *names: monkeypatch.setattr(keras.distribution, "list_devices", lambda: list(names))


def test_here_the_cpu_is_enough_and_nothing_is_to_be_done(devices):
    devices("cpu:0")
    assert ktlearn.device() == "This notebook computes on the CPU, for which it was made."


def test_on_colab_the_way_to_a_gpu_is_said(devices, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    devices("cpu:0")
    assert "on the CPU" in ktlearn.device() and "Runtime, Change runtime type" in ktlearn.device()
    devices("gpu:0")
    assert "Runtime" not in ktlearn.device()


@pytest.mark.parametrize(("found", "kind"), [(["gpu:0", "gpu:1"], "GPU"), (["tpu:0"], "TPU")])
def test_what_is_faster_is_named(devices, found, kind):
    devices(*found)
    assert ktlearn.device().startswith(f"This notebook computes on a {kind}: faster")


def test_keras_is_really_asked():
    assert "the CPU" in ktlearn.device() or "a GPU" in ktlearn.device()
