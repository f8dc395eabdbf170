"""The small widgets in a browser: what they show, what a click, a drag and a key do, and what they say."""

import numpy as np
import pytest

from ktlearn.widgets import MaskPainter, PositionExplorer, SoftmaxPlayground
from ktlearn.widgets.mask.painter import WAYS
from tests.browser.conftest import drawn, sent
from tests.widgets.hostile import TOKENS

WORDS = ["Mia", "met", "Tom", "<pad>"]
SCORES = np.array([[1, 1, -1, 1], [1, 0, 1, 0], [-1, 1, 1, -1], [3, 0, 1, 1]], dtype="float64")


def said(page):
    return page.locator(".kt-live").inner_text().strip()


def slide(page, name, value):
    page.locator(f'input[name="{name}"]').fill(str(value))
    drawn(page)


def click(page, name):
    page.locator(f'button[name="{name}"]').click()
    drawn(page)


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
    assert said(playground).startswith("Mia has the weight 0.534; one point more brings 0.249.")


def test_wider_keys_saturate_the_softmax_only_without_the_division(playground, trait):
    slide(playground, "d_k", 10)
    assert trait("d_k") == 1024
    assert numbers(playground, 3) == [64, 0, 32, 32]
    assert numbers(playground, 6) == [0.534, 0.072, 0.197, 0.197]
    click(playground, "no")
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
    click(page, "padding & causal")
    assert np.array(trait("allowed")).sum(1).tolist() == [1, 2, 3, 3]
    assert page.locator('button[name="padding & causal"]').get_attribute("aria-pressed") == "true"
    click(page, "change the row of 0")
    page.wait_for_function("!model.get('allowed')[0].some(Boolean)")
    click(page, "change the column of 3")
    page.wait_for_function("model.get('allowed').every((row) => row[3])")
    assert page.locator('button[name="padding & causal"]').get_attribute("aria-pressed") == "false"


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
    click(explorer, "pair 0")
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


MAKE = {
    "softmax": lambda: SoftmaxPlayground(range(8), TOKENS[:8]),
    "mask": lambda: MaskPainter(TOKENS, way="times", cell=(6, 0)),
    "positions": lambda: PositionExplorer(20, 8),
}


@pytest.mark.parametrize("name", MAKE)
def test_nothing_runs_and_nothing_is_too_wide(show, name):
    page = show(MAKE[name]())
    assert page.evaluate("window.harm") is None
    assert page.locator(".kt-small :is(img, script, b b)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1000
    if name == "mask":
        assert page.locator(".kt-live bdi").first.text_content() == TOKENS[6]


@pytest.mark.parametrize("name", MAKE)
def test_every_control_has_a_name_and_the_line_is_live(show, name):
    page = show(MAKE[name]())
    names = page.locator("button, input").evaluate_all("all => all.map((one) => one.ariaLabel || one.innerText)")
    assert names
    assert all(names)
    assert page.get_by_role("status").count() == 1
    assert page.locator("[data-lm-suppress-shortcuts]").count() == 1


@pytest.mark.parametrize("name", MAKE)
def test_the_theme_is_followed(show, page, name):
    show(MAKE[name](), "dark")
    assert page.locator(".kt-small.kt-dark").count() == 1
    page.evaluate("document.body.style = 'background: #fff; color: #222'")
    drawn(page)
    assert page.locator(".kt-small.kt-dark").count() == 0


@pytest.mark.parametrize("name", MAKE)
def test_it_stops_listening_when_it_is_gone(show, page, name):
    show(MAKE[name]())
    before = page.evaluate("model.listening()")
    page.evaluate("stop()")
    assert page.evaluate("model.listening()") <= 1 < before


@pytest.mark.parametrize("name", MAKE)
def test_a_frozen_copy_is_alive_without_a_kernel(page, tmp_path, name):
    MAKE[name]().export(tmp_path / "one.html")
    page.goto(f"file://{tmp_path}/one.html")
    page.wait_for_selector(".kt-small .kt-notes p")
    assert page.evaluate("window.harm") is None
    before = said(page)
    if name == "mask":
        page.locator('[data-cell="2,2"]').first.hover()
    else:
        slide(page, "temperature" if name == "softmax" else "position", 2)
    page.wait_for_function("before => document.querySelector('.kt-live').innerText.trim() !== before", arg=before)
    assert page.locator("img").count() == 0
