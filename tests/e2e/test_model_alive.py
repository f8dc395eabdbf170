"""ModelView in a real JupyterLab and a real Notebook 7, with a kernel and a small real model."""

import pytest

from tests.browser.conftest import drawn
from tests.e2e.conftest import write

pytestmark = pytest.mark.slow

CELLS = {
    "view": """
from ktlearn import models
from ktlearn.widgets import ModelView
from tests.tiny import VOCABULARY, tiny_config
from transformers import BertTokenizerFast

model = models.from_config(tiny_config(), task="masked-lm", seed=0)
tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(VOCABULARY)})
view = ModelView.from_model(model, tokenizer, "this film was [MASK] good")
view""",
    "say": "print(view.selection, view.selected is model.encoder.layers[1].attention, len(view._tokens['encoder']))",
    "set": "view.selection = 'head'",
}


@pytest.fixture(scope="module", params=["lab", "notebook"])
def book(request, jupyter, open_book):
    """The notebook of these tests, with its first cell run."""
    write(jupyter.files / f"model_{request.param}.ipynb", CELLS)
    book = open_book(request.param, f"model_{request.param}.ipynb", CELLS)
    book.run("view")
    book.cell("view").locator(".kt-machine").first.wait_for()
    yield book
    assert book.errors == []


def test_a_block_opens_and_python_has_the_layer(book):
    cell = book.cell("view")
    cell.locator('button[name="layer 1"]').first.click()
    cell.locator('.kt-block[data-id="encoder.layers[#0].attention"]').first.click()
    cell.locator(".kt-panel table").first.wait_for()  # the head's numbers have come
    drawn(book.page)
    assert book.run("say") == "encoder.layers[1].attention True 7"


def test_python_opens_a_block(book):
    book.run("set")
    title = book.cell("view").locator(".kt-title").filter(has_text="Masked-word head")
    title.first.wait_for()
    assert book.cell("view").locator('input[name="temperature"]').first.is_visible()


def test_another_text_is_read(book):
    cell = book.cell("view")
    cell.locator('input[name="text"]').first.fill("the plot was bad")
    cell.locator(".kt-form button").first.click()
    cell.locator('.kt-tokens button[name="encoder 2"]').filter(has_text="plot").first.wait_for()
    assert book.run("say").endswith(" 6")
