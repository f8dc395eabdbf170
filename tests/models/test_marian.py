"""Marian and BART in our layers compute what PyTorch transformers computes: the paper's Transformer, twice."""

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ktlearn import models
from ktlearn.layers import SinusoidalPositions, sinusoidal_positions
from tests.models.translators import GOLDEN, assert_equals_pytorch, golden

CHECKPOINTS = [("marian", None), ("marian-seq2seq", "seq2seq"), ("bart", None), ("bart-seq2seq", "seq2seq")]


@pytest.fixture
def changed(tmp_path):
    """A copy of a golden checkpoint whose tensors went through a function, and whose config has other values."""

    def copy(name, change=dict, **values):
        folder = shutil.copytree(GOLDEN / name, tmp_path / name)
        save_file(change(load_file(folder / "model.safetensors")), folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | values))
        return folder

    return copy


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CHECKPOINTS)
def test_equals_pytorch(name, task):
    assert_equals_pytorch(name, task)


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("marian-seq2seq", marks=pytest.mark.weekly), "bart-seq2seq"])
def test_step_by_step_with_a_cache_it_says_what_it_says_at_once(name):
    model, inputs, _ = golden(name)
    ids, target = inputs["input_ids"][2:, :3], inputs["decoder_input_ids"][2:]
    whole = np.array(model({"input_ids": ids, "decoder_input_ids": target}).logits)
    context, cache = model.prepare(ids, length=7)
    for position in range(7):
        logits, cache = model.step(target[:, position], position, context, cache)
        np.testing.assert_allclose(logits, whole[:, position], atol=1e-4)


@pytest.mark.parametrize("task", [None, "seq2seq"])
@pytest.mark.parametrize("family", ["marian", "bart"])
def test_files_with_and_without_the_head_load_for_both_tasks(family, task):
    for name in (family, f"{family}-seq2seq"):
        model, *_ = golden(name, task)
        has_bias = name.endswith("seq2seq")
        fresh = [] if task is None or has_bias else ["final_logits_bias"]
        unused = ["final_logits_bias"] if task is None and has_bias else []
        assert model.loading == (fresh, unused)


def test_a_bias_of_the_logits_that_no_file_brings_is_zero():
    model = models.from_pretrained(GOLDEN / "bart", task="seq2seq", verbose=0)
    assert not np.array(model.head.bias).any()


@pytest.mark.parametrize(("name", "prefix"), [("bart", ""), ("bart-seq2seq", "model."), ("marian-seq2seq", "model.")])
def test_the_copies_of_the_embedding_in_old_files_are_no_news(changed, name, prefix):
    def with_copies(tensors):
        shared = tensors[f"{prefix}shared.weight"]
        names = [f"{prefix}encoder.embed_tokens.weight", f"{prefix}decoder.embed_tokens.weight", "lm_head.weight"]
        return tensors | {name: shared.copy() for name in names}

    task = "seq2seq" if prefix else None
    assert models.from_pretrained(changed(name, with_copies), task=task).loading == ([], [])


def test_an_embedding_of_the_decoder_s_own_is_refused(changed):
    def with_another(tensors):
        return tensors | {"model.decoder.embed_tokens.weight": tensors["model.shared.weight"] + 1}

    with pytest.raises(ValueError, match="'model.decoder.embed_tokens.weight' differs from 'model.shared.weight'"):
        models.from_pretrained(changed("marian-seq2seq", with_another), task="seq2seq")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"decoder_attention_heads": 1}, "encoder_attention_heads=3, but decoder_attention_heads=1; accepted: the sam"),
        ({"decoder_ffn_dim": 9}, "encoder_ffn_dim=26, but decoder_ffn_dim=9; accepted: the same for both"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings=False is not supported; accepted: True"),
        ({"share_encoder_decoder_embeddings": False}, "vocabularies of 60 and 60 is not supported; accepted: one for"),
        ({"decoder_vocab_size": 70}, "vocabularies of 60 and 70 is not supported; accepted: one for both sides"),
    ],
    ids=str,
)
def test_a_setting_that_these_layers_do_not_have_is_refused(changed, values, words):
    with pytest.raises(ValueError, match=words):
        models.from_pretrained(changed("marian-seq2seq", **values), task="seq2seq")


def test_marian_s_sines_are_the_paper_s_in_another_order():
    interleaved = sinusoidal_positions(5, 7)
    halves = np.array(SinusoidalPositions(halves=True)(np.zeros((1, 5, 7), "float32")))[0]
    np.testing.assert_allclose(halves, interleaved[:, [0, 2, 4, 6, 1, 3, 5]], atol=1e-6)


def test_bart_learns_no_more_positions_than_its_table_has():
    model, *_ = golden("bart", None)
    longest = np.full((1, 24), 9)
    assert np.isfinite(model({"input_ids": longest, "decoder_input_ids": longest}).last_hidden_state).all()
    with pytest.raises(ValueError, match="the input has 25 positions, but only 24 were learned"):
        model({"input_ids": np.full((1, 25), 9), "decoder_input_ids": longest})
