"""MaskPainter in a browser: what it shows and rings, and what clicks, drags and keys paint."""

import numpy as np
import pytest

from ktlearn.widgets import MaskPainter
from ktlearn.widgets.mask.painter import WAYS
from tests.browser.conftest import drawn, press_button, said

WORDS = ["Mia", "met", "Tom", "<pad>"]
SCORES = np.array([[1, 1, -1, 1], [1, 0, 1, 0], [-1, 1, 1, -1], [3, 0, 1, 1]], dtype="float64")


def weights(page):
    cells = page.locator(".kt-mask table").nth(1).locator("td[data-cell]").all_inner_texts()
    return [float(cell or 0) for cell in cells]


@pytest.mark.parametrize("way", WAYS)
def test_the_painter_shows_the_weights_and_alarms_that_python_computes(show, way):
    painter = MaskPainter(WORDS, SCORES, preset="both", way=way)
    page = show(painter)
    assert np.allclose(weights(page), painter.weights.ravel(), atol=0.0051)
    rings = [text.startswith("✗") for text in page.locator(".kt-alarm").all_inner_texts()]
    assert rings == painter.alarms
    sums = [float(text) for text in page.locator(".kt-sum").all_inner_texts()]
    assert np.allclose(sums, painter.weights.sum(1), atol=0.0051)


def test_a_click_allows_or_forbids(show, trait):
    page = show(MaskPainter(WORDS, SCORES, preset="causal"))
    page.locator('[data-cell="0,2"]').first.click()
    page.locator('[data-cell="3,0"]').first.click()
    page.wait_for_function("model.sent.length > 0 && !model.get('allowed')[3][0]")
    assert trait("allowed")[0] == [True, False, True, False]
    assert trait("allowed")[3] == [False, True, True, True]


def test_a_drag_paints(show, trait):
    page = show(MaskPainter(WORDS, SCORES, preset="causal"))
    for column, move in ((1, page.mouse.down), (2, None), (3, page.mouse.up)):
        page.locator(f'[data-cell="0,{column}"]').first.hover()
        if move:
            move()
    page.wait_for_function("model.get('allowed')[0].every(Boolean)")
    page.locator('[data-cell="1,3"]').first.hover()
    drawn(page)
    assert trait("allowed")[1][3] is False


def test_presets_and_tokens_change_many_cells(show, trait):
    page = show(MaskPainter(WORDS, SCORES))
    press_button(page, "allowed padding & causal")
    assert np.array(trait("allowed")).sum(1).tolist() == [1, 2, 3, 3]
    assert page.locator('button[name="allowed padding & causal"]').get_attribute("aria-pressed") == "true"
    press_button(page, "change the row of 0")
    page.wait_for_function("!model.get('allowed')[0].some(Boolean)")
    press_button(page, "change the column of 3")
    page.wait_for_function("model.get('allowed').every((row) => row[3])")
    assert page.locator('button[name="allowed padding & causal"]').get_attribute("aria-pressed") == "false"


def test_a_row_that_may_look_nowhere_is_named(show, trait):
    page = show(MaskPainter(WORDS, SCORES))
    trait("allowed", [[False] * 4, *[[True] * 4] * 3])
    assert "Mia may look nowhere" in page.locator(".kt-notes").inner_text()
    trait("way", "-inf")
    assert page.locator(".kt-mask table").nth(1).locator("td[data-cell]").first.inner_text() == "nan"


def test_the_painter_is_used_with_the_keyboard(show, trait):
    page = show(MaskPainter(WORDS, SCORES))
    page.locator('[data-cell="0,0"]').first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", " "):
        page.keyboard.press(key)
        drawn(page)
    page.wait_for_function("!model.get('allowed')[1][2]")
    assert said(page) == "met may not look at Tom: weight 0.000"
    page.wait_for_function("model.get('cell')?.join() === '1,2'")
    focused = page.evaluate("[document.activeElement.dataset.cell, document.activeElement.getAttribute('aria-label')]")
    assert focused == ["1,2", "met may not look at Tom"]
