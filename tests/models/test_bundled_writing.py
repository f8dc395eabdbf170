"""The bundled models that write compute and write what PyTorch computes and writes with the same weights."""

import json
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models
from ktlearn.backend import ops
from ktlearn.generate import generate
from ktlearn.text.tokenizer import tokenizer_of

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "bundled_writing.json").read_text(encoding="utf-8"))
TASKS = {"translator-en-zh": "seq2seq", "summariser-en": "seq2seq", "small-gpt-en": "causal-lm"}


@pytest.fixture(scope="module", params=GOLDEN)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def model(name):
    return models.from_pretrained(f"ktlearn/{name}", task=TASKS[name], verbose=0)


def test_all_weights_are_there(model):
    assert not model.loading.fresh and not model.loading.unused


def test_the_tokenizer_makes_the_same_tokens(name):
    assert tokenizer_of(f"ktlearn/{name}")(GOLDEN[name]["texts"])["input_ids"] == GOLDEN[name]["ids"]


def test_each_token_has_the_same_probability(name, model):
    case = GOLDEN[name]
    for read, new, log_p in zip(case["ids"], case["greedy"], case["log_p"], strict=True):
        if TASKS[name] == "seq2seq":
            start = model.config.decoder_start_token_id
            logits = model({"input_ids": np.array([read]), "decoder_input_ids": np.array([[start, *new[:-1]]])}).logits[
                0
            ]
        else:
            logits = model(np.array([read + new[:-1]])).logits[0, len(read) - 1 :]
        ours = np.array(ops.log_softmax(logits))[range(len(new)), new]
        np.testing.assert_allclose(ours, log_p, atol=1e-3)


@pytest.mark.parametrize(
    ("way", "beams"), [("greedy", 1), pytest.param("beams", 4, marks=pytest.mark.weekly)]
)  # beams are asked of every family in tests/generate/test_golden.py
def test_the_same_tokens_are_written_one_by_one_and_with_beams(name, model, way, beams):
    case = GOLDEN[name]
    found = generate(model, case["ids"], num_beams=beams, min_new_tokens=0, max_new_tokens=16).ids
    for ours, theirs in zip(found, case[way], strict=True):
        assert np.asarray(ours)[: len(theirs)].tolist() == theirs
