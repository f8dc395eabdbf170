"""Measure what rate and schedule give a Transformer from scratch, and where its finder points: figures of lesson 08.

    python -m tests.real.measure_rates [STUDY ...] [--seeds 5] [--minutes 5]

The data, the classifier, the schedules and the training are those of the lesson: its own cells are run. A seed
decides the weights and the dropout. Each run is a line of ``measured/rates.jsonl`` as soon as it is done, and what is
there already is not run again; after so many minutes the script stops, and the next call goes on.
"""

import functools
from pathlib import Path
from types import SimpleNamespace

from tests.real import lesson_cells
from tests.real.portions import measure

LINES = Path(__file__).parent / "measured" / "rates.jsonl"
LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "08_learning_rates.ipynb"
CELLS = ("one-weight-by-hand", "one-weight-sgd", "one-weight-picture", "classifier-class", "sentences", "arrays")
CELLS += ("make-learner", "trial-code", "schedules-small", "schedules-picture")
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
NO_MIRROR = "one cycle, no mirror"


@functools.cache
def lesson():
    """What the cells define, run once."""
    return run_cells(CELLS)


def run_cells(cells):
    """What these cells of the lesson define."""
    return SimpleNamespace(**lesson_cells.run_cells(LESSON, cells, {}))


def settings(study):
    """Every setting of a study."""
    if study == "constant":
        return [{"schedule": "constant", "rate": rate} for rate in RATES]
    if study == "schedules":
        return [{"schedule": name, "rate": rate} for name in ("warm-up", "SGDR", "one cycle") for rate in RATES]
    if study == "mirror":
        return [{"schedule": NO_MIRROR, "rate": rate} for rate in RATES]
    return [{"finder": epochs} for epochs in (40, 30, 3)]


def run(setting, seed):
    """One training and the accuracy on the validation sentences, or one search and what it suggests."""
    here = lesson()
    if "finder" in setting:
        here.ktlearn.seed_weights(here.model, seed)
        here.np.random.seed(seed)
        found = here.learner.lr_find(start_lr=1e-4, max_epochs=setting["finder"], verbose=0)
        return {name: rate and float(f"{rate:.2g}") for name, rate in found._asdict().items()}
    schedules = here.SCHEDULES | {NO_MIRROR: lambda *run: (here.one_cycle(*run)[0], None)}
    return {"right": round(float(here.trial(schedules[setting["schedule"]], setting["rate"], seed)), 4)}


if __name__ == "__main__":
    measure(__doc__, LINES, ("constant", "schedules", "mirror", "finder"), settings, run)
