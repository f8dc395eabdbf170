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
    """

    first: int
    last: int
    start: int
    end: int
    score: float
    none: float
    probability: float


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
    return Span(
        int(first),
        int(last),
        int(spans[first, 0]),
        int(spans[last, 1]),
        float(sums[first, last]),
        float(starts[0] + ends[0]),
        float(_softmax(starts, possible)[first] * _softmax(ends, possible)[last]),
    )


def best_of_windows(found):
    """The best span of all windows of a passage; its ``none`` is that of the window most sure of its answer.

    >>> one, other = Span(5, 6, 10, 20, 3.0, 4.0, 0.2), Span(8, 8, 40, 44, 6.0, -1.0, 0.9)
    >>> best_of_windows([one, other]).start
    40
    """
    best = max(found, key=lambda span: span.score)
    return best._replace(none=min(span.none for span in found))


def _softmax(scores, possible):
    powers = np.where(possible, np.exp(scores - scores[possible].max()), 0)
    return powers / powers.sum()
