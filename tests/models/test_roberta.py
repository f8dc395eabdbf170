"""RoBERTa and XLM-R in our layers compute what PyTorch transformers computes."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn import models, text
from ktlearn.backend import keras

GOLDEN = Path(__file__).parents[1] / "golden"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TASKS = [None, "classification", "masked-lm", "question-answering"]
FAMILIES = pytest.mark.parametrize("family", ["roberta", "xlm-roberta"])


@functools.cache
def golden(family, task=None):
    """A model, its inputs, and what PyTorch answers to them. Tests only look at them."""
    folder = GOLDEN / (f"{family}-{task}" if task else family)
    expected = dict(np.load(folder / "expected.npz"))
    model = models.from_pretrained(folder, task=task)
    return model, {name: expected.pop(name) for name in INPUTS if name in expected}, expected


@pytest.mark.slow
@FAMILIES
@pytest.mark.parametrize("task", TASKS)
def test_equals_pytorch(family, task):
    # With padding in the middle of a text, with ids that are no padding behind its end, and with another
    # padding id than the published models have.
    model, inputs, expected = golden(family, task)
    output = model(inputs, return_attention=True)
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)
    for ours, theirs in zip(output.attentions, expected["attentions"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    if task is None:
        np.testing.assert_allclose(output.pooler_output, expected["pooler_output"], atol=1e-4)
    else:
        np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)
    assert model.loading.fresh == model.loading.unused == []


@FAMILIES
def test_the_positions_of_a_reader_are_those_behind_the_padding_s(family):
    model, *_ = golden(family)
    pad_id = {"roberta": 3, "xlm-roberta": 1}[family]
    assert model.settings.max_positions == 24 - pad_id - 1
    longest = np.full((1, model.settings.max_positions), 9)
    assert np.isfinite(model(longest).last_hidden_state).all()


def test_padding_takes_no_position():
    model, *_ = golden("roberta")
    alone = model(np.array([[5, 6, 7]])).last_hidden_state
    padded = {"input_ids": np.array([[3, 5, 3, 6, 7]]), "attention_mask": np.array([[0, 1, 0, 1, 1]])}
    np.testing.assert_allclose(np.array(model(padded).last_hidden_state)[:, [1, 3, 4]], alone, atol=1e-5)


def test_the_rows_before_the_padding_are_zeros_in_a_saved_file(tmp_path):
    from safetensors.numpy import load_file

    name = "embeddings.position_embeddings.weight"
    models.from_pretrained(GOLDEN / "roberta").save_pretrained(tmp_path)
    ours, theirs = (load_file(folder / "model.safetensors")[name] for folder in (tmp_path, GOLDEN / "roberta"))
    assert not ours[:3].any() and theirs[:3].any()
    np.testing.assert_array_equal(ours[3:], theirs[3:])


@pytest.mark.slow
def test_its_own_tokenizer_files_carry_a_text_to_a_saved_predictor(tmp_path):
    """From vocab.json and merges.txt, without tokenizer.json: tokenize, train, save, load, answer."""
    folder = tmp_path / "checkpoint"
    model = models.from_pretrained(GOLDEN / "roberta")
    model.config.pad_token_id, model.config.num_hidden_layers = 1, 1
    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"goodba", "Ġ", "go", "od", "good", "ba", "bad"]
    models.from_config(model.config, seed=0).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(dict.fromkeys(words))}))
    (folder / "merges.txt").write_text("#version: 0.2\ng o\no d\ngo od\nb a\nba d\n")
    keras.utils.set_random_seed(0)
    t = text.Transformer(folder, maxlen=8, class_names=["bad", "good"])
    trn = t.preprocess_train(["good", "bad"] * 8, ["good", "bad"] * 8, verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, batch_size=8)
    learner.fit(1e-2, 12, verbose=0)
    predictor = ktlearn.get_predictor(learner.model, t)
    assert predictor.predict(["good", "bad"]) == ["good", "bad"]
    predictor.save(tmp_path / "predictor")
    again = ktlearn.load_predictor(tmp_path / "predictor")
    np.testing.assert_allclose(again.predict_proba(["good", "bad good"]), predictor.predict_proba(["good", "bad good"]))
