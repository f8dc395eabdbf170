"""What a program does that answers texts: it waits until it is asked. Standard library only."""

import json
import sys
import time


def answer_when_asked(program, answer, answer_all, texts):
    """Answer each text once to warm up, then all at once, and say so; then say the seconds of what is asked.

    A line ``[first, last]`` asks for the seconds of each of these texts, one by one; a line ``"all"`` for those of all
    texts in one call.

    Args:
        program: its name and version.
        answer: takes a text and returns the probability of the second class.
        answer_all: takes all texts and returns these probabilities, as a list.
        texts: all texts.
    """
    first, answers = _seconds(answer, texts[0]), [answer(text) for text in texts]
    _say({"program": program, "first": first, "answers": answers, "all_answers": answer_all(texts)})
    for line in sys.stdin:
        asked = json.loads(line)
        if asked == "all":
            _say([_seconds(answer_all, texts)])
        else:
            _say([_seconds(answer, text) for text in texts[slice(*asked)]])


def by_length(texts, answer_all):
    """The answers of texts that are given the longest first, in the texts' own order."""
    order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
    answers = answer_all([texts[place] for place in order])
    return [answer for _, answer in sorted(zip(order, answers, strict=True))]


def _seconds(answer, text):
    start = time.perf_counter()
    answer(text)
    return time.perf_counter() - start


def _say(what):
    print(json.dumps(what), flush=True)
