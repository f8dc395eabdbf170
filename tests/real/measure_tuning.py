"""Measure what schedule, rate, batch size, clipping, decay and epochs give a pretrained model: figures of lesson 08.

    python -m tests.real.measure_tuning [STUDY ...] [--seeds 5] [--minutes 5]

mini-bert-en learns 256 plain reviews of the training part and is judged on the plain ones of the validation part; no
test text is read. A seed draws the fresh head, the dropout and the order of the texts. Each run is a line of
``measured/tuning.jsonl`` as soon as it is done, and what is there already is not run again; after so many minutes the
script stops, and the next call goes on.
"""

import functools
from itertools import product
from pathlib import Path

import numpy as np

import ktlearn
from ktlearn import text
from ktlearn.data import load_reviews
from ktlearn.learner.model_state import unchanged
from ktlearn.optimizers import adamw
from ktlearn.schedules import constant, one_cycle, warm_up
from tests.real.portions import measure

LINES = Path(__file__).parent / "measured" / "tuning.jsonl"
SCHEDULES = {"constant": constant, "warm-up": warm_up, "one cycle": one_cycle}
RATES = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3)
USUAL = {"schedule": "warm-up", "rate": 3e-4, "batch_size": 16, "clip": 1.0, "decay": 0.01, "epochs": 3}
STUDIES = {
    "schedules": {"schedule": list(SCHEDULES), "rate": RATES},
    "batches": {"batch_size": (16, 64), "rate": RATES[1:]},
    "clipping": {"clip": (None, 1.0), "rate": RATES[3:]},
    "decay": {"decay": (0.0, 0.01, 1.0)},
    "one epoch": {"epochs": (1,), "rate": RATES[1:]},
    "finder": {},
}


def settings(study):
    """Every setting of a study: the usual one, but for what the study changes."""
    if study == "finder":
        yield {"finder": 8}
        return
    names = STUDIES[study]
    for values in product(*names.values()):
        yield USUAL | dict(zip(names, values, strict=True))


def plain(split, most=None):
    """Texts and sentiments of the plain reviews, the first so many of them."""
    chosen = load_reviews(split).query("style == 'plain'")[:most]
    return chosen["text"].tolist(), chosen["sentiment"].tolist()


@functools.cache
def learner_for(batch_size, clip, decay):
    """A learner on the pretrained model; its training step is compiled once for all rates."""
    t = text.Transformer("ktlearn/mini-bert-en", maxlen=128, class_names=["negative", "positive"])
    data = {"train_data": t.preprocess_train(*plain("train", 256), verbose=0)}
    data |= {"val_data": t.preprocess_test(*plain("validation"), verbose=0)}
    model = t.get_classifier()
    model.compile(adamw(weight_decay=decay, clip=clip), model.loss, metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return ktlearn.get_learner(model, **data, batch_size=batch_size, eval_batch_size=64)


def run(setting, seed):
    """Train once: the figures of each epoch. Or search once, in so many epochs: what is suggested."""
    wanted = USUAL | setting
    learner = learner_for(*(wanted[name] for name in ("batch_size", "clip", "decay")))
    model, schedule = learner.model, SCHEDULES[wanted["schedule"]]
    with unchanged(model):
        body = {name: getattr(model, name).get_weights() for name in ("embeddings", "encoder", "pooler")}
        ktlearn.seed_weights(model, seed, stddev=0.02)
        for name, weights in body.items():
            getattr(model, name).set_weights(weights)
        np.random.seed(seed)
        if "finder" in setting:
            found = learner.lr_find(start_lr=1e-6, max_epochs=setting["finder"], verbose=0)
            return {name: rate and float(f"{rate:.2g}") for name, rate in found._asdict().items()}
        learner.fit(lambda step, steps: schedule(step, steps, wanted["rate"]), wanted["epochs"], verbose=0)
    history = learner.history.history
    return {name: [round(x, 4) for x in history[name]] for name in ("loss", "val_loss", "val_accuracy")}


if __name__ == "__main__":
    measure(__doc__, LINES, STUDIES, settings, run)
