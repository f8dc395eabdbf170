"""Raw text to batches.

>>> from ktlearn import text
>>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=128, class_names=["negative", "positive"])
"""

import importlib

from ktlearn.text.classifiers import (
    print_text_classifiers,
    print_text_regression_models,
    text_classifier,
    text_regression_model,
)
from ktlearn.text.dataset import ArrayDataset, TextDataset
from ktlearn.text.labels import Labels
from ktlearn.text.loaders import texts_from_array, texts_from_csv, texts_from_df, texts_from_folder
from ktlearn.text.transformer import Transformer

# ktrain keeps these beside its loaders. Here they stand further down the street, so they come on first use.
_ANSWERS = {
    "SentenceEncoder": "ktlearn.predictor.sentence_encoder",
    "ZeroShotClassifier": "ktlearn.predictor.zero_shot",
}

__all__ = [
    "ArrayDataset",
    "Labels",
    "TextDataset",
    "Transformer",
    "print_text_classifiers",
    "print_text_regression_models",
    "text_classifier",
    "text_regression_model",
    "texts_from_array",
    "texts_from_csv",
    "texts_from_df",
    "texts_from_folder",
    *_ANSWERS,
]


def __getattr__(name):
    if name in _ANSWERS:
        return getattr(importlib.import_module(_ANSWERS[name]), name)
    raise AttributeError(f"module 'ktlearn.text' has no attribute {name!r}")
