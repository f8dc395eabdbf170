"""Frozen views and exports: whole, the same each time, and harmless. What they do in a browser is in tests/browser."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from ktlearn.widgets import AttentionMaps, AttentionView
from ktlearn.widgets.base.bundle import as_script, stylesheet
from ktlearn.widgets.base.freezable import LARGE, SMALL, mimebundle
from tests.widgets.hostile import TOKENS, softmax_maps

WORDS = ["[CLS]", "she", "won", "[SEP]"]
VIEWS = ["heatmap", "lines", "grid", "strip", "steps"]


def make_view(**state):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 2, 2, 4, 3))  # (L, H, Q, d_k) each
    weights = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(3))
    weights /= weights.sum(-1, keepdims=True)
    return AttentionView(weights, WORDS, queries=q, keys=k, **state)


def html_of(view):
    return view.freeze()._repr_mimebundle_()["text/html"]


def frozen_state(html):
    """The JSON that a frozen view carries."""
    return json.loads(re.search(r"^const frozen = (.*);$", html, re.MULTILINE)[1])


@pytest.mark.parametrize("name", VIEWS)
def test_made_again_from_the_same_data_it_is_the_same(name):
    state = {"view": name, "layer": 1, "heads": [1], "pinned": (1, 2)}
    first, second = (make_view(**state).freeze()._repr_mimebundle_() for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_another_process_makes_the_same_bytes():
    code = (
        "import hashlib, numpy as np; from ktlearn.widgets import AttentionView\n"
        "view = AttentionView(np.full((2, 2, 3, 3), 1 / 3), list('abc'), view='grid', layer=1)\n"
        "html = view.freeze()._repr_mimebundle_()['text/html']; print(hashlib.sha256(html.encode()).hexdigest())"
    )
    run = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert len(run[0].stdout) == 65
    assert run[0].stdout == run[1].stdout


def test_the_noise_of_another_processor_changes_numbers_only_a_little():
    """The lessons' outputs are compared with tolerance: decimals may move in their last digit, nothing else."""
    weights = softmax_maps(2, 2, 5)
    noisy = weights + np.random.default_rng(1).normal(0, 1e-6, weights.shape).astype("float32")
    first, second = (html_of(AttentionView(each, list("abcde"))) for each in (weights, noisy))
    first, second = (re.sub(r"data:image/png;base64,[\w+/=]+", "", each) for each in (first, second))
    numbers = [[float(number) for number in re.findall(r"0\.\d{4}", each)] for each in (first, second)]
    assert np.abs(np.subtract(*numbers)).max() <= 1.5e-4
    assert re.sub(r"0\.\d{4}", "N", first) == re.sub(r"0\.\d{4}", "N", second)


def test_a_small_view_holds_every_number():
    view = make_view()
    frozen = frozen_state(html_of(view))
    numbers = [float(number) for number in frozen["numbers"]["decimals"].split()]
    assert np.allclose(numbers, view.blocks["attention"].weights.ravel(), atol=1e-4)
    assert len(frozen["vectors"]) == 4


def test_a_large_view_is_frozen_in_part_and_says_so():
    view = AttentionView(softmax_maps(12, 12, 128), [str(i) for i in range(128)], layer=7, heads=[2, 5])
    beside = frozen_state(mimebundle(view, SMALL)["text/html"])
    assert len(beside["numbers"]["deflated"]) <= SMALL
    assert beside["state"]["_blocks"][0]["layers"] == ["layer 7"]
    assert beside["state"]["layer"] == 0
    assert "A frozen part of a larger view" in beside["state"]["_notes"][-1]
    alone = frozen_state(html_of(view))
    assert len(alone["state"]["_blocks"][0]["layers"]) == 12
    assert len(alone["numbers"]["deflated"]) <= LARGE


def test_the_heads_shown_are_kept_when_not_even_a_layer_fits():
    view = AttentionView(softmax_maps(2, 12, 400), [str(i) for i in range(400)], layer=1, heads=[2, 5])
    frozen = frozen_state(mimebundle(view, SMALL)["text/html"])["state"]
    assert frozen["_blocks"][0]["heads"] == ["head 2", "head 5"]
    assert frozen["heads"] == [0, 1]


def test_only_the_vectors_of_the_head_shown_are_kept_when_there_are_many():
    rng = np.random.default_rng(0)
    q, k = rng.normal(0, 0.1, size=(2, 3, 2, 60, 64))  # (L, H, Q, d_k) each
    weights = np.exp(q @ np.swapaxes(k, -1, -2) / 8)
    weights /= weights.sum(-1, keepdims=True)
    view = AttentionView(weights, [str(i) for i in range(60)], queries=q, keys=k, layer=2, heads=[1])
    assert list(frozen_state(html_of(view))["vectors"]) == ['["vectors",0,0,2,1]']
    view.view = "steps"
    assert list(frozen_state(html_of(view))["vectors"]) == ['["vectors",0,0,2,0]', '["vectors",0,0,2,1]']


def test_a_page_is_hardly_larger_than_a_byte_for_each_weight(tmp_path):
    weights = softmax_maps(12, 12, 64)  # random: real attention is packed better
    AttentionView(weights, [f"token{i}" for i in range(64)], view="grid").export(tmp_path / "view.html")
    assert (tmp_path / "view.html").stat().st_size < 1.2 * weights.size


def test_the_text_box_is_not_frozen():
    view = make_view()
    view.on_text(lambda text: (np.eye(1), ["a"]))
    assert frozen_state(html_of(view))["state"]["text"] is None


class Tags(HTMLParser):
    """Every tag and every attribute of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}


@pytest.mark.parametrize("name", VIEWS[:4])
def test_hostile_tokens_add_no_tag_to_a_frozen_view(name):
    maps = softmax_maps(1, 2, len(TOKENS))
    view = AttentionView(maps, TOKENS, view=name, layers=[TOKENS[0]], heads_named=[TOKENS[1], TOKENS[4]])
    page = Tags(html_of(view))
    assert page.tags == ["div", "style", "img", "script"]
    assert page.attributes == {"class", "id", "alt", "src", "style"}
    assert frozen_state(html_of(view))["state"]["_blocks"][0]["tokens"][0] == TOKENS


def test_the_scripts_cannot_be_ended_by_their_own_code():
    for part in (as_script("attention/view.js"), stylesheet("attention/view.js")):
        assert "</" not in part
        assert "<!--" not in part


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    make_view().export(tmp_path / "view.html")
    page = (tmp_path / "view.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|\bimport\s|@import|url\(", page)


def test_an_exported_page_holds_all_numbers(tmp_path):
    view = AttentionView(softmax_maps(12, 12, 64), [str(i) for i in range(64)])
    view.export(str(tmp_path / "view.html"))
    size = (tmp_path / "view.html").stat().st_size
    assert size < 1.2 * view.blocks["attention"].weights.size
    assert (
        len(frozen_state((tmp_path / "view.html").read_text(encoding="utf-8"))["state"]["_blocks"][0]["layers"]) == 12
    )


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must end in .png, .svg or .html; got 'view.pdf'"):
        make_view().export(tmp_path / "view.pdf")


def test_the_picture_is_described_for_who_cannot_see_it():
    view = AttentionView(np.array([[0.9, 0.1], [0.3, 0.7]]), ["<she>", "won"])
    assert (
        'alt="Attention, heatmap: layer 0, head 0, 2 queries by 2 keys. '
        'The strongest weight is 0.90, from &lt;she&gt; to &lt;she&gt;."'
    ) in html_of(view)


def test_linked_views_find_each_other_on_a_page():
    first, second, alone = make_view(), AttentionView(softmax_maps(2, 2, 3), list("abc")), make_view(layer=1)
    first.link(second)
    groups = [frozen_state(html_of(view))["links"] for view in (first, second, alone)]
    assert groups[0] == groups[1]
    assert groups[0][0]["traits"] == ["layer", "heads", "step"]
    assert groups[2] == []


def test_a_frozen_view_names_itself():
    assert repr(make_view().freeze()) == "<AttentionView: 2 layers, 2 heads, 4 queries, 4 keys>"


def test_blocks_stay_whole_when_they_fit():
    blocks = {
        "encoder": AttentionMaps(softmax_maps(2, 2, 3), list("abc")),
        "cross": AttentionMaps(softmax_maps(2, 2, 2, 3), list("xy"), list("abc")),
    }
    frozen = frozen_state(html_of(AttentionView(blocks, block="cross")))
    assert [block["name"] for block in frozen["state"]["_blocks"]] == ["encoder", "cross"]
    assert len(frozen["numbers"]["decimals"].split()) == 4 * (9 + 6)
