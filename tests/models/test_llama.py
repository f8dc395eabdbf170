"""Llama, Mistral and Qwen2 in our layers compute what PyTorch transformers computes."""

from pathlib import Path

import numpy as np
import pytest

from ktlearn import models

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


def config_of(name, **changes):
    config = models.checkpoint.read_config(GOLDEN / name)
    for setting, value in changes.items():
        setattr(config, setting, value)
    return config


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
