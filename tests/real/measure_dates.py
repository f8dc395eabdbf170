"""Measure what lesson 05 tells of several trainings: where the normalisation stands, and dates of other centuries.

    python -m tests.real.measure_dates [norm] [centuries] [--seeds 5] [--minutes 5]

The classes, the data and the training are those of the lesson: its own cells are run. Each line of
``measured/dates.jsonl`` is one training; :mod:`tests.real.portions` says how it grows.

- norm: pre-norm and post-norm, with the lesson's warm-up and with a rate that only falls. "dates" is the exact match
  on 512 test dates.
- centuries: the lesson's training, then two rounds with dates of other years added. The numbers are shares of the
  256 test dates of a span: those whose year is right, and under "19 or 20" those of 2100-2199 whose year begins so.
"""

import functools
from pathlib import Path

import numpy as np

from tests.real.lesson_cells import run_cells
from tests.real.portions import measure

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "05_encoder_and_decoder.ipynb"
MEASURED = Path(__file__).with_name("measured") / "dates.jsonl"
CLASSES = (
    *("five-pairs", "vocabulary", "shifted", "from-lesson-03", "from-lesson-04", "from-lesson-04-encoder"),
    *("decoder-layer-code", "reader-class", "transformer-class"),
)
TRAINING = ("warm-up-curves", "train-function", "greedy-by-hand", "dates-data")
CENTURY = (1950, 2049)
ADDED = {
    "no rounds": None,
    "nothing": [CENTURY],
    "2200-2299": [CENTURY, (2200, 2299)],
    "2200-9999": [CENTURY, (2200, 9999)],
    "1000-2099 and 2200-9999": [(1000, 2099), (2200, 9999)],
    "2200-2999": [CENTURY, (2200, 2999)],
    "2050-2099": [CENTURY, (2050, 2099)],
}
SPANS = [CENTURY, (2100, 2199), (3000, 9999)]


@functools.cache
def lesson(norm):
    """The names of the lesson's cells, with a model of this kind."""
    names = run_cells(LESSON, CLASSES)
    names["model"] = names["Transformer"](names["V"], norm_first=norm == "pre")
    names["model"](names["inputs"])
    return run_cells(LESSON, TRAINING, names)


def settings(study):
    if study == "norm":
        return [{"study": study, "norm": norm, "warm_up": up} for norm in ("pre", "post") for up in (True, False)]
    return [{"study": study, "added": added} for added in ADDED]


def run(setting, seed):
    return of_norm(setting, seed) if setting["study"] == "norm" else of_centuries(setting, seed)


def of_norm(setting, seed):
    names = lesson(setting["norm"])
    rule = names["warm_up"]
    names["warm_up"] = rule if setting["warm_up"] else falling
    try:
        history, _ = names["train"](names["dates_and_numbers"]([CENTURY], 100 + seed), rounds=12, seed=seed)
    finally:
        names["warm_up"] = rule
    sources, targets = names["take"](names["date_pairs"]("test", ["zh", "de"]), 512)
    return {"loss": round(float(history[-1, 0]), 3), "dates": round(np.mean(written(names, sources) == targets), 3)}


def falling(step, steps, peak=0.005):
    """The lesson's rule without its warm-up: from the peak straight down."""
    return peak * (steps - step) / steps, None


def of_centuries(setting, seed):
    names = lesson("pre")
    names["model"].set_weights(trained(seed))
    if spans := ADDED[setting["added"]]:
        names["train"](names["dates_and_numbers"](spans, 200 + seed), rounds=2, peak=0.002, seed=None)
    found = {}
    for first, last in SPANS:
        mine, real = years_written(names, (first, last))
        found[f"{first}-{last}"] = round(np.mean(mine == real), 3)
        if first == 2100:
            found["19 or 20"] = round(np.mean([year[:2] in ("19", "20") for year in mine]), 3)
    return found


@functools.cache
def trained(seed):
    """The weights after the lesson's training."""
    names = lesson("pre")
    return names["train"](names["dates_and_numbers"]([CENTURY], 100 + seed), rounds=12, seed=seed)[1][-1]


def years_written(names, span):
    """The years that the model writes, and the right ones."""
    sources, targets = names["take"](names["date_pairs"]("test", "zh", years=span), 256)
    return [np.array([text.split("年")[0] for text in texts]) for texts in (written(names, sources), targets)]


def written(names, sources):
    return np.array([names["vocabulary"].decode(ids) for ids in names["greedy"](sources)])


if __name__ == "__main__":
    measure(__doc__, MEASURED, ("norm", "centuries"), settings, run)
