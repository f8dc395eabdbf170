"""The code of a machine: what it tells survives being read out."""

import itertools
import re

import pytest

from ktlearn.course import code, doctor
from ktlearn.course.code import ALPHABET, FIELDS, LENGTH, Facts, decode, encode

FACTS = Facts(
    ktlearn="0.1",
    python=12,
    system="Linux",
    versions={"tensorflow": "2.20", "keras": "3.13", "transformers": "5.15"},
    memory=8.0,
    free=1.5,
    failed=("memory", "data"),
    package="",
)
OF_TOMORROW = {"tensorflow": "2.21rc1", "keras": "3.99", "transformers": "6.0"}
LATER = ("keras", "transformers")
OTHER = "another version"


def test_what_is_put_in_comes_out():
    assert decode(encode(FACTS)) == FACTS


@pytest.mark.parametrize(
    "change",
    [
        {"system": "Google Colab"},
        {"failed": ()},
        {"failed": code.CHECKS},
        {"package": "nbval", "failed": ("versions",)},
        {"versions": {"tensorflow": None, "keras": "3.0", "transformers": None}},
        {"memory": None, "free": None},
        {"memory": 62.0, "free": 7.0},
        {"memory": 0.0, "free": 0.0},
        {"ktlearn": "3.31", "python": 15},
    ],
)
def test_every_kind_of_fact_comes_out(change):
    facts = FACTS._replace(**change)
    assert decode(encode(facts)) == facts


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"memory": 16.6, "free": 1.99}, {"memory": 17.0, "free": 1.5}),  # rounded down: 1.99 is not 2
        ({"memory": 500.0, "free": 400.0}, {"memory": 62.0, "free": 7.0}),
        ({"system": "FreeBSD"}, {"system": "another system"}),
        ({"package": "sklearn"}, {"package": "another package"}),
        ({"ktlearn": "0.1.7"}, {"ktlearn": "0.1"}),
        ({"failed": ("memory", "a check of tomorrow")}, {"failed": ("memory",)}),
        ({"versions": OF_TOMORROW}, {"versions": OF_TOMORROW | {"tensorflow": "2.21"} | dict.fromkeys(LATER, OTHER)}),
        ({"ktlearn": "0.2rc1"}, {"ktlearn": "0.2"}),
        ({"package": "huggingface_hub"}, {"package": "huggingface-hub"}),
    ],
)
def test_what_does_not_fit_is_told_coarsely_and_never_wrongly(change, told):
    assert decode(encode(FACTS._replace(**change))) == FACTS._replace(**told)


def test_it_is_three_groups_of_four_letters_and_digits_without_those_that_look_alike():
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", encode(FACTS))


def test_the_fields_fill_the_code():
    assert sum(width for _, width in FIELDS) == 5 * LENGTH


def test_it_may_be_typed_as_it_was_heard():
    written = encode(FACTS)
    heard = written.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert decode(heard) == FACTS


def test_every_wrong_character_is_noticed():
    letters = encode(FACTS).replace("-", "")
    for place, letter in itertools.product(range(len(letters)), ALPHABET):
        if letters[place] != letter:
            with pytest.raises(ValueError, match="is wrong"):
                decode(letters[:place] + letter + letters[place + 1 :])


def test_two_characters_that_changed_places_are_noticed():
    letters = list(encode(FACTS).replace("-", ""))
    for i, j in itertools.combinations(range(len(letters)), 2):
        swapped = list(letters)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        if swapped != letters:
            with pytest.raises(ValueError, match="is wrong"):
                decode("".join(swapped))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has 12 letters and digits, and this one has 0"),
        ("ABCD-EFGH", "this one has 8"),
        ("U" * 12, "No code has the character 'U'"),
        ("ÄBCD-EFGH-JKMN", "No code has the character 'Ä'"),
        ("0" * 12, "is wrong"),
    ],
)
def test_what_is_no_code_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        decode(text)


def test_the_code_of_a_later_ktlearn_is_not_misread(monkeypatch):
    monkeypatch.setattr(code, "FORMAT", 2)
    later = encode(FACTS)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="another ktlearn"):
        decode(later)


def test_it_knows_every_check_of_the_doctor_and_every_package():
    checks = (doctor.versions, *doctor.MACHINE, *doctor.LESSONS)
    assert {check.__name__ for check in checks} <= set(code.CHECKS)
    assert {name.replace("_", "-") for name, _ in doctor.requirements()} <= set(code.PACKAGES)
