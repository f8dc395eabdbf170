"""What must hold for each family alike: its blocks, from the input to the output, and its training with LoRA."""

import functools
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.learner import lora
from ktlearn.learner.layer_groups import blocks
from ktlearn.models.layout import layout_map

GOLDEN = Path(__file__).parents[1] / "golden"
CHECKPOINTS = [
    (f"{family.name}-{task}" if task else family.name, task)
    for family in models.FAMILIES.values()
    for task in family.architectures
    if task in ("causal-lm", "seq2seq", "question-answering")  # one of each family
]
# Two families of one code: the adapters of these are asked about every week.
ALIKE = ("roberta", "xlm-roberta", "mistral", "qwen2", "marian")
of_each = pytest.mark.parametrize(("name", "task"), CHECKPOINTS)


@functools.cache
def golden(name, task):
    """A model that tests only look at."""
    return models.from_pretrained(GOLDEN / name, task=task, verbose=0)


def inputs_of(model):
    ids = np.array([[3, 14, 15, 9]], "int32")
    return {name: ids for name in ("input_ids", "decoder_input_ids") if name in model.accepted}


def logits(model):
    return np.array(model(inputs_of(model)).logits)


@of_each
def test_the_blocks_from_input_to_output_hold_every_weight_once(name, task):
    model = golden(name, task)
    held = [id(variable) for block in blocks(model) for variable in block.variables]
    trained = [id(variable) for variable in model.trainable_variables]
    assert sorted(set(held) & set(trained)) == sorted(trained)
    assert len(held) == len(set(held))


@of_each
def test_the_layout_for_several_devices_splits_every_matrix_of_every_layer(name, task):
    model = golden(name, task)
    mesh = keras.distribution.DeviceMesh((1, 2), ("batch", "model"), devices=["cpu:0", "cpu:1"])
    layouts = layout_map(mesh)
    matrices = [variable for variable in model.variables if len(variable.shape) == 2 and variable.shape[0] > 1]
    whole = [variable for variable in matrices if layouts[variable.path] is None]
    assert not [variable.path for variable in whole if "/layer_" in variable.path]
    assert not [variable.path for variable in whole if model.config.vocab_size in variable.shape]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "task"),
    [
        pytest.param(name, task, marks=[pytest.mark.weekly] if name.removesuffix(f"-{task}") in ALIKE else [])
        for name, task in CHECKPOINTS
    ],
)
def test_lora_changes_nothing_at_first_and_is_merged_without_a_trace(name, task):
    model = models.from_pretrained(GOLDEN / name, task=task, verbose=0)
    before, shapes = logits(model), [tuple(weight.shape) for weight in model.weights]
    trainable = lora.add(model, 2, 4, lora.ATTENTION)
    np.testing.assert_allclose(logits(model), before, atol=1e-5)
    changed = [layer for layer in lora.adapted(model) if layer.name in lora.ATTENTION]
    assert changed == lora.adapted(model) and "output_layer" not in [layer.name for layer in changed]
    for layer in changed:
        layer.lora_kernel_b.assign(keras.ops.ones_like(layer.lora_kernel_b) * 0.01)
    moved = logits(model)
    lora.merge(model, trainable)
    np.testing.assert_allclose(logits(model), moved, atol=1e-4)
    assert np.abs(moved - before).max() > 1e-4
    assert [tuple(weight.shape) for weight in model.weights] == shapes
