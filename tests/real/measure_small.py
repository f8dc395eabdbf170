"""Measure what training gives when examples are few: the kept figures of lesson 14.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_small [STUDY ...] [--seeds 5] [--minutes 10]

All texts are the plain reviews, those that say what they think: 430 to draw from, 110 of the validation part (only the
study "rates" reads them), 180 of the test part. What is trained is mini-bert-en, in batches of 8, with one cycle of 60
steps or a few more, or of four epochs where these are more. A seed draws the examples, the fresh head, the dropout and
the order, but where a study says otherwise. "right" counts the right answers on each test set.

- rates: the rate of each way to train, chosen on validation texts.
- curve: the learning curves, and with 200 examples the test reviews with typing errors, and the dry ones.
- others: LoRA and a random start; they stand with the curve.
- stability: 50 examples, always the same; the seed draws only head, dropout and order. One thing changes at a time.
- samples: the same with another 50 examples each time, and always the same head and order.
- augment: 50 examples, and three changed copies of each, which never judge: the parts of the cross-validation are those
  without copies, and a copy is learned from where its original is. The network trains for 75 steps, 63 without copies.
- source: learned from reviews or from SST-2 (needs KTLEARN_DATA), judged on both.
- labels: 200 examples, of which a share has the wrong label.

Without wrong labels, and without copies, it is the curve.

Each run is a line of ``measured/small.jsonl``; :mod:`tests.real.portions` says how it grows.
"""

import functools
import math
from pathlib import Path

import numpy as np

import ktlearn
from ktlearn import tasks, text
from ktlearn.backend import keras
from ktlearn.data import load_reviews
from ktlearn.learner.lora import adapted
from ktlearn.learner.model_state import unchanged
from ktlearn.optimizers import own_momentum
from ktlearn.predictor.sentence_encoder import SentenceEncoder
from ktlearn.schedules import constant, one_cycle, warm_up
from tests.real import pipeline
from tests.real.data import sst2
from tests.real.portions import measure

LINES = Path(__file__).parent / "measured" / "small.jsonl"
MODEL, ENCODER, CLASSES = "ktlearn/mini-bert-en", "ktlearn/minilm-en", ["negative", "positive"]
BATCH, STEPS, EPOCHS = 8, 60, 4
SIZES = (20, 50, 100, 200, 430)
COUNTED, FROZEN, OWN_FROZEN = "word counts", "frozen vectors", "frozen vectors of mini-bert-en"
TUNED, LORA, RANDOM = "fine-tuned", "LoRA", "random start"
RATES = {TUNED: 3e-4, LORA: 1e-3, RANDOM: 1e-3}
USUAL = {"rate": RATES[TUNED], "steps": STEPS, "schedule": "one cycle", "remedy": None}
STABILITY = (
    *({"steps": 21}, {"steps": 21, "schedule": "constant"}, {}, {"schedule": "constant"}, {"rate": 1e-3}),
    *({"schedule": "warm-up, constant"}, {"schedule": "warm-up, decay"}, {"schedule": "decay"}),
    *({"rate": 3e-3}, {"remedy": "top layer anew"}, {"remedy": "early stopping"}, {"remedy": "average"}),
    {"steps": 150},
)
POLICIES = {
    "one cycle": one_cycle,
    "constant": constant,
    "warm-up, constant": lambda step, steps, rate: (rate * min(1, (step + 1) / round(0.1 * steps)), None),
    "warm-up, decay": warm_up,
    "decay": functools.partial(warm_up, share=0),
}
WAYS = ("left out", "typing errors", "guessed")
WRONG = (0.2, 0.4)
STUDIES = ("rates", "curve", "stability", "samples", "augment", "labels", "source", "others")


def settings(study):
    """Every setting of a study."""
    three = [{"study": study, "method": method} for method in (COUNTED, FROZEN, TUNED)]
    if study == "rates":
        rates = {TUNED: (3e-4, 1e-3), LORA: (1e-3, 3e-3), RANDOM: (3e-4, 1e-3)}
        return [{"study": study, "method": name, "n": 100, "rate": rate} for name in rates for rate in rates[name]]
    if study == "curve":
        methods = (COUNTED, FROZEN, OWN_FROZEN, TUNED)
        return [{"study": study, "method": method, "n": n} for n in SIZES for method in methods]
    if study == "others":
        return [{"study": "curve", "method": method, "n": n} for n in SIZES for method in (LORA, RANDOM)]
    if study in ("stability", "samples"):
        changes = STABILITY if study == "stability" else ({},)
        return [{"study": study, "method": TUNED, "n": 50} | USUAL | change for change in changes]
    if study == "augment":
        return [each | {"n": 50, "way": way} for way in WAYS for each in three]
    if study == "source":
        return [each | {"source": name, "n": 200} for name in ("reviews", "SST-2") for each in three]
    return [each | {"n": 200, "wrong": share} for share in WRONG for each in three]


def run(setting, seed):
    """Train once: how many are right on each test set."""
    study, method, n = setting["study"], setting["method"], setting["n"]
    tests = {"plain": reviews("test")}
    start, train = seed, sample(n, 0 if study == "stability" else seed)
    choices = {"rate": RATES.get(method)} | {key: setting[key] for key in USUAL if key in setting}
    if study == "rates":
        tests = {"validation": reviews("validation")}
    elif study == "samples":
        start = 0
    elif study == "curve" and n == 200:
        tests |= {"typing errors": with_errors(reviews("test")), "dry": reviews("test", "dry")}
    elif study == "labels":
        for i in np.random.default_rng([seed, 1]).choice(n, round(n * setting["wrong"]), replace=False):
            train[1][i] = CLASSES[train[1][i] == CLASSES[0]]
    elif study == "augment":
        train = augmented(train, setting["way"], seed)
        choices["steps"] = STEPS
    elif study == "source":
        tests |= {"SST-2": named(sst2("dev"))}
        if setting["source"] == "SST-2":
            train = sample(n, seed, data=named(sst2("train")))
    answers = answer(method, train, list(tests.values()), start, choices, n)
    right = {name: int((said == truth(of)).sum()) for said, (name, of) in zip(answers, tests.items(), strict=True)}
    found = {"right": right, "of": {name: len(of[0]) for name, of in tests.items()}}
    if study == "stability":
        found["said"] = "".join(str(int(label == CLASSES[1])) for label in answers[0])
    return found


def answer(method, train, tests, seed, choices, n):
    """What a method says of each test set, after learning from ``train``, ``n`` texts and their copies: class names."""
    texts = [of[0] for of in tests]
    if method == COUNTED:
        classifier = parted(pipeline.words_and_letters(seed), train[1], n).fit(*train)
        return [classifier.predict(each) for each in texts]
    if method in (FROZEN, OWN_FROZEN):
        name = ENCODER if method == FROZEN else MODEL
        classifier = parted(pipeline.tuned(seed), train[1], n).fit(vectors(name, train[0]), train[1])
        return [classifier.predict(vectors(name, each)) for each in texts]
    return trained(method, train, texts, seed, **choices)


def trained(method, train, texts, seed, rate, steps=None, schedule="one cycle", remedy=None):
    """Train the network, and what it says."""
    t, model = network(method == LORA)
    kept_back = 10 if remedy == "early stopping" else 0
    train = shuffled(train, seed)
    judge, train = [[column[part] for column in train] for part in (slice(kept_back), slice(kept_back, None))]
    data = t.preprocess_train(*train, verbose=0)
    learner = ktlearn.get_learner(model, train_data=data, batch_size=BATCH, eval_batch_size=64)
    a_pass = math.ceil(len(train[0]) / BATCH)
    epochs = math.ceil(steps / a_pass) if steps else max(EPOCHS, math.ceil(STEPS / a_pass))
    policy = POLICIES[schedule]
    with unchanged(model):
        begin(model, method, seed, int(remedy == "top layer anew"))
        watch = None
        if remedy == "early stopping":
            watch = Best(learner, t.preprocess_test(*judge, verbose=0))
        elif remedy == "average":
            watch = Mean(learner, epochs)
        learner.fit(lambda step, of: policy(step, of, rate), epochs, callbacks=[watch] if watch else [], verbose=0)
        if watch:
            model.set_weights(watch.weights)
        sets = [t.preprocess(each) for each in texts]
        return [np.array(CLASSES)[learner.predict(each).argmax(1)] for each in sets]


@functools.cache
def network(lora):
    """The model with a head, compiled, and its text preparation; one for all runs, so that it is traced once."""
    t = text.Transformer(MODEL, maxlen=96, class_names=CLASSES)
    data = t.preprocess_train(*sample(20, 0), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), train_data=data, batch_size=BATCH)
    if lora:
        learner.add_lora(rank=8)
    weights = learner.model.get_weights()
    learner.fit(1e-9, 1, verbose=0)  # traces the step and builds the optimizer, whose memory is then emptied
    learner.model.set_weights(weights)
    with own_momentum(learner.model.optimizer):
        for variable in learner.model.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
    return t, learner.model


def begin(model, method, seed, anew):
    """The weights from which a run starts: a fresh head; with RANDOM all anew, and with ``anew`` so many top layers."""
    parts = [model.embeddings, *model.encoder.layers, model.pooler]
    old = [] if method == RANDOM else parts[: len(parts) - anew - bool(anew)]
    kept = [part.get_weights() for part in old]
    ktlearn.seed_weights(model, seed, stddev=0.02)
    for part, weights in zip(old, kept, strict=True):
        part.set_weights(weights)
    for part in parts[len(old) :]:
        plain_vectors(part)
    rng = np.random.default_rng(seed)
    for layer in adapted(model):
        limit = math.sqrt(6 / layer.lora_kernel_a.shape[0])
        layer.lora_kernel_a.assign(rng.uniform(-limit, limit, layer.lora_kernel_a.shape))
        layer.lora_kernel_b.assign(np.zeros(layer.lora_kernel_b.shape))
    np.random.seed(seed)


def plain_vectors(part):
    """Biases 0, and the gains of the normalisations 1."""
    for variable in part.trainable_variables:
        if len(variable.shape) == 1:
            variable.assign(np.full(variable.shape, float(variable.name == "gamma")))


class Best(keras.callbacks.Callback):
    """Keeps the weights of the epoch with the lowest loss on the examples that were kept back."""

    def __init__(self, learner, data):
        super().__init__()
        self.learner, self.data, self.loss = learner, data, math.inf

    def on_epoch_end(self, epoch, logs=None):
        p = self.learner.predict(self.data)[np.arange(len(self.data)), self.data.y.argmax(1)]
        if (loss := float(-np.log(np.maximum(p, 1e-9)).mean())) < self.loss:
            self.loss, self.weights = loss, self.learner.model.get_weights()


class Mean(keras.callbacks.Callback):
    """The mean of the weights after each epoch of the second half."""

    def __init__(self, learner, epochs):
        super().__init__()
        self.learner, self.epochs, self.count = learner, epochs, 0

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= self.epochs // 2:
            now, self.count = self.learner.model.get_weights(), self.count + 1
            old = self.weights if self.count > 1 else now
            self.weights = [a + (b - a) / self.count for a, b in zip(old, now, strict=True)]


def parted(search, labels, n):
    """The search with as many parts as the rarer class has examples, at most five.

    After the first ``n`` texts come their copies, in the same order. They are learned from where their originals are,
    and judge nothing.
    """
    of, rows = labels[:n], np.arange(len(labels))
    search.cv.n_splits = min(5, *(of.count(label) for label in set(of)))
    if len(labels) > n:
        search.cv = [(rows[np.isin(rows % n, learned)], judged) for learned, judged in search.cv.split(of, of)]
    return search


_KNOWN = {}  # (encoder, text): its vector


def vectors(name, texts):
    """Sentence vectors, each computed once."""
    if new := [each for each in dict.fromkeys(texts) if (name, each) not in _KNOWN]:
        for each, vector in zip(new, encoder(name).encode(new, verbose=0), strict=True):
            _KNOWN[name, each] = vector
    return np.array([_KNOWN[name, each] for each in texts])


@functools.cache
def encoder(name):
    return SentenceEncoder(name, 96)


def reviews(split, style="plain"):
    """Texts and sentiments."""
    chosen = load_reviews(split).query("style == @style")
    return chosen["text"].tolist(), chosen["sentiment"].tolist()


def named(data):
    return data[0], [CLASSES[label] for label in data[1]]


def sample(n, seed, data=None):
    """``n`` training examples, half of each class, another choice for each seed: a list of texts and one of labels."""
    texts, labels = data or reviews("train")
    order = np.random.default_rng(seed).permutation(len(texts))
    chosen = [i for label in CLASSES for i in [i for i in order if labels[i] == label][: n // 2]]
    return [texts[i] for i in chosen], [labels[i] for i in chosen]


def shuffled(train, seed):
    order = np.random.default_rng(seed).permutation(len(train[0]))
    return [[column[i] for i in order] for column in train]


def truth(data):
    return np.array(data[1])


def with_errors(data, share=0.3):
    rng = np.random.default_rng(0)
    return [typing_errors(each, share, rng) for each in data[0]], data[1]


def typing_errors(sentence, share, rng):
    """Two neighbouring letters exchanged, inside a share of the words of four letters and more."""
    words = sentence.split(" ")
    for i, word in enumerate(words):
        if len(word) > 3 and rng.random() < share:
            at = rng.integers(1, len(word) - 2)
            words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def augmented(train, way, seed, copies=3):
    """The examples and three changed copies of each."""
    rng = np.random.default_rng([seed, 2])
    texts, labels = list(train[0]), list(train[1])
    for _ in range(copies):
        is_guessed = way == "guessed"
        new = guessed(train[0], rng) if is_guessed else [changed(way, each, rng) for each in train[0]]
        texts, labels = texts + new, labels + train[1]
    return texts, labels


def changed(way, example, rng):
    """One changed copy."""
    if way == "typing errors":
        return typing_errors(example, 0.3, rng)
    words = example.split(" ")
    return " ".join([word for word in words if rng.random() > 0.15] or words)


def guessed(texts, rng):
    """Copies in which a word in seven is another one: the likeliest that mini-bert-en finds in its place."""
    copies = [text.split(" ") for text in texts]
    jobs = [(i, j) for i, words in enumerate(copies) for j in rng.permutation(len(words))[: max(1, len(words) // 7)]]
    asked = [" ".join([*copies[i][:j], "[MASK]", *copies[i][j + 1 :]]) for i, j in jobs]
    for (i, j), filled in zip(jobs, tasks.fill_mask(MODEL, asked, top=3, verbose=0), strict=True):
        old = copies[i][j].lower().strip(".,!?")
        copies[i][j] = next(word for word, _ in filled.words if word != old)
    return [" ".join(words) for words in copies]


if __name__ == "__main__":
    measure(__doc__, LINES, STUDIES, settings, run)
