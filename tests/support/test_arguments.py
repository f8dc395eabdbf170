"""A wrong number is refused with its name, what came, and what is accepted."""

import re
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn.support.arguments import (
    as_names,
    as_numbers,
    check_dropout,
    check_momenta,
    check_number,
    check_rate,
    check_seed,
    check_share,
    check_whole,
)


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


@pytest.mark.parametrize("wrong", [0, -1e-3, 100, float("nan"), float("inf"), "5e-5", None, True])
def test_a_learning_rate_is_positive_and_comes_back_as_a_float(wrong):
    assert isinstance(check_rate(np.float32(0.5)), float)
    with pytest.raises(ValueError, match=r"^lr must be a positive number, such as 5e-5; got "):
        check_rate(wrong)


@pytest.mark.parametrize("wrong", [1, -0.1, float("nan"), "0.1", True, None])
def test_a_dropout_may_be_nothing_but_not_all(wrong):
    check_dropout("dropout", 0)
    check_dropout("dropout", np.float32(0.9))
    with pytest.raises(ValueError, match=r"^dropout must be a share, at least 0 and less than 1; got "):
        check_dropout("dropout", wrong)


@pytest.mark.parametrize("right", [[1, 2], ((0.5,), (1,)), range(3), np.ones((2, 2), "float16"), [True, False], [[]]])
def test_numbers_are_an_array_with_axes(right):
    np.testing.assert_array_equal(as_numbers("weights", right), np.array(right))


@pytest.mark.parametrize(
    "wrong", [None, 5, "12", ["1", "2"], [[1], [1, 2]], {"a": 1}, [1, None], {1, 2}, b"ab"], ids=str
)
def test_what_is_no_array_of_numbers_is_named(wrong):
    with pytest.raises(TypeError, match="^weights must be an array of numbers, all rows of one length; got "):
        as_numbers("weights", wrong)


def test_a_tensor_in_half_precision_is_numbers():
    from ktlearn.backend import ops

    assert as_numbers("weights", ops.ones((2,), "bfloat16")).astype("float32").tolist() == [1, 1]


def test_names_are_strings_in_an_order():
    assert as_names("tokens", np.array(["she", "won"])) == ["she", "won"]
    assert as_names("class_names", (1, 2)) == ["1", "2"]
    for wrong in ("she", b"she", None, 5, {"she", "won"}, {"she": 0}):
        with pytest.raises(TypeError, match="^tokens must be a list of names; got "):
            as_names("tokens", wrong)


def test_no_check_takes_true_for_the_number_1():
    checks = {
        "a count": lambda: check_whole("epochs", True),
        "a number": lambda: check_number("share", True, 0, 1, 0.9),
        "a rate": lambda: check_rate(True),
        "a share": lambda: check_share("val_pct", True),
        "a seed": lambda: check_seed("random_state", True),
        "a momentum": lambda: check_momenta(0.95, False),
    }
    for what, check in checks.items():
        with pytest.raises(ValueError, match="; got (True|False)"):
            check()
            pytest.fail(f"{what} may be True")


def test_the_question_whether_it_is_a_number_stands_in_one_place():
    """Elsewhere ``isinstance(x, int)`` would take True for 1 again; data that come from a file may ask so."""
    found = {
        path.name
        for path in Path(ktlearn.__file__).parent.rglob("*.py")
        if re.search(r"numbers\.(Real|Integral|Number)", path.read_text("utf-8"))
    }
    assert found == {"arguments.py"}
