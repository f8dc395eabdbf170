"""Bytes to draw, decimals to keep, and exact numbers on demand."""

import base64
import zlib

import numpy as np
import pytest

from ktlearn.widgets import AttentionMaps
from ktlearn.widgets.attention import packing
from tests.widgets.hostile import softmax_maps


def table(signed, scale):
    """What a byte means, as attention.js reads it."""
    codes = np.arange(256)
    values = (codes - 126) / 126 if signed else codes / 253
    return np.concatenate([(values * scale)[:254], [-np.inf, np.nan]])


def test_a_byte_is_at_most_half_a_step_away_from_its_weight():
    maps = AttentionMaps(softmax_maps(2, 3, 9), list("abcdefghi"))
    read = table(signed=False, scale=1)[packing.to_bytes(maps)]
    assert np.abs(read - maps.weights).max() <= 0.5 / 253 + 1e-6


def test_0_and_1_are_exact():
    codes = packing.to_bytes(AttentionMaps(np.eye(3), list("abc")))
    assert table(signed=False, scale=1)[codes][0, 0, 0].tolist() == np.eye(3).tolist()


def test_the_bytes_of_a_difference_are_symmetric():
    weights = np.array([[0.3, -0.3], [0.0, 0.1]])
    maps = AttentionMaps(weights, ["a", "b"], signed=True)
    read = table(signed=True, scale=maps.scale)[packing.to_bytes(maps)][0, 0, 0]
    assert np.abs(read - weights).max() <= 0.5 * 0.3 / 126 + 1e-6
    assert read[1, 0] == 0


def test_masked_pairs_and_nan_have_bytes_of_their_own():
    weights = np.array([[1.0, 0.0], [np.nan, 0.5]])
    maps = AttentionMaps(weights, ["a", "b"], mask=np.array([[True, False], [True, True]]))
    assert packing.to_bytes(maps).ravel()[1:3].tolist() == [packing.MASKED, packing.NOT_A_NUMBER]


def test_weights_above_1_set_the_scale():
    maps = AttentionMaps(np.array([[4.0, 1.0]]), ["a"], ["b", "c"])
    assert maps.scale == 4
    assert packing.to_bytes(maps).ravel()[0] == 253


def test_blocks_follow_each_other_in_the_bytes():
    blocks = {
        "encoder": AttentionMaps(softmax_maps(1, 2, 3), list("abc")),
        "cross": AttentionMaps(np.eye(2), list("de")),
    }
    described, data = packing.describe(blocks), packing.bytes_of(blocks)
    assert [block["offset"] for block in described] == [0, 18]
    assert [block["number"] for block in described] == [0, 1]
    assert len(data) == 18 + 4
    assert np.frombuffer(data[18:], "uint8").tolist() == [253, 0, 0, 253]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.12345, "0.1235"), (0.0, "0"), (1.0, "1.0000"), (-0.5, "-0.5000"), (-np.inf, "-"), (np.nan, "?"), (np.inf, "?")],
)
def test_decimals(number, text):
    assert packing.decimals([number]) == text


def test_few_weights_are_kept_as_decimals_and_masked_pairs_as_dashes():
    maps = AttentionMaps(np.eye(2), ["a", "b"], mask=np.array([[True, False], [True, True]]))
    assert packing.numbers_for_page({"attention": maps}) == {"decimals": "1.0000 - 0 1.0000"}


def test_many_weights_are_kept_as_deflated_bytes():
    maps = AttentionMaps(softmax_maps(12, 12, 64), [str(i) for i in range(64)])
    numbers = packing.numbers_for_page({"attention": maps})
    data = zlib.decompress(base64.b64decode(numbers["deflated"]))
    assert np.array_equal(np.frombuffer(data, "uint8"), packing.to_bytes(maps).ravel())
    assert len(numbers["deflated"]) < 1.2 * maps.weights.size


def test_a_row_is_answered_with_float32_and_its_mask():
    mask = np.tril(np.ones((3, 3), bool))
    weights = softmax_maps(2, 2, 3) * mask
    blocks = {"attention": AttentionMaps(weights, list("abc"), mask=mask)}
    row = np.frombuffer(packing.answer(blocks, ["row", 0, 0, 1, [0, 1], 1]), "float32")
    assert np.allclose(row[:2], weights[1, :, 1, :2].mean(0))
    assert row[2] == -np.inf


def test_vectors_are_answered_queries_first():
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 2, 5)), rng.normal(size=(2, 3, 5))  # (H, Q, d_k), (H, K, d_k)
    weights = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(5))
    weights /= weights.sum(-1, keepdims=True)
    blocks = {"cross": AttentionMaps(weights, list("ab"), list("cde"), queries=q, keys=k)}
    vectors = np.frombuffer(packing.answer(blocks, ["vectors", 0, 0, 0, 1]), "float32").reshape(5, 5)
    assert np.allclose(vectors, np.concatenate([q[1], k[1]]))


def test_without_vectors_there_is_no_answer():
    assert packing.answer({"attention": AttentionMaps(np.eye(2), ["a", "b"])}, ["vectors", 0, 0, 0, 0]) is None
