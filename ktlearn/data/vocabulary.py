"""A vocabulary small enough to print: words, single digits and signs, as numbers and back.

It serves the translation of dates. Published models bring their own tokenizers.
"""

import re

import numpy as np

from ktlearn.support.arguments import check_whole

PAD, START, END, UNKNOWN = "<pad>", "<start>", "<end>", "<unknown>"
_TOKEN = re.compile(r"<\w+>|[^\W\d_]+|.", re.DOTALL)  # a tag, a word, or any one character


def tokenize(text):
    """Cut a text into tags, words, single digits and single signs, spaces included. Joined, they are the text again.

    >>> tokenize("<de> 5 Mar 2021")
    ['<de>', ' ', '5', ' ', 'Mar', ' ', '2', '0', '2', '1']
    """
    return _TOKEN.findall(text)


def _checked(texts):
    if isinstance(texts, (str, bytes)) or not hasattr(texts, "__iter__"):
        raise TypeError(f"texts must be a list of strings; got {texts!r:.60}.")
    texts = list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"texts must be a list of strings; got {text!r:.60} in it.")
    return texts


class Vocabulary:
    """Tokens and their ids: the four special tokens first, the others in alphabetical order.

    Args:
        texts: every text whose tokens shall be known.

    The id of ``"<pad>"`` is 0, so that ``ids != 0`` is the padding mask.

    Raises:
        ValueError, TypeError: there are no texts, or one is no string.

    >>> vocabulary = Vocabulary(["5 Mar 2021", "2021年3月5日"])
    >>> len(vocabulary), vocabulary.encode("5 May 2021").tolist()
    (14, [9, 4, 3, 4, 7, 5, 7, 6])
    """

    def __init__(self, texts):
        texts = _checked(texts)
        if not texts:
            raise ValueError("texts: there are none; got an empty list.")
        known = {token for text in texts for token in tokenize(text)}
        special = [PAD, START, END, UNKNOWN]
        self.tokens = special + sorted(known - set(special))
        self.ids = {token: number for number, token in enumerate(self.tokens)}
        self.pad, self.start, self.end, self.unknown = (self.ids[token] for token in special)

    def __len__(self):
        return len(self.tokens)

    def encode(self, text):
        """The ids of a text, ``(L,)``. A token that was never seen gets the id of ``"<unknown>"``.

        Raises:
            TypeError: it is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a string; got {text!r:.60}.")
        return np.array([self.ids.get(token, self.unknown) for token in tokenize(text)], "int32")

    def decode(self, ids):
        """The text of ids ``(L,)``: up to the first ``"<end>"``, without ``"<start>"`` and ``"<pad>"``.

        Raises:
            ValueError, TypeError: an id that the vocabulary does not have, or that is none.
        """
        tokens = self.tokens_of(ids)
        tokens = tokens[: tokens.index(END)] if END in tokens else tokens
        return "".join(token for token in tokens if token not in (PAD, START))

    def tokens_of(self, ids):
        """Each id as its token: ``(L,)`` to a list of L strings.

        Raises:
            ValueError, TypeError: an id that the vocabulary does not have, or that is no whole number.
        """
        ids = np.asarray(ids)
        if ids.size and (ids.ndim != 1 or ids.dtype.kind not in "iu"):
            raise TypeError(f"ids must be whole numbers, (L,); got {ids.tolist()!r:.60}.")
        if ids.size and (ids.min() < 0 or ids.max() >= len(self)):
            raise ValueError(
                f"ids must lie between 0 and {len(self) - 1}; got numbers from {ids.min()} to {ids.max()}. "
                "Were they made with another vocabulary?"
            )
        return [self.tokens[i] for i in ids]

    def batch(self, texts, length, start=False, end=False):
        """Encode several texts and pad them: ``(N, length)``.

        Args:
            texts: N strings.
            length: number of ids in each row.
            start, end: put ``"<start>"`` in front, ``"<end>"`` behind.

        Raises:
            ValueError: a text needs more than ``length`` ids.
        """
        check_whole("length", length)
        texts = _checked(texts)
        rows = np.full((len(texts), length), self.pad, "int32")
        for row, text in zip(rows, texts, strict=True):
            ids = [self.start] * start + self.encode(text).tolist() + [self.end] * end
            if len(ids) > length:
                raise ValueError(
                    f"batch: {text!r} needs {len(ids)} ids, more than length={length}. Give a larger length."
                )
            row[: len(ids)] = ids
        return rows
