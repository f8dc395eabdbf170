"""Tokens and names that look like code are shown as they are, and nothing of them runs."""

import pytest

from ktlearn.widgets import AttentionView
from tests.browser.conftest import drawn
from tests.widgets.hostile import TOKENS, softmax_maps

# Canvas and text; at each change one of both.
VIEWS = ["heatmap", "strip", *(pytest.param(view, marks=pytest.mark.weekly) for view in ("lines", "grid"))]


def hostile(view):
    weights = softmax_maps(2, 2, len(TOKENS))
    names = {"layers": TOKENS[:2], "heads_named": TOKENS[1:3], "special_tokens": TOKENS[:1]}
    return AttentionView(weights, TOKENS, view=view, pinned=(0, 1), text=TOKENS[0], **names)


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_runs_in_a_live_view(show, view):
    page = show(hostile(view))
    for row in range(len(TOKENS)):
        page.evaluate("row => model.set('pinned', [row, null])", row)
        drawn(page)
    assert page.evaluate("window.harm") is None
    assert page.locator(".kt-attention img, .kt-attention script").count() == 0


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_runs_in_an_exported_page(page, tmp_path, view):
    hostile(view).export(tmp_path / "view.html")
    page.goto(f"file://{tmp_path}/view.html")
    page.wait_for_selector(".kt-attention canvas")
    drawn(page)
    assert page.evaluate("window.harm") is None
    assert page.locator("img, .kt-attention script").count() == 0
    assert page.locator("script").count() == 0


def test_tokens_are_whole_in_the_strip(show):
    page = show(hostile("strip"))
    texts = page.locator(".kt-token").evaluate_all("all => all.map((one) => one.textContent)")
    for seen, token in zip(texts, TOKENS, strict=True):
        assert seen == {"": "∅", "\n\t ": "⏎␣␣"}.get(token, token)
    width = page.locator(".kt-token").nth(6).bounding_box()["width"]
    assert width <= 1000


def test_a_reversing_token_does_not_reverse_the_sentence(show):
    page = show(hostile("heatmap"))
    page.evaluate("model.set('pinned', [5, 0])")
    drawn(page)
    assert page.locator(".kt-live bdi").count() == 2
    assert page.locator(".kt-live").inner_text().startswith("</script>")


def test_a_very_long_token_is_whole_in_the_sentence_and_takes_little_room(show):
    page = show(hostile("heatmap"))
    page.evaluate("model.set('pinned', [6, 0])")
    drawn(page)
    assert page.locator(".kt-live bdi").first.text_content() == TOKENS[6]
    assert page.locator(".kt-live").bounding_box()["height"] < 200
