"""From the scores of a question-answering head to an answer: the best span, and whether there is one at all.

The head gives each token two logits: the answer starts here, it ends here. A span is worth the sum of its two. What
"no answer" is worth stands at position 0, at the token before the question. Letters: L length.

Source: Devlin et al. 2019 (BERT), 4.2 and 4.3.
"""

from typing import NamedTuple

import numpy as np

from ktlearn.support.arguments import check_whole


class Span(NamedTuple):
    """The best span of one window.

    Attributes:
        first, last: its first and its last token in the window.
        start, end: the characters of the passage from the one to the end of the other.
        score: the sum of the two logits.
        none: what "no answer" is worth in this window, the sum of the two logits of position 0.
        probability: of this span among all starts and ends of the window, those of position 0 too.
        no_probability: that of "no answer".
        window: from where to where the window goes in the passage, in characters.
    """

    first: int
    last: int
    start: int
    end: int
    score: float
    none: float
    probability: float
    no_probability: float
    window: tuple

    @property
    def margin(self):
        """By how much the span is worth more than "no answer"."""
        return self.score - self.none


def best_span(logits, spans, longest=30):
    """The span of a window with the largest sum of start and end.

    Args:
        logits: of the window's tokens ``(L, 2)``, padding left out or not.
        spans: where each token stands in the passage ``(L, 2)``, -1 outside of it; see ``ktlearn.text.windows``.
        longest: tokens of an answer at most.

    >>> logits = np.array([[0.0, 0.0], [1.0, 5.0], [4.0, 0.0], [0.0, 3.0]])  # the best end comes before the best start
    >>> found = best_span(logits, np.array([[-1, -1], [0, 3], [4, 7], [8, 11]]))
    >>> found.first, found.last, found.start, found.end, found.score
    (2, 3, 4, 11, 7.0)
    """
    check_whole("longest", longest)
    starts, ends = np.asarray(logits, "float64")[: len(spans)].T  # (L,)
    inside = spans[:, 0] >= 0
    allowed = np.triu(np.tri(len(spans), k=longest - 1, dtype=bool)) & inside[:, None] & inside
    sums = np.where(allowed, starts[:, None] + ends, -np.inf)  # (L, L): row the start, column the end
    first, last = np.unravel_index(sums.argmax(), sums.shape)
    possible = inside.copy()
    possible[0] = True
    start, end = _softmax(starts, possible), _softmax(ends, possible)
    return Span(
        first=int(first),
        last=int(last),
        start=int(spans[first, 0]),
        end=int(spans[last, 1]),
        score=float(sums[first, last]),
        none=float(starts[0] + ends[0]),
        probability=float(start[first] * end[last]),
        no_probability=float(start[0] * end[0]),
        window=(int(spans[inside, 0].min()), int(spans[:, 1].max())),
    )


def best_of_windows(found):
    """The best span of all windows of a passage; "no answer" is as in the window that is most sure of an answer.

    >>> logits, spans = np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([[-1, -1], [0, 3]])
    >>> one, other = best_span(logits, spans), best_span(logits * [3, 3] - [5, 5], spans + [[0, 0], [4, 4]])
    >>> best = best_of_windows([one, other])
    >>> best.start, best.score, best.none
    (0, 4.0, -4.0)
    """
    best, least = max(found, key=lambda span: span.score), min(found, key=lambda span: span.none)
    return best._replace(none=least.none, no_probability=least.no_probability)


def _softmax(scores, possible):
    powers = np.where(possible, np.exp(scores - scores[possible].max()), 0)
    return powers / powers.sum()
