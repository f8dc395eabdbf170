"""The diagrams of lesson 15 name what they show."""

from ktlearn.diagrams.lesson_15 import data_parallel, four_things


def test_a_step_has_three_phases_and_four_kinds_of_numbers():
    data = four_things().data
    for word in ("forward", "back", "step", "weights", "Adam", "activations", "gradients"):
        assert word in data


def test_two_processes_meet_in_the_mean():
    data = data_parallel().data
    for words in ("a batch", "process 1", "process 2", "over the network"):
        assert f">{words}<" in data
    assert data.count("the same step") == 2
