"""What a program does that answers one text at a time: it waits until it is asked. Standard library only."""

import json
import sys
import time


def answer_when_asked(program, answer, texts):
    """Answer each text once to warm up, and say so; then for each line ``[first, last]`` the seconds of these texts.

    Args:
        program: its name and version.
        answer: takes a text and returns the probability of the second class.
        texts: all texts.
    """
    _say({"program": program, "first": _seconds(answer, texts[0]), "answers": [answer(text) for text in texts]})
    for line in sys.stdin:
        first, last = json.loads(line)
        _say([_seconds(answer, text) for text in texts[first:last]])


def _seconds(answer, text):
    start = time.perf_counter()
    answer(text)
    return time.perf_counter() - start


def _say(what):
    print(json.dumps(what), flush=True)
