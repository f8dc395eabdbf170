"""GPT-2 in our layers computes what PyTorch transformers computes, and learns to write."""

import functools
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.seq2seq import TokenCrossentropy

GOLDEN = Path(__file__).parents[1] / "golden"
TASKS = {None: "gpt2", "causal-lm": "gpt2-causal-lm"}


@functools.cache
def golden(task):
    """A model, its inputs, and what PyTorch answers to them. Tests only look at them."""
    expected = dict(np.load(GOLDEN / TASKS[task] / "expected.npz"))
    model = models.from_pretrained(GOLDEN / TASKS[task], task=task)
    return model, {name: expected.pop(name) for name in ("input_ids", "attention_mask")}, expected


@pytest.mark.parametrize("task", TASKS)
def test_equals_pytorch(task):
    model, inputs, expected = golden(task)
    output = model(inputs, return_attention=True)
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)
    assert len(output.attentions) == len(expected["attentions"]) == 3
    for ours, theirs in zip(output.attentions, expected["attentions"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    if task:
        np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)
    else:
        assert output.logits is None
    assert model.loading.fresh == model.loading.unused == []


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", TASKS.values())
def test_files_with_and_without_the_head_load_for_both_tasks(task, name):
    # OpenAI's own file has no prefix; those that transformers saves with a head say "transformer.h.0.…".
    model = models.from_pretrained(GOLDEN / name, task=task, verbose=0)
    assert model.loading == ([], [])


def test_the_buffers_and_the_copy_of_old_files_are_no_news(tmp_path):
    folder = shutil.copytree(GOLDEN / "gpt2", tmp_path / "old")
    tensors = load_file(folder / "model.safetensors")
    masks = {f"h.{i}.attn.bias": np.tri(24, dtype="float32")[None, None] for i in range(3)}
    save_file(tensors | masks | {"lm_head.weight": tensors["wte.weight"].copy()}, folder / "model.safetensors")
    assert models.from_pretrained(folder, task="causal-lm").loading == ([], [])


def test_an_untied_output_is_refused(tmp_path):
    folder = shutil.copytree(GOLDEN / "gpt2", tmp_path / "untied")
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"lm_head.weight": tensors["wte.weight"] + 1}, folder / "model.safetensors")
    with pytest.raises(ValueError, match="'lm_head.weight' differs from 'wte.weight'.*causal-lm head shares the two"):
        models.from_pretrained(folder, task="causal-lm")


@pytest.mark.parametrize("task", ["classification", "masked-lm", "question-answering"])
def test_a_task_that_the_family_cannot_do_is_refused_before_reading(task):
    with pytest.raises(ValueError, match="A GPT-2 checkpoint has no head for task='.*for it: None, 'causal-lm'"):
        models.from_pretrained(GOLDEN / "gpt2", task=task)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("scale_attn_weights", False), ("scale_attn_by_inverse_layer_idx", True), ("add_cross_attention", True)],
)
def test_a_setting_that_these_layers_do_not_have_is_refused(setting, value):
    config = models.from_pretrained(GOLDEN / "gpt2").config
    setattr(config, setting, value)
    with pytest.raises(ValueError, match=f"{setting}={value} is not supported for GPT-2; accepted: {not value}"):
        models.from_config(config)


def test_no_position_sees_what_comes_after_it():
    model, inputs, _ = golden("causal-lm")
    changed = inputs["input_ids"].copy()
    changed[:, 5:] = 1
    before, after = (np.array(model(ids).logits) for ids in (inputs["input_ids"], changed))
    np.testing.assert_allclose(after[:, :5], before[:, :5], atol=1e-5)
    assert np.abs(after[:, 5:] - before[:, 5:]).max() > 0.1


def test_padding_at_either_end_changes_nothing():
    # Learned positions say where a token stands, so they must be counted from the first real one.
    model, *_ = golden("causal-lm")
    alone = np.array(model([[5, 6, 7]]).logits)
    for ids, mask in (([9, 9, 5, 6, 7], [0, 0, 1, 1, 1]), ([5, 6, 7, 9, 9], [1, 1, 1, 0, 0])):
        padded = np.array(model({"input_ids": [ids], "attention_mask": [mask]}).logits)[0, np.array(mask) == 1]
        np.testing.assert_allclose(padded, alone[0], atol=1e-5)


@pytest.mark.slow
def test_it_learns_to_say_what_comes_next_and_is_saved(tmp_path):
    config = models.from_pretrained(GOLDEN / "gpt2").config
    config.n_layer = 1
    model = models.from_config(config, task="causal-lm", seed=0)
    alphabet = np.arange(1, 13) + np.arange(40)[:, None]  # each token is one more than the one before
    model.compile(keras.optimizers.Adam(1e-2), TokenCrossentropy())
    often = np.tile(alphabet, (60, 1))  # one long epoch: of a short one, most is what Keras does around it
    model.fit(often[:, :-1], often[:, 1:], batch_size=40, verbose=0)
    said = np.array(model(alphabet[:, :-1]).logits).argmax(-1)
    assert (said == alphabet[:, 1:]).mean() > 0.9

    model.save_pretrained(tmp_path)
    assert load_file(tmp_path / "model.safetensors")["transformer.h.0.attn.c_attn.weight"].shape == (21, 63)
    again = models.from_pretrained(tmp_path, task="causal-lm")
    np.testing.assert_array_equal(again(alphabet).logits, model(alphabet).logits)
