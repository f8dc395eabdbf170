"""Which parts of a lesson become slides."""

import json

import pytest

from ktlearn.course.slides.choose import slides_of
from ktlearn.support.bundled import resource

LESSONS = sorted(resource("notebooks").glob("*.ipynb"))


def markdown(*parts):
    return {"cell_type": "markdown", "id": "text", "source": "\n\n".join(parts)}


def code(source, printed="", picture=False):
    outputs = [{"output_type": "stream", "text": printed}] if printed else []
    outputs += [{"output_type": "display_data", "data": {"image/png": "AAAA"}}] if picture else []
    return {"cell_type": "code", "id": "code", "source": source, "outputs": outputs}


def shown(*cells):
    """Kind, headline and what is shown of each slide of a section; of a cell, its source."""
    title = [markdown("# 99 · A lesson"), code("1", "1"), markdown("## 1. One")]
    slides = slides_of({"cells": [*title, *cells]})
    slides = slides[[slide.kind for slide in slides].index("section") + 1 :]
    return [(s.kind, s.headline, s.shown if isinstance(s.shown, str) else s.shown["source"]) for s in slides]


def test_a_formula_a_table_and_a_list_are_shown_under_the_sentence_before_them():
    text = markdown("Hear. Three matrices:", "$$Q = XW$$", "They are:", "- one\n- two", "| a |\n|---|\n| 1 |")
    assert shown(text) == [
        ("formula", "Three matrices:", "$$Q = XW$$"),
        ("list", "They are:", "- one\n- two"),
        ("table", "", "| a |\n|---|\n| 1 |"),
    ]


def test_a_picture_is_always_shown_and_its_claim_is_the_bold_sentence_after_it():
    seen = markdown("Two maps. **Only one of them is triangular.**")
    assert shown(code("draw()", picture=True), seen) == [
        ("picture", "Two maps. **Only one of them is triangular.**", "draw()")
    ]
    (slide,) = slides_of({"cells": [markdown("# T"), code("draw()", picture=True), markdown("Two maps. More.")]})[1:]
    assert (slide.headline, slide.caption) == ("", "Two maps.")


def test_printed_output_is_shown_where_the_lesson_draws_a_conclusion_in_bold():
    seen = markdown("A row. **Every row adds up to one.** And a **term**.")
    assert shown(code("print(w.sum())", "1.0"), seen, code("print(2)", "2"), markdown("Plain words.")) == [
        ("output", "A row. **Every row adds up to one.**", "print(w.sum())")
    ]


def test_a_section_that_would_stay_empty_shows_the_output_with_the_longest_explanation():
    cells = [code("a", "1"), markdown("Short."), code("b", "2"), markdown("This one is explained at length.")]
    assert shown(*cells) == [("output", "", "b")]


def test_an_announced_mistake_is_the_headline_of_the_output_that_shows_it():
    before = markdown("All well. **A mistake people make** is to forget it.")
    assert shown(before, code("wrong()", "nan"), markdown("Not a number.")) == [
        ("output", "**A mistake people make** is to forget it.", "wrong()")
    ]


def test_long_code_and_long_output_stay_in_the_notebook():
    seen = markdown("**This is what we wanted to show.**")
    assert shown(code("a\n" * 20, "1"), seen, code("a", "1\n" * 20), seen) == []


def test_paragraphs_are_the_notes_of_the_slide_that_they_stand_behind():
    cells = [markdown("# T", "Welcome."), code("draw()", picture=True), markdown("Seen.", "$$x$$", "Said.")]
    assert [slide.notes for slide in slides_of({"cells": cells})] == [["Welcome."], ["Seen."], ["Said."]]


def test_a_long_list_is_shared_out_over_slides_of_equal_length():
    items = [f"- {n}" for n in range(8)]
    assert [text.count("- ") for _, _, text in shown(markdown("Eight:", "\n".join(items)))] == [4, 4]


def test_of_the_exercises_only_their_list_is_shown():
    exercise = markdown("### Exercise 2.1 · A mask (3 minutes, easy)", "Write it.", "- a\n- b")
    found = shown(
        markdown("## Exercises", "How to.", "- x\n- y"), exercise, code("answer = ...", "not yet", picture=True)
    )
    assert found == [
        ("exercises", "Exercises", "| exercise | | time | |\n|---|---|---|---|\n| 2.1 | A mask | 3 minutes | easy |")
    ]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_becomes_a_lecture(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    slides = slides_of(notebook)
    pictures = [slide.shown["id"] for slide in slides if slide.kind == "picture"]
    drawn = [
        cell["id"]
        for cell in notebook["cells"]
        if not cell["id"].startswith("exercise-")
        and any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert pictures == drawn
    assert 25 <= len(slides) <= 50
    assert all(len(slide.headline.split()) <= 40 for slide in slides)
    assert not any("### Exercise" in note for slide in slides for note in slide.notes)


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [([], "no title"), ([markdown("Hello.")], "no title"), ([markdown("# T"), code("1")], "without outputs")],
)
def test_a_notebook_without_title_or_outputs_is_refused(cells, complaint):
    with pytest.raises(ValueError, match=complaint):
        slides_of({"cells": cells})
