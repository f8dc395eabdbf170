"""Measure what each change from post-norm to Llama gives: the table of lesson 13.

    python -m tests.real.measure_changes [quarter] [whole] [--seeds 3] [--minutes 10]

Data, layers and training are those of the lesson: its own cells are run. From GPT-2 on, each model has the changes of
those before it, too. A seed decides the weights; the batches are the same for all. Each line of
``measured/changes.jsonl`` is one training; :mod:`tests.real.portions` says how it grows.

- quarter: the first 300 of 1,200 steps, as the lesson runs them live; all models.
- whole: all 1,200 steps; the two ends of the way.

"bits" is the loss on the validation reports, in bits per character.
"""

import functools
from pathlib import Path
from types import SimpleNamespace

from tests.real.lesson_cells import run_cells
from tests.real.portions import measure

LESSON = Path(__file__).resolve().parents[2] / "notebooks" / "13_language_models.ipynb"
LINES = Path(__file__).with_name("measured") / "changes.jsonl"
CELLS = (
    *("texts", "shift", "attention-class", "block-class", "gpt-class", "train-function"),
    *("post-norm", "rms-by-hand", "rotary-class", "swiglu-class", "llama-class"),
)
MODELS = ("post-norm", "GPT-2", "+ RMSNorm", "+ rotary", "+ SwiGLU", "+ grouped queries")
QUARTERS = {"quarter": 1, "whole": 4}


@functools.cache
def lesson():
    """What the cells of the lesson define."""
    return SimpleNamespace(**run_cells(LESSON, CELLS))


def settings(study):
    models = MODELS if study == "quarter" else ("GPT-2", MODELS[-1])
    return [{"study": study, "model": model} for model in models]


def run(setting, seed):
    """Train one model as the lesson does."""
    names = lesson()
    model = classes(names)[setting["model"]](names.V, **names.sizes)
    bits = list(names.train(model, QUARTERS[setting["study"]], seed))
    return {"parameters": model.count_params(), "bits": round(bits[-1], 3)}


def classes(names):
    """A class for each of ``MODELS``; Llama's has no learned positions, so the rotary ones begin from it."""

    class RMSBlock(names.Block):
        norm = names.RMSNorm

    class RotaryBlock(RMSBlock):
        attention_class = names.RotaryAttention

    class SwiGLUBlock(RotaryBlock):
        feed_forward_class = names.SwiGLU

    return {
        "post-norm": type("PostNorm", (names.GPT,), {"block": names.PostNormBlock}),
        "GPT-2": names.GPT,
        "+ RMSNorm": type("RMS", (names.GPT,), {"block": RMSBlock}),
        "+ rotary": type("Rotary", (names.Llama,), {"block": RotaryBlock}),
        "+ SwiGLU": type("Gated", (names.Llama,), {"block": SwiGLUBlock}),
        "+ grouped queries": names.Llama,
    }


if __name__ == "__main__":
    measure(__doc__, LINES, QUARTERS, settings, run)
