"""What a picture and the browser compute alike: cases.json holds both to it, here and in tests/browser/attention."""

import json
from pathlib import Path

import numpy as np
import pytest

from ktlearn.widgets.attention.picture import keep_mass, pooled, renormalised
from ktlearn.widgets.base.colours import LIGHT, shade

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))


def cases(kind):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES[kind]])


def numbers(values):
    """An array of what is written in the file, with "-inf" for may not attend and "nan" for no number."""
    return np.array(values, dtype=str).astype("float32")


@cases("keep_mass")
def test_a_threshold_keeps_the_strongest(case):
    found = keep_mass(numbers([case["weights"]]), case["mass"])
    np.testing.assert_allclose(found, numbers([case["expected"]]))


@cases("pooled")
def test_pooling_keeps_the_strongest_of_each_patch(case):
    np.testing.assert_allclose(pooled(numbers(case["weights"]), case["size"]), numbers(case["expected"]))


@cases("renormalised")
def test_what_is_left_is_made_to_sum_to_1_again(case):
    left = numbers(case["weights"])[np.ix_(case["rows"], case["columns"])]
    np.testing.assert_allclose(renormalised(left), numbers(case["expected"]), atol=1e-4)


@cases("shade")
def test_weights_become_colours(case):
    found = shade(numbers(case["weights"]), case["top"], case["signed"])
    np.testing.assert_allclose(found.astype(int), case["expected"], atol=1)


def test_the_colours_of_the_cases_are_those_of_the_light_theme():
    assert {name: LIGHT[name] for name in CASES["theme"]} == CASES["theme"]
