"""Which parts of a lesson become slides, by its structure alone.

- What is no paragraph is shown: a picture, a formula, a table, a list, a quotation, a listing. Each is one slide.
- Code and its printed output are shown where the lesson draws a conclusion from them *in bold*. A section that would
  stay empty shows the output that the lesson says most about.
- The bold sentence after a picture or an output is the slide's headline; elsewhere it is the sentence before. What is
  announced as **a mistake people make** is the headline of the output that shows it.
- Every section begins with a slide of its own: its title, and its first sentence.
- All paragraphs are the speaker's notes of the slide that they stand behind.

So a slide is never a second source: whoever changes the lesson changes its slides.
"""

import itertools
import re
from typing import NamedTuple

from ktlearn.course.slides.text import blocks, claim, sentences

STAMPED = ("colab", "bootstrap")
SHOWN = ("formula", "table", "list", "quote", "listing")
MOST_CODE, MOST_OUTPUT, MOST_OF_BOTH = 16, 14, 23  # lines on a slide
MOST_ITEMS, MOST_ROWS = 6, 10
MISTAKE = "**A mistake people make**"
LEAST_OPENING = 6  # words: "Now the weights." alone opens no section
LONGEST_CAPTION = 30  # words
EXERCISE = re.compile(r"^### (Exercise \S+) · (.+) \((\d+ minutes), (\w+)\)$", re.MULTILINE)


class Slide(NamedTuple):
    """One slide. All texts are Markdown.

    Attributes:
        kind: "title", "section", "picture", "output", "exercises", or the kind of block that it shows.
        section: the section and the subsection it belongs to, or "".
        headline: one sentence, or "".
        caption: what is seen on a picture that has no headline, one sentence, or "".
        shown: the block's Markdown, or the code cell of a picture or an output.
        notes: the paragraphs that belong to it.
    """

    kind: str
    section: str
    headline: str
    caption: str
    shown: object
    notes: list


def slides_of(notebook):
    """The slides of a lesson, a list of `Slide`. ``notebook`` is its file as JSON gives it.

    Raises:
        ValueError: it has no title, or its outputs were not saved.
    """
    cells = [cell for cell in notebook["cells"] if cell.get("id") not in STAMPED]
    if not cells or not _source(cells[0]).startswith("# "):
        raise ValueError("Its first cell is no title (# …).")
    if not any(cell.get("outputs") for cell in cells):
        raise ValueError("It was saved without outputs: run all its cells and save it.")
    chooser = _Chooser()
    for before, cell, after in zip([None, *cells], cells, [*cells[1:], None], strict=False):
        if cell["cell_type"] == "code":
            chooser.code(cell, _markdown(before), _markdown(after))
        elif cell["cell_type"] == "markdown":
            chooser.markdown(_source(cell))
    chooser.slides = _with_one_output_where_nothing_is_shown(chooser.slides)
    chooser.exercises("\n".join(_source(cell) for cell in cells if cell["cell_type"] == "markdown"))
    return chooser.slides


class _Chooser:
    """Goes through the cells and remembers where it is."""

    def __init__(self):
        self.slides, self.section, self.subsection = [], "", ""
        self.is_over = False  # from the exercises on nothing is shown but their list

    def add(self, kind, headline, shown, caption=""):
        place = " · ".join(part for part in (self.section, self.subsection) if part)
        self.slides.append(Slide(kind, place, headline, caption, shown, []))

    def markdown(self, source):
        before = ""  # the last sentence of the paragraph that precedes in this cell
        following = blocks(source)
        for position, block in enumerate(following):
            if block.kind == "heading":
                before = self.heading(block.text, following[position + 1 :])
            elif self.is_over:
                return
            elif block.kind == "paragraph":
                self.slides[-1].notes.append(block.text)
                before = sentences(block.text)[-1]
            elif block.kind in SHOWN and not _is_too_small(block.text):
                self.block(block, before)
                before = ""

    def heading(self, text, following):
        """Go to a section or subsection; returns the headline of a list that follows at once, or ``""``."""
        marks, _, title = text.partition(" ")
        self.is_over = self.is_over or title == "Exercises"
        if self.is_over:
            return ""
        if marks == "###":
            self.subsection = title
            return ""
        self.section, self.subsection = ("" if marks == "#" else title), ""
        if following and following[0].kind == "list":
            self.section = ""
            return f"**{title}**"
        self.add("title" if marks == "#" else "section", title, _opening(following))
        return ""

    def block(self, block, before):
        if block.kind == "list":
            items = re.split(r"\n(?=[-*] |\d+\. )", block.text)
            parts = -(-len(items) // MOST_ITEMS)
            size = -(-len(items) // parts)
            for start in range(0, len(items), size):
                self.add("list", before, "\n".join(items[start : start + size]))
        elif block.kind == "table" and block.text.count("\n") > MOST_ROWS + 1:
            self.slides[-1].notes.append(block.text)
        else:
            self.add(block.kind, before, block.text)

    def code(self, cell, before, after):
        if self.is_over:
            return
        paragraphs = _paragraphs_before_a_heading(after)
        headline = claim(paragraphs, but_not=MISTAKE) or _announced_mistake(before)
        if picture_of(cell):
            self.add("picture", headline, cell, "" if headline else _caption(paragraphs))
        elif _fits(cell):
            self.add("output" if headline else "spare", headline, cell, "" if headline else _caption(paragraphs))

    def exercises(self, text):
        rows = [" | ".join(found) for found in EXERCISE.findall(text)]
        if rows:
            table = "\n".join(["| exercise | | time | |", "|---|---|---|---|", *(f"| {row} |" for row in rows)])
            self.section = self.subsection = ""
            self.add("exercises", "Exercises", table.replace("Exercise ", ""))


def picture_of(cell):
    """What a cell has drawn: a dict of MIME types, or None. HTML alone is no picture."""
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/png" in data or "image/svg+xml" in data:
            return data
    return None


def printed_by(cell):
    """The text that a cell printed, or that stands for its value."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", ())]
    return "".join("".join(text) for text in texts).strip("\n")


def _fits(cell):
    text = printed_by(cell)
    output, code = len(text.splitlines()), len(_source(cell).splitlines())
    return 0 < output <= MOST_OUTPUT and code <= MOST_CODE and output + code <= MOST_OF_BOTH


def _paragraphs_before_a_heading(markdown):
    found = []
    for block in blocks(markdown):
        if block.kind == "heading":
            break
        if block.kind == "paragraph":
            found.append(block.text)
    return found


def _opening(following):
    """The first sentence of a section, or the first two where one is only a few words."""
    first = following[0] if following else None
    if not first or first.kind != "paragraph":
        return ""
    beginning = sentences(first.text)
    return " ".join(beginning[: 1 if len(beginning[0].split()) >= LEAST_OPENING else 2])


def _caption(paragraphs):
    first = sentences(paragraphs[0])[0] if paragraphs else ""
    return first if len(first.split()) <= LONGEST_CAPTION else ""


def _announced_mistake(before):
    paragraphs = [block.text for block in blocks(before) if block.kind == "paragraph"]
    return next((s for text in paragraphs[-1:] for s in sentences(text) if MISTAKE in s), "")


def _is_too_small(text):
    """The table of facts in the head, and a listing of one line, are no slides."""
    return text.startswith("| reading and doing") or (text.startswith("```") and text.count("\n") < 3)


def _with_one_output_where_nothing_is_shown(slides):
    kept = []
    for _, group in itertools.groupby(slides, key=lambda slide: slide.section.partition(" · ")[0]):
        section = list(group)
        spare = [slide for slide in section if slide.kind == "spare"]
        is_empty = spare and all(slide.kind in ("spare", "section", "title") for slide in section)
        best = max(spare, key=lambda slide: sum(map(len, slide.notes))) if is_empty else None
        for slide in section:
            if slide.kind != "spare":
                kept.append(slide)
            elif slide is best:
                kept.append(slide._replace(kind="output"))
            else:
                kept[-1].notes.extend(slide.notes)
    return kept


def _source(cell):
    return "".join(cell["source"])


def _markdown(cell):
    return _source(cell) if cell and cell["cell_type"] == "markdown" else ""
