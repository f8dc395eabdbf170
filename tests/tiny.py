"""Tiny texts, for tests that need little time and no network."""

import numpy as np

FILLERS = "the a film book plot room food was is and but very not really this that it of in with seen read again"
# Each word of VOCABULARY is one token, so that a test can count tokens by counting words, plus 2 for [CLS] and [SEP].
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", *FILLERS.split()]
POSITIONS = 128
NAMES = ["negative", "positive"]


def sentence(words, rng=None):
    """A text of that many words, so of ``words + 2`` tokens."""
    rng = rng or np.random.default_rng(words)
    return " ".join(rng.choice(FILLERS.split(), words))


def reviews(count, seed=0, longest=30):
    """Texts of 1 to ``longest`` words that begin with "good" or "bad", and the labels 1 or 0."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 2).tolist()
    texts = [f"{'good' if label else 'bad'} {sentence(rng.integers(0, longest), rng)}".strip() for label in labels]
    return texts, labels


def tiny_config(**changes):
    """The transformers config of a tiny BERT over VOCABULARY."""
    from transformers import BertConfig

    shape = dict(num_hidden_layers=2, hidden_size=16, num_attention_heads=2, intermediate_size=32)
    shape |= dict(vocab_size=len(VOCABULARY), max_position_embeddings=POSITIONS)
    return BertConfig(**shape | changes)
