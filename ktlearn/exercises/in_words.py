"""The check of an answer in words: it asks whether certain points are touched, and no more."""

import re

from ktlearn.exercises.exercise import NotYet


def check_in_words(answer, points, give, least=25):
    """Is it a text that is long enough, and touches every point?

    Args:
        answer: what the reader gave.
        points: pairs ``(pattern, what is missing without it)``; the case of letters does not count.
        give: what a text that is too short is asked for, "Give your colleague three or four sentences."
        least: the number of words from which on it is long enough.

    Raises:
        NotYet: it is no text, too short, or a point is missing, the first of them.

    >>> check_in_words("The loss has risen.", [("loss|error", "the loss")], "Write a sentence.", least=3)
    """
    if not isinstance(answer, str):
        raise NotYet("answer in words: a text in quotes.")
    if len(answer.split()) < least:
        raise NotYet(f"these are {len(answer.split())} words. {give}")
    for pattern, missing in points:
        if not re.search(pattern, answer, re.IGNORECASE):
            raise NotYet(f"one thing is not in it yet: {missing}.")
