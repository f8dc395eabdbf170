"""Texts answered: ktlearn's predictor beside PyTorch transformers' pipeline and onnxruntime, of the same weights.

All programs run all the time and are asked in turns, some texts each; those that are not asked sleep.
"""

import json
import statistics
import tempfile
from pathlib import Path

from rows import compared
from texts import make_texts
from turns import read, start

TEXTS = 240
TURN = 20  # texts
ALL_ROUNDS = 5  # times that all texts are answered in one call
TOLERANCE = 1e-4  # of a probability: the two must have computed the same
REACH = 0.83  # of the others' seconds: 1.2 times as many texts in a second


def measure_answers(job, pythons, count=TEXTS):
    """The seconds of each text, and of all at once: ``{program: {"program", "first", "seconds", "all"}}``.

    Args:
        job: the training job, of which model, classes and maxlen are taken.
        pythons: interpreters; ktlearn's and PyTorch's are used, and ktlearn's for onnxruntime, too.
        count: how many texts.

    Raises:
        RuntimeError: a program failed, or they do not give the same answers.
    """
    texts, labels = make_texts(count, seed=2028)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        job = job | {"texts": texts, "labels": labels, "folder": str(Path(folder) / "predictor")}
        file.write_text(json.dumps(job), encoding="utf-8")
        programs, found = {}, {}
        python = {"ktlearn": pythons["ktlearn"], "torch": pythons["torch"], "onnxruntime": pythons["ktlearn"]}
        try:
            for name in (name for name in python if python[name]):  # ktlearn first: it saves the weights
                programs[name] = start("answer", name, python[name], file)
                found[name] = read("texts answered", name, programs[name], file) | {"seconds": [], "all": []}
                check_same(found["ktlearn"]["answers"], found[name]["answers"])
                check_same(found["ktlearn"]["answers"], found[name]["all_answers"])
            turns = [[first, first + TURN] for first in range(0, count, TURN)]
            for asked, key in [(turn, "seconds") for turn in turns] + [("all", "all")] * ALL_ROUNDS:
                for name, program in programs.items():
                    print(json.dumps(asked), file=program.stdin, flush=True)
                    found[name][key] += read("texts answered", name, program, file)
        finally:
            for program in programs.values():
                program.communicate()  # an end of its input ends it
    return found


def check_same(ours, theirs):
    """Refuse to compare programs that do not compute the same.

    Raises:
        RuntimeError: two probabilities differ.
    """
    worst = max(abs(one - other) for one, other in zip(ours, theirs, strict=True))
    if worst > TOLERANCE:
        raise RuntimeError(f"texts answered: two programs differ by {worst:.2g} in a probability")


def print_answers(found):
    """Print the medians in milliseconds, and the medians of the ratios of the same text, and of all at once."""
    print(
        f"\ntexts answered, {len(found['ktlearn']['seconds'])} of mixed lengths, median ms of one; ms of all at once:"
    )
    for name, each in found.items():
        one, together = (statistics.median(each[key]) * 1e3 for key in ("seconds", "all"))
        print(f"{name:12}{one:7.1f}{together:10.0f}   the first {each['first'] * 1e3:,.0f}   {each['program']}")
    for name in found:
        if name != "ktlearn":
            (one, *_), (together, *_) = (
                compared(found["ktlearn"][key], found[name][key]) for key in ("seconds", "all")
            )
            verdict = "reached" if max(one, together) <= REACH else "MISSED"
            print(f"ktlearn / {name}: one by one {one:.2f}, all at once {together:.2f} (aim {REACH:.2f}: {verdict})")
