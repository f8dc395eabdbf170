"""Measure lesson 09: what it says of several seeds, of which its own cells show one.

    python -m tests.real.measure_sentiment --first 0 --seeds 3      train, and keep a line for each epoch
    python -m tests.real.measure_sentiment > tests/real/measured/sentiment.txt      what the lines say

Each seed fine-tunes ktlearn/minilm-en as the lesson does. After each epoch the second logit minus the first, of each
validation and test text, becomes a line of ``measured/sentiment.jsonl``: every figure is computed from the file, and
nothing is trained twice. ``--models`` keeps the predictors, for other questions to the same models.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np

from ktlearn.data import load_reviews
from tests.real.pipeline import words_and_letters

LINES = Path(__file__).parent / "measured" / "sentiment.jsonl"
NAME, RATE, EPOCHS = "ktlearn/minilm-en", 1e-4, 3
COLUMNS = ("validation", "all", "plain", "dry", "loss", "cost at 1/6", "surest 0.6")


def train(seed, models, path=LINES):
    """Fine-tune as the lesson does; a line of ``path`` after each epoch."""
    import ktlearn as ktrain
    from ktlearn import text
    from ktlearn.backend import keras

    sets = {part: load_reviews(part) for part in ("train", "validation", "test")}
    keras.utils.set_random_seed(seed)
    t = text.Transformer(NAME, maxlen=128, class_names=["negative", "positive"])
    trn = t.preprocess_train(sets["train"]["text"], sets["train"]["sentiment"], verbose=0)
    held, new = (t.preprocess_test(sets[part]["text"], sets[part]["sentiment"], verbose=0) for part in list(sets)[1:])
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, val_data=held, batch_size=16)
    predictor = ktrain.get_predictor(learner.model, preproc=t)

    def keep(epoch, logs):
        line = {"seed": seed, "epoch": epoch + 1, "model": NAME, "rate": RATE, "epochs": EPOCHS}
        line |= {name: round(float(logs[name]), 4) for name in ("val_loss", "val_accuracy")}
        for part, data in (("validation", held), ("test", new)):
            z = predictor.logits(data)
            line[part] = np.round(z[:, 1] - z[:, 0], 2).tolist()
        with path.open("a") as file:
            file.write(re.sub(r"(?<=\d), (?=[-\d])", ",", json.dumps(line)) + "\n")

    best = keras.callbacks.EarlyStopping("val_accuracy", patience=EPOCHS, restore_best_weights=True)
    learner.fit_onecycle(RATE, EPOCHS, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=keep), best])
    if models:
        predictor.save(models / f"seed-{seed}")


WAYS = {  # to choose the epoch; the lesson takes the first
    "by accuracy": lambda line: (-line["val_accuracy"], line["epoch"]),
    "by loss": lambda line: line["val_loss"],
    "the last": lambda line: -line["epoch"],
}


def report(lines):
    """Print what the lesson says of several seeds."""
    sets = {part: load_reviews(part) for part in ("validation", "test")}
    truth = {part: (rows["sentiment"] == "positive").to_numpy() for part, rows in sets.items()}
    style = sets["test"]["style"].to_numpy()
    counted = decisions(sets, truth["validation"])
    pipeline = figures(counted, truth, style)
    print("pipeline: " + ", ".join(f"{key} {value:.3f}" for key, value in pipeline.items()))
    seeds = [[line for line in lines if line["seed"] == seed] for seed in sorted({line["seed"] for line in lines})]
    for way, order in WAYS.items():
        kept = [min(epochs, key=order) for epochs in seeds if len(epochs) == EPOCHS]
        print(f"\nepoch kept {way}: {', '.join(str(line['epoch']) for line in kept)}")
        runs = [run(line, counted, truth, style) for line in kept]
        for name, number in (("temperature", 0), ("weight of the transformer", 1)):
            found = [each[number] for each in runs]
            print(f"  {name} {min(found):.2f} to {max(found):.2f}")
        for name, number in (("transformer", 2), ("both", 3)):
            found = {key: np.array([each[number][key] for each in runs]) for key in COLUMNS}
            print(f"  {name}: " + ", ".join(f"{key} {figure(x)}" for key, x in found.items()))
            print(f"    in front of the pipeline by {(found['all'] - pipeline['all']).round(3).tolist()} of all")
        wrong = np.all([(np.array(line["validation"]) > 0) != truth["validation"] for line in kept], axis=0)
        print(f"  wrong with every seed: {' '.join(sets['validation']['id'][wrong])}")


def figure(found):
    """Mean and standard deviation over the seeds, as the cards of the models have them."""
    return f"{found.mean():.3f} ± {found.std():.3f} ({len(found)} seeds)" if len(found) > 1 else f"{found[0]:.3f}"


def run(line, counted, truth, style):
    """Of one epoch of one seed: the temperature, the weight, the transformer's figures, and those of both."""
    T = temperature(np.array(line["validation"]), truth["validation"])
    scaled = {part: np.array(line[part]) / T for part in counted}
    w = weight(scaled["validation"], counted["validation"], truth["validation"])
    both = {part: logit(w * sigmoid(scaled[part]) + (1 - w) * sigmoid(counted[part])) for part in counted}
    return T, w, figures(scaled, truth, style), figures(both, truth, style)


def decisions(sets, truth):
    """The pipeline's log-odds, with the C of the lowest validation loss, brought to its own best temperature."""
    data = load_reviews("train")
    found = []
    for C in (0.1, 1, 10, 100):
        model = words_and_letters().estimator.set_params(logisticregression__C=C).fit(data["text"], data["sentiment"])
        found.append({part: model.decision_function(rows["text"]) for part, rows in sets.items()})
    best = min(found, key=lambda each: loss(each["validation"], truth))
    T = temperature(best["validation"], truth)
    return {part: z / T for part, z in best.items()}


def figures(z, truth, style):
    """What the lesson's table shows, from the log-odds of *positive* of each set."""
    right = (z["test"] > 0) == truth["test"]
    negative = 1 - sigmoid(z["test"])
    flagged = negative >= 1 / 6
    surest = np.argsort(-np.abs(z["test"]), kind="stable")[: round(0.6 * len(right))]
    cost = (5 * (~flagged & ~truth["test"]) + (flagged & truth["test"])).mean()
    valid = ((z["validation"] > 0) == truth["validation"]).mean()
    shares = [valid, right.mean(), right[style == "plain"].mean(), right[style == "dry"].mean()]
    values = [*shares, loss(z["test"], truth["test"]), cost, right[surest].mean()]
    return {key: round(float(value), 3) for key, value in zip(COLUMNS, values, strict=True)}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logit(p):
    return np.log(p / (1 - p))


def loss(z, truth):
    return np.logaddexp(0, np.where(truth, -z, z)).mean()


def temperature(z, truth):
    return min(np.linspace(0.4, 4, 200), key=lambda T: loss(z / T, truth))


def weight(z, other, truth):
    mixed = {w: logit(w * sigmoid(z) + (1 - w) * sigmoid(other)) for w in np.linspace(0, 1, 21)}
    return min(mixed, key=lambda w: loss(mixed[w], truth))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=0, help="how many; left out, nothing is trained")
    parser.add_argument("--models", type=Path, help="a folder in which the predictors are kept")
    args = parser.parse_args()
    for seed in range(args.first, args.first + args.seeds):
        train(seed, args.models)
    if not args.seeds:
        report([json.loads(line) for line in LINES.read_text().splitlines()])


if __name__ == "__main__":
    main()
