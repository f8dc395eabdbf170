"""A lesson's Markdown in pieces: its blocks, its sentences, and each of them as HTML."""

import html
import itertools
import re
from typing import NamedTuple

from ktlearn.course.slides.formulas import as_svg, with_formulas

EMPHASIS = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
WHOLE = re.compile(r"\*\*.+?\*\*|`[^`]*`|\$[^$]+\$|\([^()]*\)")
WORDS_OF_A_CLAIM = 4  # a bold term has fewer
SHORT, LONG = 8, 24  # words of a headline


class Block(NamedTuple):
    """A piece of Markdown between two empty lines.

    Attributes:
        kind: "heading", "paragraph", "list", "table", "quote", "formula", "listing" or "html".
        text: its Markdown.
    """

    kind: str
    text: str


def blocks(markdown):
    """The blocks of a Markdown cell.

    >>> [block.kind for block in blocks("# One\\n\\nTwo.\\n\\n- three\\n\\n$$x$$")]
    ['heading', 'paragraph', 'list', 'formula']
    """
    parts, fenced = [[]], False
    for line in markdown.split("\n"):
        fenced ^= line.startswith("```")
        if line.strip() or fenced:
            parts[-1].append(line)
        else:
            parts.append([])
    return [Block(_kind(text), text) for text in map("\n".join, parts) if text]


def _kind(text):
    kinds = {
        "heading": r"#{1,6} ",
        "list": r"[-*] |\d+\. ",
        "table": r"\|",
        "quote": r"> ",
        "formula": r"\$\$",
        "listing": "```",
        "html": "<",
    }
    return next((kind for kind, beginning in kinds.items() if re.match(beginning, text)), "paragraph")


def sentences(paragraph):
    """The sentences of a paragraph; what is bold, code, a formula or in brackets is never cut.

    >>> sentences("First. **Bold. Both.** Is (it. so)? Yes: e.g. this")
    ['First.', '**Bold. Both.**', 'Is (it. so)?', 'Yes: e.g. this']
    """
    text = " ".join(paragraph.split())
    whole = [found.span() for found in WHOLE.finditer(text)]
    ends = [found.end(1) for found in re.finditer(r"([.?!…](?:\*\*|[*)])?) (?![a-z])", text)]
    cuts = [0, *(end for end in ends if not any(start < end < stop for start, stop in whole)), len(text)]
    return [text[start:stop].strip() for start, stop in itertools.pairwise(cuts)]


def claim(paragraphs, but_not):
    """The first sentence that is printed in bold, four words of it or more, and not ``but_not``; or ``""``.

    A short one says little without the sentence before it, which comes along.

    >>> claim(["A **mask** hides. What is hidden **has no weight at all** in this table."], "**Not this**")
    'What is hidden **has no weight at all** in this table.'
    >>> claim(["Nobody wrote it. **It follows from the token.**"], "**Not this**")
    'Nobody wrote it. **It follows from the token.**'
    """
    for paragraph in paragraphs:
        for before, sentence in itertools.pairwise(["", *sentences(paragraph)]):
            bold_runs = EMPHASIS.findall(sentence.replace(but_not, ""))
            if any(len(run.split()) >= WORDS_OF_A_CLAIM for run in bold_runs):
                both = f"{before} {sentence}".strip()
                alone = len(sentence.split()) > SHORT or len(both.split()) > LONG
                return sentence if alone else both
    return ""


def as_html(markdown, warn):
    """Markdown as HTML, with drawn formulas, and without links to other lessons, which lead nowhere from a slide.

    A formula that cannot be drawn is shown as its LaTeX, and ``warn`` is called with the reason.
    """
    from nbconvert.filters import markdown2html

    def draw(latex):
        try:
            return as_svg(latex)
        except ValueError as error:
            warn(str(error))
            return f"<code>{html.escape(latex)}</code>"

    text, drawn = with_formulas(markdown, draw)
    page = markdown2html(re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text))
    for name, formula in drawn.items():
        page = page.replace(name, formula)
    return page.strip()


def inline_html(markdown, warn):
    """A sentence or a heading as HTML, without the paragraph around it; "1. Why" is no list."""
    markdown = re.sub(r"^(\d+)\. ", r"\1\. ", markdown)
    return re.sub(r"^<p>(.*)</p>$", r"\1", as_html(markdown, warn), flags=re.DOTALL)
