"""The slides of a lesson in a browser, at a projector's size, and on paper."""

import re

import pytest

from ktlearn.course.slides import make_slides

OVERFLOWING = """() => Reveal.getSlides().flatMap((slide, number) => {
  Reveal.slide(number);
  const parts = [slide, slide.querySelector(".shown")].filter(Boolean);
  const over = parts.some((at) => at.scrollHeight > at.clientHeight + 2 || at.scrollWidth > at.clientWidth + 2);
  const texts = slide.matches(".picture") ? [] : [...slide.querySelectorAll(".shown > *")];
  const small = texts.some((at) => Number(at.style.zoom || 1) < 0.65);
  return over ? [`${number + 1} overflows`] : small ? [`${number + 1} is too small to read`] : [];
})"""

MISPLACED_ON_PAPER = """() => {
  dispatchEvent(new Event("beforeprint"));
  const wrong = Reveal.getSlides().flatMap((slide, number) => {
    const { left, top, width, height } = slide.getBoundingClientRect();
    const style = getComputedStyle(slide);
    const seen = style.visibility === "visible" && style.opacity === "1" && style.printColorAdjust === "exact";
    const place = [0, number * 720, 1280, 720];
    const placed = [left, top + scrollY, width, height].every((at, i) => Math.abs(at - place[i]) < 1);
    const parts = [slide, slide.querySelector(".shown")].filter(Boolean);
    const cut = parts.some((at) => at.scrollHeight > at.clientHeight + 2 || at.scrollWidth > at.clientWidth + 2);
    return seen && placed && !cut ? [] : [`${number + 1}: seen ${seen}, placed ${placed}, cut ${cut}`];
  });
  dispatchEvent(new Event("afterprint"));
  return wrong;
}"""
SEEN = """sections => sections.map((at) => {
  const { left, top, width, height } = at.getBoundingClientRect();
  return [left, top, width, height, getComputedStyle(at).visibility, at.className];
})"""


@pytest.fixture
def deck(page, tmp_path):
    def deck(lesson):
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(make_slides(lesson, tmp_path)[0].as_uri())
        page.wait_for_function("Reveal.isReady() && document.querySelector('section.present')")
        return page

    return deck


@pytest.mark.slow
@pytest.mark.parametrize(
    "lesson",
    ["01", "04", "16"]
    + [
        pytest.param(lesson, marks=pytest.mark.weekly)
        for lesson in ("00", "A1", "02", "03", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15")
    ],
)
def test_every_slide_fits_and_can_be_read_from_the_last_row(deck, lesson):
    assert deck(lesson).evaluate(OVERFLOWING) == []


@pytest.mark.slow
def test_keys_turn_the_pages_and_a_widget_in_use_keeps_the_arrows(deck):
    page = deck("02")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getState().indexh") == 1
    widget = page.evaluate("Reveal.getSlides().findIndex((slide) => slide.querySelector('.kt-frozen'))")
    page.evaluate("number => Reveal.slide(number)", widget)
    page.locator("section.present .kt-frozen button").first.click()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getState().indexh") == widget
    page.keyboard.press("PageDown")
    assert page.evaluate("Reveal.getState().indexh") == widget + 1


@pytest.mark.slow
def test_the_notes_open_in_a_window_of_their_own_without_a_server(deck):
    page = deck("02")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value
    notes.wait_for_function("document.querySelector('.speaker-controls-notes')?.innerText.length > 40", timeout=10_000)
    assert "queries, keys and values" in notes.locator(".speaker-controls-notes").inner_text()


@pytest.mark.slow
def test_printing_gives_each_slide_a_page_cuts_nothing_and_leaves_the_screen_as_it_was(deck):
    page = deck("02")
    count, on_screen = page.evaluate("Reveal.getTotalSlides()"), page.locator("section").evaluate_all(SEEN)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == count
    assert set(re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", printed)) == {b"0 0 960 540"}, "16 to 9, as the screen"
    assert page.evaluate(MISPLACED_ON_PAPER) == []
    assert page.locator("section").evaluate_all(SEEN) == on_screen
    assert page.evaluate(OVERFLOWING) == []
