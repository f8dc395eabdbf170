"""What an explanation says, as numbers, as plain text and as a coloured text."""

import html
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ktlearn.support.characters import visible

CAUTION = {
    "occlusion": (
        "It shows what this model's answer reacts to when one word is hidden. It is not a reason as a person would "
        "give it, and it proves no cause in the world. Words that say the same may all look unimportant."
    ),
    "integrated-gradients": (
        "It shows which words moved this model's answer on the way from a text of hidden words to this one. It is not "
        "a reason as a person would give it, and it proves no cause in the world. Another starting text would give "
        "other scores."
    ),
}
MARKED = 0.1  # of the largest score: in plain text such words carry their score
FOR, AGAINST = "0, 114, 178", "213, 94, 0"  # blue and orange: safe for colour-blind readers
STRONGEST = 0.55  # opacity: the letters stay readable on a light and on a dark page


class Word(NamedTuple):
    """One word: its place in the text, and its score. Above 0 it speaks for the target."""

    part: int  # 0, or 1 for the second text of a pair
    start: int
    end: int
    score: float


@dataclass(repr=False)
class Explanation:
    """The answer of :meth:`ktlearn.predictor.Predictor.explain`. A notebook shows it as a coloured text.

    Attributes:
        texts: the text, or the two of a pair.
        spans: a :class:`Word` for each word.
        method: "occlusion" or "integrated-gradients".
        target: the class explained; None for a regression.
        value: the answer for the text: log-odds of the class, or a regression's number.
        baseline: the answer when every word is hidden.
    """

    texts: tuple
    spans: list
    method: str
    target: str | None
    value: float
    baseline: float

    @property
    def words(self):
        """The words as they stand in the text."""
        return [self.texts[word.part][word.start : word.end] for word in self.spans]

    @property
    def scores(self):
        """The score of each word, ``(words,)``."""
        return np.array([word.score for word in self.spans])

    @property
    def gap(self):
        """What the scores leave of ``value - baseline``. Integrated gradients should leave almost nothing."""
        return self.value - self.baseline - float(self.scores.sum())

    @property
    def is_complete(self):
        """True when the scores add up to ``value - baseline``, but for 5 %. Occlusion promises no such thing."""
        return abs(self.gap) <= 0.05 * abs(self.value - self.baseline)

    def __str__(self):
        largest = np.abs(self.scores).max()
        lines = [self._head()]
        for part in range(len(self.texts)):
            pieces = []
            for piece, score in self._pieces(part):
                is_marked = score is not None and abs(score) >= MARKED * largest > 0
                pieces.append(f"{piece}({score:+.2f})" if is_marked else piece)
            lines.append("".join(pieces))
        return visible("\n".join([*lines, self._sum(), CAUTION[self.method]]))

    def __repr__(self):
        return f"<Explanation of {self._what()} by {self.method}: {len(self.spans)} words>"

    def _repr_html_(self):
        return self.to_html()

    def to_html(self):
        """The coloured text as HTML: no script, nothing loaded, the text only as text."""
        largest = np.abs(self.scores).max() or 1.0
        paragraphs = []
        for part in range(len(self.texts)):
            pieces = [_coloured(piece, score, largest) for piece, score in self._pieces(part)]
            paragraphs.append(f'<p style="line-height: 1.9; white-space: pre-wrap">{"".join(pieces)}</p>')
        legend = f"{_coloured('speaks for it', largest, largest)} {_coloured('speaks against it', -largest, largest)}"
        small = 'style="font-size: 0.85em; opacity: 0.8"'
        return (
            f'<div style="max-width: 48em"><p><b>{html.escape(self._head())}</b> {legend}</p>{"".join(paragraphs)}'
            f"<p {small}>{html.escape(self._sum())} {html.escape(CAUTION[self.method])}</p></div>"
        )

    def _pieces(self, part):
        """The text in order: words with their scores, and with None what stands between them, or was cut."""
        text, place = self.texts[part], 0
        for word in self.spans:
            if word.part == part:
                yield text[place : word.start], None
                yield text[word.start : word.end], word.score
                place = word.end
        rest = text[place:]
        yield f" […cut here: {rest.strip()}]" if any(letter.isalnum() for letter in rest) else rest, None

    def _what(self):
        return f"the number {self.value:.4g}" if self.target is None else repr(self.target)

    def _head(self):
        if self.target is None:
            return f"Why {self._what()}? ({self.method})"
        return f"Why {self._what()}, p = {1 / (1 + np.exp(-self.value)):.3f}? ({self.method})"

    def _sum(self):
        unit = "the number" if self.target is None else "log-odds"
        whole = f"{unit}: {self.value:+.2f}, with every word hidden {self.baseline:+.2f}."
        if self.method == "occlusion":
            return whole
        total = float(self.scores.sum())
        verdict = "they add up." if self.is_complete else "they do not add up, so do not trust them."
        return f"{whole} The scores sum to {total:+.2f} of {self.value - self.baseline:+.2f}: {verdict}"


def _coloured(piece, score, largest):
    piece = html.escape(piece)
    if score is None:
        return piece
    colour, line = (FOR, "solid") if score >= 0 else (AGAINST, "dotted")
    strength = STRONGEST * min(1, abs(score) / largest)
    if strength < 0.02:
        return piece
    style = f"background: rgba({colour}, {strength:.2f}); border-bottom: 2px {line} rgba({colour}, {strength:.2f})"
    return f'<span title="{score:+.3f}" style="{style}">{piece}</span>'
