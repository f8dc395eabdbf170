"""Llama, Mistral and Qwen2 in our layers compute what PyTorch transformers computes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.seq2seq import TokenCrossentropy

GOLDEN = Path(__file__).parents[1] / "golden"
CHECKPOINTS = [
    *(("llama", None), ("llama-causal-lm", "causal-lm"), ("llama-tied-causal-lm", "causal-lm")),
    *(("mistral", None), ("mistral-causal-lm", "causal-lm"), ("qwen2", None), ("qwen2-causal-lm", "causal-lm")),
]


def golden(name, task=None):
    """A model, its inputs, and what PyTorch answers to them."""
    expected = dict(np.load(GOLDEN / name / "expected.npz"))
    model = models.from_pretrained(GOLDEN / name, task=task)
    return model, {key: expected.pop(key) for key in ("input_ids", "attention_mask")}, expected


@pytest.mark.parametrize(("name", "task"), CHECKPOINTS)
def test_equals_pytorch(name, task):
    # One text is padded on its right, one on its left. What stands at a padded position is nobody's answer.
    model, inputs, expected = golden(name, task)
    output, real = model(inputs, return_attention=True), inputs["attention_mask"].astype(bool)
    np.testing.assert_allclose(np.array(output.last_hidden_state)[real], expected["last_hidden_state"][real], atol=1e-4)
    assert len(output.attentions) == len(expected["attentions"]) == 2
    for ours, theirs in zip(output.attentions, expected["attentions"], strict=True):
        rows = np.array(ours).transpose(0, 2, 1, 3), theirs.transpose(0, 2, 1, 3)  # (B, L, H, L)
        np.testing.assert_allclose(rows[0][real], rows[1][real], atol=1e-4)
    if task:
        np.testing.assert_allclose(np.array(output.logits)[real], expected["logits"][real], atol=1e-4)
    else:
        assert output.logits is None
    assert model.loading == ([], [])


def test_padding_at_either_end_changes_nothing():
    model, *_ = golden("llama-causal-lm", "causal-lm")
    alone = np.array(model([[5, 6, 7]]).logits)
    for ids, mask in (([9, 9, 5, 6, 7], [0, 0, 1, 1, 1]), ([5, 6, 7, 9, 9], [1, 1, 1, 0, 0])):
        padded = np.array(model({"input_ids": [ids], "attention_mask": [mask]}).logits)[0, np.array(mask) == 1]
        np.testing.assert_allclose(padded, alone[0], atol=1e-5)


def test_a_window_hides_what_lies_further_back():
    model, inputs, _ = golden("mistral", None)
    maps = np.array(model(inputs["input_ids"], return_attention=True).attentions[0])
    assert model.settings.window == 3
    seen = (maps > 0).all(axis=(0, 1))
    np.testing.assert_array_equal(seen, np.tril(np.ones((8, 8))) - np.tril(np.ones((8, 8)), -3) == 1)


def test_grouped_queries_need_a_smaller_cache():
    model, *_ = golden("llama-causal-lm", "causal-lm")
    assert tuple(model.decoder.empty_cache(1, 9)[0][0].shape) == (1, 2, 9, 6)  # two heads of keys, four of queries


# Files as they are found


@pytest.mark.parametrize("task", [None, "causal-lm"])
@pytest.mark.parametrize("name", ["llama", "llama-causal-lm", "llama-tied-causal-lm", "qwen2"])
def test_files_with_and_without_the_head_load_for_both_tasks(task, name):
    has_output = name == "llama-causal-lm"
    if task and name == "llama":  # nothing says what the vocabulary's matrix is
        with pytest.raises(ValueError, match="the tensor 'lm_head.weight' is missing"):
            models.from_pretrained(GOLDEN / name, task=task)
        return
    loading = models.from_pretrained(GOLDEN / name, task=task, verbose=0).loading
    assert loading == ([], ["lm_head.weight"] if has_output and task is None else [])


def test_the_buffers_and_the_copy_of_old_files_are_no_news(tmp_path):
    folder = shutil.copytree(GOLDEN / "llama-tied-causal-lm", tmp_path / "old")
    tensors = load_file(folder / "model.safetensors")
    rates = {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": np.ones(4, "float32") for i in range(2)}
    copy = {"lm_head.weight": tensors["model.embed_tokens.weight"].copy()}
    save_file(tensors | rates | copy, folder / "model.safetensors")
    assert models.from_pretrained(folder, task="causal-lm").loading == ([], [])


def test_an_output_that_should_be_tied_and_is_not_is_refused(tmp_path):
    folder = shutil.copytree(GOLDEN / "llama-tied-causal-lm", tmp_path / "untied")
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"lm_head.weight": tensors["model.embed_tokens.weight"] + 1}, folder / "model.safetensors")
    with pytest.raises(ValueError, match="'lm_head.weight' differs from 'model.embed_tokens.weight'"):
        models.from_pretrained(folder, task="causal-lm")


def test_a_config_of_transformers_4_says_the_same_of_its_positions(tmp_path):
    folder = shutil.copytree(GOLDEN / "llama", tmp_path / "old")
    config = json.loads((folder / "config.json").read_text())
    rope = config.pop("rope_parameters")
    config |= {"rope_theta": rope.pop("rope_theta"), "rope_scaling": rope}
    (folder / "config.json").write_text(json.dumps(config))
    assert models.from_pretrained(folder).settings == models.from_pretrained(GOLDEN / "llama").settings


# What these layers do not have


def rope(**changes):
    return {"rope_parameters": {"rope_type": "default", "rope_theta": 50.0} | changes}


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("llama", rope(rope_type="yarn", factor=2.0), "rope_type='yarn', of the positions, is not supported; accepted"),
        ("llama", rope(rope_type="linear"), "rope_type.*factor"),  # newer transformers say it before us
        ("llama", rope(partial_rotary_factor=0.5), "only heads that are turned as a whole are supported"),
        ("llama", rope(rope_theta=0), "base must be a number above 0"),
        ("llama", {"head_dim": 5}, "even"),  # here too
        ("llama", {"num_key_value_heads": 3}, "num_kv_heads must divide num_heads; got num_heads=4 and num_kv_heads=3"),
        ("llama", {"attention_bias": True}, "attention_bias=True with mlp_bias=False is not supported; accepted: eq"),
        ("mistral", {"sliding_window": 0}, "window must be a whole number, at least 1; got 0"),
        (
            "qwen2",
            {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1, "layer_types": None},
            r"layer_types=\['full_attention', 'sliding_attention'\] is not supported; accepted: layers of one kind",
        ),
    ],
    ids=str,
)
def test_a_setting_that_these_layers_do_not_have_is_refused(tmp_path, name, values, words):
    folder = shutil.copytree(GOLDEN / name, tmp_path / name)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))
    with pytest.raises(ValueError, match=words):
        models.from_pretrained(folder)


@pytest.mark.parametrize("task", ["classification", "masked-lm", "seq2seq"])
def test_a_task_that_the_family_cannot_do_is_refused(task):
    with pytest.raises(ValueError, match="A Llama checkpoint has no head for task='.*for it: None, 'causal-lm'"):
        models.from_pretrained(GOLDEN / "llama", task=task)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["llama-causal-lm", pytest.param("qwen2-causal-lm", marks=pytest.mark.weekly)])
def test_it_learns_to_say_what_comes_next_and_is_saved(tmp_path, name):
    config = models.from_pretrained(GOLDEN / name, task="causal-lm").config
    config.num_hidden_layers = 1
    model = models.from_config(config, task="causal-lm", seed=0)
    alphabet = np.arange(1, 13) + np.arange(40)[:, None]  # each token is one more than the one before
    model.compile(keras.optimizers.Adam(1e-2), TokenCrossentropy())
    often = np.tile(alphabet, (60, 1))  # one long epoch: of a short one, most is what Keras does around it
    model.fit(often[:, :-1], often[:, 1:], batch_size=40, verbose=0)
    said = np.array(model(alphabet[:, :-1]).logits).argmax(-1)
    assert (said == alphabet[:, 1:]).mean() > 0.9

    model.save_pretrained(tmp_path)
    again = models.from_pretrained(tmp_path, task="causal-lm")
    np.testing.assert_array_equal(again(alphabet).logits, model(alphabet).logits)


@pytest.mark.slow
def test_in_half_precision_far_positions_are_still_told_apart():
    ids = np.full((1, 40), 9)
    ids[0, -3:] = 5, 6, 7
    whole, _, _ = golden("llama", None)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half, _, _ = golden("llama", None)
    finally:
        keras.config.set_dtype_policy(before)
    maps = [np.array(model(ids, return_attention=True).attentions[0], "float32") for model in (whole, half)]
    np.testing.assert_allclose(maps[1], maps[0], atol=0.02)
