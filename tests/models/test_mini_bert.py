"""The bundled model in our layers computes what PyTorch computed with it; golden.npz ships beside the weights."""

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models
from ktlearn.models import hub

NAME = "ktlearn/mini-bert-en"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@pytest.fixture(scope="module")
def golden():
    with np.load(hub.find(NAME) / "golden.npz") as file:  # without pickle: whoever opens it runs no code
        return dict(file)


@pytest.fixture(scope="module")
def output(golden):
    model = models.from_pretrained(NAME, task="masked-lm", verbose=0)
    return model({name: golden[name] for name in INPUTS}, return_attention=True)


def test_the_golden_inputs_are_what_the_bundled_tokenizer_makes_of_the_sentences(golden):
    batch = AutoTokenizer.from_pretrained(hub.find(NAME))(golden["sentences"].tolist(), padding=True)
    for name in INPUTS:
        assert batch[name] == golden[name].tolist()


def test_one_sentence_is_padded_so_a_forgotten_mask_would_show(golden):
    assert golden["attention_mask"].sum(1).tolist() == [11, 13]


def test_hidden_states_equal_pytorch(golden, output):
    real = golden["attention_mask"].astype(bool)
    difference = np.abs(np.array(output.last_hidden_state) - golden["last_hidden_state"])
    assert difference[real].max() < 1e-4


def test_attention_maps_equal_pytorch(golden, output):
    assert np.abs(np.stack(output.attentions) - golden["attentions"]).max() < 1e-4


def test_logits_of_the_hidden_words_equal_pytorch(golden, output):
    hidden_words = golden["input_ids"] == 4  # [MASK]
    assert hidden_words.sum(1).tolist() == [1, 1]
    assert np.abs(np.array(output.logits)[hidden_words] - golden["logits"]).max() < 1e-4


def test_the_golden_file_is_small(golden):
    assert (hub.find(NAME) / "golden.npz").stat().st_size < 250_000
