"""A lesson's Markdown in blocks, sentences and HTML, and its formulas drawn."""

import pytest

from ktlearn.course.slides.formulas import as_svg
from ktlearn.course.slides.text import as_html, blocks, claim, inline_html, sentences


def no_warning(text):
    raise AssertionError(text)


def test_a_listing_is_one_block_with_its_empty_lines():
    text = "Before:\n\n```python\na = 1\n\nb = 2\n```\n\nafter\n\n| a |\n|---|\n| 1 |\n\n> quoted"
    assert [block.kind for block in blocks(text)] == ["paragraph", "listing", "paragraph", "table", "quote"]
    assert blocks(text)[1].text.count("\n") == 4


def test_a_sentence_ends_at_its_stop_and_not_inside_code_formulas_or_numbers():
    text = "It has 0.5 of it. Call `a. B`, or $x. Y$. *Mia met Tom, she …* Then? yes"
    assert sentences(text) == ["It has 0.5 of it.", "Call `a. B`, or $x. Y$.", "*Mia met Tom, she …*", "Then? yes"]


def test_a_bold_term_is_no_claim_and_a_bold_sentence_is():
    assert claim(["A **causal mask** hides the future."], "**no**") == ""
    assert claim(
        ["First.", "Then: **a wrong mask gives no error** anywhere in this long lesson."], "**no**"
    ).startswith("Then: **a wrong")
    assert claim(["**A mistake people make** is this."], "**A mistake people make**") == ""


def test_a_link_to_another_lesson_becomes_its_text_and_one_to_the_web_stays():
    page = as_html(
        "See [lesson 02](02_masks.ipynb), [this](#part) and [the paper](https://arxiv.org/abs/1)", no_warning
    )
    assert "ipynb" not in page and "See lesson 02, this and" in page
    assert 'href="https://arxiv.org/abs/1"' in page


def test_a_number_before_a_heading_makes_no_list():
    assert inline_html("7. The same from `ktlearn`", no_warning) == "7. The same from <code>ktlearn</code>"


@pytest.mark.parametrize(
    "latex",
    [
        r"\mathrm{Attention}(Q, K, V) = \mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
        r"\underbrace{\mathrm{softmax}\Big(\underbrace{\frac{QK^\top}{\sqrt{d_k}}}_{\text{scaled}}\Big)}_{\text{weights}}\;V",
        r"-\tfrac12 (x - x_k)^2",
        r"\sqrt 4 \le 2",
        r"\big(\log p_{start} + \log p_{end}\big)",
    ],
)
def test_what_the_lessons_write_is_drawn(latex):
    svg = as_svg(latex)
    assert svg.startswith("<svg") and svg.count("M") > 3


def test_a_formula_stands_on_the_line_with_its_depth_below():
    assert "vertical-align: -0." in as_svg("x_i")
    flat, deep = (float(as_svg(latex).split("vertical-align: ")[1].split("em")[0]) for latex in ("x", r"\frac{a}{b}"))
    assert deep < flat < 0


def test_a_formula_that_cannot_be_drawn_is_shown_as_written_and_said():
    said = []
    page = as_html(r"Here: $\begin{matrix}1\end{matrix}$", said.append)
    assert r"<code>\begin{matrix}1\end{matrix}</code>" in page
    assert len(said) == 1 and "cannot be drawn" in said[0]
