"""The questions of the reader of passages: which are for training, for choosing, and for the test.

XQuAD is split by article. Its article "Super_Bowl_50" is left out: its paragraphs and questions are all in the SQuAD
article of that name, which is for training.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd

from ktlearn.data import load_passages

ARTICLE = "Super_Bowl_50"
PER_PARAGRAPH = 6  # of the SQuAD article's questions: 15 on average ask about the same few sentences


def xquad(folder, part):
    """XQuAD's English questions of one part, one a row, with the columns of ``load_passages`` but the id.

    Of the titles in alphabetical order each fourth is for the test, each twelfth for validation.
    """
    articles = [article for article in _read(folder, "xquad_en.json.gz") if article["title"] != ARTICLE]
    titles = sorted(article["title"] for article in articles)
    test, validation = titles[::4], titles[2::12]
    kept = {"test": test, "validation": validation, "train": sorted({*titles} - {*test} - {*validation})}[part]
    return _frame(article for article in articles if article["title"] in kept)


def squad_article(folder):
    """The questions of the SQuAD article, without repetitions; of each paragraph so many, evenly over its list."""
    frame = _frame(_read(folder, "squad_article.json.gz")).drop_duplicates(["context", "question"])
    taken = [
        rows.iloc[np.unique(np.linspace(0, len(rows) - 1, PER_PARAGRAPH).round().astype(int))]
        for _, rows in frame.groupby("context", sort=False)
    ]
    return pd.concat(taken, ignore_index=True)


def training(folder, passages=True):
    """All the questions to learn from: XQuAD's, the SQuAD article's and, with ``passages``, the course's own."""
    own = [load_passages("train")] if passages else []
    return pd.concat([xquad(folder, "train"), squad_article(folder), *own], ignore_index=True)


def _read(folder, name):
    with gzip.open(Path(folder) / name, "rt", encoding="utf-8") as file:
        return json.load(file)["data"]


def _frame(articles):
    """SQuAD's layout as a frame; of several answers the first."""
    rows = [
        dict(
            title=article["title"],
            context=paragraph["context"],
            question=asked["question"].strip(),
            answer=asked["answers"][0]["text"],
            answer_start=asked["answers"][0]["answer_start"],
        )
        for article in articles
        for paragraph in article["paragraphs"]
        for asked in paragraph["qas"]
    ]
    return pd.DataFrame(rows)
