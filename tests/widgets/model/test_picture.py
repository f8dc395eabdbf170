"""The still picture: every block has its place, nothing lies on another, and a part can be marked."""

import itertools
import xml.etree.ElementTree as ElementTree

import pytest

from ktlearn.widgets import ModelView
from ktlearn.widgets.base.colours import LIGHT
from ktlearn.widgets.model.machine import draw
from ktlearn.widgets.model.structure import read
from tests.widgets.model.machines import MACHINES, OwnLayer, dates, gpt2

of_each = pytest.mark.parametrize("name", MACHINES)


def boxes(scene):
    return [shape[1:6] for shape in scene["shapes"] if shape[0] == "box"]


@of_each
@pytest.mark.parametrize("is_small", [False, True])
def test_no_box_lies_on_another_and_all_are_on_the_sheet(name, is_small):
    scene, _ = draw(read(MACHINES[name][0]()), is_small)
    for (_, x, y, w, h), (_, a, b, c, d) in itertools.combinations(boxes(scene), 2):
        assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
    for _, x, y, w, h in boxes(scene):
        assert x >= 0 and y >= 0 and x + w <= scene["w"] and y + h <= scene["h"]


@of_each
def test_every_block_is_in_the_picture_once(name):
    structure = read(MACHINES[name][0]())
    view = ModelView(structure.model)
    drawn = {shape[1] for shape in view._scene["shapes"] if shape[0] in ("box", "frame", "add") and shape[1]}
    assert drawn == {view._ids[block.path][0] for block in structure.walk()}


def test_twelve_equal_layers_are_drawn_once():
    twelve, two = (draw(read(gpt2(layers)))[0] for layers in (12, 2))
    assert len(twelve["shapes"]) == len(two["shapes"])
    assert [shape[-1] for shape in twelve["shapes"] if shape[0] == "frame"] == [12]


def test_the_small_form_is_lower():
    structure = read(dates())
    assert draw(structure, is_small=True)[0]["h"] < 0.75 * draw(structure)[0]["h"]


def test_blocks_in_an_order_that_nobody_knows_have_no_arrows_between_them():
    class Other(OwnLayer):
        def call(self, x):
            return 2 * self.norm(self.feed_forward(self.attention(x, x, x)) + 3 * x)

    known, unknown = (draw(read([layer]))[0]["shapes"] for layer in (OwnLayer(), Other()))
    arrows = [sum(shape[0] == "line" and shape[2] == "arrow" for shape in shapes) for shapes in (known, unknown)]
    assert arrows[1] == 1 < arrows[0]
    assert not [shape for shape in unknown if shape[0] == "add"]


def test_what_is_marked_has_an_edge_and_all_else_is_pale():
    plain, marked = (ModelView(dates(), mark=mark)._sheet().svg() for mark in ((), "cross_attention"))
    assert LIGHT["accent"] not in plain
    assert marked.count(LIGHT["accent"]) == 1
    assert ModelView(dates(), mark="encoder")._sheet().svg().count(LIGHT["accent"]) > 5


def test_the_diagram_of_a_lesson_is_an_svg_that_is_the_same_each_time():
    first, second = (ModelView(dates()).diagram("attention").data for _ in range(2))
    assert first == second
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(first).iter()}
    assert tags <= {"svg", "title", "rect", "text", "path", "circle", "polygon"}


def test_the_diagram_says_in_words_what_it_shows():
    title = ElementTree.fromstring(ModelView(dates()).diagram("cross_attention").data)[0]
    assert title.tag.endswith("title")
    assert title.text.startswith("A model from bottom to top. encoder: Embedding, Positions, EncoderLayer")
    assert title.text.endswith("Marked: cross_attention.")


@pytest.mark.parametrize("model", [dates, gpt2])
def test_the_diagram_fits_into_a_notebook(model):
    node = ElementTree.fromstring(ModelView(model()).diagram().data)
    assert int(node.get("width")) <= 800
    assert int(node.get("height")) <= 650


def test_it_is_exported_as_png_svg_and_page(tmp_path):
    view = ModelView(dates(), mark="decoder")
    for ending in ("png", "svg", "html"):
        view.export(tmp_path / f"model.{ending}")
        assert (tmp_path / f"model.{ending}").stat().st_size > 5000
