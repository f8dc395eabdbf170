"""Still pictures: each view as PNG and SVG, whatever the tokens are."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from ktlearn.widgets import AttentionMaps, AttentionView
from ktlearn.widgets.attention.picture import VisiblePart, draw
from ktlearn.widgets.base.colours import LIGHT, shade
from tests.widgets.hostile import TOKENS, softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]
VIEWS = ["heatmap", "lines", "grid", "strip", "steps"]
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture):
    """The texts of an SVG, without the titles inside them."""
    return [node.text or node[0].tail for node in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_drawn(name):
    view = AttentionView(softmax_maps(2, 2, 4), WORDS, view=name, pinned=(1, 2))
    image = Image.open(io.BytesIO(draw(view).png(1)))
    assert min(image.size) >= 60
    assert len(image.convert("RGB").getcolors(10_000)) > 5
    assert ElementTree.fromstring(draw(view).svg()).tag == f"{SVG}svg"


@pytest.mark.parametrize("name", VIEWS[:4])
def test_hostile_tokens_are_drawn_as_text(name):
    view = AttentionView(softmax_maps(1, 2, len(TOKENS)), TOKENS, view=name, pinned=(0, 6))
    tree = ElementTree.fromstring(draw(view).svg())
    tags = {node.tag.removeprefix(SVG) for node in tree.iter()}
    assert tags <= {"svg", "rect", "text", "title", "path", "image"}
    assert not any(attribute.startswith("on") for node in tree.iter() for attribute in node.attrib)
    assert draw(view).png(1)[:4] == b"\x89PNG"


def test_long_tokens_are_shortened_and_whole_in_the_title():
    view = AttentionView(softmax_maps(1, 1, len(TOKENS)), TOKENS)
    tree = ElementTree.fromstring(draw(view).svg())
    titles = [title.text for title in tree.iter(f"{SVG}title")]
    assert "long" * 2500 in titles
    assert max(map(len, texts(draw(view).svg()))) <= 60


def test_the_heatmap_has_the_colour_of_each_weight():
    weights = np.array([[1.0, 0.0], [0.25, 0.75]])
    tree = ElementTree.fromstring(draw(AttentionView(weights, ["a", "b"])).svg())
    fills = [node.get("fill") for node in tree.iter(f"{SVG}rect")]
    expected = [f"#{bytes(colour).hex()}" for colour in shade(weights, 1).reshape(4, 3)]
    assert expected[:2] == [LIGHT["weights"][-1], LIGHT["paper"]]
    assert fills[1:5] == expected


def test_a_picture_shows_the_state_of_the_view():
    """Removed special tokens, with the rows made to sum to 1 again."""
    weights = np.array([[0.5, 0.1, 0.3, 0.1]] * 4)
    view = AttentionView(weights, WORDS, special="remove")
    shown = VisiblePart(view)
    assert shown.names(0) == shown.names(1) == ["she", "won"]
    assert np.allclose(shown.weights(), [[0.25, 0.75]] * 2)
    assert {"0.25", "0.75"} <= set(texts(draw(view).svg()))


def test_a_difference_has_its_sign_in_the_colours_and_numbers():
    maps = AttentionMaps(np.array([[0.3, -0.3], [0, 0]]), ["a", "b"], signed=True)
    assert {"0.30", "-0.30"} <= set(texts(draw(AttentionView(maps)).svg()))


def test_a_map_of_many_cells_is_an_image_in_the_svg():
    view = AttentionView(softmax_maps(1, 1, 80), [str(i) for i in range(80)])
    assert len(list(ElementTree.fromstring(draw(view).svg()).iter(f"{SVG}image"))) == 1


def test_signs_that_no_font_has_do_not_warn(recwarn):
    draw(AttentionView(np.eye(2), ["\U0001f984", "\u0e01"])).png(1)
    assert not [one for one in recwarn if one.category is UserWarning]  # others warn of what is deprecated
