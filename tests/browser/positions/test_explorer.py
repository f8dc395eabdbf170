"""PositionExplorer in a browser: its map, its clocks, and what clicks and keys do."""

import numpy as np
import pytest

from ktlearn.widgets import PositionExplorer
from tests.browser.conftest import drawn, press_button, said


@pytest.fixture
def explorer(show):
    return show(PositionExplorer(50, 32, position=10, other=13, pair=4))


def test_the_explorer_says_what_python_computes(explorer):
    widget = PositionExplorer(50, 32, position=10, other=13)
    expected = f"the dot product is {widget.dot:.2f} of 16, the Euclidean distance {widget.distance:.2f}."
    assert expected in said(explorer)
    assert said(explorer).endswith(f"Pair 4 turns once in {2 * np.pi * 10000 ** (8 / 32):.1f} positions.")


def test_a_click_on_the_map_moves_a_position_and_shift_the_other_one(explorer, trait):
    box = explorer.locator(".kt-map").bounding_box()
    place = {"x": 50, "y": box["height"] * (20.5 / 50)}
    explorer.locator(".kt-map").click(position=place)
    explorer.wait_for_function("model.get('position') === 20")
    explorer.locator(".kt-map").click(position=place, modifiers=["Shift"])
    explorer.wait_for_function("model.get('other') === 20")
    drawn(explorer)
    assert "0 apart: the dot product is 16.00 of 16, the Euclidean distance 0.00" in said(explorer)


def test_the_map_is_moved_with_the_keyboard(explorer, trait):
    explorer.locator(".kt-map").focus()
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowUp", "ArrowLeft"):
        explorer.keyboard.press(key)
    assert (trait("position"), trait("other"), trait("pair")) == (12, 12, 3)


def test_a_clock_chooses_its_pair_and_its_hands_stand_right(explorer, trait):
    press_button(explorer, "pair 0")
    assert trait("pair") == 0
    assert "pair 0: its sine" in explorer.locator(".kt-side").inner_text()
    hand = explorer.locator('button[name="pair 0"] .kt-hand.kt-key-0').get_attribute("d")
    tip = [float(number) for number in hand.split("L")[1].split()]
    assert np.allclose(tip, [16 * np.sin(10), -16 * np.cos(10)], atol=0.06)


def test_the_map_has_the_colours_of_the_numbers(explorer):
    code = """() => { const g = document.querySelector("canvas").getContext("2d");
        return [[0, 1], [1, 0], [11, 0]].map(([x, y]) => [...g.getImageData(x, y, 1, 1).data.slice(0, 3)]); }"""
    sine_of_one, one, _ = explorer.evaluate(code)
    assert one == [8, 48, 107]
    assert sine_of_one[2] > sine_of_one[0]
