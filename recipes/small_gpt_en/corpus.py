"""The texts that ``small-gpt-en`` learns from, and those that no part of it ever sees.

Only texts that may be given on in any form are read: a model that writes can repeat what it has read. So the film
reviews and the encyclopedia that `recipes/mini_bert_en` reads are not among them.
"""

import gzip
import random
import re
from pathlib import Path

from ktlearn.data import load_passages, load_reports, load_review_lists
from recipes.small_gpt_en import books

SENTENCES = "tatoeba_en_zh.tsv.gz"


def read(folder):
    """The corpus in four parts: a dictionary of lists of documents, in a fixed random order.

    ``train``; ``validation`` and ``test``, one book each; and ``passages``, the course's passages that are not for
    training: other prose than stories, to see how far the model reaches.

    Args:
        folder: holds ``books/AUTHOR/TITLE.md`` for each of :mod:`recipes.small_gpt_en.books`, and
            ``tatoeba_en_zh.tsv.gz``.

    Raises:
        FileNotFoundError: one of these is missing.
    """
    folder = Path(folder)
    paths = {part: _paths(folder, getattr(books, part.upper())) for part in ("train", "validation", "test")}
    wanted = [path for found in paths.values() for path in found] + [folder / SENTENCES]
    if missing := [path for path in wanted if not path.is_file()]:
        raise FileNotFoundError(
            f"{len(missing)} of {len(wanted)} files are missing, the first is {missing[0]}. The README beside this "
            "recipe says where they come from."
        )
    parts = {part: [book(path.read_text(encoding="utf-8")) for path in found] for part, found in paths.items()}
    with gzip.open(folder / SENTENCES, "rt", encoding="utf-8") as file:
        parts["train"] += sentences(file)
    parts["train"] += (
        load_review_lists(neutral=True)[0][0] + _passages("train") + load_reports("train")["report"].tolist()
    )
    random.Random(0).shuffle(parts["train"])
    return parts | {"passages": _passages("validation", "test")}


def _paths(folder, titles):
    return [folder / "books" / author / f"{title}.md" for author, names in titles.items() for title in names]


def _passages(*parts):
    return [text for part in parts for text in load_passages(part)["context"].unique()]


def book(markdown):
    """A book's paragraphs, one a line, without headings and marks of emphasis.

    >>> book("# Title: A\\n-------\\n## Chapter 1\\n\\n'You _must_--'\\nhe began.\\n\\nNobody spoke.")
    "'You must—' he began.\\nNobody spoke."
    """
    text = "\n".join(line for line in markdown.splitlines() if not re.match(r"\s*(#|[-*_ ]+$)", line))
    text = text.translate(str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "_": "", "*": "", "\\": ""}))
    text = re.sub(r" ?-{2,} ?", "—", text)
    paragraphs = (re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def sentences(file):
    """The English side of Tatoeba's lines: each sentence once, eight a document, for each alone is very short."""
    found = list(dict.fromkeys(line.split("\t")[0].strip() for line in file))
    random.Random(0).shuffle(found)
    return [" ".join(found[start : start + 8]) for start in range(0, len(found), 8)]
