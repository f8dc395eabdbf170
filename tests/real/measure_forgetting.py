"""Measure what a fine-tuned model has left of what it knew: figures of lesson 08, section 8.

    python -m tests.real.measure_forgetting [--seeds 5] [--minutes 5]

The lesson's own cells are run. A seed draws the fresh head and the order of the texts. Each run is a line of
``measured/forgetting.jsonl``; the script goes on where it stopped.
"""

import functools

from tests.real import measure_rates
from tests.real.portions import measure

LINES = measure_rates.LINES.with_name("forgetting.jsonl")
CELLS = (*measure_rates.CELLS, "reviews", "tuner", "hide", "word-head", "what-is-left")


def settings(study):
    """The rates of the lesson; and the dangerous one again, with smaller rates near the input."""
    if study == "one rate":
        return [{"rate": rate, "layer_decay": 1} for rate in (3e-4, 3e-3)]
    return [{"rate": 3e-3, "layer_decay": 0.5}]


@functools.cache
def lesson(layer_decay):
    """What the cells define, for one layer decay: each has its own compiled training step."""
    here = measure_rates.run_cells(CELLS)
    here.tuner.set_layer_decay(layer_decay)
    return here


def run(setting, seed):
    """One fine-tuning, and what is left afterwards."""
    here = lesson(setting["layer_decay"])
    accuracy, left = here.tune(here.one_cycle, setting["rate"], seed, epochs=2, look=here.what_is_left)
    names = ("accuracy", "old_head", "refitted", "subject")
    return {name: round(float(x), 4) for name, x in zip(names, (accuracy, *left), strict=True)}


if __name__ == "__main__":
    measure(__doc__, LINES, ["one rate", "layer decay"], settings, run)
