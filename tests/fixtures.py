"""A tiny checkpoint, and what is made of it: no network, no bundled model.

A test module that uses these fixtures says ``pytest_plugins = ["tests.fixtures"]``.
"""

import pytest

import ktlearn
from ktlearn import models, text
from ktlearn.backend import keras
from tests.tiny import NAMES, POSITIONS, VOCABULARY, reviews


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """The folder of a small random BERT with its tokenizer."""
    from transformers import BertConfig, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny") / "tiny-bert"
    config = BertConfig(
        vocab_size=200,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=POSITIONS,
        initializer_range=0.1,
    )
    models.from_config(config, seed=0).save_pretrained(folder)
    unused = [f"[unused{i}]" for i in range(200 - len(VOCABULARY))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(VOCABULARY + unused)}).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def t(checkpoint):
    """A fresh `text.Transformer` for the two classes of :func:`reviews`."""
    return text.Transformer(checkpoint, maxlen=64, class_names=NAMES)


@pytest.fixture
def regression(checkpoint):
    """A fresh `text.Transformer` that predicts numbers."""
    return text.Transformer(checkpoint, maxlen=64, is_regression=True)


@pytest.fixture(scope="session")
def trained(checkpoint):
    """A learner that tells good from bad, with its Transformer: ``(learner, t)``. Tests only look at it."""
    keras.utils.set_random_seed(1)
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    trn = t.preprocess_train(*reviews(120), verbose=0)
    val = t.preprocess_test(*reviews(40, seed=1), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)
    learner.fit_onecycle(3e-3, 4, verbose=0)
    return learner, t


@pytest.fixture
def no_work(monkeypatch):
    """Whatever reads a text or loads weights now fails the test."""

    def stop(*args, **kwargs):
        raise AssertionError("work was begun before the input was checked")

    monkeypatch.setattr(text.Transformer, "_tokenize", stop)
    monkeypatch.setattr(models, "from_pretrained", stop)
