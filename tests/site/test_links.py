"""The check of the site's links finds what is wrong: each kind of mistake once."""

import pytest

from docs.site import links

FINE = '<h1 id="here">A</h1><a href="b.html#there">b</a><a href="#here">a</a><a href="https://example.org">out</a>'


def broken(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return links.broken(folder)


def test_nothing_is_wrong_with_what_leads_somewhere(tmp_path):
    assert broken(tmp_path, a=FINE, b='<p id="there"><img src="data:image/png;base64,AA"></p>') == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<a href="c.html">c</a>', "there is no such file"),
        ('<img src="c.png">', "there is no such file"),
        ('<a href="#nowhere">x</a>', "there is no such place on the page"),
        ('<a href="b.html#nowhere">x</a>', "there is no such place on the page"),
        ('<img src="https://example.org/x.png">', "is loaded from another host"),
        ('<script src="//example.org/x.js"></script>', "is loaded from another host"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "is loaded from another host"),
        ("<style>@import 'https://example.org/x.css';</style>", "is loaded from another host"),
        ('<p style="background: url(https://example.org/x.png)">', "is loaded from another host"),
        ('<img srcset="https://example.org/x.png 2x" src="data:,">', "is loaded from another host"),
    ],
)
def test_each_mistake_is_found(tmp_path, text, why):
    (found,) = broken(tmp_path, a=text, b='<p id="there"></p>')
    assert found.startswith("a.html: ")
    assert found.endswith(why)


def test_a_font_from_elsewhere_in_a_style_sheet_is_found(tmp_path):
    (tmp_path / "x.css").write_text("@font-face { src: url('https://example.org/x.woff2') }", encoding="utf-8")
    assert links.broken(tmp_path) == ["x.css: https://example.org/x.woff2: is loaded from another host"]
