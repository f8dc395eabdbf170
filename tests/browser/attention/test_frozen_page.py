"""Frozen views and exported pages in a browser: alive without a kernel, without a network, several on a page."""

import numpy as np
import pytest

from ktlearn.widgets import AttentionMaps, AttentionView
from tests.browser.conftest import drawn, said
from tests.widgets.hostile import softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]


@pytest.fixture
def open_frozen(page, tmp_path):
    """Open a page with the frozen copies of some views."""

    def open_frozen(*views):
        parts = [view.freeze()._repr_mimebundle_()["text/html"] for view in views]
        (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{''.join(parts)}", encoding="utf-8")
        page.goto(f"file://{tmp_path}/page.html")
        page.wait_for_function(f"document.querySelectorAll('.kt-attention').length === {len(views)}")
        drawn(page)
        return page

    return open_frozen


def test_a_small_view_knows_its_exact_numbers(open_frozen):
    weights = softmax_maps(1, 1, 4)
    page = open_frozen(AttentionView(weights, WORDS, pinned=(1, 2)))
    assert said(page) == f"layer 0, head 0: she → won {weights[0, 0, 1, 2]:.3f}"
    assert page.locator("img").count() == 0


def test_a_large_view_inflates_its_bytes(open_frozen):
    weights = softmax_maps(4, 4, 64)
    page = open_frozen(AttentionView(weights, [f"t{i}" for i in range(64)], layer=3, heads=[2], pinned=(60, 7)))
    assert said(page) == f"layer 3, head 2: t60 → t7 ≈ {weights[3, 2, 60, 7]:.2f}"


def test_it_is_interactive(open_frozen):
    page = open_frozen(AttentionView(softmax_maps(2, 2, 4), WORDS))
    page.locator('button[name="layer 1"]').click()
    page.locator('button[name="heads 1"]').click()
    page.locator('button[name="view strip"]').click()
    page.locator(".kt-token").nth(1).click()
    drawn(page)
    assert said(page).startswith("layer 1, head 1: she looks most at")
    assert page.locator(".kt-form").is_hidden()


def test_masked_pairs_and_missing_numbers_survive(open_frozen):
    mask = np.tril(np.ones((4, 4), bool))
    weights = np.where(mask, softmax_maps(1, 1, 4)[0, 0], 0)
    weights[3, 3] = np.nan
    page = open_frozen(AttentionView(weights, WORDS, mask=mask, pinned=(0, 1)))
    assert said(page).endswith("may not look")
    assert "1 weights are not numbers" in page.locator(".kt-notes").inner_text()


def test_the_steps_keep_their_vectors(open_frozen):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 4, 3))
    weights = np.exp(q @ k.T / np.sqrt(3))
    weights /= weights.sum(-1, keepdims=True)
    page = open_frozen(AttentionView(weights, WORDS, queries=q, keys=k, view="steps", pinned=(2, 0)))
    cells = page.locator("table tr").nth(2).locator("td").all_inner_texts()
    assert cells[1:3] == [f"{q[2] @ k[0]:.2f}", f"{q[2] @ k[0] / np.sqrt(3):.2f}"]
    assert float(cells[3]) == pytest.approx(weights[2, 0], abs=1e-3)  # saved with four decimals, shown with three


def test_linked_copies_change_together_and_others_do_not(open_frozen):
    views = [AttentionView(softmax_maps(3, 2, 4, seed=seed), WORDS) for seed in range(3)]
    views[0].link(views[1])
    page = open_frozen(*views)
    page.locator(".kt-attention").nth(0).locator('button[name="layer 2"]').click()
    page.locator(".kt-attention").nth(1).locator('button[name="heads 1"]').click()
    drawn(page)
    pressed = page.locator("button[aria-pressed=true]").evaluate_all("all => all.map((one) => one.name)")
    chosen = [name for name in pressed if name.startswith(("layer", "heads"))]
    assert chosen == ["layer 2", "heads 1", "layer 2", "heads 1", "layer 0", "heads 0"]


def test_the_same_copy_twice_is_two_views(open_frozen):
    view = AttentionView(softmax_maps(2, 1, 4), WORDS)
    page = open_frozen(view, view)
    page.locator('button[name="layer 1"]').nth(1).click()
    drawn(page)
    pressed = page.locator('button[name="layer 1"]').evaluate_all("all => all.map((one) => one.ariaPressed)")
    assert pressed == ["false", "true"]


def test_without_scripts_there_is_a_picture(browser, tmp_path):
    AttentionView(softmax_maps(1, 1, 4), WORDS).export(tmp_path / "view.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{tmp_path}/view.html")
    assert page.locator("img").bounding_box()["width"] > 100
    assert "strongest weight" in page.locator("img").get_attribute("alt")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_exported_page_follows_the_readers_theme(browser, tmp_path, scheme):
    AttentionView(softmax_maps(1, 1, 4), WORDS).export(tmp_path / "view.html")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"file://{tmp_path}/view.html")
    page.wait_for_selector(".kt-attention canvas")
    drawn(page)
    assert page.locator(".kt-attention.kt-dark").count() == (scheme == "dark")
    context.close()


def test_an_encoder_decoder_is_frozen_whole(open_frozen):
    blocks = {
        "encoder": AttentionMaps(softmax_maps(2, 1, 3), list("abc")),
        "cross": AttentionMaps(softmax_maps(2, 1, 2, 3, seed=1), list("xy"), list("abc")),
    }
    page = open_frozen(AttentionView(blocks))
    page.locator('button[name="block cross"]').click()
    page.locator(".kt-scroll").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
        drawn(page)
    assert said(page) == f"layer 0, head 0: y → b {blocks['cross'].weights[0, 0, 0, 1, 1]:.3f}"
