"""One text answered: ktlearn's predictor beside the pipeline of PyTorch transformers, of the same weights.

Both programs run all the time and are asked in turns, some texts each; the one that is not asked sleeps.
"""

import json
import statistics
import tempfile
from pathlib import Path

from texts import make_texts
from turns import read, start

TEXTS = 240
TURN = 20  # texts
TOLERANCE = 1e-4  # of a probability: the two must have computed the same
REACH = 1.0  # of PyTorch's seconds


def measure_answers(job, pythons):
    """The seconds of each text: ``{program: {"program", "first", "seconds"}}``.

    Args:
        job: the training job, of which model, classes and maxlen are taken.
        pythons: the interpreters ``{"ktlearn": path, "torch": path}``.

    Raises:
        RuntimeError: a program failed, or the two do not give the same answers.
    """
    texts, labels = make_texts(TEXTS, seed=2028)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        job = job | {"texts": texts, "labels": labels, "folder": str(Path(folder) / "predictor")}
        file.write_text(json.dumps(job), encoding="utf-8")
        programs, found = {}, {}
        try:
            for name in ("ktlearn", "torch"):  # ktlearn first: it saves the weights
                programs[name] = start("answer", name, pythons[name], file)
                found[name] = read("one text answered", name, programs[name], file) | {"seconds": []}
            check_same(*(each.pop("answers") for each in found.values()))
            for first in range(0, TEXTS, TURN):
                for name, program in programs.items():
                    print(json.dumps([first, first + TURN]), file=program.stdin, flush=True)
                    found[name]["seconds"] += read("one text answered", name, program, file)
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
        raise RuntimeError(f"one text answered: the two programs differ by {worst:.2g} in a probability")


def print_answers(found):
    """Print the medians in milliseconds, and the median of the ratios of the same text."""
    ours, theirs = (found[name]["seconds"] for name in ("ktlearn", "torch"))
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    verdict = "reached" if ratio <= REACH else "MISSED"
    print(f"\none text answered, {len(ours)} texts of mixed lengths, median ms:")
    for name, each in found.items():
        median = statistics.median(each["seconds"])
        print(f"{name:8} {median * 1e3:7.1f}   the first answer {each['first'] * 1e3:,.0f}   {each['program']}")
    print(f"ktlearn / torch, of the same text: {ratio:.2f} (aim {REACH:.2f}: {verdict})")
