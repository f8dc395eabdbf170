"""Which printed texts count as the same."""

import pytest
from number_tolerance import Tolerant, agree


@pytest.mark.parametrize(
    ("reference", "computed"),
    [
        ("loss 0.1234", "loss 0.1235"),
        ("loss 0.1234.", "loss 0.1233."),
        ("-0.00", "0.00"),
        ("1.25e-05", "1.26e-05"),
        ("[0.25 0.5 ]", "[0.24999999 0.5       ]"),
        ("[1. 2.]", "[1.0000001 2.       ]"),
        ("<td>0.981</td>", "<td>0.982</td>"),
        ("93.50 %", "93.49 %"),
    ],
)
def test_a_number_may_differ_in_the_last_digit_written(reference, computed):
    assert agree(reference, computed)


@pytest.mark.parametrize(
    ("reference", "computed"),
    [
        ("loss 0.1234", "loss 0.1236"),
        ("loss 0.1234", "loss 0.2234"),
        ("loss 0.1234", "1oss 0.1234"),
        ("loss 0.1234", "loss -0.1234"),
        ("loss 0.1234", "loss nan"),
        ("1.25e-05", "1.25e-04"),
        ("0.123 0.456", "0.123"),
        ("0.123 0.456", "0.123, 0.456"),
        ("0.123\n0.456", "0.123 0.456"),
        ("a  b 0.12", "a b 0.13"),
    ],
)
def test_other_differences_count(reference, computed):
    assert not agree(reference, computed)


@pytest.mark.parametrize(("reference", "computed"), [("0.5", "0.6"), ("[1. 2.]", "[2. 2.]"), ("(3, 4)", "(3, 5)")])
def test_whole_numbers_and_single_decimals_are_exact(reference, computed):
    assert not agree(reference, computed)


def test_a_version_is_not_a_number():
    assert not agree("Keras 3.15.12", "Keras 3.15.13")
    assert not agree("v0.11", "v0.12")


def test_the_string_that_nbval_compares_uses_the_same_rule():
    same, other = Tolerant("0.1234") != Tolerant("0.1235"), Tolerant("0.1234") != Tolerant("0.1239")
    assert (same, other) == (False, True)
    assert Tolerant("0.1234") == Tolerant("0.1235")


@pytest.mark.parametrize(
    ("saved", "computed", "same"),
    [
        ("accuracy 0.81", "accuracy 0.76", True),
        ("accuracy 0.81", "accuracy 0.61", False),
        ("right: 150 of 220", "right: 163 of 220", True),
        ("right: 150 of 220", "right: 190 of 220", False),
        ("accuracy 0.81", "precision 0.81", False),
    ],
)
def test_a_trained_cell_leaves_room_for_training_but_not_for_other_words(saved, computed, same):
    assert agree(saved, computed, trained=True) == same
