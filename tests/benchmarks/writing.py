"""Text written: ktlearn's `generate` beside PyTorch transformers' `generate`, of the same random weights.

    python tests/benchmarks/writing.py --python-torch PATH        # or KTLEARN_BENCH_TORCH

The shapes are those of GPT-2 small and of T5 small. Both programs run all the time and take turns; the one that is not
asked sleeps. Every text gets the same number of tokens, and the time to the first one is told apart.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from others import Others
from turns import read, start

REACH = 1.0  # of PyTorch's tokens per second
SAME = 4  # tokens at the beginning of each text that must be the same: later ones may differ by rounding
CASES = {  # title: model, texts, tokens read, tokens written
    "GPT-2 small, one text": ("gpt2", 1, 32, 64),
    "GPT-2 small, 16 texts": ("gpt2", 16, 32, 64),
    "T5 small, one text": ("t5", 1, 64, 64),
    "T5 small, 16 texts": ("t5", 16, 64, 64),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python-torch", default=os.environ.get("KTLEARN_BENCH_TORCH"), required=False)
    parser.add_argument("--rounds", type=int, default=3, help="how often each program writes, in turns (3)")
    parser.add_argument("--only", default="", help="only cases with this in their title")
    options = parser.parse_args()
    if not options.python_torch:
        sys.exit("Name an interpreter that has PyTorch and transformers: --python-torch PATH.")
    cases = {title: case for title, case in CASES.items() if options.only in title}
    others = Others()
    pythons = {"ktlearn": sys.executable, "torch": options.python_torch}
    for title, found in measure(cases, pythons, options.rounds).items():
        print_case(title, cases[title], found)
    print(others.warning("Trust the ratios more than the seconds."), end="")


def measure(cases, pythons, rounds):
    """The seconds of each round: ``{title: {program: {"first": [...], "all": [...]}}}``.

    Args:
        cases: some of CASES.
        pythons: the interpreters ``{"ktlearn": path, "torch": path}``.
        rounds: how many.

    Raises:
        RuntimeError: a program failed, or the two do not write the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        file, programs, found = Path(folder) / "job.json", {}, {}
        file.write_text(json.dumps({"folder": folder, "models": sorted({case[0] for case in cases.values()})}))
        try:
            for name, python in pythons.items():  # ktlearn first: it saves the weights
                programs[name] = start("write", name, python, file)
                print(read("writing", name, programs[name], file)["program"], flush=True)
            for title, case in cases.items():
                found[title] = {name: {"first": [], "all": []} for name in programs}
                begun = {}
                for number in range(rounds + 1):  # the first one only warms up
                    for name, program in programs.items():
                        print(json.dumps(case), file=program.stdin, flush=True)
                        answer = read("writing", name, program, file)
                        begun[name] = [row[:SAME] for row in answer["tokens"]]
                        if number:
                            found[title][name]["first"].append(answer["first"])
                            found[title][name]["all"].append(answer["all"])
                if begun["ktlearn"] != begun["torch"]:
                    raise RuntimeError(f"{title}: the two programs write different tokens: {begun}")
        finally:
            for program in programs.values():
                program.communicate()  # an end of its input ends it
    return found


def print_case(title, case, found):
    """Print tokens per second and milliseconds to the first token, and the median of the rounds' ratios."""
    _, texts, prompt, written = case
    print(f"\n{title}: {prompt} tokens read, {written} written")
    for name, each in found.items():
        speed, first = texts * written / statistics.median(each["all"]), statistics.median(each["first"]) * 1e3
        print(f"{name:8} {speed:8.1f} tokens per second   the first after {first:6.0f} ms")
    ratios = [theirs / ours for ours, theirs in zip(found["ktlearn"]["all"], found["torch"]["all"], strict=True)]
    ratio = statistics.median(ratios)
    verdict = "reached" if ratio >= REACH else "MISSED"
    first = statistics.median(
        theirs / ours for ours, theirs in zip(found["ktlearn"]["first"], found["torch"]["first"], strict=True)
    )
    print(
        f"ktlearn / torch: {ratio:.2f} in tokens per second (rounds {min(ratios):.2f} to {max(ratios):.2f}; aim "
        f"{REACH:.2f}: {verdict}), {first:.2f} in speed to the first token",
        flush=True,
    )


if __name__ == "__main__":
    main()
