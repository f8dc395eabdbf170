"""Texts that stand in two parts of the data, also when a few letters differ."""

import functools
import unicodedata
from typing import NamedTuple

import numpy as np

from ktlearn.support.arguments import check_number
from ktlearn.text.check_texts import checked_texts

RUN = 5  # letters; runs of this length are compared
FEWEST = 20  # runs; a shorter text is a duplicate only when it is the same
WIDE = "WF"  # how Unicode calls the width of the characters that say as much as several letters
AT_ONCE = 500  # texts compared with all others at once


class Pair(NamedTuple):
    """Two texts that are alike: their places in the two lists, and the share that they have in common."""

    place: int
    other: int
    likeness: float


def near_duplicates(texts, others, alike=0.8):
    """For each of ``others``, the text that is nearly the same, if there is one.

    Capitals, punctuation and spaces do not count. Two texts are alike when the one with fewer letters shares so many
    of its runs of five letters with the other: a forwarded mail with a greeting around it is found, a text that says
    the same in other words is not. A text of fewer than 24 letters must be the same. A Chinese, Japanese or Korean
    character counts as two letters; vowel signs and other marks are letters too.

    Args:
        texts, others: two lists of texts, such as those of the training and of the test part.
        alike: the share, above 0 and at most 1.

    Returns:
        A list of :class:`Pair`, at most one for each of ``others``.

    Raises:
        ValueError, TypeError: a list is empty, an item is not a text, or the share is none.

    >>> near_duplicates(["The room was cold and the tea colder."], ["Fwd: the room was cold, and the tea colder"])
    [Pair(place=0, other=0, likeness=1.0)]
    """
    return _alike(checked_texts(texts, "texts"), checked_texts(others, "others"), alike, only_earlier=False)


def earlier_copies(texts, alike=0.8):
    """The texts of one list that are nearly the same as an earlier one: what to leave out.

    Args:
        texts: a list of texts.
        alike: as in :func:`near_duplicates`.

    Returns:
        A list of :class:`Pair`: ``other`` is the place of the copy, ``place`` that of the earlier text.

    Raises:
        ValueError, TypeError: as there.

    >>> [pair.other for pair in earlier_copies(["Fine.", "A long way down to the sea!", "fine", "Good."])]
    [2]
    """
    texts = checked_texts(texts, "texts")
    return _alike(texts, texts, alike, only_earlier=True)


def _alike(texts, others, alike, only_earlier):
    from sklearn.feature_extraction.text import CountVectorizer

    check_number("alike", alike, 0, 1, 0.8)
    texts, others = [plain(text) for text in texts], [plain(text) for text in others]
    counter = CountVectorizer(analyzer=_runs, binary=True, dtype=np.int32)
    known = counter.fit_transform(texts)
    sizes = np.maximum(np.asarray(known.sum(1)).ravel(), 1)
    same = {text: place for place, text in reversed(list(enumerate(texts))) if text}
    found = []
    for start in range(0, len(others), AT_ONCE):
        portion = others[start : start + AT_ONCE]
        own = np.array([len(_runs(text)) for text in portion])
        shared = (counter.transform(portion) @ known.T).tocoo()
        fewer = np.minimum(own[shared.row], sizes[shared.col])
        likeness = shared.data / fewer * (fewer >= FEWEST)
        if only_earlier:
            likeness = likeness * (shared.col < shared.row + start)
        best = {}
        for i in np.flatnonzero(likeness >= alike):
            if likeness[i] > best.get(shared.row[i], (0, 0))[1]:
                best[shared.row[i]] = shared.col[i], likeness[i]
        for row, text in enumerate(portion):
            if text in same and not (only_earlier and same[text] >= row + start):
                best[row] = same[text], 1.0
            if row in best:
                found.append(Pair(int(best[row][0]), start + row, round(float(best[row][1]), 3)))
    return found


def plain(text):
    """The letters and digits of a text in small letters, its words with one space between them, wide characters twice.

    >>> plain("  Lovely — ROOM! "), plain("很冷。")
    ('lovely room', '很很冷冷')
    """
    text = " ".join(text) if isinstance(text, tuple) else text
    return " ".join("".join(map(_counted, unicodedata.normalize("NFKC", text).casefold())).split())


@functools.cache
def _counted(character):
    """What is compared of one character: a letter, digit or mark itself, a space for a sign, nothing of the unseen."""
    kind = unicodedata.category(character)
    if kind in ("Cf", "Me") or "VARIATION SELECTOR" in unicodedata.name(character, ""):
        return ""
    if kind[0] not in "LMN":
        return " "
    return character * 2 if unicodedata.east_asian_width(character) in WIDE else character


def _runs(text):
    return {text[i : i + RUN] for i in range(max(1, len(text) - RUN + 1))}
