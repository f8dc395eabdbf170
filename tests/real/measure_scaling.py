"""Measure scaling laws of very small GPTs, beyond what lesson 15 runs live.

    python -m tests.real.measure_scaling [rates] [sizes] [text] [--seeds 3] [--minutes 10]
    python -m tests.real.measure_scaling law       what the lines say

Data, model and training are those of the lesson: its own cells are run. A seed decides the weights; the batches are the
same for all. Each line of ``measured/scaling.jsonl`` is one training; :mod:`tests.real.portions` says how it grows.

- rates: each width of the lesson with each learning rate, one seed, 300 steps. ``RATE`` is the lesson's.
- sizes: twice the steps, and one width more; the widest is held out, and predicted from the others.
- text: one width, trained on a share of the text; 600 steps each.

"bits" is the loss on the validation reports in bits per character, "parameters" all numbers that learn.
"""

import functools
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.real.lesson_cells import run_cells
from tests.real.portions import lines, measure

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "15_cost_and_scale.ipynb"
LINES = Path(__file__).with_name("measured") / "scaling.jsonl"
CELLS = ("scaling-data", "scaling-model", "scaling-fit-function")
WIDTHS = (8, 16, 32, 64, 128)
RATE, CHOICE = 0.03, (0.003, 0.01, 0.03, 0.1)  # of learning rates
STEPS = {"rates": 300, "sizes": 600, "text": 600}
SHARES = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)
TEXT_WIDTH = 32


@functools.cache
def lesson():
    """What the cells of the lesson define."""
    return SimpleNamespace(**run_cells(LESSON, CELLS))


@functools.cache
def model(width, rate, steps):
    return lesson().tiny_gpt(width, rate, steps)


def tried(width):
    """The bits of a width with each rate."""
    runs = [line for line in lines(LINES) if line["study"] == "rates" and line["width"] == width]
    return {line["rate"]: line["bits"] for line in runs}


def settings(study):
    if study == "rates":
        return [{"study": study, "width": width, "rate": rate} for width in WIDTHS[:-1] for rate in CHOICE]
    if study == "sizes":
        return [{"study": study, "width": width, "rate": RATE} for width in WIDTHS]
    return [{"study": study, "width": TEXT_WIDTH, "rate": RATE, "share": share} for share in SHARES]


def run(setting, seed):
    start, steps = time.process_time(), STEPS[setting["study"]]
    gpt = model(setting["width"], setting["rate"], steps)
    found = lesson().bits(gpt, seed, steps, setting.get("share", 1.0))
    figures = {"parameters": gpt.count_params(), "bits": round(float(found), 4)}
    print(setting, seed, figures, flush=True)
    return figures | {"cpu": round(time.process_time() - start, 1)}


def law():
    """What the lines say: the best rates; sizes, with the widest predicted; shares of the text."""
    for width in WIDTHS[:-1]:
        print(f"width {width}: " + ", ".join(f"rate {rate} {bits:.3f} bits" for rate, bits in tried(width).items()))
    found = table("sizes", "parameters")
    sizes, runs = np.array(list(found)), np.array(list(found.values()))
    for size, bits in found.items():
        print(f"{size:9,} parameters: {np.mean(bits):.3f} ± {np.std(bits, ddof=1):.3f} bits ({len(bits)} seeds)")
    alpha, guess = lesson().predict_loss(sizes[:-1], runs[:-1], sizes[-1])
    rng = np.random.default_rng(0)
    count = runs.shape[1]
    again = [lesson().predict_loss(sizes[:-1], rng.choice(runs[:-1], count, axis=1), sizes[-1]) for _ in range(1000)]
    spread = np.std(again, axis=0)
    print(f"alpha {alpha:.3f} ± {spread[0]:.3f}")
    print(f"predicted for {sizes[-1]:,}: {guess:.3f} ± {spread[1]:.3f}, measured {runs[-1].mean():.3f}")
    for share, bits in table("text", "share").items():
        print(f"{share:7.4f} of the text: {np.mean(bits):.3f} ± {np.std(bits, ddof=1):.3f} bits ({len(bits)} seeds)")


def table(study, name):
    """The bits of a study, a list for each of its values, in their order."""
    found = {}
    for line in lines(LINES):
        if line["study"] == study:
            found.setdefault(line[name], []).append(line["bits"])
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if sys.argv[1:] == ["law"]:
        law()
    else:
        measure(__doc__, LINES, STEPS, settings, run)
