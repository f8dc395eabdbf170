"""AttentionView in a browser: what each view shows, and what pointing and clicking does."""

import json

import numpy as np
import pytest

from ktlearn.widgets import AttentionMaps, AttentionView
from ktlearn.widgets.base.colours import DARK, LIGHT
from tests.browser.conftest import drawn, parts_of, pixel, press_button, said, sent
from tests.widgets.hostile import softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]
CELL = 44  # the size of a cell when there are few tokens


def rgb(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def one_cell(row, column, size=4, layers=2, heads=3, layer=1, head=2):
    """Weights that are 0 but for one cell of one head, which is 1; the other heads look at themselves."""
    weights = np.broadcast_to(np.eye(size), (layers, heads, size, size)).copy()
    weights[layer, head] = 0
    weights[layer, head, :, 0] = 1
    weights[layer, head, row] = np.eye(size)[column]
    return weights


def corner(page, theme=LIGHT):
    """Where the first cell of the heatmap begins: left and top, found by its frame."""
    code = """() => {
        const canvas = document.querySelector("canvas"), g = canvas.getContext("2d");
        const { width, height } = canvas, data = g.getImageData(0, 0, width, height).data;
        const frame = RULE, is = (x, y) => frame.every((c, i) => Math.abs(data[4 * (y * width + x) + i] - c) < 3);
        for (let y = 0; y < height; y++) for (let x = 0; x < width - 30; x++) {
            if (is(x, y) && is(x + 10, y) && is(x + 30, y)) return [x + 1, y + 1];
        }
    }""".replace("RULE", str(rgb(theme["rule"])))
    return page.evaluate(code)


def cell(page, row, column, theme=LIGHT):
    left, top = corner(page, theme)
    return left + (column + 0.5) * CELL, top + (row + 0.5) * CELL


def colour_of(page, row, column, theme=LIGHT):
    """The colour of a cell, beside the number that stands in it."""
    x, y = cell(page, row, column, theme)
    return pixel(page, x - 18, y - 18)


def point(page, x, y):
    box = page.locator(".kt-stage").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    drawn(page)


def click(page, x, y):
    point(page, x, y)
    page.mouse.down()
    page.mouse.up()
    drawn(page)


def test_the_heatmap_shows_each_weight_in_its_place(show):
    page = show(AttentionView(one_cell(1, 2), WORDS, layer=1, heads=[2]))
    dark, paper = rgb(LIGHT["weights"][-1]), rgb(LIGHT["paper"])
    assert [colour_of(page, 1, column) for column in range(4)] == [paper, paper, dark, paper]
    assert colour_of(page, 0, 0) == dark


def test_pointing_says_the_cell_in_words(show):
    page = show(AttentionView(one_cell(1, 2), WORDS, layer=1, heads=[2]))
    point(page, *cell(page, 1, 2))
    assert said(page) == "layer 1, head 2: she → won ≈ 1.00"
    page.wait_for_function("model.get('hover')?.join() === '1,2'")
    page.mouse.move(900, 700)
    page.wait_for_function("model.get('hover') === null")


def test_exact_numbers_replace_the_approximate_ones_when_they_come(show, trait):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS, pinned=(1, 2)))
    page.wait_for_function("model.get('_wanted').length === 1")
    (question,) = trait("_wanted")
    assert json.loads(question) == ["row", 0, 0, 0, [0], 1]
    page.evaluate(
        "question => model.set('_answers', {[question]: new DataView(Float32Array.of(0.1, 0.2, 0.3456, 0.4).buffer)})",
        question,
    )
    drawn(page)
    assert said(page) == "layer 0, head 0: she → won 0.346"


def test_a_click_pins_a_cell_and_a_second_one_frees_it(show, trait):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS))
    click(page, *cell(page, 3, 1))
    assert trait("pinned") == [3, 1]
    assert sent(page)["pinned"] == [3, 1]
    page.mouse.move(900, 700)
    page.wait_for_function("model.get('hover') === null")
    drawn(page)
    assert said(page).startswith("layer 0, head 0: [SEP] → she")
    click(page, *cell(page, 3, 1))
    assert trait("pinned") is None


def test_hovering_goes_before_the_pin(show, trait):
    page = show(AttentionView(softmax_maps(1, 1, 4), WORDS, pinned=(3, 3)))
    point(page, *cell(page, 2, 2))
    assert "won → won" in said(page)
    assert trait("pinned") == [3, 3]


def test_python_moves_the_view(show, trait):
    page = show(AttentionView(one_cell(1, 2), WORDS))
    paper = rgb(LIGHT["paper"])
    assert colour_of(page, 1, 2) == paper
    trait("layer", 1)
    trait("heads", [2])
    assert colour_of(page, 1, 2) == rgb(LIGHT["weights"][-1])


def test_several_heads_are_shown_by_their_mean(show):
    weights = np.zeros((1, 2, 2, 2))
    weights[0, 0, :, 0] = weights[0, 1, :, 1] = 1
    page = show(AttentionView(weights, ["a", "b"], heads=[0, 1], pinned=(0, 0)))
    assert said(page).startswith("layer 0, mean of head 0, head 1: a → a ≈ 0.50")


def test_heads_go_on_and_off_and_alone(show, trait):
    page = show(AttentionView(softmax_maps(1, 3, 4), WORDS))
    press_button(page, "heads 2")
    assert trait("heads") == [2]
    page.locator('button[name="heads 0"]').click(modifiers=["Shift"])
    assert trait("heads") == [0, 2]
    page.locator('button[name="heads 2"]').click(modifiers=["Control"])
    assert trait("heads") == [0]
    press_button(page, "heads all")
    assert trait("heads") == [0, 1, 2]
    pressed = page.locator(".kt-head").evaluate_all("all => all.map((one) => one.getAttribute('aria-pressed'))")
    assert pressed == ["true"] * 3


def test_a_button_keeps_the_focus_when_it_is_pressed(show):
    page = show(AttentionView(softmax_maps(2, 3, 4), WORDS))
    press_button(page, "layer 1")
    assert page.evaluate("document.activeElement.name") == "layer 1"


def test_controls_that_do_nothing_are_not_there(show):
    page = show(AttentionView(np.eye(2), ["a", "b"]))
    names = page.locator("button").evaluate_all("all => all.map((one) => one.name)")
    assert not [name for name in names if name.startswith(("layer", "heads", "block", "special", "view steps"))]
    assert page.locator("input[name=step]").count() == 0


def test_a_click_in_the_grid_opens_the_head(show, trait):
    page = show(AttentionView(one_cell(1, 2), WORDS, view="grid"))
    click(page, 76 + 2 * 136 + 60, 26 + 136 + 60)  # head 2, layer 1: maps of 128 with gaps of 8
    assert (trait("view"), trait("layer"), trait("heads")) == ("heatmap", 1, [2])
    assert trait("pinned") is None


def test_the_grid_names_the_map_under_the_pointer(show):
    page = show(AttentionView(softmax_maps(2, 3, 4), WORDS, view="grid"))
    point(page, 76 + 136 + 60, 26 + 136 + 60)
    assert said(page) == "layer 1, head 1"


def test_lines_go_from_the_query_to_the_key(show):
    weights = np.zeros((1, 1, 3, 3))
    weights[0, 0, :, 0] = 1
    page = show(AttentionView(weights, ["a", "b", "c"], view="lines"))
    code = """([x, y]) => {  // whether anything is drawn on a short vertical line
        const canvas = document.querySelector("canvas"), data = canvas.getContext("2d").getImageData(x, y, 1, 9).data;
        return data.some((value, i) => i % 4 === 3 && value > 0);
    }"""
    near_the_keys = 31 + 172 - 6
    assert [page.evaluate(code, [near_the_keys, 30 + 26 * row + 9]) for row in range(3)] == [True, False, False]


def test_no_line_goes_where_a_query_may_not_look(show):
    mask = np.tril(np.ones((3, 3), bool))
    page = show(AttentionView(np.eye(3), ["a", "b", "c"], mask=mask, view="lines"))
    code = """y => {  // whether anything is drawn between the sides at the height of a token
        const canvas = document.querySelector("canvas"), data = canvas.getContext("2d").getImageData(100, y, 1, 9).data;
        return data.some((value, i) => i % 4 === 3 && value > 0);
    }"""
    between = [page.evaluate(code, 30 + 26 * row - 4) for row in (1, 2)]  # halfway to the next token
    at = [page.evaluate(code, 30 + 26 * row + 9) for row in range(3)]
    assert (at, between) == ([True] * 3, [False] * 2)


def test_pointing_at_a_token_of_the_lines_says_where_it_looks(show):
    page = show(AttentionView(one_cell(1, 2, layers=1, heads=1, layer=0, head=0), WORDS, view="lines"))
    point(page, 20, 30 + 26 * 1.5)
    assert said(page).startswith("layer 0, head 0: she looks most at won 1.00")
    box = page.locator(".kt-stage").bounding_box()
    point(page, min(330, box["width"] - 10), 30 + 26 * 2.5)
    assert said(page).startswith("layer 0, head 0: won is looked at most by she 1.00")


def test_the_strip_colours_the_text_for_the_token_under_the_pointer(show, trait):
    page = show(AttentionView(one_cell(1, 2, layers=1, heads=1, layer=0, head=0), WORDS, view="strip"))
    token = page.locator(".kt-token").nth
    assert [token(i).inner_text() for i in range(4)] == WORDS
    token(1).hover()
    drawn(page)
    colours = [token(i).evaluate("one => one.style.background") for i in range(4)]
    assert colours[2] == f"rgb({', '.join(map(str, rgb(LIGHT['weights'][-1])))})"
    assert colours[0] == colours[1] == colours[3] == "rgb(255, 255, 255)"
    token(1).click()
    assert trait("pinned") == [1, None]
    assert token(1).evaluate("one => one.classList.contains('kt-chosen')")


def test_the_strip_of_cross_attention_has_two_lines(show, trait):
    maps = AttentionMaps(softmax_maps(1, 1, 2, 3), ["x", "y"], ["a", "b", "c"])
    page = show(AttentionView({"cross": maps}, view="strip"))
    assert page.locator(".kt-strip").count() == 2
    page.locator(".kt-strip").first.locator(".kt-token").nth(1).click()
    assert trait("pinned") == [1, None]


def vectors_view(**state):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 1, 2, 4, 3))
    mask = np.tril(np.ones((4, 4), bool))
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(3)
    weights = np.where(mask, np.exp(scores), 0)
    weights /= weights.sum(-1, keepdims=True)
    view = AttentionView(weights, WORDS, queries=q, keys=k, mask=mask, view="steps", **state)
    return view, q, k, weights


def test_the_steps_show_the_numbers_of_the_formula(show):
    view, q, k, weights = vectors_view(heads=[1], pinned=(2, None))
    view._wanted = ['["vectors",0,0,0,1]', '["row",0,0,0,[1],2]']
    answers = {question: list(np.frombuffer(data, "float32")) for question, data in view._answers.items()}
    view._answers = {}
    page = show(view)
    page.evaluate(
        """answers => model.set("_answers", Object.fromEntries(Object.entries(answers).map(([question, numbers]) =>
            [question, new DataView(Float32Array.from(numbers, (x) => x === null ? -Infinity : x).buffer)])))""",
        {name: [None if np.isinf(x) else float(x) for x in row] for name, row in answers.items()},
    )
    drawn(page)
    rows = page.locator("table tr").evaluate_all(
        "all => all.map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    for key in range(3):
        score = float(q[0, 1, 2] @ k[0, 1, key])
        expected = [WORDS[key], f"{score:.2f}", f"{score / np.sqrt(3):.2f}", f"{weights[0, 1, 2, key]:.3f}"]
        assert [rows[key + 2][i] for i in (0, 2, 3, 4)] == expected
    assert rows[5][4] == "may not look"


def test_the_steps_ask_python_for_their_vectors(show):
    view, *_ = vectors_view(heads=[1], pinned=(2, None))
    page = show(view)
    page.wait_for_function("model.get('_wanted').length > 0")
    assert '["vectors",0,0,0,1]' in page.evaluate("model.get('_wanted')")
    assert "The vectors of this head are not here" in page.locator(".kt-texts").inner_text()


def test_masked_cells_are_grey_and_said(show):
    view, *_ = vectors_view()
    view.view = "heatmap"
    page = show(view)
    assert colour_of(page, 0, 3) == rgb(LIGHT["masked"])
    point(page, *cell(page, 0, 3))
    assert said(page).endswith("[CLS] → [SEP] may not look")


def test_cells_that_are_no_numbers_have_a_colour_and_a_warning(show):
    weights = np.eye(4)
    weights[1, 1] = np.nan
    page = show(AttentionView(weights, WORDS))
    assert colour_of(page, 1, 1) == rgb(LIGHT["nan"])
    assert "1 weights are not numbers" in page.locator(".kt-notes").inner_text()


def test_special_tokens_are_removed_and_it_is_said(show, trait):
    weights = np.array([[0.4, 0.1, 0.3, 0.2]] * 4)
    page = show(AttentionView(weights, WORDS))
    press_button(page, "special remove")
    assert trait("special") == "remove"
    assert "so that it sums to 1 again" in page.locator(".kt-notes").inner_text()
    point(page, *cell(page, 0, 1))
    assert said(page) == "layer 0, head 0: she → won ≈ 0.75"


def test_special_tokens_are_dimmed(show, trait):
    page = show(AttentionView(np.eye(4), WORDS))
    before = [pixel(page, x - 18, y - 18, alpha=True) for x, y in (cell(page, i, i) for i in (0, 1))]
    trait("special", "dim")
    after = [pixel(page, x - 18, y - 18, alpha=True) for x, y in (cell(page, i, i) for i in (0, 1))]
    assert after[1] == before[1] == [*rgb(LIGHT["weights"][-1]), 255]
    assert after[0][3] < 100 < before[0][3]


def test_the_threshold_leaves_the_strongest(show, trait):
    page = show(AttentionView(np.array([[0.5, 0.3, 0.15, 0.05]] * 4), WORDS))
    assert colour_of(page, 0, 2) != rgb(LIGHT["paper"])
    trait("threshold", 0.79)
    assert colour_of(page, 0, 1) != rgb(LIGHT["paper"])
    assert colour_of(page, 0, 2) == rgb(LIGHT["paper"])
    slider = page.locator("input[name=threshold]")
    assert slider.input_value() == "0.79"
    slider.fill("0.4")
    drawn(page)
    assert trait("threshold") == 0.4
    assert page.locator("input[name=threshold] + output").inner_text() == "40 %"


def test_colours_go_up_to_the_largest_weight_on_demand(show):
    page = show(AttentionView(np.full((4, 4), 0.25), WORDS))
    pale = colour_of(page, 0, 0)
    press_button(page, "full_scale the largest")
    assert colour_of(page, 0, 0) == rgb(LIGHT["weights"][-1]) != pale


def test_zoom_makes_cells_larger_and_the_stage_scrolls(show, trait):
    page = show(AttentionView(softmax_maps(1, 1, 30), [f"t{i}" for i in range(30)]))
    trait("zoom", 4.0)
    scroll = page.locator(".kt-scroll").evaluate("one => [one.scrollWidth > one.clientWidth, one.scrollHeight > 1000]")
    assert scroll == [True, True]
    assert page.locator(".kt-stage").bounding_box()["height"] <= 640


def test_a_difference_is_orange_and_blue(show):
    maps = AttentionMaps(np.array([[0.5, -0.5], [0.0, 0.0]]), ["a", "b"], signed=True)
    page = show(AttentionView(maps))
    assert colour_of(page, 0, 0) == rgb(LIGHT["signed"][-1])
    assert colour_of(page, 0, 1) == rgb(LIGHT["signed"][0])
    assert colour_of(page, 1, 0) == rgb(LIGHT["paper"])
    assert "blue is more, orange is less" in page.locator(".kt-notes").inner_text()


def test_the_slider_moves_through_snapshots_in_the_browser(show, trait):
    weights = np.stack([np.eye(4)[None, None], one_cell(1, 2, layers=1, heads=1, layer=0, head=0)])
    page = show(AttentionView(weights, WORDS, steps=["start", "epoch 1"]))
    assert colour_of(page, 1, 2) == rgb(LIGHT["paper"])
    page.locator("input[name=step]").fill("1")
    drawn(page)
    assert colour_of(page, 1, 2) == rgb(LIGHT["weights"][-1])
    assert page.locator("input[name=step] + output").inner_text() == "epoch 1"
    page.locator("button[name=play]").click()
    page.wait_for_function("model.get('step') === 0")


def test_another_block_starts_at_its_first_head(show, trait):
    blocks = {
        "encoder": AttentionMaps(softmax_maps(4, 8, 3), list("abc")),
        "cross": AttentionMaps(softmax_maps(1, 1, 2, 3), list("xy"), list("abc")),
    }
    page = show(AttentionView(blocks, layer=3, heads=[7], pinned=(2, 2)))
    press_button(page, "block cross")
    assert (trait("layer"), trait("heads"), trait("pinned")) == (0, [0], None)
    assert page.locator('button[name^="layer"]:visible').count() == 0


def test_the_text_box_sends_what_is_typed(show, trait):
    page = show(AttentionView(np.eye(2), ["a", "b"], text="a b", pair="c"))
    page.locator("input[name=text]").fill("new words")
    page.keyboard.press("Enter")
    assert (trait("text"), trait("pair")) == ("new words", "c")
    page.locator("input[name=pair]").fill("more")
    page.locator(".kt-form button").click()
    assert sent(page)["pair"] == "more"
    trait("_status", "ValueError: too long")
    assert page.locator(".kt-form output").inner_text() == "ValueError: too long"


def test_new_data_are_drawn(show, trait):
    page = show(AttentionView(np.eye(4), WORDS))
    page.evaluate("model.set('_data', new DataView(new Uint8Array(16).fill(253).buffer))")
    drawn(page)
    assert colour_of(page, 0, 1) == rgb(LIGHT["weights"][-1])


@pytest.mark.parametrize("view", ["heatmap", *(pytest.param(v, marks=pytest.mark.weekly) for v in ("grid", "strip"))])
def test_512_tokens_are_usable(show, view):
    weights = softmax_maps(1, 2, 512)
    page = show(AttentionView(weights, [f"token{i}" for i in range(512)], view=view))
    assert page.evaluate("getComputedStyle(document.querySelector('.kt-stage')).height !== '0px'")
    point(page, 300, 300)
    assert said(page)


def test_many_views_share_a_page(show):
    page = show(AttentionView(np.eye(4), WORDS))
    second = AttentionView(np.eye(2), ["x", "y"], view="strip")
    page.evaluate("async (parts) => { window.second = (await putOnPage(...parts)).model }", parts_of(second))
    page.locator(".kt-token").nth(1).click()
    assert page.evaluate("[model.get('pinned'), second.get('pinned')]") == [None, [1, None]]


def test_a_view_that_is_taken_away_stops_listening(show):
    page = show(AttentionView(np.eye(4), WORDS))
    before = page.evaluate("model.listening()")
    page.evaluate("stop()")
    assert before > 10
    assert page.evaluate("model.listening()") <= 1


def test_the_width_follows_the_page_and_never_itself(show):
    page = show(AttentionView(softmax_maps(1, 1, 30), [f"t{i}" for i in range(30)]))
    widths = []
    for width in (1000, 500, 1000):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
        widths.append(page.locator(".kt-attention").bounding_box()["width"])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert widths == [1000, 500, 1000]


def test_the_colours_follow_the_theme(show):
    page = show(AttentionView(np.eye(4), WORDS), theme="dark")
    assert colour_of(page, 0, 0, DARK) == rgb(DARK["weights"][-1])
    assert page.locator(".kt-attention").evaluate("one => one.classList.contains('kt-dark')")
    page.evaluate("document.body.style.cssText = 'background: #fff; color: #222'")
    drawn(page)
    assert not page.locator(".kt-attention").evaluate("one => one.classList.contains('kt-dark')")
    assert colour_of(page, 0, 0) == rgb(LIGHT["weights"][-1])
