"""The first thing that a writer must be able to do: to find something in its source, and to write it again.

The tasks are short, so that many fit into the time. Half of them are a few neighbouring sentences, of which one is to
be written; which one, only chance knows, so what is asked of the model begins behind the first words. The other half
are words in disorder, of which a run is to be written: there nothing but copying helps, for no word follows from the
one before it.
"""

import itertools

import numpy as np

from recipes.summariser_en.tokens import CLS, SEP, UNK

LONGEST, TARGET = 64, 40  # tokens of a source and of a target, the ends included
SHORTEST = 8  # tokens of a run of words


class CopyTasks:
    """The tasks of one epoch, others in each: call it with NumPy's generator.

    Args:
        pieces: of :func:`recipes.summariser_en.gap_sentences.windows`.
        number: of tasks.
    """

    def __init__(self, pieces, number):
        self.number = number
        rows = [rows for _, rows in pieces]
        self.pairs = [(rows, i) for rows in rows for i in range(len(rows) - 1) if self._fit(rows[i : i + 2])]
        self.words = [flat for flat in map(_known, rows) if len(flat) >= LONGEST]

    def __call__(self, rng):
        """A list of source ids and one of target ids, each with its ends."""
        draws = [self.sentences(rng) if i % 2 else self.disorder(rng) for i in range(self.number)]
        sources, targets = ([draw[i] for draw in draws] for i in range(2))
        return [[CLS, *source, SEP] for source in sources], [[*target, SEP] for target in targets]

    def sentences(self, rng):
        """Neighbouring sentences, as many as there is room for, and one of them that is short enough."""
        rows, start = self.pairs[rng.integers(len(self.pairs))]
        end = start + 2
        while end < len(rows) and self._fit(rows[start : end + 1]):
            end += 1
        some = [row for row in rows[start:end] if len(row) < TARGET]
        return [*itertools.chain(*rows[start:end])], some[rng.integers(len(some))]

    def disorder(self, rng):
        """Words in disorder, and a run of them."""
        flat = self.words[rng.integers(len(self.words))]
        source = rng.permutation(flat)[: rng.integers(LONGEST // 2, LONGEST - 1)].tolist()
        length = int(rng.integers(SHORTEST, min(TARGET, len(source))))
        start = rng.integers(len(source) - length + 1)
        return source, source[start : start + length]

    @staticmethod
    def _fit(rows):
        known = all(UNK not in row for row in rows)
        return known and sum(map(len, rows)) <= LONGEST - 2 and any(len(row) < TARGET for row in rows)


def spans(pieces, rng, number=400, longest=96, length=32):
    """Texts and a run of each, for :mod:`recipes.summariser_en.first_look`: ``(N, 96)``, ``(N, 32)``, ``(N,)``."""
    rows = [flat for flat in (_known(rows)[: longest - 2] for _, rows in pieces) if len(flat) == longest - 2]
    sources = np.array([[CLS, *rows[i], SEP] for i in rng.integers(len(rows), size=number)], "int32")
    begins = rng.integers(1, longest - length, size=number)
    return sources, np.stack([row[i : i + length] for row, i in zip(sources, begins, strict=True)]), begins


def _known(rows):
    return [token for token in itertools.chain(*rows) if token != UNK]
