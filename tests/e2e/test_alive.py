"""AttentionView and ModelView in a real JupyterLab and a real Notebook 7, with a kernel and small real models."""

import ast
import re

import pytest

from ktlearn.widgets.base.colours import DARK, LIGHT
from tests.browser.conftest import drawn
from tests.e2e.conftest import APPS, write
from tests.widgets.hostile import TOKENS

pytestmark = pytest.mark.slow

CELLS = {
    "view": """
from ktlearn import models
from ktlearn.widgets import AttentionView
from tests.tiny import VOCABULARY
from transformers import BertConfig, BertTokenizerFast

sizes = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
config = BertConfig(vocab_size=len(VOCABULARY), initializer_range=0.3, **sizes)
model = models.from_config(config, seed=0)
tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(VOCABULARY)})
view = AttentionView.from_model(model, tokenizer, "this film was really good")
view""",
    "say": "print([view.pinned, view.layer, view.heads, view.blocks['attention'].tokens])",
    "set": "view.layer, view.heads, view.pinned = 1, [1], (2, 4)",
    "weight": "print(f\"{view.blocks['attention'].weights[0, 1, 1, 2, 4]:.3f}\")",
    "hostile": """
from tests.widgets.hostile import TOKENS, softmax_maps
AttentionView(softmax_maps(2, 2, len(TOKENS)), TOKENS, view="strip", layers=TOKENS[:2], heads_named=TOKENS[1:3])""",
    "linked": """
from tests.widgets.hostile import softmax_maps
first, second = (AttentionView(softmax_maps(3, 2, 4, seed=seed), list("abcd")) for seed in (0, 1))
first.link(second)
display(first, second)""",
    "layers": "print([first.layer, second.layer])",
    "machine": """
from ktlearn.widgets import ModelView
from tests.tiny import tiny_config
masked = models.from_config(tiny_config(), task="masked-lm", seed=0)
machine = ModelView.from_model(masked, tokenizer, "this film was [MASK] good")
machine""",
    "selected": """print(
    machine.selection,
    machine.selected is masked.encoder.layers[1].attention,
    len(machine._tokens['encoder']),
)""",
    "open": "machine.selection = 'head'",
}
WORDS = ["[CLS]", "this", "film", "was", "really", "good", "[SEP]"]


@pytest.fixture(scope="module", params=APPS)
def book(request, jupyter, open_book):
    """The notebook of these tests, with its first cell run; its views are those of the reader."""
    write(jupyter.files / f"alive_{request.param}.ipynb", CELLS)
    book = open_book(request.param, f"alive_{request.param}.ipynb", CELLS)
    book.run("view")
    book.cell("view").locator("canvas").wait_for()
    yield book
    assert book.errors == []


def state(book):
    """What Python knows: pinned, layer, heads and tokens."""
    return ast.literal_eval(book.run("say"))


def picture(book, name="view"):
    """The canvas of a cell as it is now, as a data URL."""
    drawn(book.page)
    return book.cell(name).locator("canvas").evaluate("canvas => canvas.toDataURL()")


def wait_for_text(book, name, selector, text):
    book.cell(name).locator(selector).filter(has_text=text).first.wait_for()


def press(book, name, button, nth=0):
    book.cell(name).locator(f'button[name="{button}"]').nth(nth).click()


def test_a_click_becomes_a_trait_of_python(book):
    book.cell("view").locator(".kt-stage").click(position={"x": 200, "y": 200})
    pinned = state(book)[0]
    assert [WORDS[i] for i in pinned] == book.cell("view").locator(".kt-live bdi").all_inner_texts()


def test_python_moves_the_picture_and_answers_with_the_exact_number(book):
    press(book, "view", "layer 0")
    before = picture(book)
    book.run("set")
    wait_for_text(book, "view", ".kt-live", f"layer 1, head 1: film → really {book.run('weight')}")
    assert picture(book) != before


def test_typing_runs_the_model_and_keeps_the_selection(book):
    book.run("set")
    wait_for_text(book, "view", ".kt-live", "film → really")
    before = picture(book)
    box = book.cell("view").locator('input[name="text"]')
    box.press("Control+a")
    box.press_sequentially("the food was seen again")
    box.press("Enter")
    wait_for_text(book, "view", ".kt-live", "layer 1, head 1: food → seen")
    assert picture(book) != before
    assert state(book) == [(2, 4), 1, [1], ["[CLS]", "the", "food", "was", "seen", "again", "[SEP]"]]


def test_a_text_too_long_is_said_in_the_view_and_the_map_stays(book):
    before, tokens = picture(book), state(book)[3]
    box = book.cell("view").locator('input[name="text"]')
    box.fill("good " * 600)
    box.press("Enter")
    wait_for_text(book, "view", ".kt-form output", "positions")
    assert picture(book) == before
    assert state(book)[3] == tokens


@pytest.mark.parametrize("name, colours", [("JupyterLab Dark", DARK), ("JupyterLab Light", LIGHT)])
def test_the_view_follows_the_theme(book, name, colours):
    before = picture(book)
    page = book.page
    page.locator(".lm-MenuBar-item", has_text="Settings").click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.locator('[data-command="apputils:change-theme"]', has_text=re.compile(f"^{name}$")).click()
    is_dark = str(colours is DARK).lower()
    page.wait_for_function(f"document.querySelector('.kt-attention').classList.contains('kt-dark') === {is_dark}")
    stage = book.cell("view").locator(".kt-stage").evaluate("one => getComputedStyle(one).backgroundColor")
    assert stage == f"rgb{tuple(int(colours['paper'][i : i + 2], 16) for i in (1, 3, 5))}"
    assert picture(book) != before


def test_hostile_tokens_are_text(book):
    book.run("hostile")
    cell = book.cell("hostile")
    cell.locator(".kt-token").first.wait_for()
    seen = cell.locator(".kt-token").evaluate_all("all => all.map((one) => one.textContent)")
    assert seen[:2] == TOKENS[:2]
    assert len(seen) == len(TOKENS)
    for view in ("heatmap", "lines", "grid"):
        press(book, "hostile", f"view {view}")
        drawn(book.page)
    assert book.page.evaluate("window.harm") is None
    assert cell.locator(".kt-attention img, .kt-attention script").count() == 0


def test_linked_views_change_together(book):
    book.run("linked")
    cell = book.cell("linked")
    cell.locator("canvas").nth(1).wait_for()
    press(book, "linked", "layer 2")
    cell.locator('button[name="layer 2"][aria-pressed="true"]').nth(1).wait_for()
    assert book.run("layers") == "[2, 2]"


def test_beside_a_live_view_its_copy_is_not_seen(book):
    copies = book.page.locator("[data-kt-copy]")
    copies.first.wait_for(state="attached")
    # Each looks for two seconds whether it is alone.
    book.page.wait_for_function("!document.querySelector('[data-kt-copy]:not([data-kt-settled])')")
    assert copies.evaluate_all("all => all.map((one) => one.hidden || one.clientHeight)") == [0] * copies.count()


@pytest.fixture(scope="module")
def machine(book):
    """The cell with the ModelView, run."""
    book.run("machine")
    book.cell("machine").locator(".kt-machine").first.wait_for()
    return book.cell("machine")


def test_a_block_opens_and_python_has_the_layer(book, machine):
    machine.locator('button[name="layer 1"]').first.click()
    machine.locator('.kt-block[data-id="encoder.layers[#0].attention"]').first.click()
    machine.locator(".kt-panel table").first.wait_for()  # the head's numbers have come
    drawn(book.page)
    assert book.run("selected") == "encoder.layers[1].attention True 7"


def test_python_opens_a_block(book, machine):
    book.run("open")
    title = machine.locator(".kt-title").filter(has_text="Masked-word head")
    title.first.wait_for()
    assert machine.locator('input[name="temperature"]').first.is_visible()


def test_another_text_is_read(book, machine):
    machine.locator('input[name="text"]').first.fill("the plot was bad")
    machine.locator(".kt-form button").first.click()
    machine.locator('.kt-tokens button[name="encoder 2"]').filter(has_text="plot").first.wait_for()
    assert book.run("selected").endswith(" 6")


def test_dialogs_before_the_cells_are_closed_and_told_and_the_cell_runs(book):
    """Two of them, one behind the other; and one that JupyterLab took away itself."""
    book.page.evaluate("() => { for (const _ of [1, 2]) jupyterapp.commands.execute('notebook:restart-kernel') }")
    book.page.wait_for_function("document.querySelector('.jp-Dialog')")
    with pytest.warns(UserWarning, match="Restart Kernel?") as told:
        assert book.run("weight")
        book.go_on()
    assert len(told) == 2
