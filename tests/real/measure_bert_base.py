"""Measure the article's own job at its own size: seconds a step and memory of a BERT-base of 500 tokens.

    python -m tests.real.measure_bert_base [--steps 4] [--only plain]

The weights are random, of BERT-base's config: they cost what the published ones cost, and say nothing of quality. The
tokenizer is the bundled one of minilm-en. Each text fills all 500 tokens, which is the most that a step can cost. Each
way to save memory runs in a process of its own, and adds or replaces its line in ``measured/bert-base.json``.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILE = Path(__file__).parent / "measured" / "bert-base.json"
TOKENIZER = Path(__file__).parents[2] / "assets" / "models" / "minilm-en"
MAXLEN, BATCH, RATE = 500, 6, 5e-5  # the article's
REVIEWS, EPOCHS = 1055, 4  # what the minutes are extrapolated to
WAYS = {  # what Keras is asked to compute again in the backward pass instead of keeping it
    "plain": None,
    "activations": {"mode": "activations"},
    "feed-forward": {"mode": "list_of_layers", "layer_names": ["feed_forward"]},
}


def train(way, steps):
    """One short training: a dictionary of figures."""
    import ktlearn
    from ktlearn import text
    from ktlearn.backend import keras

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.times = [time.perf_counter()]

        def on_train_batch_end(self, batch, logs=None):
            self.times.append(time.perf_counter())

    remat = keras.RematScope(**WAYS[way]) if WAYS[way] else contextlib.nullcontext()
    with tempfile.TemporaryDirectory() as folder:
        bert_base(Path(folder))
        t = text.Transformer(folder, maxlen=MAXLEN, class_names=["negative", "positive"])
        x, y = ["the film was good " * MAXLEN] * (BATCH * steps), [0, 1] * (BATCH * steps // 2)
        keras.utils.set_random_seed(0)
        trn = t.preprocess_train(x, y, verbose=0)
        with remat:
            model = t.get_classifier()
    learner = ktlearn.get_learner(model, train_data=trn, batch_size=BATCH)
    clock = Clock()
    history = learner.fit_onecycle(RATE, 1, callbacks=[clock], verbose=0)
    first, *others = (after - before for before, after in zip(clock.times, clock.times[1:], strict=False))
    seconds = statistics.median(others)
    all_steps = -(-REVIEWS // BATCH) * EPOCHS
    return {
        "way": way,
        "weights": int(model.count_params()),
        "tokens": int(trn.lengths.max()),
        "steps": steps,
        "first step, seconds": round(first, 1),
        "other steps, seconds": [round(each, 1) for each in others],
        "peak memory, GB": round(peak_memory(), 2),
        "loss": round(history.history["loss"][-1], 5),
        f"extrapolated, minutes for {REVIEWS:,} reviews of {MAXLEN} tokens, {EPOCHS} epochs": round(
            (first + seconds * (all_steps - 1)) / 60
        ),
        "cores": len(os.sched_getaffinity(0)),
        "busy cores beside": None,
        "keras": f"{keras.__version__} on {keras.backend.backend()}",
    }


def bert_base(folder):
    """Write a checkpoint of BERT-base's shape, with random weights, and a tokenizer."""
    from transformers import BertConfig

    from ktlearn import models

    models.from_config(BertConfig(), seed=0).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TOKENIZER / name, folder / name)


def peak_memory():
    """Of this process until now, in GB (10⁹ bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e9 if sys.platform == "darwin" else peak * 1024 / 1e9


def keep(line):
    """Put a line among the kept ones, in the order of WAYS."""
    lines = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    lines = {each["way"]: each for each in lines} | {line["way"]: line}
    lines = [lines[way] for way in WAYS if way in lines]
    FILE.write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=4, help="steps to train, the first one included (4)")
    parser.add_argument("--only", choices=WAYS, help="one way, in this process")
    options = parser.parse_args()
    if options.only is None:
        for way in WAYS:
            command = [sys.executable, "-m", "tests.real.measure_bert_base", "--steps", str(options.steps)]
            subprocess.run([*command, "--only", way], check=True)
        return
    busy = os.getloadavg()[0]
    line = train(options.only, options.steps) | {"busy cores beside": round(busy, 1)}
    print(json.dumps(line, indent=1, ensure_ascii=False))
    keep(line)


if __name__ == "__main__":
    main()
