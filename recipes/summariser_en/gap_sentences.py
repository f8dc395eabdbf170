"""What the model learns before it sees a summary: to find the sentences of a text that say the most, and to write them.

From any text of some sentences a task is made. Of the text some words are hidden, in all of its sentences alike. The
target is made of its principal sentences, those that share most words with the rest, and these are whole. So three
things are learned at once: which sentences to choose, to copy them word by word, and to fill in what is hidden.

PEGASUS hides the principal sentences as a whole. A large model learns much from it; a small one learns to make up
names, for nothing in the text says them. Here most of them can be read.

Source: Zhang et al. 2020, "PEGASUS", section 3.1 (the score of a sentence is ROUGE-1 F1 with all others, "Ind-Orig");
Lewis et al. 2020, "BART", section 2.2 (text infilling: a hidden run of words becomes one mask).
"""

import itertools

import numpy as np

from ktlearn.text.rouge import rouge_n
from ktlearn.text.sentences import sentences
from recipes.summariser_en.tokens import CLS, MASK, SEP, UNK

SHORTEST, LONGEST = 80, 208  # tokens of a text, its two ends included; no report has more
LEAST, MOST = 4, 14  # sentences of a text
TARGET = 72  # the most tokens of a target, its end included; no summary has more
HIDDEN, RUN = 0.12, 2.0  # the share of tokens that are hidden, and the mean length of a hidden run


def windows(tokenizer, texts):
    """Texts in pieces that are about as long as a report: for each a list of its sentences' token ids, and their words.

    Args:
        tokenizer: of :mod:`recipes.summariser_en.tokens`.
        texts: a list; a piece is made of neighbouring sentences of one text.

    Returns:
        A list of ``(sentences, their token ids)``.
    """
    texts = [whole for whole in map(sentences, texts) if len(whole) >= LEAST]
    everything = tokenizer(list(itertools.chain(*texts)), add_special_tokens=False, verbose=False)["input_ids"]
    found, everything = [], iter(everything)
    for whole in texts:
        rows = list(itertools.islice(everything, len(whole)))
        start, size = 0, 2
        for end, row in enumerate([*rows, [None] * LONGEST]):
            if size + len(row) > LONGEST:
                if LEAST <= end - start <= MOST and size >= SHORTEST:
                    found.append((whole[start:end], rows[start:end]))
                start, size = end, 2
            size += len(row)
    return found


def principal(whole, rows):
    """The positions of the one or two sentences that say the most of a text, and can be a target.

    A target is short enough, and has no unknown token, which nobody would want to be written.

    Args:
        whole: the sentences.
        rows: their token ids.
    """
    others = [" ".join(whole[:i] + whole[i + 1 :]) for i in range(len(whole))]
    scores = [rouge_n(sentence, rest).f1 for sentence, rest in zip(whole, others, strict=True)]
    chosen, room = [], TARGET - 1
    for i in np.argsort(scores)[::-1]:
        if len(rows[i]) <= room and len(chosen) < 2 and UNK not in rows[i]:
            chosen.append(int(i))
            room -= len(rows[i])
    return sorted(chosen)


def hide(rng, row, share=HIDDEN):
    """Put one mask where a run of tokens was, here and there: a list that is shorter, or as long.

    Args:
        rng: NumPy's generator.
        row: token ids.
        share: of the tokens.
    """
    begins, lengths = rng.random(len(row)) < share / RUN, rng.geometric(1 / RUN, len(row))
    new, i = [], 0
    while i < len(row):
        new.append(MASK if begins[i] else row[i])
        i += int(lengths[i]) if begins[i] else 1
    return new


class GapSentences:
    """The tasks of one epoch, with other words hidden in each: call it with NumPy's generator.

    Args:
        pieces: of :func:`windows`.
        share: of the tokens that are hidden.
        number: of tasks, each of another piece; None for one of each piece.
    """

    def __init__(self, pieces, share=HIDDEN, number=None):
        self.share, self.number = share, number
        chosen = [principal(*piece) for piece in pieces]
        self.rows = [rows for (_, rows), some in zip(pieces, chosen, strict=True) if some]
        self.chosen = [some for some in chosen if some]

    def __call__(self, rng):
        """A list of source ids and one of target ids, each with its ends."""
        sources, targets = [], []
        order = range(len(self.rows)) if self.number is None else rng.permutation(len(self.rows))[: self.number]
        for rows, some in ((self.rows[i], self.chosen[i]) for i in order):
            whole = [MASK if token == UNK else token for token in itertools.chain(*rows)]
            sources.append([CLS, *hide(rng, whole, self.share), SEP])
            targets.append([*itertools.chain(*(rows[i] for i in some)), SEP])
        return sources, targets
