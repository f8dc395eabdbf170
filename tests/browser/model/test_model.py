"""ModelView in a browser: four models drawn, opened by clicks and keys, with a text, frozen, and harmless."""

import numpy as np
import pytest

from ktlearn.backend import keras
from ktlearn.layers import LayerNorm
from ktlearn.widgets import ModelView
from tests.browser.conftest import drawn, press_button, said, sent, slide
from tests.widgets.hostile import TOKENS
from tests.widgets.model.machines import IDS, PAIR, VECTORS, dates, encoder, gpt2, own

FOUR = {"encoder": (encoder, IDS), "gpt2": (gpt2, IDS), "dates": (dates, PAIR), "own": (own, VECTORS)}


def block(page, id):
    return page.locator(f'.kt-block[data-id="{id}"]')


def rows(page, nth=0):
    """What a table says: of each row the cells that hold words."""
    table = page.locator(".kt-panel table").nth(nth).locator("tbody tr")
    return [[text for text in row.locator("td").all_inner_texts() if text] for row in table.all()]


def piles(page):
    """The colours of the vectors in a table: for each column (rows, numbers, 3)."""
    code = """all => all.map(one => [one.height, one.width,
        [...one.getContext("2d").getImageData(0, 0, one.width, one.height).data]])"""
    found = page.locator(".kt-pile canvas").evaluate_all(code)
    return [np.reshape(data, (height, width, 4))[:, :, :3] for height, width, data in found]


def answer(page, question, numbers):
    """Answer as Python does."""
    code = "([question, bytes]) => model.set('_answers', { [question]: new DataView(Uint8Array.from(bytes).buffer) })"
    page.evaluate(code, [question, list(numbers)])
    drawn(page)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.weekly)])
@pytest.mark.parametrize("name", FOUR)
def test_each_block_of_four_models_opens_by_a_click(show, name, theme):
    make, inputs = FOUR[name]
    view = ModelView.from_inputs(make(), inputs)
    page = show(view, theme)
    ids = page.locator(".kt-block").evaluate_all("all => all.map(one => one.dataset.id)")
    assert set(ids) == set(view._blocks)
    for id in sorted(set(ids)):
        page.evaluate("id => document.querySelector(`.kt-block[data-id='${id}']`)"
                      ".dispatchEvent(new MouseEvent('click', { bubbles: true }))", id)  # fmt: skip
        drawn(page)
        assert view._blocks[id]["label"] in page.locator(".kt-title").inner_text()
        assert page.locator(".kt-on").count() == (2 if view._blocks[id]["kind"] in ("positions", "segments") else 1)
    assert page.locator(".kt-dark").count() == (theme == "dark")


def test_a_click_tells_python_the_path_and_another_one_closes(show, trait):
    page = show(ModelView.from_inputs(dates(), PAIR))
    press_button(page, "layer 1")
    block(page, "decoder.layers[#1].feed_forward").click()
    drawn(page)
    assert sent(page)["selection"] == "decoder.layers[1].feed_forward"
    block(page, "decoder.layers[#1].feed_forward").click()
    drawn(page)
    assert trait("selection") == ""
    assert page.locator(".kt-panel").is_hidden()


def test_the_picture_is_used_with_the_keyboard(show, trait):
    page = show(ModelView.from_inputs(dates(), PAIR))
    block(page, "encoder.layers[#0].attention").focus()
    page.keyboard.press("Enter")
    drawn(page)
    assert said(page) == "encoder.layers[0].attention"
    page.keyboard.press("]")
    drawn(page)
    assert trait("selection") == "encoder.layers[1].attention"
    page.keyboard.press("Escape")
    drawn(page)
    assert trait("selection") == ""


def test_arrows_carry_letters(show):
    page = show(ModelView(dates()))
    assert page.locator(".kt-machine text", has_text="(B, S, D)").first.text_content() == "(B, S, D)"


def test_with_a_text_arrows_carry_numbers_too(show):
    page = show(ModelView.from_inputs(dates(), PAIR))
    texts = page.locator(".kt-machine text.kt-start").all_text_contents()
    assert "(B, S, D) = (1, 5, 16)" in texts
    assert "(B, T, V) = (1, 3, 30)" in texts


def test_the_weights_of_a_query_are_those_of_the_model(show):
    view = ModelView.from_inputs(dates(), PAIR, selection="decoder.layers[1].attention", head=1, target=1)
    page = show(view)
    answer(page, '["head","decoder.layers[1].attention",1]', view._numbers("decoder.layers[1].attention", 1))
    weights = np.asarray(view._passage.steps["decoder.layers[1].attention"].weights)[0, 1, 1]
    shown = [cells[2] for cells in rows(page)]
    assert shown[2] == "may not look"
    assert [float(weight) for weight in shown[:2]] == pytest.approx(weights[:2], abs=6e-4)


def test_a_head_that_is_not_here_is_asked_for(show, trait):
    page = show(ModelView.from_inputs(dates(), PAIR, selection="encoder.layers[0].attention"))
    page.wait_for_function("model.sent.length > 0")
    assert trait("_wanted") == ['["head","encoder.layers[0].attention",0]']
    assert page.locator(".kt-panel").inner_text().count("on their way") == 1


def test_each_token_s_contribution_is_what_is_added_beside_what_came_in(show):
    view = ModelView.from_inputs(gpt2(), IDS, selection="decoder.layers[1].feed_forward")
    page = show(view)
    added = np.linalg.norm(view.answers["decoder.layers[1].feed_forward"], axis=1)
    base = np.linalg.norm(view.answers["decoder.layers[1].attention + x"], axis=1)
    assert [float(cells[-1]) for cells in rows(page)] == pytest.approx(added / base, abs=6e-3)
    assert [int(cells[-2]) for cells in rows(page)] == view._facts["decoder.layers[1].feed_forward"]["above"]


# What is open → the titles of its table: vectors, and numbers of each token.
INSIDE = {
    "embeddings.tokens": ["its row", "id", "length"],
    "embeddings.positions": ["before", "added", "sum", "‖added‖ / ‖before‖", "cosine, before and sum"],
    "embeddings.segments": ["before", "added", "sum", "‖added‖ / ‖before‖", "cosine, before and sum"],
    "embeddings.norm": ["comes in", "goes out", "mean of what comes in", "its spread"],
    "encoder.layers[1].attention + x": ["before", "added", "sum", "‖added‖ / ‖before‖", "cosine, before and sum"],
    "encoder.layers[1].feed_forward": [
        "comes in",
        "between W₁ and W₂",
        "goes out",
        "above zero, of 32",
        "‖added‖ / ‖before‖",
    ],
}


class OwnNetwork(keras.layers.Layer):
    """A feed-forward network of the reader's own, which says nothing of what lies inside."""

    def call(self, x):
        return x * 2


class Plain(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.norm, self.ffn = LayerNorm(), OwnNetwork()
        self.norm.d_model = 8

    def call(self, x):
        return x + self.ffn(self.norm(x))


def test_a_network_of_the_reader_s_own_has_what_comes_in_and_goes_out(show):
    page = show(ModelView.from_inputs([Plain()], VECTORS, selection="[0].ffn"))
    titles = page.locator(".kt-panel table thead th").all_inner_texts()
    assert titles == ["comes in", "goes out", "length", "‖added‖ / ‖before‖"]


@pytest.mark.parametrize("path", INSIDE)
def test_what_a_block_does_to_each_token_stands_in_its_table(show, path):
    view = ModelView.from_inputs(encoder(), IDS, selection=path)
    page = show(view)
    titles = page.locator(".kt-panel table").last.locator("thead th").all_inner_texts()
    assert titles == INSIDE[path]
    assert len(rows(page)) == 5
    numbers = list(view._facts[path].values())
    shown = [[float(cell) for cell in cells] for cells in rows(page)]
    assert shown == [[column[i] for column in numbers] for i in range(5)]


def test_the_three_vectors_of_a_sum_have_one_scale(show):
    """Token and position, as strips: where one is white, the other one is the sum."""
    view = ModelView.from_inputs(dates(), PAIR, selection="positions")
    page = show(view)
    scales = [view._table[name][3] for name in ("source_embedding", "positions added", "positions")]
    assert scales[0] != scales[1]
    first, added, total = (pixels[0] for pixels in piles(page))
    assert (added[::2] == added[0]).all()  # of position 0: sin 0 = 0, cos 0 = 1
    assert np.abs(first - total)[::2].max() < 8  # nothing is added: the same colour
    assert np.abs(first - total)[1::2].mean() > 20


def test_each_vector_stands_in_the_line_of_its_token(show):
    view = ModelView.from_inputs(gpt2(), IDS, TOKENS[:5], selection="decoder.layers[1].feed_forward")
    page = show(view)
    assert [pixels.shape for pixels in piles(page)] == [(5, 24, 3), (5, 32, 3), (5, 24, 3)]
    picture = page.locator(".kt-pile canvas").first.bounding_box()
    for i, line in enumerate(page.locator(".kt-panel tbody tr").all()):
        box = line.bounding_box()
        assert box["y"] == pytest.approx(picture["y"] + 24 * i, abs=1)
        assert box["height"] == pytest.approx(24, abs=1 if i else 200)  # the first one spans them all


def test_a_norm_shows_what_it_has_learned(show):
    page = show(ModelView.from_inputs(encoder(), IDS, selection="encoder.layers[1].attention_norm"))
    assert [each.strip() for each in page.locator(".kt-own").all_inner_texts()] == ["γ1 … 1", "β0 … 0"]
    boxes = page.locator(".kt-panel .kt-machine .kt-name").all_text_contents()
    assert boxes == ["− mean", "/ √(variance + ε)", "· γ", "+ β"]


def test_a_head_shows_its_way_to_the_probabilities(show):
    page = show(ModelView.from_inputs(encoder(), IDS, selection="head"))
    boxes = page.locator(".kt-panel .kt-machine .kt-name").all_text_contents()
    assert boxes == ["W: D → D, activation, norm", "Eᵀ: D → V", "softmax"]


def test_a_head_names_the_most_probable_token_at_each_position(show):
    view = ModelView.from_inputs(encoder(), IDS, selection="head")
    page = show(view)
    assert [cells[-1] for cells in rows(page, nth=1)] == [names[0] for names in view._top["names"]]


def test_the_inside_of_an_attention_has_numbers_below_its_letters(show):
    page = show(ModelView.from_inputs(dates(), PAIR, selection="decoder.layers[0].cross_attention"))
    texts = [each for each in page.locator(".kt-panel .kt-start").all_text_contents() if each]
    assert texts[:4] == ["(H, T, d_k)", "(2, 3, 8)", "(H, S, d_k)", "(2, 5, 8)"]
    assert texts[-4:-2] == ["(T, H·d_k)", "(3, 16)"]


@pytest.mark.parametrize("name", FOUR)
def test_no_word_is_cut_or_lies_on_another(show, name):
    """With the longest numbers that a layout expects: the tokens of a long text, and a large vocabulary."""
    make, inputs = FOUR[name]
    view = ModelView.from_inputs(make(), inputs)
    long = {"B": 1, "L": 512, "S": 512, "T": 512, "D": 1024, "H": 16, "d_k": 64, "H·d_k": 1024, "F": 4096, "V": 250_002}
    long["H_kv"] = 16
    view._sizes = {letter: long[letter] for letter in view._sizes}
    page = show(view)
    faults = """() => [...document.querySelectorAll(".kt-machine")].flatMap(one => {
        const edge = one.getBoundingClientRect(),
            texts = [...one.querySelectorAll("text")].filter(text => text.textContent),
            boxes = texts.map(text => text.getBoundingClientRect()),
            meets = (a, b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom,
            cut = texts.filter((text, i) => boxes[i].left < edge.left || boxes[i].right > edge.right),
            full = texts.filter((text, i) => {
                const rect = text.parentNode.querySelector("rect")?.getBoundingClientRect();
                return rect && text.matches(".kt-block > *") && boxes[i].right > rect.right;
            }),
            on = texts.filter((_, i) => boxes.some((box, j) => j < i && meets(box, boxes[i])));
        return [...cut, ...full, ...on].map(text => text.textContent);
    })"""
    for id in [None, *sorted(view._blocks)]:
        if id:
            page.evaluate("id => model.set('selection', id.replace(/#\\d+/, 0))", id)
            drawn(page)
        assert page.evaluate(faults) == [], id


@pytest.mark.parametrize("width", [900, 760])
def test_the_open_block_is_seen_with_the_picture_in_a_notebook_s_width(show, trait, width):
    page = show(ModelView(dates()))
    page.set_viewport_size({"width": width, "height": 900})
    drawn(page)
    alone = page.locator(".kt-tower").bounding_box()
    trait("selection", "encoder.layers[0].attention")
    tower, panel = (page.locator(f".kt-{name}").bounding_box() for name in ("tower", "panel"))
    assert tower["width"] < alone["width"]
    if width == 900:
        assert tower["x"] + tower["width"] <= panel["x"]
        assert panel["y"] < tower["y"] + 10
    else:
        assert tower["y"] + tower["height"] <= panel["y"] < 800


def test_a_text_box_stands_above_inputs_of_the_reader_s_own_making(show):
    view = ModelView.from_inputs(own(), VECTORS)
    view.on_text(lambda text: VECTORS)
    page = show(view)
    page.locator('.kt-form input[name="text"]').fill("she won")
    page.locator(".kt-form button").click()
    assert sent(page)["text"] == "she won"
    assert page.locator(".kt-form input").count() == 1


def test_temperature_and_top_k_change_the_probabilities(show):
    view = ModelView.from_inputs(gpt2(), IDS, selection="embeddings.tokens.embeddings.T")
    logits = np.asarray(view._passage.tops["decoder"])[-1].astype("float64")
    page = show(view)
    for temperature, k in ((1, 0), (0.5, 3), (2, 0)):
        slide(page, "temperature", temperature)
        slide(page, "top_k", k)
        page.wait_for_function(f"model.get('top_k') === {k} && model.get('temperature') === {temperature}")
        drawn(page)
        scores = np.exp(np.sort(logits)[::-1] / temperature)
        scores = scores[:k] if k else scores
        shown = [float(cells[0]) for cells in rows(page)]
        assert len(shown) == (k or 21)
        assert shown[:3] == pytest.approx(scores[:3] / scores.sum(), abs=6e-4)
        assert sum(shown) == pytest.approx(1, abs=0.02)


def test_another_token_has_other_numbers(show, trait):
    page = show(ModelView.from_inputs(dates(), PAIR, ["a", "b", "c", "d", "e"], ["x", "y", "z"]))
    strip = page.locator(".kt-machine image[href]").first
    before = strip.get_attribute("href")
    press_button(page, "encoder 3")
    assert trait("token") == 3
    assert page.locator('button[name="encoder 3"]').get_attribute("aria-pressed") == "true"
    assert strip.get_attribute("href") != before


def test_counts_are_shown_on_request(show, trait):
    page = show(ModelView(gpt2(), selection="decoder.layers[0].feed_forward"))
    assert "multiply-adds" not in page.locator(".kt-panel").inner_text()
    press_button(page, "counts")
    assert "4,728 parameters" in page.locator(".kt-panel").inner_text()
    assert page.locator(".kt-notes").inner_text().endswith("parameters · multiply-adds")
    assert trait("counts") is True


def test_what_is_marked_stands_out(show):
    page = show(ModelView(dates(), mark="cross_attention"))
    assert page.locator(".kt-marked").count() == 1
    assert page.locator(".kt-pale").count() > 10


@pytest.mark.parametrize("is_frozen", [False, True])
def test_nothing_in_a_name_runs(show, page, tmp_path, is_frozen):
    inputs = {"input_ids": np.arange(1, 17)[None]}
    last = "embeddings.tokens.embeddings.T"
    view = ModelView.from_inputs(gpt2(), inputs, TOKENS, vocabulary=TOKENS * 4, selection=last, text=TOKENS[0])
    if is_frozen:
        view.export(tmp_path / "view.html")
        page.goto(f"file://{tmp_path}/view.html")
        page.wait_for_selector(".kt-machine .kt-on")
    else:
        show(view)
    assert page.evaluate("window.harm") is None
    assert page.locator(".kt-model img, .kt-model script").count() == 0
    assert page.locator(".kt-tokens button").nth(0).inner_text() == TOKENS[0]


def test_a_frozen_copy_opens_without_a_kernel(page, tmp_path):
    view = ModelView.from_inputs(dates(), PAIR, selection="encoder.layers[1].attention", head=1)
    view.export(tmp_path / "view.html")
    page.goto(f"file://{tmp_path}/view.html")
    page.wait_for_selector(".kt-panel table")
    weights = np.asarray(view._passage.steps["encoder.layers[1].attention"].weights)[0, 1, 0]
    shown = [cells[2] for cells in rows(page)]
    assert [float(each) for each in shown[:3]] == pytest.approx(weights[:3], abs=2e-3)
    block(page, "decoder.layers[#1].cross_attention").click()
    drawn(page)
    assert said(page) == "decoder.layers[1].cross_attention"
