"""What the three small widgets have in common: frozen the same each time, harmless, drawn without a browser, small."""

import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PIL import Image

from ktlearn.widgets import MaskPainter, PositionExplorer, SoftmaxPlayground
from ktlearn.widgets.base.bundle import as_script, stylesheet
from tests.widgets.hostile import TOKENS

MAKE = {
    "softmax": lambda **state: SoftmaxPlayground([4, 0, 2, 2], ["Mia", "met", "Tom", "she"], **state),
    "mask": lambda **state: MaskPainter(["Mia", "met", "<pad>"], [[2, 0, 1], [0, 2, 1], [1, 1, 1]], **state),
    "positions": lambda **state: PositionExplorer(20, 8, **state),
}
HOSTILE = {
    "softmax": lambda: SoftmaxPlayground(range(8), TOKENS[:8]),
    "mask": lambda: MaskPainter(TOKENS, way="times", cell=(0, 1)),
}
SVG = "{http://www.w3.org/2000/svg}"


def html_of(widget):
    return widget.freeze()._repr_mimebundle_()["text/html"]


def frozen_state(widget):
    return json.loads(re.search(r"^const frozen = (.*);$", html_of(widget), re.MULTILINE)[1])["state"]


@pytest.mark.parametrize("name", MAKE)
def test_made_again_from_the_same_data_it_is_the_same(name):
    first, second = (MAKE[name]().freeze()._repr_mimebundle_() for _ in range(2))
    assert first == second
    assert set(first) == {"text/plain", "text/html", "image/png"}


@pytest.mark.slow
def test_another_process_makes_the_same_bytes():
    code = (
        "import hashlib; from ktlearn.widgets import MaskPainter, SoftmaxPlayground\n"
        "for one in (MaskPainter(['a', '<pad>'], preset='both'), SoftmaxPlayground([1, 2])):\n"
        "    print(hashlib.sha256(one.freeze()._repr_mimebundle_()['text/html'].encode()).hexdigest())"
    )
    run = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert len(run[0].stdout) == 130
    assert run[0].stdout == run[1].stdout


def test_the_noise_of_another_processor_changes_nothing():
    """Scores that a lesson has computed differ in their last digits; the frozen text and its id do not."""
    first, second = (html_of(SoftmaxPlayground([4 + noise, 1 / 3 + noise])) for noise in (0, 1e-7))
    first, second = (re.sub(r"data:image/png;base64,[\w+/=]+", "", each) for each in (first, second))
    assert first == second


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("softmax", {"d_k": 64, "divided": False, "temperature": 0.5, "picked": 2}),
        ("mask", {"way": "after", "cell": (1, 2)}),
        ("positions", {"position": 7, "other": 3, "pair": 1}),
    ],
)
def test_the_state_is_frozen(name, state):
    frozen = frozen_state(MAKE[name](**state))
    assert {key: frozen[key] for key in state} == json.loads(json.dumps(state))
    assert set(frozen) == {"_design", *frozen["_design"]["traits"]}


@pytest.mark.parametrize("name", MAKE)
def test_the_code_is_frozen_once(name):
    assert html_of(MAKE[name]()).count("keepDrawn(") == 2  # where it is written, and where it is called
    assert not {"_esm", "_css"} & set(frozen_state(MAKE[name]()))


@pytest.mark.parametrize("name", MAKE)
def test_it_is_small(name):
    widget = MAKE[name]()
    assert len(widget._esm.encode()) < 25_000
    assert not re.search(r"\bimport\b|https?://", widget._esm.replace("http://www.w3.org/2000/svg", ""))
    for part in (as_script(widget._script), stylesheet(widget._script)):
        assert "</" not in part
        assert "<!--" not in part


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tokens_add_no_tag(name):
    page = html_of(HOSTILE[name]())
    assert re.findall(r"<(\w+)", re.sub(r"(?s)(<script>\n.*?</script>|<style>.*?</style>)", "", page)) == ["div", "img"]
    assert page.count("</script>") == 1
    tokens = frozen_state(HOSTILE[name]())["_labels" if name == "softmax" else "_tokens"]
    assert tokens == TOKENS[: len(tokens)]


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tokens_are_drawn_as_text(name):
    sheet = HOSTILE[name]()._sheet()
    tags = {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(sheet.svg()).iter()}
    assert tags <= {"svg", "rect", "text", "title", "path", "circle"}
    assert sheet.png(1)[:4] == b"\x89PNG"


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKE)
def test_it_is_drawn_without_a_browser(name, tmp_path):
    image = Image.open(io.BytesIO(MAKE[name]()._sheet().png(1)))
    assert len(image.convert("RGB").getcolors(10_000)) > 5
    for ending in ("png", "svg", "html"):
        MAKE[name]().export(tmp_path / f"one.{ending}")
        assert (tmp_path / f"one.{ending}").stat().st_size > 1000
    with pytest.raises(ValueError, match="must end in .png, .svg or .html"):
        MAKE[name]().export(tmp_path / "one.pdf")


@pytest.mark.parametrize("ending", ["html", "svg", "png"])
def test_a_disk_that_is_full_leaves_the_file_that_was_there(ending, tmp_path, monkeypatch):
    file = tmp_path / f"one.{ending}"
    file.write_text("yesterday's picture")
    write = Path.write_bytes

    def write_a_part(path, content):
        write(path, content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_a_part)
    with pytest.raises(OSError, match="No space left"):
        MAKE["mask"]().export(file)
    assert file.read_text() == "yesterday's picture" and [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("name", MAKE)
def test_another_state_is_another_picture(name):
    other = {"softmax": {"divided": False}, "mask": {"way": "times"}, "positions": {"pair": 2}}[name]
    assert MAKE[name]()._sheet().svg() != MAKE[name](**other)._sheet().svg()


def test_the_picture_is_described_for_who_cannot_see_it():
    assert 'alt="Softmax: Mia 0.53, met 0.07, Tom 0.20, she 0.20."' in html_of(MAKE["softmax"]())
    assert "May look at, Mia: 3, met: 3, &lt;pad&gt;: 3." in html_of(MAKE["mask"]())
    assert "Positions 4 and 7 have the dot product" in html_of(MAKE["positions"]())
