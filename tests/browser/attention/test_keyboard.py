"""Everything works without a mouse, and is said to who cannot see."""

import numpy as np
import pytest

from ktlearn.widgets import AttentionView
from tests.browser.conftest import drawn, said
from tests.widgets.hostile import softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]


@pytest.fixture
def press(page):
    """Press keys on the map, one after the other."""

    def press(*keys):
        page.locator(".kt-scroll").focus()
        for key in keys:
            page.keyboard.press(key)
            drawn(page)

    return press


def test_arrows_move_the_cell_and_enter_pins_it(show, press, trait):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS))
    press("ArrowDown")
    assert said(page).startswith("layer 0, head 0: [CLS] → [CLS]")
    press("ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert said(page).startswith("layer 0, head 0: she → she")
    press("Enter")
    assert trait("pinned") == [1, 1]


def test_arrows_stop_at_the_edge(show, press):
    page = show(AttentionView(np.eye(2), ["a", "b"]))
    press(*["ArrowDown"] * 5, *["ArrowUp"] * 5, *["ArrowRight"] * 5)
    assert said(page).startswith("layer 0, head 0: a → b")


def test_escape_clears(show, press, trait):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS, pinned=(1, 1)))
    press("ArrowDown", "Escape")
    assert trait("pinned") is None
    assert said(page).startswith("Point at a cell")


def test_brackets_change_the_layer_and_comma_and_full_stop_the_head(show, press, trait):
    show(AttentionView(softmax_maps(3, 3, 4), WORDS))
    press("]", "]", "]", "[", ".", ".", ".", ",")
    assert (trait("layer"), trait("heads")) == (1, [1])


def test_the_grid_is_walked_and_a_head_opened(show, press, trait):
    page = show(AttentionView(softmax_maps(3, 3, 4), WORDS, view="grid"))
    press("ArrowDown", "ArrowRight", "ArrowRight")
    assert said(page) == "layer 1, head 2"
    press("Enter")
    assert (trait("view"), trait("layer"), trait("heads"), trait("pinned")) == ("heatmap", 1, [2], None)


@pytest.mark.parametrize("view", ["strip", "lines"])
def test_tokens_are_walked(show, press, trait, view):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS, view=view))
    press(*(["ArrowRight"] * 3 if view == "strip" else ["ArrowDown"] * 3))
    press("Enter")
    assert trait("pinned")[0] == 2
    assert "won" in said(page)


def test_what_is_chosen_is_moved_into_sight(show, press, trait):
    page = show(AttentionView(softmax_maps(1, 1, 60), [f"t{i}" for i in range(60)], zoom=4.0, pinned=(0, 0)))
    press(*["ArrowDown"] * 30)
    left, top = page.locator(".kt-scroll").evaluate("one => [one.scrollLeft, one.scrollTop]")
    assert top > 200
    assert left == 0
    press(*["ArrowUp"] * 30)
    assert page.locator(".kt-scroll").evaluate("one => one.scrollTop") == 0


def test_typing_in_the_box_moves_nothing(show, trait):
    page = show(AttentionView(softmax_maps(3, 1, 4), WORDS, text=""))
    page.locator("input[name=text]").press_sequentially("[]].,")
    assert trait("layer") == 0
    assert page.locator("input[name=text]").input_value() == "[]].,"


def test_every_control_is_reached_by_tab_and_has_a_name(show):
    page = show(AttentionView(softmax_maps(2, 2, 4), WORDS, text="x"))
    names = page.locator("button, input").evaluate_all(
        "all => all.map((one) => [one.tabIndex, one.innerText || one.getAttribute('aria-label')])"
    )
    assert len(names) > 10
    assert all(index == 0 and name for index, name in names)


def test_the_map_has_a_role_and_its_words_are_live(show):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS))
    assert page.get_by_role("application", name="Attention map").count() == 1
    assert page.get_by_role("status").count() == 1
    assert page.locator(".kt-live").get_attribute("role") == "status"


def test_jupyterlab_leaves_the_keys_to_the_widget(show):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS))
    assert page.locator(".kt-attention[data-lm-suppress-shortcuts]").count() == 1
