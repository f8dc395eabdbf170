"""The diagram of lesson 03 says what the lesson says."""

from ktlearn.diagrams.lesson_03 import D_K, HEADS, LENGTH, split_and_join
from ktlearn.widgets.base.colours import LIGHT


def test_nothing_is_lost_between_the_cut_and_the_join():
    svg = split_and_join().data
    pictures = 5  # before the cut, cut, apart, values, joined
    for head in range(HEADS):
        assert svg.count(f'fill="{LIGHT["heads"][head]}" stroke') == pictures * LENGTH * D_K


def test_the_shapes_come_in_the_order_of_the_steps():
    svg = split_and_join().data
    assert svg.index("(B, L, H, d_k)") < svg.index("(B, H, L, d_k)") < svg.rindex("(B, L, D)")
