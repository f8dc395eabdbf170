"""A key/value cache is filled in at its positions, and nowhere else."""

import numpy as np
import pytest

from ktlearn.backend import ops
from ktlearn.support.cache import written
from ktlearn.support.traced import traced


@pytest.mark.parametrize(("position", "n"), [(0, 1), (3, 1), (0, 3), (2, 2), (0, 4)])
def test_new_keys_stand_at_their_positions_and_the_others_stay(position, n):
    rng = np.random.default_rng(0)
    cache, new = (rng.normal(size=(2, 3, L, 5)).astype("float32") for L in (4, n))
    expected = cache.copy()
    expected[:, :, position : position + n] = new
    found = written(*map(ops.convert_to_tensor, (cache, new)), position)
    np.testing.assert_array_equal(np.array(found), expected)


def test_two_caches_that_begin_as_one_tensor_stay_apart_and_that_tensor_is_not_changed():
    room = ops.zeros((1, 1, 4, 2))

    def step(position, k, v):
        one = ops.ones((1, 1, 1, 2)) * ops.cast(position + 1, "float32")
        return position + 1, written(k, one, position), written(v, -one, position)

    def fill(room):
        return ops.while_loop(lambda position, *_: position < 4, step, (ops.convert_to_tensor(0), room, room))[1:]

    k, v = (ops.convert_to_numpy(cache)[0, 0, :, 0].tolist() for cache in traced(None, fill)(room))
    assert k == [1, 2, 3, 4] and v == [-1, -2, -3, -4]
    assert not ops.convert_to_numpy(room).any()
