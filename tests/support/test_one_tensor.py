"""While Keras trains, a model answers its losses with one tensor, and everybody else with everything."""

import threading

import numpy as np
import pytest

import ktlearn
from ktlearn import seq2seq, text
from ktlearn.backend import keras
from ktlearn.text.batches import by_length
from ktlearn.widgets import AttentionView
from tests.tiny import NAMES, reviews


@pytest.fixture
def t(shallow):
    return text.Transformer(shallow, maxlen=64, class_names=NAMES)


WORDS = {"input_ids": np.array([[2, 5, 3]]), "attention_mask": np.ones((1, 3), "int32")}


class Looks(keras.callbacks.Callback):
    """Looks at the attention after each batch of training, validation and prediction."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def look(self, batch, logs=None):
        self.seen.append(self.model(WORDS, return_attention=True))

    on_train_batch_end = on_test_batch_end = on_predict_batch_end = look


@pytest.mark.slow
@pytest.mark.parametrize("eager", [True, False], ids=["eager", "compiled"])
def test_a_callback_sees_the_whole_answer_while_the_model_trains(t, eager):
    model, looks = t.get_classifier(), Looks()
    model.run_eagerly = eager
    data = t.preprocess_train(*reviews(8), verbose=0)
    ktlearn.get_learner(model, data, data, batch_size=4).fit(1e-3, 1, callbacks=[looks], verbose=0)
    model.predict(WORDS, callbacks=[looks], verbose=0)
    looked_at = 2 + len(by_length(data, 32)[0]) + 1  # batches of training, of validation, of prediction
    assert [len(answer.attentions) for answer in looks.seen] == [1] * looked_at
    assert np.abs(looks.seen[0].attentions[0] - looks.seen[1].attentions[0]).max() > 0  # it learns meanwhile


@pytest.mark.slow
def test_an_attention_view_can_be_made_while_the_model_trains(t):
    views = []

    class Views(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            views.append(AttentionView.from_model(self.model, t.get_tokenizer(), "good film"))

    model = t.get_classifier()
    model.run_eagerly = True
    data = t.preprocess_train(*reviews(4), verbose=0)
    ktlearn.get_learner(model, data, batch_size=4).fit(1e-3, 2, callbacks=[Views()], verbose=0)
    assert len(views) == 2


@pytest.mark.slow
def test_the_papers_model_too_and_its_step_is_traced_once():
    traced = []

    class Counted(seq2seq.Transformer):
        def train_step(self, data):
            traced.append(1)
            return super().train_step(data)

    model = Counted(9, 9, d_model=4, num_heads=1, d_ff=4, num_layers=1)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    inputs = {"input_ids": np.ones((2, 3), "int32"), "decoder_input_ids": np.ones((2, 2), "int32")}
    seen = []

    class Looks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(self.model(inputs, return_attention=True))
            seen.append(self.model(inputs))

    model.fit(inputs, np.ones((2, 2), "int32"), callbacks=[Looks()], verbose=0)
    assert len(traced) == 1  # were the optimizer built inside the first step, TensorFlow would trace that twice
    whole, short = seen
    assert len(whole.cross_attentions) == 1
    assert short.logits.shape == (2, 2, 9)
    assert model.predict(inputs, verbose=0).shape == (2, 2, 9)


def test_a_step_of_the_readers_own_gets_one_tensor(t):
    shapes = []

    class Mine(type(t.get_classifier())):
        def train_step(self, data):
            shapes.append(self(data[0], training=True).shape)
            return super().train_step(data)

    model = t.get_classifier()
    model.__class__ = Mine
    model.run_eagerly = True
    model.fit(WORDS, np.eye(2)[:1], verbose=0)
    assert shapes == [(1, 2)]


@pytest.mark.slow
def test_parallel_requests_do_not_disturb_each_other(t):
    """A server answers each request in a thread of its own; one may look at the attention meanwhile."""
    model = t.get_classifier()
    alone, wrong = model.predict(WORDS, verbose=0), []

    def predicts():
        for _ in range(5):
            if not np.allclose(model.predict(WORDS, verbose=0), alone, atol=1e-5):
                wrong.append("an answer of predict")

    def looks():
        for _ in range(15):
            if len(model(WORDS, return_attention=True).attentions) != 1:
                wrong.append("attention")

    threads = [threading.Thread(target=work) for work in (predicts, predicts, predicts, looks, looks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert model.one_tensor is False


def test_a_step_that_fails_leaves_nothing_behind(t):
    model = t.get_classifier()
    model.run_eagerly = True
    with pytest.raises(Exception, match="labels|shape|rank"):
        model.fit(WORDS, np.zeros((1, 7)), verbose=0)
    assert model.one_tensor is False
    assert len(model(WORDS, return_attention=True).attentions) == 1
