"""Measure what a learning rate and a policy give: the table of lesson 08.

    python -m tests.real.measure_rates [--seeds 5] [--only "one cycle"]

The data, the classifier, the policies and the training are those of the lesson: its own cells are run. A seed
decides the weights and the dropout.
"""

import argparse
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "08_learning_rates.ipynb"
CELLS = ("one-weight-by-hand", "one-weight-sgd", "one-weight-picture", "classifier-class", "sentences", "arrays")
CELLS += ("make-learner", "trial-code", "policies-small", "policies-picture")
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)


def cells_of_the_lesson():
    """What these cells define."""
    sources = {cell.id: cell.source for cell in nbformat.read(LESSON, 4).cells}
    names = {}
    for cell in CELLS:
        exec(sources[cell], names)
    return SimpleNamespace(**names)


def main():
    lesson = cells_of_the_lesson()
    policies = lesson.POLICIES | {"one cycle, no mirror": lambda *run: (lesson.one_cycle(*run)[0], None)}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=policies, help="one row of the table")
    options = parser.parse_args()
    for name in [options.only] if options.only else policies:
        for top in RATES:
            shares = [lesson.trial(policies[name], top, seed) for seed in range(options.seeds)]
            each = " ".join(f"{share:.2f}" for share in shares)
            print(f"{name:21} {top:.0e}  {np.mean(shares):.2f} ± {np.std(shares):.2f}  ({each})", flush=True)


if __name__ == "__main__":
    main()
