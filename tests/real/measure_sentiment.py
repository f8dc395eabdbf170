"""Measure lesson 09: what it says of several seeds, of which its own cells show one.

    python -m tests.real.measure_sentiment --seeds 5 --models FOLDER

Each seed fine-tunes ktlearn/minilm-en as the lesson does and keeps the best epoch. The difference of the two logits of
each validation and test text becomes a line of ``measured/sentiment.jsonl``, so that every figure is computed from the
file and nothing is trained twice. ``--models`` keeps the predictors, for other questions to the same models.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.data import load_reviews

LINES = Path(__file__).parent / "measured" / "sentiment.jsonl"
NAME, RATE, EPOCHS = "ktlearn/minilm-en", 1e-4, 3


class Margins(keras.callbacks.Callback):
    """After each epoch: the second logit minus the first, of each validation and test text."""

    def __init__(self, preproc, sets):
        super().__init__()
        self.preproc, self.sets, self.kept = preproc, sets, []

    def on_epoch_end(self, epoch, logs=None):
        predictor = ktrain.get_predictor(self.model, preproc=self.preproc)
        z = {part: predictor.logits(data) for part, data in self.sets.items()}
        self.kept.append({part: np.round(z[part][:, 1] - z[part][:, 0], 2).tolist() for part in z})


def line_of(seed, models):
    """Train as the lesson does, and what is kept of it."""
    train, val, test = (load_reviews(part) for part in ("train", "validation", "test"))
    keras.utils.set_random_seed(seed)
    t = text.Transformer(NAME, maxlen=128, class_names=["negative", "positive"])
    trn = t.preprocess_train(train["text"], train["sentiment"], verbose=0)
    held = t.preprocess_test(val["text"], val["sentiment"], verbose=0)
    new = t.preprocess_test(test["text"], test["sentiment"], verbose=0)
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, val_data=held, batch_size=16)
    margins = Margins(t, {"validation": held, "test": new})
    best = keras.callbacks.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True)
    history = learner.fit_onecycle(RATE, EPOCHS, callbacks=[margins, best]).history
    if models:
        ktrain.get_predictor(learner.model, preproc=t).save(models / f"seed-{seed}")
    figures = {name: np.round(history[name], 4).tolist() for name in ("val_loss", "val_accuracy")}
    return {"seed": seed, "model": NAME, "rate": RATE, **figures, "margins": margins.kept}


def measure(seeds, models, path=LINES):
    """The lines of the seeds; those that are in the file already are not run again."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for seed in seeds:
        if seed not in [line["seed"] for line in lines]:
            lines.append(line_of(seed, models))
            with path.open("a") as file:
                file.write(re.sub(r"(?<=\d), ", ",", json.dumps(lines[-1])) + "\n")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--models", type=Path, help="a folder in which the predictors are kept")
    args = parser.parse_args()
    measure(range(args.first, args.seeds), args.models)


if __name__ == "__main__":
    main()
