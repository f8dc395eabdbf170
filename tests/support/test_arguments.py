"""A wrong number is refused with its name, what came, and what is accepted."""

import numpy as np
import pytest

from ktlearn.support.arguments import check_number, check_rate, check_whole


@pytest.mark.parametrize("wrong", [0, -1, 2.0, "3", True, None])
def test_a_count_is_a_whole_number_from_1_on(wrong):
    check_whole("epochs", np.int64(1))
    with pytest.raises(ValueError, match=r"^epochs.* must be a whole number, at least 1; got "):
        check_whole("epochs", wrong)


@pytest.mark.parametrize("wrong", [0, 1.1, float("nan"), "0.5", True, None])
def test_a_number_lies_above_one_bound_and_not_above_the_other(wrong):
    check_number("share", np.float32(0.5), 0, 1, 0.9)
    check_number("share", 1, 0, 1, 0.9)
    with pytest.raises(ValueError, match=r"^share must be a number above 0 and at most 1, such as 0.9; got "):
        check_number("share", wrong, 0, 1, 0.9)


@pytest.mark.parametrize("wrong", [0, -1e-3, 100, float("nan"), float("inf"), "5e-5", None])
def test_a_learning_rate_is_positive_and_comes_back_as_a_float(wrong):
    assert isinstance(check_rate(np.float32(0.5)), float)
    with pytest.raises(ValueError, match=r"^lr must be a positive number, such as 5e-5; got "):
        check_rate(wrong)
