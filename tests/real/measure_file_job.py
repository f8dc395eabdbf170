"""Memory and seconds of `predictor.predict_file` over a long file: is the memory flat?

    python -m tests.real.measure_file_job [--rows 10000 1000000]

The model itself is left out, as it would take hours: each text is answered by a number. What is measured is the rest:
reading rows, their answers, writing, and the notes of what is done. Each count of rows has a process of its own and is
a line of ``measured/file_job.jsonl``: "MB" (10⁶ bytes) is the most of the resident set that was seen, less what the
process held just before.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES = Path(__file__).with_name("measured") / "file_job.jsonl"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000], help="default: %(default)s")
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    for rows in options.rows:
        if options.here:
            print(json.dumps(measure(rows)))
            continue
        command = [sys.executable, "-m", "tests.real.measure_file_job", "--here", "--rows", str(rows)]
        line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
        with LINES.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        print(line, flush=True)


def measure(rows):
    """The figures of one file, in this process."""
    from tests.real.measure_ways import Resident

    predictor = numbers_for_answers()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "texts.csv"), Path(folder, "answers.csv")
        write_texts(source, 5_000)
        predictor.predict_file(source, target, "text", verbose=0)  # what is imported or built once is there now
        target.unlink()
        write_texts(source, rows)
        with Resident() as memory:
            start = time.perf_counter()
            done = predictor.predict_file(source, target, "text", verbose=0)
            seconds = time.perf_counter() - start
        size = source.stat().st_size / 1e6
    return {"rows": done, "file MB": round(size, 1), "MB": round(memory.grown, 1), "seconds": round(seconds, 1)}


def numbers_for_answers():
    """A predictor whose answers cost nothing."""
    import numpy as np

    import ktlearn
    from ktlearn import text

    t = text.Transformer("ktlearn/mini-bert-en", maxlen=16, class_names=["short", "long"])
    t.preprocess_train(["bad", "good"], ["short", "long"], verbose=0)
    predictor = ktlearn.get_predictor(t.get_classifier(), t)
    predictor.predict_proba = lambda texts, verbose=0: np.array([[0.25, 0.75]] * len(texts))
    return predictor


def write_texts(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows(
            (i, f"Review number {i}: " + "the room was clean and the food was good. " * 3) for i in range(rows)
        )


if __name__ == "__main__":
    main()
