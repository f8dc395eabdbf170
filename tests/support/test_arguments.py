"""A wrong number is refused with its name, what came, and what is accepted."""

import re
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn.support.arguments import check_momenta, check_number, check_rate, check_seed, check_share, check_whole


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
