"""A small model with its tokenizer, for the widgets that look at one."""

import pytest

from ktlearn import models, text


@pytest.fixture(scope="module")
def model(checkpoint):
    return models.from_pretrained(checkpoint, task="masked-lm", verbose=0)


@pytest.fixture(scope="module")
def tokenizer(checkpoint):
    return text.Transformer(checkpoint).get_tokenizer()
