"""The glossary at the end of notebooks/README.md: one sentence a term, and a lesson in which the term stands."""

import functools
import re

import pytest
from lesson import LESSONS, Lesson

GLOSSARY = (LESSONS / "README.md").read_text(encoding="utf-8").partition("\n## Glossary\n")[2]
LINE = re.compile(r"- \*\*(?P<term>.+?)\*\*: (?P<sentence>\S.*\.) \[(?P<number>\w\d)\]\((?P<file>[\w.]+)\)")
lines = [line for line in GLOSSARY.splitlines() if line.startswith("-")]
entries = [LINE.fullmatch(line) for line in lines]


@functools.cache
def prose(name):
    return "\n".join(cell.source for cell in Lesson(LESSONS / name).prose).casefold()


def test_every_line_is_a_term_a_sentence_and_a_lesson():
    assert [line for line, entry in zip(lines, entries, strict=True) if not entry] == []
    assert len(entries) >= 60


def test_the_terms_are_in_alphabetical_order_and_none_stands_twice():
    terms = [entry["term"].casefold() for entry in entries]
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("entry", entries, ids=lambda entry: entry["term"])
def test_the_lesson_holds_the_term(entry):
    assert entry["file"].startswith(f"{entry['number']}_")
    assert re.search(rf"\b{re.escape(entry['term'].casefold())}", prose(entry["file"]))
