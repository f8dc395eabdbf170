"""The diagrams of lesson 14 name what they show."""

from ktlearn.diagrams.lesson_14 import METHODS, fair_comparison, what_is_learned


def test_the_towers_name_their_methods_and_what_is_learned():
    data = what_is_learned().data
    for name in (*METHODS, "from pretrained", "from random", "kept", "A · B"):
        assert name in data


def test_a_fair_comparison_says_what_the_seed_draws():
    data = fair_comparison().data
    assert data.count("the seed draws") == 2
    for station in ("pool", "sample", "settings", "training", "180 tests", "a score"):
        assert station in data
