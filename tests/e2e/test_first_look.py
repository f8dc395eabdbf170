"""What a learner sees first: a lesson with nothing in front of it, its first code folded away, the lessons in order."""

import shutil

import pytest

from ktlearn.course.lab import SETTINGS
from ktlearn.course.stamp import READY
from tests.e2e.server import Server
from tests.notebooks.lesson import LESSONS

pytestmark = pytest.mark.slow
LESSON = "01_attention_math.ipynb"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """JupyterLab as `ktlearn lab` opens it, for a user who has set nothing, in a folder with other files too."""
    with Server(tmp_path_factory.mktemp("plain"), settings={}, config_path=SETTINGS) as server:
        for name in (LESSON, "00_start_here.ipynb"):
            shutil.copy(LESSONS / name, server.files)
        (server.files / "0_my_notes.txt").write_text("mine")
        (server.files / "saved_predictor").mkdir()
        yield server


def open_page(browser, address):
    page = browser.new_context(viewport={"width": 1200, "height": 1000}).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector(".jp-CodeCell")
    return page


@pytest.fixture(scope="module")
def lesson(plain, browser):
    """The page of a lesson as a learner has it."""
    page = open_page(browser, plain.address("lab", LESSON))
    page.wait_for_selector(".jp-DirListing-item")
    yield page
    page.context.close()


def test_no_question_about_news_stands_in_front_of_the_lesson(lesson):
    lesson.wait_for_timeout(5000)  # time for the question to come
    assert lesson.locator(".Toastify__toast").all_inner_texts() == []
    assert lesson.locator(".jp-Dialog").all_inner_texts() == []


def test_the_lessons_come_before_other_files(lesson):
    names = lesson.locator(".jp-DirListing-itemText").all_inner_texts()
    files = [name.strip() for name in names if "." in name]
    assert files == ["00_start_here.ipynb", LESSON, "0_my_notes.txt"]


def test_the_first_code_is_folded_away_and_its_line_is_read(lesson):
    assert_folded(lesson)


@pytest.mark.weekly
def test_it_is_folded_away_in_notebook_7_too(jupyter, browser):
    shutil.copy(LESSONS / LESSON, jupyter.files)
    page = open_page(browser, jupyter.address("notebook", LESSON))
    assert_folded(page)
    page.context.close()


def assert_folded(page):
    bootstrap = page.locator(".jp-CodeCell").first
    bootstrap.locator(".jp-Placeholder").wait_for()
    assert bootstrap.locator(".cm-content").count() == 0
    assert bootstrap.locator(".jp-OutputArea-output").inner_text().strip() == READY
