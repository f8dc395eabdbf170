"""Each rule of lesson_rules.py accepts a good lesson and sees what breaks it."""

import pytest
from lesson import Lesson
from lesson_rules import RULES
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from sample_lesson import write_sample_lesson

LONG_TEXT = "a sentence of this length explains something, and so it belongs into Markdown, not here"


def edit(name, **fields):
    return lambda notebook, cells: cells[name].update(fields)


def rewrite(name, old, new):
    def change(notebook, cells):
        assert old in cells[name].source
        cells[name].source = cells[name].source.replace(old, new)

    return change


def show(cell, output_type="display_data", **fields):
    return lambda notebook, cells: cells[cell].outputs.append(new_output(output_type, **fields))


def remove(name):
    return lambda notebook, cells: notebook.cells.remove(cells[name])


def add_code(count, source="1"):
    def change(notebook, cells):
        for number in range(count):
            cell = new_code_cell(source, id=f"more-{number}", outputs=cells["show"].outputs)
            notebook.cells.insert(-1, cell)

    return change


def add_to(name, text):
    return lambda notebook, cells: cells[name].update(source=cells[name].source + text)


# For each rule: what its complaint says → a change that must bring this complaint.
BREAKS = {
    "is_executed_in_order": {
        "[1, None, 3, 4]": edit("sum", execution_count=None),
        "[1, 7, 3, 4]": edit("sum", execution_count=7),
    },
    "has_no_errors": {
        "sum: an error": show("sum", "error", ename="ValueError", evalue="no", traceback=[]),
        "stderr": show("sum", "stream", name="stderr", text="warning"),
    },
    "compares_every_output": {
        "sum: its output is kept": add_to("sum", "\n# NBVAL_IGNORE_OUTPUT"),
        "kept from nbval": edit("sum", metadata={"tags": ["nbval-skip"]}),
    },
    "has_canonical_metadata": {
        "holds ['widgets']": lambda notebook, cells: notebook.metadata.update(widgets={}),
        "sum: its metadata": edit("sum", metadata={"scrolled": True}),
        "sum: its metadata holds ['jupyter']": edit("sum", metadata={"jupyter": {"source_hidden": True}}),
        "bootstrap: its code is not folded": edit("bootstrap", metadata={"jupyter": {}}),
        "live widget": show("sum", data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}),
    },
    "is_small": {"3.0 MB": show("sum", data={"text/html": "x" * 3_000_000})},
    "names_no_machine": {
        "first: a path": add_to("first", " /home/mia/course"),
        "'C:": add_to("sum", "\nopen('C:\\data')"),
        "'/tmp/'": show("sum", data={"text/plain": "/tmp/x"}),
        "memory address": show("sum", data={"text/plain": "<object at 0x7f0011223344>"}),
    },
    "has_readable_ids": {
        "1a2b3c4d: give": edit("sum", id="1a2b3c4d"),
        "Sum_1: give": edit("sum", id="Sum_1"),
        "sum: two cells": edit("show", id="sum"),
        "colab: this cell is missing": remove("colab"),
        "bootstrap: this cell is missing": remove("bootstrap"),
    },
    "alternates_prose_and_code": {
        "5 code cells: 1.00": add_code(2),
        "1 code cells: 5.00": lambda notebook, cells: [notebook.cells.remove(cells[x]) for x in ("sum", "show")],
        "4 code cells in a row": add_code(3),
    },
    "has_short_code_cells": {
        "sum: 31 lines": edit("sum", source="x = 1\n" * 31),
        "over 18 lines: sum": edit("sum", source="x = 1\n" * 19),
        "median code cell has 7": lambda notebook, cells: [
            cells[name].update(source="x = 1\n" * 7) for name in ("sum", "draw")
        ],
    },
    "shows_what_code_does": {"1 of 3 code cells show nothing: sum": edit("sum", outputs=[])},
    "has_the_right_length": {
        "words, not 2000": rewrite("first", "word " * 1000, ""),
        "to 4000": add_to("first", "word " * 2000),
    },
    "has_a_head": {
        "no title": rewrite("title", "# 99 · A sample", "A sample"),
        "no list": rewrite("title", "- say", "say"),
        "not state: reading": rewrite("title", "about 20 minutes", "not long"),
        "not state: running": rewrite("title", "about 10 seconds", ""),
        "not state: memory": rewrite("title", "0.2 GB", "some"),
        "not state: needs": rewrite("title", "nothing", ""),
    },
    "has_an_end": {
        "found ['What to remember', 'Further reading']": rewrite("end", "## Exercises", "## Tasks"),
        "found ['Exercises', 'Further reading']": rewrite("end", "What to remember", "Summary"),
        "'Further reading', 'What": add_to("end", "\n\n## What to remember"),
    },
    "says_what_pictures_show": {
        "draw: say what": remove("drawn"),
        "at the start of": edit(
            "drawn", source="A line.\n\nThis second paragraph is long, and it says something else."
        ),
    },
    "has_alt_texts": {
        "first: a": add_to("first", "\n\n![](figure.png)"),
        "first": add_to("first", '\n\n<img src="figure.png">'),
        "without alt text": add_to("first", '\n\n<img alt="" src="figure.png">'),
        "sum": show("sum", data={"text/html": "<p><img src='data:image/png;base64,AAAA'></p>"}),
    },
    "loads_nothing_remote": {
        "![a map](https://": add_to("first", "\n\n![a map](https://example.org/map.png)"),
        'src="//': add_to("first", '\n\n<img alt="a map" src="//example.org/map.png">'),
        "<script src=": show("sum", data={"text/html": "<script src='https://example.org/d3.js'></script>"}),
        "url(https": show("sum", data={"text/html": "<style>@font-face{src: url(https://example.org/a)}</style>"}),
        "<link rel": show("sum", data={"text/html": "<link rel=stylesheet href=https://example.org/a.css>"}),
        "from 'https": show("sum", data={"text/html": "<script>import x from 'https://example.org/x.js'</script>"}),
    },
    "has_live_links": {
        "98_gone.ipynb leads nowhere": add_to("first", " [gone](98_gone.ipynb)"),
        "../README.md leaves": add_to("first", " [outside](../README.md)"),
        "no heading #Nothing": add_to("first", " [no heading](#Nothing)"),
    },
    "keeps_prose_out_of_code": {
        "sum: the string": add_to("sum", f"\nprint('{LONG_TEXT}')"),
        "the string": add_to("sum", f"\nprint(f'{LONG_TEXT[:40]}{{total}}{LONG_TEXT[40:]}')"),
        "the comment": add_to("sum", f"\n# {LONG_TEXT}"),
        "several lines": add_to("sum", "\n# two lines\n# of comment"),
    },
}
CASES = [(rule, complaint) for rule, changes in BREAKS.items() for complaint in changes]
rules = {rule.__name__: rule for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_lesson_keeps_the_rule(rule, tmp_path):
    lesson = Lesson(write_sample_lesson(tmp_path / "99_sample.ipynb"))
    assert list(rule(lesson)) == []


@pytest.mark.parametrize(("rule", "complaint"), CASES)
def test_the_rule_sees_a_bad_lesson(rule, complaint, tmp_path):
    lesson = Lesson(write_sample_lesson(tmp_path / "99_sample.ipynb", BREAKS[rule][complaint]))
    assert complaint in "\n".join(rules[rule](lesson))


def test_every_rule_is_shown_to_fail():
    assert set(BREAKS) == set(rules)


def test_links_to_other_lessons_headings_and_the_web_are_fine(tmp_path):
    write_sample_lesson(tmp_path / "98_other.ipynb")
    links = " [other](98_other.ipynb#A-heading) [paper](https://example.org/paper) [mail](mailto:mia@example.org)"
    lesson = Lesson(write_sample_lesson(tmp_path / "99_sample.ipynb", add_to("first", links)))
    assert list(rules["has_live_links"](lesson)) == []


def test_the_exercises_do_not_count_as_reading(tmp_path):
    def with_much_to_do(notebook, cells):
        cells["end"].source = "## What to remember\n\nRules."
        for number, text in enumerate(["## Exercises\n\nBreak one.", "word " * 2500, "## Further reading\n\nNone."]):
            notebook.cells.append(new_markdown_cell(text, id=f"last-{number}"))

    lesson = Lesson(write_sample_lesson(tmp_path / "99_sample.ipynb", with_much_to_do))
    assert list(rules["has_the_right_length"](lesson)) == []
