"""The diagnoses of lesson 00. What holds for every exercise is in test_every_exercise.py."""

import pytest

from ktlearn.exercises.lesson_00 import FAMILIES
from tests.exercises.answers import diagnosis, line

WRONG = [
    ("0.1", 100, "that is the RNN"),
    ("0.1", 1, "that is attention"),
    ("0.1", 25, "not four"),
    ("0.1", 51, "only 100 words to go"),
    ("0.1", 49.5, "a whole number"),
    ("0.1", 7, "not 7"),
    ("0.2", "she", "1 piece."),
    ("0.2", "she smiled", "one English word"),
    ("0.2", "q" * 300, "too long"),
    ("0.3", {}, "seven tasks"),
    ("0.3", {task: "encoder" for task in FAMILIES}, "4 of 7 are not right"),
    ("0.3", {task: "transformer" for task in FAMILIES}, "write \"encoder\""),
    ("0.4", "a", "compute two steps on paper"),
    ("0.4", "b", "something moves"),
    ("0.4", "d", "one letter"),
    ("0.5", (4, 1), "turned round"),
    ("0.5", (2, 5), "counted from 0"),
    ("0.5", (2, 1), "the token after"),
    ("0.5", (9, 9), "layers are 0 to 3"),
    ("0.5", (0, 0), "One has more"),
    ("0.6", "It understands her.", "these are 3 words"),
    ("0.6", "The head understands very well that it is the woman who closed something, and this is why it is so dark "
     "in this cell of the map.", "where the tokens stand"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_dash_or_a_space_joins_encoder_and_decoder():
    families = {task: family.replace("-", "–").title() for task, family in FAMILIES.items()}
    assert line("0.3", families) == "✓ Right."


def test_a_story_that_only_counts_positions_still_lacks_how_the_head_was_found():
    story = (
        "The row of her is darkest at she, but eyes and smiled also look two positions to their left, so it may be "
        "about positions and nothing else."
    )
    assert "how this head was found" in diagnosis("0.6", story)
