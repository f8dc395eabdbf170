"""Block by block a model answers what it answers as a whole."""

import numpy as np
import pytest

from ktlearn.backend import keras
from ktlearn.transformer import Encoder, EncoderLayer
from ktlearn.widgets.model.forward import forward
from ktlearn.widgets.model.structure import read
from tests.widgets.model.machines import IDS, MACHINES, VECTORS, gpt2, own


@pytest.mark.parametrize("name", MACHINES)
def test_the_last_block_answers_what_the_model_answers(name):
    make, inputs = MACHINES[name]
    model = make()
    structure = read(model)
    passage = forward(structure, inputs)
    assert np.allclose(passage.tops[structure.towers[-1].name], np.asarray(model(inputs).logits)[0], atol=1e-5)


@pytest.mark.parametrize("make", [own, lambda: [EncoderLayer(8, 2, 16), EncoderLayer(8, 2, 16)]])
def test_a_list_of_layers_answers_as_one_after_the_other(make):
    layers, x = make(), VECTORS
    passage = forward(read(layers), VECTORS)
    for layer in layers:
        x = layer(x)
    assert np.allclose(passage.tops["stack"], np.asarray(x)[0], atol=1e-6)


@pytest.mark.parametrize(("make", "inputs"), [(gpt2, IDS), (own, VECTORS)])
def test_every_block_has_an_answer(make, inputs):
    structure = read(make())
    passage = forward(structure, inputs)
    assert {block.path for block in structure.walk()} <= passage.answers.keys()


def test_the_attention_of_a_reader_s_own_layer_shows_its_arithmetic():
    passage = forward(read(own()), VECTORS)
    assert tuple(passage.steps["[1].attention"].weights.shape) == (1, 2, 4, 4)


def test_a_residual_is_the_sum_of_its_block_and_what_came_in():
    answers = forward(read(gpt2()), IDS).answers
    came_in = answers["embeddings.positions"]
    total = answers["decoder.layers[0].attention + x"]
    assert np.allclose(came_in + answers["decoder.layers[0].attention"], total, atol=1e-6)


class Classifier(keras.Model):
    """A model as a reader writes it."""

    def __init__(self, factor=1):
        super().__init__()
        self.embedding, self.encoder = keras.layers.Embedding(20, 8), Encoder(2, 8, 2, 16)
        self.out, self.factor = keras.layers.Dense(3), factor

    def call(self, ids):
        return self.out(self.encoder(self.factor * self.embedding(ids)))


def test_a_model_of_the_reader_s_own_that_calls_its_layers_in_their_order_is_followed():
    model = Classifier()
    expected = np.asarray(model(IDS["input_ids"]))[0]
    passage = forward(read(model), IDS["input_ids"])
    assert np.allclose(passage.tops["stack"], expected, atol=1e-6)
    assert passage.answers["encoder.layers[1].attention"].shape == (5, 8)


def test_one_that_does_something_between_them_is_refused():
    model = Classifier(factor=3)
    model(IDS["input_ids"])
    with pytest.raises(ValueError, match="Classifier does not call its layers one after the other"):
        forward(read(model), IDS["input_ids"])


def test_a_batch_of_several_texts_is_refused():
    with pytest.raises(ValueError, match="a picture shows one text"):
        forward(read(gpt2()), {"input_ids": np.ones((2, 3), int)})
