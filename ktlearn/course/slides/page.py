"""Slides as one HTML page: reveal.js, its styles, the pictures and the formulas are all in it, and nothing is fetched.

reveal.js lies in ``reveal/``, as its authors publish it, with its licence; ``deck.css`` and ``deck.js`` are ours.
"""

import base64
import html
import re
from functools import cache
from pathlib import Path

from ktlearn.course.slides.choose import picture_of, printed_by
from ktlearn.course.slides.text import as_html, inline_html

LONGEST_FORMULA = 90  # characters of LaTeX in one line; what \qquad separates then stands line by line
LONGEST_LINE = 100  # characters of a printed line that is not wrapped: a table's rows stay whole
HERE = Path(__file__).parent
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{styles}</style>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
{scripts}
</body>
</html>
"""


def page_of(slides, warn):
    """The page of a lesson's slides, a string.

    Args:
        slides: what `ktlearn.course.slides.choose.slides_of` gives.
        warn: called with a sentence about each formula that cannot be drawn.
    """
    scripts = ("reveal/reveal.js", "reveal/notes.js", "deck.js")
    return PAGE.format(
        title=html.escape(slides[0].headline),
        styles="\n".join(_file(name) for name in ("reveal/reveal.css", "deck.css")),
        slides="\n".join(_slide(slide, warn) for slide in slides),
        scripts="\n".join(f"<script>{_script(name)}</script>" for name in scripts),
    )


def _slide(slide, warn):
    notes = "\n\n".join(slide.notes)
    parts = [f'<p class="place">{html.escape(_plain(slide.section))}</p>' if slide.section else ""]
    if slide.kind in ("title", "section"):
        parts = [f"<h1>{inline_html(slide.headline, warn)}</h1>"]
        parts.append(f'<p class="opening">{inline_html(slide.shown, warn)}</p>' if slide.shown else "")
    else:
        parts.append(f"<h2>{inline_html(slide.headline, warn)}</h2>" if slide.headline else "")
        parts.append(f'<div class="shown">{_shown(slide, warn)}</div>')
        parts.append(f'<p class="caption">{inline_html(slide.caption, warn)}</p>' if slide.caption else "")
    parts.append(f'<aside class="notes">{as_html(notes, warn)}</aside>' if notes else "")
    return f'<section class="{slide.kind}">\n' + "\n".join(part for part in parts if part) + "\n</section>"


def _shown(slide, warn):
    if slide.kind == "picture":
        return _picture(picture_of(slide.shown), slide.notes)
    if slide.kind == "output":
        printed = printed_by(slide.shown)
        kind = "output wrapped" if max(map(len, printed.split("\n"))) > LONGEST_LINE else "output"
        return _code("".join(slide.shown["source"])) + f'<pre class="{kind}">{html.escape(printed)}</pre>'
    if slide.kind == "formula" and len(slide.shown) > LONGEST_FORMULA:
        return as_html(re.sub(r"\s*(?:\\qquad\s*)+", "$$\n\n$$", slide.shown), warn)
    return as_html(slide.shown, warn)


def _picture(data, notes):
    """A widget as it is, alive; else the picture, and the text beside it in place of it."""
    if "text/html" in data:
        return "".join(data["text/html"])
    if "image/svg+xml" in data:
        kind, content = "svg+xml", base64.b64encode("".join(data["image/svg+xml"]).encode()).decode()
    else:
        kind, content = "png", "".join("".join(data["image/png"]).split())
    return f'<img src="data:image/{kind};base64,{content}" alt="{html.escape(_plain(notes[0] if notes else ""))}">'


def _code(source):
    from nbconvert.filters import Highlight2HTML

    return Highlight2HTML()(re.sub(r"\n{3,}", "\n\n", source), language="python")  # two empty lines are room for one


def _plain(markdown):
    """Markdown without its marks, for a place that takes no HTML."""
    return re.sub(r"\*\*|\*|`|\$|\[([^\]]*)\]\([^)]*\)", r"\1", markdown)


def _script(name):
    return _file(name).replace("</script", r"<\/script")


@cache
def _file(name):
    return (HERE / name).read_text(encoding="utf-8")
