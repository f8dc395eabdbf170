"""Rotary positions: turning queries and keys leaves only distances in their products."""

import math

import numpy as np
import pytest

from ktlearn.backend import keras, ops
from ktlearn.rotary import RotaryPositions, rotate
from tests.arrays import draw, numbers


def turned(x, places, **options):
    """The vectors ``(L, d_k)`` at these positions."""
    rotary = RotaryPositions(x.shape[-1], **options)
    return numbers(rotate(x[None, None], *rotary(np.array([places]))))[0, 0]


def test_it_is_a_product_with_a_number_on_the_unit_circle():
    x, places = draw(5, 6), [0, 1, 2, 9, 400]
    pairs = x[:, :3] + 1j * x[:, 3:]
    for place, found, pair in zip(places, turned(x, places), pairs, strict=True):
        expected = [pair[i] * np.exp(1j * place / 10000 ** (2 * i / 6)) for i in range(3)]
        np.testing.assert_allclose(found, [*np.real(expected), *np.imag(expected)], atol=1e-4)


def test_a_score_depends_on_the_distance_only():
    q, k = draw(4, 8), draw(4, 8, seed=1)
    scores = [turned(q, np.arange(4) + start) @ turned(k, np.arange(4) + start).T for start in (0, 1, 90)]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)
    np.testing.assert_allclose(scores[2], scores[0], atol=1e-4)
    assert np.abs(scores[0] - q @ k.T).max() > 0.1


def test_no_vector_gets_longer_or_shorter():
    x = draw(6, 8)
    np.testing.assert_allclose(np.linalg.norm(turned(x, range(6)), axis=-1), np.linalg.norm(x, axis=-1), atol=1e-5)


def test_the_first_pair_turns_by_1_and_the_last_by_almost_nothing():
    np.testing.assert_allclose(RotaryPositions(6, base=1000.0).rates(), [1, 0.1, 0.01], atol=1e-6)


def test_linear_scaling_slows_every_pair():
    plain, scaled = RotaryPositions(6).rates(), RotaryPositions(6, factor=4).rates()
    np.testing.assert_allclose(scaled, plain / 4, atol=1e-7)


def test_llama_3_s_scaling_slows_the_slow_pairs_only():
    # With these rates the pairs make 50, 5 and 0.5 turns in the length: more than 8, between 2 and 8, less than 2.
    length = round(50 * 2 * math.pi)
    plain = RotaryPositions(6, base=1000.0).rates()
    scaled = RotaryPositions(6, base=1000.0, factor=4.0, length=length, turns=(2.0, 8.0)).rates()
    between = (5 - 2) / (8 - 2)
    np.testing.assert_allclose(scaled / plain, [1, between + (1 - between) / 4, 1 / 4], atol=1e-3)


def test_each_row_of_a_batch_may_have_positions_of_its_own():
    cos, sin = RotaryPositions(4)(np.array([[0, 1, 2], [5, 6, 7]]))
    assert tuple(cos.shape) == tuple(sin.shape) == (2, 1, 3, 2)
    np.testing.assert_allclose(numbers(sin)[1, 0, :, 0], np.sin([5, 6, 7]), atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16"])
def test_in_half_precision_neighbours_far_out_are_still_told_apart(dtype):
    cos, _ = RotaryPositions(4, dtype=dtype)(np.array([[4000, 4001]]))
    np.testing.assert_allclose(numbers(cos)[0, 0, :, 0], np.cos([4000, 4001]), atol=1e-3)


def test_the_result_has_the_precision_of_what_is_turned():
    x = ops.cast(draw(1, 1, 3, 4), "bfloat16")
    assert keras.backend.standardize_dtype(rotate(x, *RotaryPositions(4)(np.arange(3)[None])).dtype) == "bfloat16"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"d_k": 5}, "d_k must be even, since numbers are turned in pairs; got 5"),
        ({"d_k": 0}, "d_k must be a whole number"),
        ({"base": 0}, "base must be a number above 0"),
        ({"factor": float("nan")}, "factor must be a number above 0"),
        ({"length": 0}, "length must be a whole number"),
        ({"length": 9, "turns": (4, 4)}, r"turns\[1\] must be a number above 4"),
    ],
    ids=str,
)
def test_what_is_no_rotation_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        RotaryPositions(**{"d_k": 4} | options)


def test_config_round_trip():
    layer = RotaryPositions(4, base=50.0, factor=3.0, length=24, turns=(0.5, 2.0), name="mine")
    again = RotaryPositions.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.name == "mine"
    np.testing.assert_array_equal(again.rates(), layer.rates())
