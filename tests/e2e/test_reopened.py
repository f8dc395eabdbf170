"""What a saved notebook shows when it is opened again, without the kernel that made it.

| saved | foreign, in JupyterLab | one's own, new kernel | nbconvert, offline |
|---|---|---|---|
| ``view`` | picture | frozen view | frozen view |
| ``view``, with the widgets' state | picture | live view without a kernel | frozen view |
| ``view.freeze()`` | picture | frozen view | frozen view |

A live view is saved as two outputs, itself and its copy: see ``FreezableWidget._ipython_display_``.
"""

import nbclient
import nbformat
import pytest

from tests.e2e.conftest import LIVE, write
from tests.e2e.server import environment

pytestmark = pytest.mark.slow

CELLS = {
    "live": """
from ktlearn.widgets import AttentionView
from tests.widgets.hostile import softmax_maps
view = AttentionView(softmax_maps(3, 2, 4), ["[CLS]", "she", "won", "[SEP]"])
view""",
    "frozen": "view.freeze()",
}
LOST = "Error displaying widget: model not found"
BROKEN = ("Error displaying widget", "Loading widget", "not found")


@pytest.fixture(scope="module")
def saved(jupyter):
    """The notebook executed, in four files of the server: trusted or not, with the widgets' state or without."""
    write(jupyter.files / "run.ipynb", CELLS)
    notebook = nbformat.read(jupyter.files / "run.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, kernel_name="python3").execute(env=environment(jupyter.folder))
    assert "application/vnd.jupyter.widget-state+json" in notebook.metadata.widgets
    notary = nbformat.sign.NotebookNotary(data_dir=str(jupyter.folder / "data"))
    for state in ("with_state", "without_state"):
        if state == "without_state":
            del notebook.metadata["widgets"]
        for kind in ("foreign", "own"):
            # A signature is one of the content: the two must differ.
            notebook.cells[0].source = f"{CELLS['live']}  # {kind}"
            nbformat.write(notebook, jupyter.files / f"{kind}_{state}.ipynb")
            if kind == "own":
                notary.sign(notebook)
    return jupyter.files


def message(cell):
    """What of Jupyter's messages about lost widgets can be read in a cell."""
    return [line for line in cell.inner_text().splitlines() if any(words in line for words in BROKEN)]


def is_interactive(cell):
    """Whether one view is to be seen, and a click on its layer 1 arrives."""
    cell.locator(".kt-attention:visible").first.wait_for()
    button = cell.locator('button[name="layer 1"]:visible')
    button.click()
    cell.locator('button[name="layer 1"][aria-pressed="true"]:visible').wait_for()
    return cell.locator(".kt-attention:visible").count() == 1 and cell.locator("img:visible").count() == 0


@pytest.mark.parametrize("state", ["with_state", "without_state"])
def test_a_foreign_notebook_shows_pictures(saved, open_book, state):
    book = open_book("lab", f"foreign_{state}.ipynb", CELLS)
    for name in CELLS:
        book.cell(name).locator("img:visible").first.wait_for()
    book.page.wait_for_load_state("networkidle")  # nothing more is to come
    for name in CELLS:
        cell = book.cell(name)
        assert cell.locator("img:visible").evaluate_all("all => all.map((one) => one.naturalWidth > 100)") == [True]
        assert cell.locator(".kt-attention").count() == 0
        assert message(cell) == []
    assert book.errors == []


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_ones_own_notebook_is_a_frozen_view_with_a_new_kernel(saved, open_book, app):
    book = open_book(app, "own_without_state.ipynb", CELLS)
    assert is_interactive(book.cell("live"))
    assert is_interactive(book.cell("frozen"))
    assert book.cell("live").locator(LIVE).count() == 0
    book.cell("live").get_by_text(LOST).wait_for(state="attached")  # Jupyter writes it, and the copy hides it
    assert message(book.cell("live")) == []
    assert [error for error in book.errors if not error.startswith("Error: widget model not found")] == []


def test_with_the_widgets_state_it_is_the_live_view_that_comes_back(saved, open_book):
    book = open_book("lab", "own_with_state.ipynb", CELLS)
    book.cell("live").locator(LIVE).wait_for()
    book.page.locator("[data-kt-copy][data-kt-settled]").wait_for(state="attached")  # it has looked whether it is alone
    assert is_interactive(book.cell("live"))
    assert is_interactive(book.cell("frozen"))
    assert book.errors == []


@pytest.mark.parametrize("state", ["with_state", "without_state"])
def test_a_page_of_nbconvert_is_interactive_offline(saved, browser, tmp_path, state):
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(saved / f"foreign_{state}.ipynb"))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(f"file://{tmp_path}/page.html", wait_until="commit")
    for nth in range(2):
        cell = page.locator(".jp-CodeCell").nth(nth)
        assert is_interactive(cell)
        assert message(cell) == []
    context.close()


def test_a_notebook_saved_in_jupyterlab_comes_back(jupyter, open_book):
    write(jupyter.files / "mine.ipynb", CELLS)
    book = open_book("lab", "mine.ipynb", CELLS)
    book.run("live")
    book.cell("live").locator(LIVE).wait_for()
    book.page.keyboard.press("Control+s")
    book.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")

    again = open_book("lab", "mine.ipynb", CELLS)  # the kernel is still there, and so is the live view
    again.cell("live").locator(LIVE).wait_for()
    assert is_interactive(again.cell("live"))

    jupyter.end_kernels()
    later = open_book("lab", "mine.ipynb", CELLS)
    assert is_interactive(later.cell("live"))
    assert later.cell("live").locator(LIVE).count() == 0
    assert message(later.cell("live")) == []
