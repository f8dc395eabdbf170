"""The sentence pairs that the translator learns from, and those that it never sees.

Tatoeba has the same sentence in many forms: "I like tea." and "I like tea very much.", one English sentence with
four Chinese ones. Split at random, most test sentences have such a twin among the training sentences, and the figures
are too good. So pairs that are alike, on either side, are put together first, and a whole group goes into one part.
"""

import gzip
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

ALIKE = 0.6  # cosine of two sentences' runs of letters, from which on they belong together
TEST, VALIDATION = 1000, 500  # pairs
BLOCK = 2000  # sentences that are compared with all others at once


class Pairs(NamedTuple):
    """English sentences and their Chinese translations, in two lists of equal length."""

    english: list
    chinese: list


def read(folder):
    """The pairs of ``tatoeba_en_zh.tsv.gz``, each once, Chinese in simplified characters.

    Tatoeba's Chinese is partly written in traditional characters. A small model that learns both mixes them.

    Raises:
        FileNotFoundError: the file is not in the folder.
    """
    from opencc import OpenCC

    simplified = OpenCC("t2s").convert
    with gzip.open(Path(folder) / "tatoeba_en_zh.tsv.gz", "rt", encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        return list(dict.fromkeys((english.strip(), simplified(chinese.strip())) for english, chinese in rows))


def split(pairs, seed=0):
    """Training, validation and test pairs; what is alike stays together, and held out are small groups only.

    Args:
        pairs: a list of ``(english, chinese)``.

    Returns:
        Three :class:`Pairs`. Of a group in validation or test one pair is kept, so that no sentence counts twice.

    >>> train, validation, test = split([("I like tea.", "我喜欢茶。"), ("I like tea!", "我喜欢茶！")])
    >>> len(train.english), len(test.english)
    (2, 0)
    """
    group = groups(pairs)
    members = np.bincount(group)
    rng = np.random.default_rng(seed)
    # A large group holds the everyday sentences, from which most is to be learned.
    order = [g for g in rng.permutation(len(members)) if members[g] <= 4]
    wanted = min(TEST + VALIDATION, len(order) // 5)
    held_out = order[:wanted]
    of_test = set(held_out[: wanted * TEST // (TEST + VALIDATION)])
    of_validation = set(held_out) - of_test
    parts, seen = ([], [], []), set()
    for pair, g in zip(pairs, group, strict=True):
        place = 2 if g in of_test else 1 if g in of_validation else 0
        if place == 0 or g not in seen:
            parts[place].append(pair)
            seen.add(g)
    return tuple(Pairs(*map(list, zip(*part, strict=True))) if part else Pairs([], []) for part in parts)


def groups(pairs):
    """The number of each pair's group, ``(N,)``: pairs in a chain of sentences that are alike have the same one."""
    links = [_alike([english.casefold() for english, _ in pairs], (3, 5)), _alike([zh for _, zh in pairs], (1, 3))]
    return connected_components(links[0] + links[1], directed=False)[1]


def _alike(sentences, runs):
    """Which sentences have a cosine of at least ALIKE, counted in such runs of letters: a sparse matrix ``(N, N)``."""
    # What stands in every hundredth sentence says little of one, and makes nearly all the work.
    most = max(100, len(sentences) // 100)
    counter = TfidfVectorizer(analyzer="char", ngram_range=runs, max_df=most, sublinear_tf=True, dtype=np.float32)
    x = counter.fit_transform([f" {sentence} " for sentence in sentences])
    rows, columns = [], []
    for start in range(0, len(sentences), BLOCK):
        cosines = (x[start : start + BLOCK] @ x.T).tocoo()
        near = cosines.data >= ALIKE
        rows.append(cosines.row[near] + start)
        columns.append(cosines.col[near])
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    return csr_matrix((np.ones(len(rows), "int8"), (rows, columns)), shape=(len(sentences),) * 2)
