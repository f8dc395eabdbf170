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
STATES = ["with_state", pytest.param("without_state", marks=pytest.mark.weekly)]
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


@pytest.fixture(scope="module")
def lab(saved, open_book):
    """JupyterLab, in which a test turns to its file."""
    return open_book("lab", "run.ipynb", CELLS)


@pytest.mark.parametrize("state", STATES)
def test_a_foreign_notebook_shows_pictures(lab, state):
    lab.turn_to(f"foreign_{state}.ipynb")
    for name in CELLS:
        lab.cell(name).locator("img:visible").first.wait_for()
    lab.page.wait_for_load_state("networkidle")  # nothing more is to come
    for name in CELLS:
        cell = lab.cell(name)
        assert cell.locator("img:visible").evaluate_all("all => all.map((one) => one.naturalWidth > 100)") == [True]
        assert cell.locator(".kt-attention").count() == 0
        assert message(cell) == []
    assert lab.errors == []


def test_ones_own_notebook_is_a_frozen_view_with_a_new_kernel(lab):
    lab.turn_to("own_without_state.ipynb")
    assert_frozen(lab)


@pytest.mark.weekly
def test_it_is_one_in_notebook_7_too(saved, open_book):
    assert_frozen(open_book("notebook", "own_without_state.ipynb", CELLS))


def assert_frozen(book):
    assert is_interactive(book.cell("live"))
    assert is_interactive(book.cell("frozen"))
    assert book.cell("live").locator(LIVE).count() == 0
    book.cell("live").get_by_text(LOST).wait_for(state="attached")  # Jupyter writes it, and the copy hides it
    assert message(book.cell("live")) == []
    assert [error for error in book.errors if not error.startswith("Error: widget model not found")] == []


def test_with_the_widgets_state_it_is_the_live_view_that_comes_back(lab):
    lab.turn_to("own_with_state.ipynb")
    lab.cell("live").locator(LIVE).wait_for()
    lab.page.locator("[data-kt-copy][data-kt-settled]").wait_for(state="attached")  # it has looked whether it is alone
    assert is_interactive(lab.cell("live"))
    assert is_interactive(lab.cell("frozen"))
    assert lab.errors == []


@pytest.mark.parametrize("state", STATES)
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


def test_a_notebook_saved_in_jupyterlab_comes_back(jupyter, lab, open_book):
    write(jupyter.files / "mine.ipynb", CELLS)
    lab.turn_to("mine.ipynb")
    lab.run("live")
    lab.cell("live").locator(LIVE).wait_for()
    lab.page.keyboard.press("Control+s")
    lab.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")

    again = open_book("lab", "mine.ipynb", CELLS)  # the kernel is still there, and so is the live view
    again.cell("live").locator(LIVE).wait_for()
    assert is_interactive(again.cell("live"))

    for book in (lab, again):
        book.close()
    jupyter.end_kernels()
    lab.turn_to("mine.ipynb")
    assert is_interactive(lab.cell("live"))
    assert lab.cell("live").locator(LIVE).count() == 0
    assert message(lab.cell("live")) == []
