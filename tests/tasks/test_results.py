"""Small results: plain data for a program, a short repr, and in a notebook a table in which a text is only a text."""

import dataclasses
import json

import pytest

from ktlearn.tasks import Filled, Result, Results, Sentiment, Translation

HOSTILE = "</script><script>alert(1)</script> <b>bold</b> & \x1b[31m red"
RESULTS = [
    Sentiment(HOSTILE, HOSTILE, 0.987654, {HOSTILE: 0.987654}, False),
    Filled(HOSTILE, HOSTILE, 0.5, [(HOSTILE, 0.5), ("good", 0.25)], True),
    Translation(HOSTILE, HOSTILE, None, 1, False),
]


@pytest.mark.parametrize("result", RESULTS)
def test_a_text_stays_text_in_a_notebook(result):
    for page in (result._repr_html_(), Results([result, result])._repr_html_()):
        assert "<script" not in page and "</script" not in page and "<b>" not in page and "\x1b" not in page
        assert "&lt;b&gt;bold&lt;/b&gt; &amp; \\x1b[31m red" in page
    assert "\x1b" not in repr(result) and "\n" not in repr(result)


@pytest.mark.parametrize("result", RESULTS)
def test_the_data_are_plain_and_whole(result):
    again = json.loads(json.dumps(result.data))
    assert again == result.data
    assert list(again) == [each.name for each in dataclasses.fields(result) if each.name != "read"]
    assert again["text"] == HOSTILE
    assert Results([result]).data == [again]


def test_a_result_does_not_change_and_equals_one_of_the_same_answer():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RESULTS[0].label = "other"
    assert dataclasses.replace(RESULTS[0], read=lambda: "maps") == RESULTS[0]


def test_the_maps_are_computed_when_asked_for():
    asked = []
    result = Result(read=lambda: asked.append(1) or "maps")
    assert not asked and result.attention == "maps" and asked == [1]
    with pytest.raises(ValueError, match="this result does not know its model"):
        print(RESULTS[0].attention)


def test_the_repr_is_short():
    assert repr(Filled("a [MASK]", "good", 0.123456, [("good", 0.123456)], False)) == (
        "Filled(text='a [MASK]', word='good', score=0.123, words=[['good', 0.123]], is_cut=False)"
    )


def test_a_long_list_shows_its_beginning_and_says_how_much_is_left():
    many = Results([Translation(str(number), "x", "de", 1, False) for number in range(1030)])
    assert repr(many).count("Translation(") == many._repr_html_().count("<tr>") - 1 == 20
    assert repr(many).endswith("… and 1,010 more") and "… and 1,010 more" in many._repr_html_()
    assert Results()._repr_html_() and Results().data == []
