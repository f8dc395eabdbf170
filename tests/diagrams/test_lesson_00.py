import html
import re

import pytest

from ktlearn.diagrams.lesson_00 import HISTORY, families, timeline, two_ways


def filled(svg):
    """How many rectangles have each colour."""
    colours = re.findall(r'<rect [^>]*fill="(#\w+)"/>', svg)
    return {colour: colours.count(colour) for colour in set(colours)}


def test_the_rnn_counts_its_steps_and_attention_needs_one():
    picture = two_ways(["She", "closed", "her", "eyes", "and", "smiled"]).data
    assert "RNN: 5 steps" in picture and "attention: 1 step" in picture
    assert re.findall(r">(\d)</text>", picture) == ["1", "2", "3", "4", "5", "1"]


@pytest.mark.parametrize("words", [["She"], "She closed"])
def test_one_word_has_no_way_to_another(words):
    with pytest.raises((ValueError, TypeError), match="words"):
        two_ways(words)


def test_a_decoder_sees_itself_and_its_left_and_an_encoder_sees_all():
    cells = filled(families(4).data)
    assert cells["#0072b2"] == 16 + 10 + 16 + 10  # the encoder, the decoder, then both of the third family
    assert cells["#009e73"] == 16  # the decoder's look at the whole source


def test_the_timeline_is_in_order_and_each_step_removes_and_adds():
    years = [int(year) for year, *_ in HISTORY[:-1]]
    assert years == sorted(years) and HISTORY[-1][0] == "today"
    picture = html.unescape(timeline().data)
    for row in HISTORY:
        assert all(f">{words}</text>" in picture for words in row)
