"""What the small widgets have in common in a browser: harmless, named, in the theme, and alive when frozen."""

import pytest

from ktlearn.widgets import MaskPainter, PositionExplorer, SoftmaxPlayground
from tests.browser.conftest import drawn, said, slide
from tests.widgets.hostile import TOKENS

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
