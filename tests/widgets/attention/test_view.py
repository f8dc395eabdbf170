"""AttentionView in Python: its traits, what it sends, what it gives back. The browser's half is in tests/browser."""

import json

import ipywidgets
import numpy as np
import pytest
import traitlets

from ktlearn.widgets import AttentionMaps, AttentionView
from ktlearn.widgets.attention import packing
from ktlearn.widgets.base.bundle import as_module
from ktlearn.widgets.base.colours import COLOURS
from tests.widgets.hostile import TOKENS, softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]


@pytest.fixture
def view():
    return AttentionView(softmax_maps(3, 4, 4), WORDS)


def test_a_view_says_what_it_holds(view):
    assert repr(view) == "<AttentionView: 3 layers, 4 heads, 4 queries, 4 keys>"


def test_it_starts_at_the_first_head_of_the_first_layer(view):
    assert (view.view, view.layer, view.heads, view.pinned, view.block) == ("heatmap", 0, [0], None, "attention")


def test_colours_go_up_to_the_largest_weight_when_there_are_many_tokens():
    assert AttentionView(softmax_maps(1, 1, 16), list("abcdefghijklmnop")).full_scale is True
    assert AttentionView(softmax_maps(1, 1, 17), list("abcdefghijklmnopq")).full_scale is False


def test_state_is_settable_observable_and_checked(view):
    seen = []
    view.observe(lambda change: seen.append(change.new), "layer")
    view.layer = 2
    view.heads = [3, 1, 1]
    assert seen == [2]
    assert view.heads == [1, 3]


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("layer", 3, "layer must be from 0 to 2; got 3"),
        ("layer", -1, "layer must be from 0 to 2"),
        ("step", 1, "step must be from 0 to 0"),
        ("heads", [4], "numbers from 0 to 3"),
        ("heads", [], "one or more"),
        ("pinned", (4, 0), "pinned: the query must be from 0 to 3, or None; got 4"),
        ("pinned", (0, 9), "the key must be"),
        ("hover", (-1, 0), "hover: the query"),
        ("block", "cross", r"one of \['attention'\]"),
        ("view", "bars", "view"),
        ("special", "hide", "special"),
    ],
)
def test_a_state_that_the_maps_do_not_have_is_refused(view, trait, value, message):
    before = getattr(view, trait)
    with pytest.raises(traitlets.TraitError, match=message):
        setattr(view, trait, value)
    assert getattr(view, trait) == before


def test_a_state_given_at_the_start_is_checked_too():
    with pytest.raises(traitlets.TraitError, match="layer must be from 0 to 2"):
        AttentionView(softmax_maps(3, 4, 4), WORDS, layer=7)


def test_the_selection_is_given_back(view):
    view.layer, view.heads, view.pinned = 1, [2], (1, 0)
    weight = float(softmax_maps(3, 4, 4)[1, 2, 1, 0])
    assert view.selection == {
        "block": "attention",
        "step": 0,
        "layer": 1,
        "heads": [2],
        "query": "she",
        "key": "[CLS]",
        "weight": pytest.approx(weight, abs=1e-6),
    }
    view.pinned = (1, None)
    assert (view.selection["query"], view.selection["key"], view.selection["weight"]) == ("she", None, None)


def test_what_the_browser_sends_arrives_as_python_values(view):
    """A message from the browser holds lists, not tuples."""
    view.set_state({"pinned": [1, None], "hover": [0, 2], "heads": [2], "block": "attention"})
    assert (view.pinned, view.hover, view.heads) == ((1, None), (0, 2), [2])


def test_the_browser_gets_one_byte_for_each_weight(view):
    assert len(view._data) == 3 * 4 * 4 * 4
    assert view._data == packing.to_bytes(view.blocks["attention"]).tobytes()
    assert "_data" in view.keys


def test_exact_numbers_are_sent_when_asked_for(view):
    question = json.dumps(["row", 0, 0, 1, [2], 3])
    view._wanted = [question]
    row = np.frombuffer(view._answers[question], "float32")
    assert np.array_equal(row, softmax_maps(3, 4, 4)[1, 2, 3])


def test_only_the_last_answers_are_kept(view):
    for query in (0, 1, 2, 3):
        view._wanted = [json.dumps(["row", 0, 0, layer, [0], query]) for layer in range(3)]
    assert len(view._answers) == 6


def test_new_weights_keep_the_state_and_forget_the_answers(view):
    view.layer, view.heads, view.pinned = 2, [3], (1, 1)
    view._wanted = ['["row",0,0,0,[0],0]']
    view.update(softmax_maps(3, 4, 4, seed=1))
    assert (view.layer, view.heads, view.pinned) == (2, [3], (1, 1))
    assert (view._answers, view._wanted) == ({}, [])
    assert np.array_equal(view.blocks["attention"].weights[0], softmax_maps(3, 4, 4, seed=1))


def test_new_weights_arrive_in_one_message(view, monkeypatch):
    view.layer = 2
    messages = []
    view.send_state = lambda key=None: messages.append(set(key))
    monkeypatch.setattr(type(view.comm), "kernel", object(), raising=False)  # ipywidgets 7 sends nothing without one
    view.update(softmax_maps(2, 4, 4, seed=1), WORDS)
    (message,) = messages
    assert message >= {"_data", "_blocks", "layer"}


def test_a_smaller_map_moves_the_state_into_it(view):
    view.layer, view.heads, view.pinned = 2, [1, 3], (3, 3)
    view.update(softmax_maps(1, 2, 3), ["a", "b", "c"])
    assert (view.layer, view.heads, view.pinned) == (0, [1], None)


def test_blocks_of_an_encoder_decoder():
    blocks = {
        "encoder": AttentionMaps(softmax_maps(4, 8, 3), list("abc")),
        "cross": AttentionMaps(softmax_maps(2, 2, 2, 3), list("xy"), list("abc")),
    }
    view = AttentionView(blocks, layer=3, heads=[7], pinned=(2, 2))
    view.block = "cross"
    assert (view.layer, view.heads, view.pinned) == (1, [0], None)
    assert repr(view) == "<AttentionView: encoder, cross: 2 layers, 2 heads, 2 queries, 3 keys>"


def test_tokens_are_needed_and_maps_bring_their_own():
    with pytest.raises(ValueError, match="tokens: give the list of tokens"):
        AttentionView(np.eye(2))
    with pytest.raises(ValueError, match="hold their tokens"):
        AttentionView(AttentionMaps(np.eye(2), ["a", "b"]), ["a", "b"])


def test_too_many_weights_are_refused_before_they_are_sent(monkeypatch):
    monkeypatch.setattr("ktlearn.widgets.attention.view.MOST_WEIGHTS", 100)
    with pytest.raises(ValueError, match="128 weights are more than a browser can take"):
        AttentionView(softmax_maps(2, 4, 4), WORDS)


def test_too_many_tokens_for_lines_say_which_views_to_use():
    many = AttentionView(softmax_maps(1, 1, 301), [str(i) for i in range(301)])
    with pytest.raises(traitlets.TraitError, match="lines show 300 tokens at most. Use 'strip', 'heatmap' or 'grid'"):
        many.view = "lines"
    assert "lines" not in json.dumps(many._controls[0])


def test_steps_are_offered_when_there_are_vectors(view):
    assert "steps" not in json.dumps(view._controls[0])
    q = np.zeros((4, 2))
    even = AttentionView(np.full((4, 4), 0.25), WORDS, queries=q, keys=q)
    assert "steps" in json.dumps(even._controls[0])


def test_special_tokens_are_those_of_the_texts(view):
    assert view._special == ["[CLS]", "[SEP]"]
    assert "special tokens" in json.dumps(view._controls)
    plain = AttentionView(np.eye(2), ["a", "b"])
    assert "special tokens" not in json.dumps(plain._controls)


def test_strange_weights_are_said_in_the_view():
    view = AttentionView(np.array([[0.5, 0.7], [0.5, np.nan]]), ["a", "b"])
    assert [note[:20] for note in view.notes] == ["1 weights are not nu", "1 of 2 rows do not s"]


def test_typed_text_is_read_and_the_selection_stays():
    view = AttentionView(softmax_maps(3, 4, 4), WORDS, layer=2, heads=[3], view="lines")
    view.on_text(lambda text: (softmax_maps(3, 4, len(text.split())), text.split()))
    view.set_state({"text": "he lost it"})
    assert view.blocks["attention"].tokens == ["he", "lost", "it"]
    assert (view.layer, view.heads, view.view, view._status) == (2, [3], "lines", "")


def test_a_text_that_cannot_be_read_leaves_the_map_and_says_why(view):
    def read(text):
        raise ValueError("too long")

    view.on_text(read)
    view.text = "anything"
    assert view._status == "ValueError: too long"
    assert view.blocks["attention"].tokens == WORDS


def test_text_and_pair_that_arrive_together_are_read_once():
    read = []
    view = AttentionView(softmax_maps(1, 1, 4), WORDS, text="", pair="")
    view.on_text(lambda text, pair: read.append((text, pair)) or (np.eye(1), ["a"]))
    view.set_state({"text": "one", "pair": "two"})
    assert read == [("one", "two")]


def test_without_on_text_there_is_no_text_box(view):
    assert view.text is None


def test_linked_views_change_together():
    first, second = (AttentionView(softmax_maps(3, 4, 4, seed=seed), WORDS) for seed in (0, 1))
    first.link(second)
    first.layer = 2
    second.heads = [1, 2]
    assert (second.layer, first.heads) == (2, [1, 2])
    first.view = "grid"
    assert second.view == "heatmap"


def test_ipywidgets_can_link_a_trait(view):
    slider = ipywidgets.IntSlider(max=2)
    ipywidgets.link((slider, "value"), (view, "layer"))
    slider.value = 1
    assert view.layer == 1


def test_a_difference_is_a_view_of_its_own(view):
    other = AttentionView(softmax_maps(3, 4, 4, seed=1), WORDS)
    difference = view.minus(other, layer=1)
    assert difference.blocks["attention"].signed
    assert difference.layer == 1
    assert difference._special == ["[CLS]", "[SEP]"]
    with pytest.raises(ValueError, match="no block in common"):
        view.minus(AttentionView({"cross": AttentionMaps(np.eye(4), WORDS)}))


def test_rollout_is_a_view_of_its_own(view):
    rollout = view.rollout()
    assert rollout.blocks["rollout"].weights.shape == (1, 3, 1, 4, 4)


def test_two_views_share_no_state():
    first, second = AttentionView(np.eye(2), ["a", "b"]), AttentionView(np.eye(2), ["a", "b"])
    first.heads.append(5)
    first.pinned = (0, 0)
    assert (second.heads, second.pinned) == ([0], None)


def test_hostile_tokens_travel_whole():
    view = AttentionView(softmax_maps(1, 1, len(TOKENS)), TOKENS)
    assert view._blocks[0]["tokens"][0] == TOKENS
    json.dumps(view.get_state(["_blocks", "_controls", "_notes"]))


def test_the_javascript_is_small_and_loads_nothing():
    module = as_module("attention/view.js")
    assert len(module.encode()) < 25_000
    assert "import" not in module
    assert "http" not in module
    assert AttentionView._esm == module


def test_every_colour_scale_begins_at_the_paper():
    for theme in COLOURS.values():
        assert theme["weights"][0] == theme["paper"]
        assert theme["signed"][len(theme["signed"]) // 2] == theme["paper"]


@pytest.fixture
def shown(monkeypatch):
    """What a widget shows as a cell's last line: a list of (data, metadata), one for each output."""
    outputs = []
    monkeypatch.setattr(
        "ktlearn.widgets.base.freezable.display", lambda data, metadata=None, raw=True: outputs.append((data, metadata))
    )

    def shown(widget):
        type(widget)._ipython_display_(widget)  # ipywidgets 7 takes it away from a closed widget
        return outputs

    return shown


def test_a_live_view_is_saved_with_a_copy_that_needs_no_kernel(view, shown):
    (live, _), (copy, _) = shown(view)
    assert set(live) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    assert live["text/plain"] == repr(view)
    assert set(copy) == {"text/html", "image/png"}
    assert f'data-kt-copy="{view._live}"' in copy["text/html"]


def test_the_copy_of_one_view_does_not_wait_for_another(view):
    other = AttentionView(np.eye(2), ["a", "b"])
    assert view._live != other._live
    assert "data-kt-copy" not in view.freeze()._repr_mimebundle_()["text/html"]


def test_a_closed_view_says_what_it_was(view, shown, capsys):
    view.close()
    assert shown(view) == []
    assert capsys.readouterr().out == f"{view!r}\n"


def test_colab_gets_its_widget_manager(view, shown, monkeypatch):
    monkeypatch.setattr("anywidget._util.get_repr_metadata", lambda: {"application/x": {"colab": 1}})
    (_, metadata), _ = shown(view)
    assert metadata == {"application/x": {"colab": 1}}
