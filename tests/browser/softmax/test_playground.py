"""SoftmaxPlayground in a browser: its numbers and bars, and what sliders, drags and keys do."""

import numpy as np
import pytest

from ktlearn.widgets import SoftmaxPlayground
from tests.browser.conftest import drawn, press_button, said, sent, slide


def numbers(page, column):
    """A column of the playground's table, as numbers."""
    cells = page.locator(f".kt-softmax tbody td:nth-child({column})").all_inner_texts()
    return [float(cell) for cell in cells]


@pytest.fixture
def playground(show):
    return show(SoftmaxPlayground([4, 0, 2, 2], ["Mia", "met", "Tom", "she"], d_k=4))


def test_the_playground_shows_the_numbers_of_lesson_01(playground):
    assert numbers(playground, 3) == [4, 0, 2, 2]
    assert numbers(playground, 4) == [2, 0, 1, 1]
    assert numbers(playground, 6) == [0.534, 0.072, 0.197, 0.197]
    assert numbers(playground, 8) == [0.249, 0.067, 0.158, 0.158]
    assert said(playground).startswith("Mia has the weight 0.534; its slope is 0.249.")


def test_wider_keys_saturate_the_softmax_only_without_the_division(playground, trait):
    slide(playground, "d_k", 10)
    assert trait("d_k") == 1024
    assert numbers(playground, 3) == [64, 0, 32, 32]
    assert numbers(playground, 6) == [0.534, 0.072, 0.197, 0.197]
    press_button(playground, "divided no")
    assert trait("divided") is False
    assert numbers(playground, 6) == [1, 0, 0, 0]
    assert said(playground).endswith("no slope is left to learn from.")


def test_the_bars_are_as_long_as_the_weights(playground):
    wide = playground.locator(".kt-share .kt-bar").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().width)"
    )
    room = playground.locator(".kt-share").first.evaluate("one => one.clientWidth - 12")
    assert np.allclose(np.array(wide) / room, [0.534, 0.072, 0.197, 0.197], atol=0.02)


def test_scores_and_temperature_are_sent_to_python(playground):
    slide(playground, "score 1", 6)
    slide(playground, "temperature", -1)
    playground.wait_for_function("Object.assign({}, ...model.sent).temperature === 0.5")
    drawn(playground)
    assert sent(playground)["scores"] == [4, 6, 2, 2]
    assert sent(playground)["picked"] == 1
    assert numbers(playground, 4) == [4, 6, 2, 2]


def test_the_chart_is_moved_with_the_arrow_keys(playground):
    playground.locator(".kt-chart").focus()
    playground.keyboard.press("ArrowRight")
    playground.wait_for_function("model.get('temperature') < 1")
    assert numbers(playground, 6)[0] > 0.534


def test_the_chart_is_dragged(playground):
    box = playground.locator(".kt-chart").bounding_box()
    playground.mouse.click(box["x"] + box["width"] * 0.12, box["y"] + 50)
    playground.wait_for_function("model.get('temperature') > 1.5")
    drawn(playground)
    assert numbers(playground, 6)[0] < 0.5


def test_python_moves_the_playground(playground, trait):
    trait("picked", 3)
    trait("d_k", 64)
    assert said(playground).startswith("she has the weight 0.197")
    assert playground.locator('input[name="d_k"]').input_value() == "6"
