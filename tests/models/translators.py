"""What the tests of every encoder–decoder share: golden checkpoints, and equality with PyTorch."""

import functools
from pathlib import Path

import numpy as np

from ktlearn import models

GOLDEN = Path(__file__).parents[1] / "golden"
INPUTS = ("input_ids", "attention_mask", "decoder_input_ids")


@functools.cache
def golden(name, task="seq2seq"):
    """A model, its inputs, and what PyTorch answers to them. Tests only look at them."""
    expected = dict(np.load(GOLDEN / name / "expected.npz"))
    model = models.from_pretrained(GOLDEN / name, task=task)
    return model, {key: expected.pop(key) for key in INPUTS}, expected


def assert_equals_pytorch(name, task):
    """The last vectors, all maps and the logits of a golden checkpoint of 2 and 3 layers."""
    model, inputs, expected = golden(name, task)
    output = model(inputs, return_attention=True)
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)
    maps = (output.attentions, output.decoder_attentions, output.cross_attentions)
    for ours, kind in zip(maps, ("encoder", "decoder", "cross"), strict=True):
        theirs = expected[f"{kind}_attentions"]
        assert len(ours) == len(theirs) == (2 if kind == "encoder" else 3)
        for layer, expected_layer in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(layer, expected_layer, atol=1e-4)
    if task:
        np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)
    else:
        assert output.logits is None
    assert model.loading == ([], [])
