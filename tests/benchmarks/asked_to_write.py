"""What a program does that writes when it is asked. Standard library only, and NumPy for the prompts."""

import json
import sys
import time

import numpy as np

VOCABULARY = {"gpt2": 50257, "t5": 32128}


def write_when_asked(program, write):
    """For each line ``[model, texts, read, written]``: the seconds to the first token and to all, and the tokens.

    Args:
        program: its name and version.
        write: a function of the model's name, the prompts ``(B, L)`` and the number of tokens; returns the new ones.
    """
    _say({"program": program})
    for line in sys.stdin:
        model, texts, read, written = json.loads(line)
        prompts = np.random.default_rng(0).integers(5, VOCABULARY[model], (texts, read))
        first, _ = _timed(write, model, prompts, 1)
        seconds, tokens = _timed(write, model, prompts, written)
        _say({"first": first, "all": seconds, "tokens": tokens})


def _timed(write, *args):
    start = time.perf_counter()
    tokens = np.asarray(write(*args)).tolist()
    return time.perf_counter() - start, tokens


def _say(what):
    print(json.dumps(what), flush=True)
