"""`python -m ktlearn slides`: one file for a lesson, whole and offline."""

import json
import re
from html.parser import HTMLParser

import pytest

from ktlearn.course import slides
from ktlearn.course.slides import make_slides
from ktlearn.course.slides.choose import Slide
from ktlearn.course.slides.page import page_of

FETCHED = re.compile(r"""\burl\((?!["']?data:)|@import\b""", re.IGNORECASE)


class Tags(HTMLParser):
    """The tags of a page, as a browser sees them: what looks like one in a script is none."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path, count = make_slides("2", tmp_path_factory.mktemp("slides"), warn=pytest.fail)
    assert path.name == "02_self_attention_and_masks.html" and count > 30
    return path.read_text(encoding="utf-8")


def test_nothing_is_fetched(page):
    addresses = [about.get("src") or about.get("href") for tag, about in Tags(page).found if tag != "a"]
    assert [each for each in addresses if each and not each.startswith("data:")] == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert "kt-widget" in styles and FETCHED.findall(styles) == []
    assert "reveal.js" in page and "MIT" in page


def test_pictures_have_the_words_of_the_lesson_as_their_alternative_text(page):
    alts = re.findall(r'<img src="data:image/[^"]*" alt="([^"]*)"', page)
    assert len(alts) == 6
    assert all(len(alt.split()) >= 10 for alt in alts)


def test_a_widget_is_alive(page):
    assert page.count('<div class="kt-frozen"') == 1 and "thaw(host, frozen, render)" in page


def test_a_lecturer_finds_the_lessons_prose_in_the_notes(page):
    notes = re.findall(r'<aside class="notes">(.*?)</aside>', page, re.DOTALL)
    assert len(notes) > 25
    assert any("not everybody means the same" in note or "an honest mistake" in note for note in notes)


def test_a_script_that_holds_the_end_of_a_script_does_not_end_the_page(page):
    tags = [tag for tag, _ in Tags(page).found]
    assert tags.count("script") == 4  # reveal.js, its notes, ours, and the widget's
    assert tags.count("section") == 36


def test_a_long_row_of_formulas_stands_line_by_line():
    norm = r"x \leftarrow \mathrm{norm}(x + \mathrm{attention}(x))"
    long = rf"$${norm} \qquad {norm}$$"
    shown = [Slide("formula", "", "", "", text, []) for text in (r"$$a = b \qquad c = d$$", long)]
    counts = [page_of([slide], pytest.fail).count('<svg class="formula"') for slide in shown]
    assert counts == [1, 2]


def test_a_notebook_of_ones_own_is_shown_too_and_one_without_outputs_is_refused(tmp_path):
    lesson = tmp_path / "mine.ipynb"
    cells = [
        {"cell_type": "markdown", "id": "t", "source": ["# Mine"]},
        {"cell_type": "code", "id": "c", "source": ["1"], "outputs": [{"output_type": "stream", "text": ["1"]}]},
    ]
    lesson.write_text(json.dumps({"cells": cells}))
    path, count = make_slides(str(lesson), tmp_path / "out")
    assert (path, count) == (tmp_path / "out/mine.html", 2)
    lesson.write_text("{}")
    with pytest.raises(ValueError, match=r"mine.ipynb cannot be shown as slides"):
        make_slides(str(lesson), tmp_path)


def test_an_unknown_lesson_is_told_which_there_are(tmp_path, capsys):
    assert slides.run(["77"], tmp_path) == 1
    assert "There is no lesson '77'. There are 00, 01, 02" in capsys.readouterr().out
    assert slides.run([str(tmp_path / "no.ipynb")], tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
