"""How the pages are gathered: links, pictures, and editions in two languages, on a small checkout made up here."""

import json
import shutil
from pathlib import Path

import pytest

from docs.site import __main__ as command
from docs.site import sources

ROOT = Path(__file__).resolve().parents[2]
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
PYTHON = {"language_info": {"name": "python"}}
# What a page names and does not lead to while no address of the repository is known, and why words are enough.
WORDS_ONLY = {
    ".binder": "a folder, which Binder reads in a copy of the repository",
    "docs/site/README.md": "for whoever changes the site, and so has the checkout",
    "ktlearn/models/families": "a folder of source; what each family does stands right below",
}
README = """# {title}

| No. | Lesson | What it is about | Reading | Running | Memory |
|---|---|---|---|---|---|
| 00 | [{title}](00_start_here.ipynb) | one `cell` | 5 min | 1 s | 1 GB |
| 01 | Later | not yet | planned | | |

## Glossary

A sentence each.

- **token**: a piece of text. [00](00_start_here.ipynb)
"""


def notebook(title, *cells):
    first, colab = words("title", f"# 00 · {title}\n\nA **token**."), words("colab", "<!-- nothing -->")
    return json.dumps({"cells": [first, colab, *cells], "metadata": PYTHON, "nbformat": 4, "nbformat_minor": 5})


def words(name, text):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}


def picture(**metadata):
    output = {"output_type": "display_data", "data": {"image/png": DOT}, "metadata": metadata}
    cell = {"cell_type": "code", "id": "draw", "metadata": {}, "source": ["draw()"], "execution_count": 1}
    return [cell | {"outputs": [output]}, words("seen", "A **dark** spot.\n\nMore.")]


@pytest.fixture
def checkout(tmp_path):
    """A root with one lesson, and the other pages of this one."""
    root = tmp_path / "root"
    for path in [*sources.PAGES, "notebooks/repository.toml", "docs/workshop/schedules.py"]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, root / path)
    (root / "notebooks/README.md").write_text(README.format(title="Small"), encoding="utf-8")
    (root / "notebooks/00_start_here.ipynb").write_text(notebook("Small", *picture()), encoding="utf-8")
    return root


@pytest.fixture
def english(checkout, tmp_path):
    return sources.Sources(checkout, sources.editions(checkout)[0], tmp_path / "pages", reference=False)


def test_links_lead_to_pages_and_what_is_no_page_comes_along_or_is_only_words(english):
    english.written = set()
    text = (
        "[a](../notebooks/00_start_here.ipynb#x) [b](workshop/schedules.py) [c](../ktlearn) `[d](e)` [f](https://g.h)"
    )
    assert english._relinked(text, "docs/x.md", "teachers/x.md") == (
        "[a](../lessons/00_start_here.ipynb#x) [b](../files/docs/workshop/schedules.py) c `[d](e)` [f](https://g.h)"
    )
    assert (english.target / "files/docs/workshop/schedules.py").is_file()


def test_no_page_of_the_course_loses_a_link(tmp_path):
    course = sources.Sources(ROOT, sources.editions(ROOT)[0], tmp_path / "pages", reference=False)
    course.repository = course.repository._replace(url="")
    course.write()
    assert course.dropped == set(WORDS_ONLY)


def test_a_page_whose_place_is_below_another_stands_under_it_in_the_navigation(english):
    english.write()
    written = (english.target / "benchmarks.md").read_text(encoding="utf-8")
    assert written.endswith("\n```{toctree}\n:hidden:\n\n/benchmarks/table\n```\n")
    assert "](benchmarks/table.md)" in written
    assert "{toctree}" not in (english.target / "benchmarks/table.md").read_text(encoding="utf-8")


def test_with_an_address_they_lead_to_the_repository_and_lessons_to_colab(english):
    english.repository = english.repository._replace(url="https://github.com/someone/course")
    there = english._relinked("[c](ktlearn/attention.py) [t](tests)", "README.md", "readme.md")
    assert there == (
        "[c](https://github.com/someone/course/blob/main/ktlearn/attention.py) "
        "[t](https://github.com/someone/course/tree/main/tests)"
    )
    colab = english.context()["lessons"]["lessons/00_start_here"]["colab"]
    assert colab == "https://colab.research.google.com/github/someone/course/blob/main/notebooks/00_start_here.ipynb"


def test_a_picture_gets_the_words_it_was_saved_with_or_those_after_it(checkout, english):
    path = checkout / "notebooks/00_start_here.ipynb"
    assert json.loads(english._lesson(path))["cells"][1]["metadata"]["mystnb"] == {"image": {"alt": "A dark spot."}}
    path.write_text(notebook("Small", *picture(**{"image/png": {"alt": "A spot", "width": 9}})), encoding="utf-8")
    options = json.loads(english._lesson(path))["cells"][1]["metadata"]["mystnb"]
    assert options == {"image": {"alt": "A spot", "width": "9px"}}


def test_what_only_jupyter_needs_is_left_out(checkout, english):
    cells = json.loads(english._lesson(checkout / "notebooks/00_start_here.ipynb"))["cells"]
    assert [cell["id"] for cell in cells] == ["title", "draw", "seen"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning:myst_parser", "ignore::DeprecationWarning:myst_parser")
def test_a_second_language_is_an_edition_of_its_own_with_a_switch(checkout, tmp_path):
    site = tmp_path / "site"
    assert command.build(checkout, site, tmp_path / "work", reference=False, quiet=True)
    alone = (site / "lessons/00_start_here.html").read_text(encoding="utf-8")
    assert 'lang="en"' in alone and "site-languages" not in alone

    (checkout / "notebooks/01_later.ipynb").write_text(notebook("Later"), encoding="utf-8")
    (checkout / "notebooks/zh").mkdir()
    (checkout / "notebooks/zh/README.md").write_text(README.format(title="小"), encoding="utf-8")
    (checkout / "notebooks/zh/00_start_here.ipynb").write_text(notebook("小"), encoding="utf-8")
    assert command.build(checkout, site, tmp_path / "work", reference=False, quiet=True)
    english = (site / "lessons/00_start_here.html").read_text(encoding="utf-8")
    chinese = (site / "zh/lessons/00_start_here.html").read_text(encoding="utf-8")
    assert 'href="../zh/lessons/00_start_here.html">中文</a>' in english
    assert '<html class="no-js" lang="zh-CN"' in chinese
    assert "<h1>00 · 小<" in chinese
    assert 'href="../../lessons/00_start_here.html">English</a>' in chinese
    not_yet = (site / "lessons/01_later.html").read_text(encoding="utf-8")
    assert 'href="../zh/lessons/index.html">中文</a>' in not_yet
    assert command.links.broken(site) == []


def test_a_folder_that_holds_something_else_is_left_alone(checkout, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="holds something else"):
        command.build(checkout, tmp_path / "mine", tmp_path / "work")
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"
