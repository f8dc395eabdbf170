"""A page with one widget in it."""

import base64
import re
from pathlib import Path

import pytest

STUB = (Path(__file__).parent / "stub.js").read_text(encoding="utf-8")
PAGES = {"light": "background: #fff; color: #222", "dark": "background: #111; color: #eee"}


@pytest.fixture(scope="session")
def window(browser):
    """One window with a tab that stays: to open a window for each test is most of the browser's work."""
    window = browser.new_context(viewport={"width": 1000, "height": 900})
    window.new_page()
    yield window
    window.close()


@pytest.fixture
def page(window):
    """A page on which any error, and any request to elsewhere, fails the test."""
    page = window.new_page()
    page.set_default_timeout(30_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: page.errors.append(request.url) if _is_elsewhere(request.url) else None)
    yield page
    page.close()
    assert page.errors == []


def _is_elsewhere(url):
    return not re.match(r"data:|blob:|file:|about:|https?://(localhost|127\.0\.0\.1)\b", url)


@pytest.fixture
def show(page):
    """Put a widget on the page, with a model that needs no kernel; the answer is the page."""

    def show(view, theme="light"):
        page.set_content(f'<style>{view._css}</style><body style="margin: 0; {PAGES[theme]}"></body>')
        page.add_script_tag(content=STUB)
        page.evaluate("async (parts) => Object.assign(window, await putOnPage(...parts))", parts_of(view))
        page.wait_for_function("document.querySelector('.kt-notes')?.children.length > 0")
        return page

    return show


@pytest.fixture
def trait(page):
    """Read a trait of the widget on the page; with a value, set it as Python would, and wait for the drawing."""
    missing = object()

    def trait(name, value=missing):
        if value is missing:
            return page.evaluate("name => model.get(name)", name)
        page.evaluate("([name, value]) => { model.set(name, value) }", [name, value])
        drawn(page)

    return trait


def parts_of(view):
    """What putOnPage needs of a view: its code, its state, and its bytes."""
    state = view.get_state([name for name in view.traits(sync=True) if name not in ("layout", "tabbable", "tooltip")])
    return [view._esm, state, base64.b64encode(state.pop("_data", b"")).decode()]


def drawn(page):
    """Wait until the page has been drawn after what was done last."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def pixel(page, x, y, alpha=False):
    """The colour [red, green, blue] of the canvas at a place in CSS pixels; with ``alpha`` its opacity too."""
    code = """([x, y, channels]) => {
        const canvas = document.querySelector("canvas"), ratio = canvas.width / canvas.clientWidth;
        return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, channels);
    }"""
    return page.evaluate(code, [x, y, 4 if alpha else 3])


def sent(page):
    """What the widget has sent to Python so far, merged."""
    return page.evaluate("Object.assign({}, ...model.sent)")


def said(page, nth=0):
    """The line of a widget in words."""
    return page.locator(".kt-live").nth(nth).inner_text().strip()


def press_button(page, name):
    page.locator(f'button[name="{name}"]').click()
    drawn(page)


def slide(page, name, value):
    page.locator(f'input[name="{name}"]').fill(str(value))
    drawn(page)
