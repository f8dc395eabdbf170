"""Measure a bundled model: the figures of its card.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_bundled [TASK ...] --model ktlearn/minilm-en --results FILE

Fine-tuned, beside what it has to beat, on the same examples:

- random: the same architecture with random weights, in the same order, with as many steps. It gets the higher learning
  rate that it needs.
- pipeline: scikit-learn's logistic regression on counted words and letters, tuned; see ``pipeline.py``.
- vectors: the same logistic regression on the model's sentence vectors, which stay as they are.

With ``--validation`` a part of the training data stands in the place of the test set: for choosing rate and epochs.
With ``--results`` each run is a line of FILE as soon as it is done, and what is there already is not run again.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import ktlearn as ktrain
from ktlearn import models, text
from ktlearn.backend import keras
from ktlearn.data import load_review_lists, load_reviews
from ktlearn.predictor.sentence_encoder import SentenceEncoder
from recipes.mini_bert_en import corpus
from recipes.mini_bert_en.pretrain import MASK, hide
from tests.real import pipeline
from tests.real.data import imdb, sst2

BUNDLED = "ktlearn/mini-bert-en"
# examples (None: all), epochs
REVIEWS = {
    **{"reviews-50": (50, 12), "reviews-100": (100, 12), "reviews-256": (256, 8)},
    **{"reviews": (None, 2), "reviews-4": (None, 4)},
}
TASKS = [*REVIEWS, "sst2", "imdb", "words"]
STARTS = ["pretrained", "random", "pipeline", "vectors"]
RATES = {True: 3e-4, False: 5e-4}  # pretrained or not


def accuracies(name, train, tests, epochs, maxlen, pretrained=True, seed=0, rate=None):
    """Fine-tune ``name`` on ``train``, from its own or random weights; the share that is right on each test set."""
    keras.utils.set_random_seed(seed)
    t = text.Transformer(name, maxlen=maxlen, class_names=["negative", "positive"])
    trn = t.preprocess_train(*train, verbose=0)
    model = t.get_classifier()
    if not pretrained:
        model.set_weights(models.from_config(name, "classification", num_labels=2, seed=seed).get_weights())
    learner = ktrain.get_learner(model, train_data=trn, batch_size=16)
    learner.fit_onecycle(rate or RATES[pretrained], epochs, verbose=0)
    sets = [t.preprocess_test(*test, verbose=0) for test in tests]
    return [float((learner.predict(data).argmax(1) == data.y.argmax(1)).mean()) for data in sets]


def first(data, count, seed):
    """``count`` examples of a data set, half of each class, another choice for each seed."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    chosen = [i for label in sorted(set(data[1])) for i in [i for i in order if data[1][i] == label][: count // 2]]
    return [data[0][i] for i in chosen], [data[1][i] for i in chosen]


def masked_word_accuracy(name, count=200):
    """The share of hidden words of unseen film reviews (IMDb test) that the model names at once."""
    model = models.from_pretrained(name, task="masked-lm", verbose=0)
    rng = np.random.default_rng(0)
    rows = corpus.pieces(text.Transformer(name).tokenizer, imdb("test")[0][:count], rng)[128]
    hidden, places, words = hide(rng, rows, model.settings.vocab_size)
    right = []
    for part in np.array_split(np.arange(len(rows)), max(1, len(rows) // 32)):
        logits = np.array(model({"input_ids": hidden[part], "attention_mask": (rows[part] > 0).astype("int32")}).logits)
        guesses = np.take_along_axis(logits.argmax(-1), places[part], axis=1)
        right.append((guesses == words[part])[words[part] > MASK])
    return float(np.concatenate(right).mean())


def task(name, validation=False):
    """The training set for a seed, the test sets by name, the epochs, and where texts are cut."""
    if name == "sst2":
        train, tests, epochs, maxlen = sst2("train"), {"dev": sst2("dev")}, 2, 64
    elif name == "imdb":
        train, tests, epochs, maxlen = imdb("train"), {"test": imdb("test")}, 3, 512
    else:
        train, held_out, test = load_review_lists()
        plain = load_reviews("test").query("style == 'plain'")
        tests = {"all": test, "plain ones": (plain["text"].tolist(), plain["sentiment"].tolist())}
        count, epochs = REVIEWS[name]
        return (
            lambda seed: first(train, count or len(train[0]), seed),
            {"validation": held_out} if validation else tests,
            epochs,
            128,
        )
    if validation:  # a quarter of IMDb's training texts, a seventh of SST-2's
        order = np.random.default_rng(0).permutation(len(train[0]))
        size = len(order) // (4 if name == "imdb" else 7)
        held_out, train = ([[column[i] for i in part] for column in train] for part in (order[:size], order[size:]))
        tests = {"validation": held_out}
    return lambda seed: train, tests, epochs, maxlen


def run(args, name, start, seed):
    """One line of the results: what was run and, for each test set, the share that is right."""
    train, tests, epochs, maxlen = task(name, args.validation)
    line = {"task": name, "start": start, "seed": seed, "validation": args.validation}
    if start != "pipeline":
        line |= {"model": args.model, "maxlen": args.maxlen or maxlen}
    if start in ("pretrained", "random"):
        line |= {"rate": args.rate or RATES[start == "pretrained"], "epochs": args.epochs or epochs}
    if args.results and args.results.exists():
        for row in map(json.loads, args.results.read_text().splitlines()):
            if line.items() <= row.items():
                return row
    train, sets = train(seed), list(tests.values())
    if start == "pipeline":
        found = pipeline.accuracies(pipeline.words_and_letters(seed), train, sets)
    elif start == "vectors":
        encoder = SentenceEncoder(args.model, line["maxlen"])
        (x, y), *sets = [(encoder.encode(texts, verbose=0), labels) for texts, labels in (train, *sets)]
        found = pipeline.accuracies(pipeline.tuned(seed), (x, y), sets)
    else:
        settings = line["epochs"], line["maxlen"], start == "pretrained", seed, line["rate"]
        found = accuracies(args.model, train, sets, *settings)
    line["right"] = dict(zip(tests, found, strict=True))
    if args.results:
        with args.results.open("a") as file:
            file.write(json.dumps(line) + "\n")
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tasks", nargs="*", default=TASKS, help="some of " + ", ".join(TASKS))
    parser.add_argument("--model", default=BUNDLED, help="another checkpoint of the same kind")
    parser.add_argument("--starts", nargs="+", default=["pretrained", "random"], choices=STARTS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rate", type=float, help="the highest learning rate; left out, mini-bert-en's")
    parser.add_argument("--epochs", type=int, help="left out, mini-bert-en's")
    parser.add_argument("--maxlen", type=int, help="where texts are cut, in tokens")
    parser.add_argument("--validation", action="store_true", help="choose settings: no test set is read")
    parser.add_argument("--results", type=Path, help="a file to which each run is added, and in which it is looked up")
    args = parser.parse_args()
    if unknown := set(args.tasks) - set(TASKS):
        parser.error(f"no such task: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    for name in args.tasks:
        if name == "words":
            print(f"masked words of unseen film reviews: {masked_word_accuracy(args.model):.3f}", flush=True)
            continue
        for start in args.starts:
            lines = [run(args, name, start, seed) for seed in range(args.seeds)]
            settings = " ".join(f"{key} {lines[0][key]}" for key in ("rate", "epochs", "maxlen") if key in lines[0])
            for test in lines[0]["right"]:
                column = np.array([line["right"][test] for line in lines])
                figures = f"{column.mean():.3f} ± {column.std():.3f} ({len(column)} seeds)"
                print(f"{name}, {start}, {settings}, {test}: {figures}", flush=True)


if __name__ == "__main__":
    main()
