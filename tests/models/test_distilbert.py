"""DistilBERT in our layers computes what PyTorch transformers computes."""

from pathlib import Path

import numpy as np
import pytest

from ktlearn import models

GOLDEN = Path(__file__).parents[1] / "golden"
TASKS = {
    None: "distilbert",
    "classification": "distilbert-classification",
    "masked-lm": "distilbert-masked-lm",
    "question-answering": "distilbert-question-answering",
}


def golden(task):
    """The inputs, and what PyTorch answers to them."""
    expected = dict(np.load(GOLDEN / TASKS[task] / "expected.npz"))
    return {name: expected.pop(name) for name in ("input_ids", "attention_mask")}, expected


@pytest.mark.parametrize("task", TASKS)
def test_equals_pytorch(task):
    inputs, expected = golden(task)
    model = models.from_pretrained(GOLDEN / TASKS[task], task=task)
    output = model(inputs, return_attention=True)
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)
    assert len(output.attentions) == len(expected["attentions"]) == 2
    for ours, theirs in zip(output.attentions, expected["attentions"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    if task is None:
        assert output.logits is None
    else:
        np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)
    assert model.loading.fresh == model.loading.unused == []


def test_a_checkpoint_in_several_shards_is_the_same_model():
    inputs, expected = golden("masked-lm")
    model = models.from_pretrained(GOLDEN / "distilbert-masked-lm-sharded", task="masked-lm")
    np.testing.assert_allclose(model(inputs).logits, expected["logits"], atol=1e-4)
    assert model.loading.fresh == model.loading.unused == []


def test_it_has_no_segments_so_segment_ids_change_nothing():
    inputs, _ = golden("classification")
    model = models.from_pretrained(GOLDEN / TASKS["classification"], task="classification")
    with_segments = model(inputs | {"token_type_ids": np.ones((3, 8), "int32")})
    np.testing.assert_array_equal(with_segments.logits, model(inputs).logits)


def test_the_bare_model_has_no_pooler():
    inputs, _ = golden(None)
    model = models.from_pretrained(GOLDEN / "distilbert")
    # The vector before the class scores belongs to the classification head; the bare files lack it.
    assert not any(entry.theirs.startswith("pre_classifier") for entry in model.key_map())
    assert model(inputs).pooler_output is None
