"""Measure the bundled model: the figures of its card.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_bundled [TASK ...]

Fine-tuned beside the same architecture with random weights, on the same data in the same order, with as
many steps. The random start gets the higher learning rate that it needs.
"""

import argparse

import numpy as np

import ktlearn as ktrain
from ktlearn import models, text
from ktlearn.backend import keras
from ktlearn.data import load_review_lists, load_reviews
from recipes.mini_bert_en import corpus
from recipes.mini_bert_en.pretrain import MASK, hide
from tests.real.data import imdb, sst2

BUNDLED = "ktlearn/mini-bert-en"
REVIEWS = {"reviews-100": (100, 12), "reviews": (None, 2), "reviews-4": (None, 4)}  # examples (None: all), epochs
TASKS = [*REVIEWS, "sst2", "imdb", "words"]
RATES = {True: 3e-4, False: 5e-4}  # pretrained or not


def accuracies(name, train, tests, epochs, maxlen, pretrained=True, seed=0):
    """Fine-tune ``name`` on ``train``, from its own or random weights; the share that is right on each test set."""
    keras.utils.set_random_seed(seed)
    t = text.Transformer(name, maxlen=maxlen, class_names=["negative", "positive"])
    trn = t.preprocess_train(*train, verbose=0)
    model = t.get_classifier()
    if not pretrained:
        model.set_weights(models.from_config(name, "classification", num_labels=2, seed=seed).get_weights())
    learner = ktrain.get_learner(model, train_data=trn, batch_size=16)
    learner.fit_onecycle(RATES[pretrained], epochs, verbose=0)
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


def task(name):
    """The training set for a seed, the test sets by name, the epochs, and where texts are cut."""
    if name == "sst2":
        return lambda seed: sst2("train"), {"dev": sst2("dev")}, 2, 64
    if name == "imdb":
        return lambda seed: imdb("train"), {"test": imdb("test")}, 3, 512
    train, _, test = load_review_lists()
    plain = tuple(load_reviews("test").query("style == 'plain'")[column].tolist() for column in ("text", "sentiment"))
    count, epochs = REVIEWS[name]
    return lambda seed: first(train, count or len(train[0]), seed), {"all": test, "plain ones": plain}, epochs, 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tasks", nargs="*", default=TASKS, help="some of " + ", ".join(TASKS))
    parser.add_argument("--model", default=BUNDLED, help="another checkpoint of the same kind")
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    if unknown := set(args.tasks) - set(TASKS):
        parser.error(f"no such task: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    for name in args.tasks:
        if name == "words":
            print(f"masked words of unseen film reviews: {masked_word_accuracy(args.model):.3f}", flush=True)
            continue
        train, tests, epochs, maxlen = task(name)
        for pretrained in (True, False):
            found = [
                accuracies(args.model, train(seed), tests.values(), epochs, maxlen, pretrained, seed)
                for seed in range(args.seeds)
            ]
            start = "pretrained" if pretrained else "random start"
            for test, column in zip(tests, np.transpose(found), strict=True):
                figures = f"{column.mean():.3f} ± {column.std():.3f} ({len(column)} seeds)"
                print(f"{name}, {epochs} epochs, {start}, {test}: {figures}", flush=True)


if __name__ == "__main__":
    main()
