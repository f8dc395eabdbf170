"""The diagrams of lesson 05 say what the lesson says."""

import pytest

from ktlearn.diagrams.lesson_05 import beam_tree, cross_attention, teacher_forcing


def test_queries_come_from_the_target_and_keys_and_values_from_the_source():
    svg = cross_attention().data
    assert svg.count("(T, D)") == 1
    assert svg.count("(S, D)") == 2
    assert "map  (T, S)" in svg


def test_each_label_is_read_one_step_later():
    svg = teacher_forcing(["<start>", "5", "März"], ["5", "März", "<end>"]).data
    assert svg.count(">5<") == svg.count(">März<") == 2
    assert svg.count("stroke-dasharray") == 2  # the last label is read by nobody


def test_two_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="got 2 tokens and 1"):
        teacher_forcing(["<start>", "5"], ["5"])


def test_the_tree_shows_that_greedy_search_misses_the_best_way():
    svg = beam_tree().data
    assert "0.6 × 0.5 = 0.30  greedy" in svg
    assert "0.4 × 0.9 = 0.36  best" in svg
