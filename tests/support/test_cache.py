"""A key/value cache is filled in at its positions, and nowhere else."""

import numpy as np
import pytest

from ktlearn.backend import ops
from ktlearn.support.cache import written


@pytest.mark.parametrize(("position", "n"), [(0, 1), (3, 1), (0, 3), (2, 2), (0, 4)])
def test_new_keys_stand_at_their_positions_and_the_others_stay(position, n):
    rng = np.random.default_rng(0)
    cache, new = (rng.normal(size=(2, 3, L, 5)).astype("float32") for L in (4, n))
    expected = cache.copy()
    expected[:, :, position : position + n] = new
    found = written(*map(ops.convert_to_tensor, (cache, new)), position)
    np.testing.assert_array_equal(np.array(found), expected)
