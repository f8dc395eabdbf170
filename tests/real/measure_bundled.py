"""Measure the bundled model: the figures of its card.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_bundled [--seeds 5]

Fine-tuned beside the same architecture with random matrices, on the same data in the same order, with as
many steps. The random start gets the higher learning rate that it needs.
"""

import argparse

import numpy as np

import ktlearn as ktrain
from ktlearn import corpus, models, text
from ktlearn.backend import keras
from ktlearn.data import load_review_lists, load_reviews
from ktlearn.pretrain import MASK, hide
from tests.real.data import imdb, sst2

BUNDLED = "ktlearn/mini-bert-en"
RATES = {True: 3e-4, False: 5e-4}  # pretrained or not


def accuracies(train, tests, epochs, maxlen, pretrained=True, seed=0):
    """Fine-tune on ``train``, from pretrained or from random weights; the share that is right on each test set."""
    keras.utils.set_random_seed(seed)
    t = text.Transformer(BUNDLED, maxlen=maxlen, class_names=["negative", "positive"])
    trn = t.preprocess_train(*train, verbose=0)
    model = t.get_classifier()
    if not pretrained:
        ktrain.seed_weights(model, seed, stddev=0.02)
    learner = ktrain.get_learner(model, train_data=trn, batch_size=16)
    learner.fit_onecycle(RATES[pretrained], epochs, verbose=0)
    sets = [t.preprocess_test(*test, verbose=0) for test in tests]
    return [float((learner.predict(data).argmax(1) == data.y.argmax(1)).mean()) for data in sets]


def first(data, count, seed):
    """``count`` examples of a data set, half of each class, another choice for each seed."""
    order = np.random.default_rng(seed).permutation(len(data[0]))
    chosen = [i for label in sorted(set(data[1])) for i in [i for i in order if data[1][i] == label][: count // 2]]
    return [data[0][i] for i in chosen], [data[1][i] for i in chosen]


def masked_word_accuracy(count=200):
    """The share of hidden words of unseen film reviews (IMDb test) that the model names at once."""
    model = models.from_pretrained(BUNDLED, task="masked-lm", verbose=0)
    rng = np.random.default_rng(0)
    rows = corpus.pieces(text.Transformer(BUNDLED).tokenizer, imdb("test")[0][:count], rng)[128]
    hidden, places, words = hide(rng, rows, model.settings.vocab_size)
    right = []
    for part in np.array_split(np.arange(len(rows)), max(1, len(rows) // 32)):
        logits = np.array(model({"input_ids": hidden[part], "attention_mask": (rows[part] > 0).astype("int32")}).logits)
        guesses = np.take_along_axis(logits.argmax(-1), places[part], axis=1)
        right.append((guesses == words[part])[words[part] > MASK])
    return float(np.concatenate(right).mean())


def report(name, pretrained, found):
    start = "pretrained" if pretrained else "random start"
    print(f"{name}, {start}: {np.mean(found):.3f} ± {np.std(found):.3f} ({len(found)} seeds)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(parser.parse_args().seeds)
    train, _, test = load_review_lists()
    plain = tuple(load_reviews("test").query("style == 'plain'")[column].tolist() for column in ("text", "sentiment"))

    print(f"masked words of unseen film reviews: {masked_word_accuracy():.3f}", flush=True)
    for count, epochs in ((100, 12), (len(train[0]), 2), (len(train[0]), 4)):
        for pretrained in (True, False):
            found = [
                accuracies(first(train, count, seed), (test, plain), epochs, 128, pretrained, seed) for seed in seeds
            ]
            name = f"reviews, {count} examples, {epochs} epochs"
            report(f"{name}, all", pretrained, [both[0] for both in found])
            report(f"{name}, plain ones", pretrained, [both[1] for both in found])
    for pretrained in (True, False):
        found = [accuracies(sst2("train"), [sst2("dev")], 2, 64, pretrained, seed) for seed in seeds]
        report("SST-2 dev, 2 epochs", pretrained, found)
        found = [accuracies(imdb("train"), [imdb("test")], 3, 512, pretrained, seed) for seed in seeds[:2]]  # slow
        report("IMDb test, 3 epochs", pretrained, found)


if __name__ == "__main__":
    main()
