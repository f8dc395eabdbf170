"""Keras has every private name that ktlearn uses, and all of them stand in one list."""

import ast
import gc
from pathlib import Path

import pytest

import ktlearn
from ktlearn.backend import keras
from ktlearn.support.keras_internals import examples, rate_schedule, remove_variables, rises

LISTED = [(what, name) for what, (_, names) in examples().items() for name in names]


@pytest.mark.parametrize("what, name", LISTED)
def test_this_keras_has_it(what, name):
    thing, _ = examples()[what]
    assert hasattr(thing, name), f"{what} of Keras {keras.__version__} has no {name!r} any more: ktlearn uses it."


PYTHONS = {"_asdict", "_replace", "_getframe"}  # of named tuples; of sys


def test_no_other_private_name_is_used():
    """A private name that is used in ktlearn and defined nowhere in it is another library's."""
    used, defined = set(), set()
    for path in Path(ktlearn.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                defined.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
            elif isinstance(node, ast.Attribute):
                (defined if isinstance(node.ctx, ast.Store) else used).add(node.attr)
    private = {name for name in used - defined if name.startswith("_") and not name.startswith("__")}
    assert private - PYTHONS <= {name for _, name in LISTED}


def test_a_schedule_in_an_optimizer_is_found():
    decay = keras.optimizers.schedules.CosineDecay(0.1, 10)
    assert rate_schedule(keras.optimizers.SGD(decay)) is decay
    assert rate_schedule(keras.optimizers.SGD(0.1)) is None


def test_keras_says_which_metrics_rise():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    metrics = [keras.metrics.CosineSimilarity(name="near"), keras.metrics.MeanAbsoluteError(name="accuracy_lost")]
    model.compile("adam", "mse", metrics=metrics)
    x = keras.ops.ones((2, 2))
    model.fit(x, x, verbose=0)
    assert rises(model, "near") is True
    assert rises(model, "accuracy_lost") is False
    assert rises(model, "loss") is None
    assert rises(model, "nothing") is None


def test_variables_are_taken_off_without_collecting_garbage(monkeypatch):
    """Keras' own `del layer.variable` collects each time, and of a model many are taken off: it took 14 seconds."""
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    before = [weight.path for weight in layer.weights]
    layer.enable_lora(1)
    monkeypatch.setattr(gc, "collect", lambda *args: pytest.fail("garbage was collected"))
    remove_variables(layer, ("lora_kernel_a", "lora_kernel_b"))
    assert sorted(weight.path for weight in layer.weights) == sorted(before)
    assert not hasattr(layer, "lora_kernel_a") and not hasattr(layer, "lora_kernel_b")
