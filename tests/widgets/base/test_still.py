"""A drawing in a cell's output: seen where the notebook is trusted, and where it is not."""

import base64

from ktlearn.widgets.base.sheet import Sheet
from ktlearn.widgets.base.still import Still


def drawing(title="two words"):
    sheet = Sheet(120, 40, "#ffffff")
    sheet.text("</svg><script>", 10, 20, "#000000")
    return Still(sheet, title)


def test_it_is_an_svg_and_a_png_of_the_same_width():
    data, metadata = drawing()._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg") and 'width="120"' in data["image/svg+xml"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"] == {"width": 120}


def test_its_words_are_the_title_and_no_text_of_it_is_markup():
    still = drawing("<b>two</b> words")
    assert repr(still) == "<Still: <b>two</b> words>"
    assert "<title>&lt;b&gt;two&lt;/b&gt; words</title>" in still.data
    assert "<script>" not in still.data
