"""T5 in our layers computes what PyTorch transformers computes: version 1.0, and 1.1 with gates and its own output."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.layers import RelativePositions
from ktlearn.seq2seq import TokenCrossentropy
from tests.models.translators import GOLDEN, assert_equals_pytorch, golden

CHECKPOINTS = [("t5", None), ("t5-seq2seq", "seq2seq"), ("t5-gated-seq2seq", "seq2seq")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "task"), CHECKPOINTS)
def test_equals_pytorch(name, task):
    # The texts are longer than the largest distance, and the target begins with the padding token.
    assert_equals_pytorch(name, task)


@pytest.mark.slow
@pytest.mark.parametrize(  # of the other, tests/generate/test_golden.py has at each change the tokens that it writes
    ("name", "task"), [pytest.param(*CHECKPOINTS[1], marks=pytest.mark.weekly), CHECKPOINTS[2]]
)
def test_step_by_step_with_a_cache_it_says_what_it_says_at_once(name, task):
    model, inputs, _ = golden(name, task)
    ids, target = inputs["input_ids"][:1], inputs["decoder_input_ids"][:1]
    whole = np.array(model({"input_ids": ids, "decoder_input_ids": target}).logits)
    context, cache = model.prepare(ids, length=7)
    for position in range(7):
        logits, cache = model.step(target[:, position], position, context, cache)
        np.testing.assert_allclose(logits, whole[:, position], atol=1e-4)


def test_without_a_mask_padding_is_what_the_padding_token_says():
    model, inputs, _ = golden("t5-seq2seq", "seq2seq")
    ids = inputs["input_ids"] * inputs["attention_mask"]  # 0 is T5's padding
    given = model(inputs | {"input_ids": ids}).logits
    found = model({"input_ids": ids, "decoder_input_ids": inputs["decoder_input_ids"]}).logits
    np.testing.assert_allclose(found, given, atol=1e-5)


def test_version_1_1_saves_its_own_output_matrix_and_1_0_none(tmp_path):
    for name, has_one in (("t5-seq2seq", False), ("t5-gated-seq2seq", True)):
        models.from_pretrained(GOLDEN / name, task="seq2seq").save_pretrained(tmp_path / name)
        assert ("lm_head.weight" in load_file(tmp_path / name / "model.safetensors")) is has_one


@pytest.mark.parametrize("name", ["t5", "t5-seq2seq", "t5-gated-seq2seq"])
def test_without_a_task_every_file_loads_whatever_its_output_is(name):
    loading = models.from_pretrained(GOLDEN / name, verbose=0).loading
    assert loading == ([], ["lm_head.weight"] if "gated" in name else [])


@pytest.mark.slow
@pytest.mark.weekly
def test_it_learns_to_say_a_sequence_again_from_nothing():
    config = models.from_pretrained(GOLDEN / "t5").config
    config.dropout_rate = 0.0
    model = models.from_config(config, task="seq2seq", seed=0)
    source = np.random.default_rng(0).integers(2, 8, (64, 4))
    inputs = {"input_ids": source, "decoder_input_ids": np.pad(source[:, :-1], ((0, 0), (1, 0)))}
    often = {name: np.tile(ids, (200, 1)) for name, ids in inputs.items()}  # one long epoch is quicker than 200
    model.compile(keras.optimizers.Adam(1e-2), TokenCrossentropy())
    model.fit(often, np.tile(source, (200, 1)), batch_size=64, shuffle=False, verbose=0)
    assert (np.array(model(inputs).logits).argmax(-1) == source).mean() > 0.9


# The distances


def test_near_distances_have_a_number_each_and_far_ones_share():
    layer = RelativePositions(1, num_buckets=8, max_distance=16)
    assert np.array(layer.buckets(np.arange(-20, 1))).tolist() == [3] * 15 + [2] * 4 + [1, 0]
    assert np.array(layer.buckets(np.array([1, 2, 5, 6, 100]))).tolist() == [5, 6, 6, 7, 7]


def test_a_decoder_has_no_numbers_for_what_lies_ahead():
    layer = RelativePositions(1, num_buckets=8, max_distance=16, bidirectional=False)
    assert np.array(layer.buckets(np.array([[9, 1, 0, -1, -3, -4, -5, -99]]))).tolist() == [[0, 0, 0, 1, 3, 4, 4, 7]]
