"""Measure what ``class_weight`` does where 5 texts in 100 are of the rare class: the figures of lesson 07.

    python -m tests.real.measure_imbalance [--seeds 3] [--minutes 5]

All positive training reviews stay, and of the negative ones so many that they are 5 in 100, half plain and half dry as
in the whole; the seed draws which, the order and the new head. The two kinds of mistake are counted on all validation
reviews, where there are enough of both classes, and weighed as they would come with 5 in 100: counted on 5 in 100 of
them, that is on 7 negative reviews, the figures would be noise. Each run is a line of ``measured/imbalance.jsonl``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.data import load_reviews
from tests.real.portions import measure

LINES = Path(__file__).parent / "measured" / "imbalance.jsonl"
RARE, MODEL, RATE, EPOCHS = 0.05, "ktlearn/mini-bert-en", 3e-4, 4


def training_reviews(seed):
    """Texts and labels, 5 in 100 of them negative."""
    reviews = load_reviews("train")
    often, rarely = reviews.query("sentiment == 'positive'"), reviews.query("sentiment == 'negative'")
    count = round(len(often) * RARE / (1 - RARE))
    half = [rarely[rarely["style"] == style].sample(frac=1, random_state=seed) for style in ("plain", "dry")]
    kept = [part.head(count - count // 2 if i else count // 2) for i, part in enumerate(half)]
    texts = pd.concat([often, *kept])["text"].tolist()
    return texts, ["positive"] * len(often) + ["negative"] * count


def figures(is_rare, said_rare):
    """Of the rare class, where it is 5 in 100: recall, precision, F1; and the accuracy of all answers."""
    recall, alarms = float(said_rare[is_rare].mean()), float(said_rare[~is_rare].mean())
    found, wrong = RARE * recall, (1 - RARE) * alarms
    precision = found / (found + wrong) if found else 0.0
    f1 = 2 * precision * recall / (precision + recall) if found else 0.0
    accuracy = found + (1 - RARE) * (1 - alarms)
    return {"recall": recall, "false alarms": alarms, "precision": precision, "f1": f1, "accuracy": accuracy}


def answers(weighted, seed, texts):
    """What a model says that has been trained on the reviews of this seed."""
    train = training_reviews(seed)
    keras.utils.set_random_seed(seed)
    t = text.Transformer(MODEL, maxlen=128, class_names=["negative", "positive"])
    trn = t.preprocess_train(*train, verbose=0)
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, batch_size=16)
    counts = {name: train[1].count(name) for name in ("negative", "positive")}
    weights = {name: len(train[1]) / 2 / count for name, count in counts.items()} if weighted else None
    learner.fit_onecycle(RATE, EPOCHS, class_weight=weights, verbose=0)
    return np.array(ktrain.get_predictor(learner.model, preproc=t).predict(texts, verbose=0))


def run(setting, seed):
    """One training, and the figures of what it says of the validation reviews."""
    reviews = load_reviews("validation")
    said = answers(setting["class_weight"], seed, reviews["text"].tolist())
    return figures((reviews["sentiment"] == "negative").to_numpy(), said == "negative")


def settings(study):
    """Without and with the weights."""
    return [{"model": MODEL, "class_weight": weighted} for weighted in (False, True)]


if __name__ == "__main__":
    measure(__doc__, LINES, ["rare"], settings, run)
