"""The recipe of the bundled model: hiding words, the three losses, and a whole run on a few texts."""

import json

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models
from ktlearn.models import hub
from recipes.mini_bert_en import corpus, pretrain
from tests.tiny import tiny_config


@pytest.fixture
def student():
    return pretrain.Student(models.from_config(tiny_config(), task="masked-lm", seed=0), width=24)


def test_fifteen_percent_are_hidden_and_most_of_them_become_mask():
    ids = np.random.default_rng(0).integers(5, 100, (64, 40)).astype("int32")
    ids[:, 0], ids[:, -1] = corpus.CLS, corpus.SEP

    hidden, places, words = pretrain.hide(np.random.default_rng(1), ids, 100)

    assert places.shape == (64, 6)
    assert np.array_equal(words, np.take_along_axis(ids, places, axis=1))
    assert (words > pretrain.MASK).all()
    there = np.take_along_axis(hidden, places, axis=1)
    assert (there == pretrain.MASK).mean() == pytest.approx(0.8, abs=0.06)
    assert (there == words).mean() == pytest.approx(0.1, abs=0.05)
    untouched = np.ones_like(ids, bool)
    np.put_along_axis(untouched, places, False, axis=1)
    assert np.array_equal(hidden[untouched], ids[untouched])


def test_special_tokens_stay_where_a_row_is_shorter_than_the_hidden_places():
    ids = np.zeros((1, 24), "int32")
    ids[0, :3] = [corpus.CLS, 7, corpus.SEP]

    hidden, _, words = pretrain.hide(np.random.default_rng(0), ids, 100)

    assert (words > pretrain.MASK).sum() == 1
    assert hidden[0, [0, 2]].tolist() == [corpus.CLS, corpus.SEP] and not hidden[0, 3:].any()


def test_every_piece_comes_once_an_epoch_and_padding_has_no_weight(monkeypatch):
    monkeypatch.setattr(pretrain, "TOKENS", 32)
    rows = {8: np.arange(5, 61).reshape(8, 7), 16: np.arange(61, 121).reshape(4, 15)}
    rows = {length: np.pad(ids, [(0, 0), (0, 1)]).astype("int32") for length, ids in rows.items()}
    lessons = {n: (ids, np.ones((*ids.shape, 3), "float16"), np.ones((len(ids), 3))) for n, ids in rows.items()}

    stream = pretrain.batches(np.random.default_rng(0), lessons, 200)
    epoch = [next(stream) for _ in range(8 // 4 + 4 // 2)]

    seen = []
    for (ids, places), targets, weights in epoch:
        original = ids.copy()
        np.put_along_axis(original, places, targets["words"].astype("int32"), axis=1)
        seen += original[original != 0].tolist()
        assert not weights["tokens"][:, -1].any() and weights["tokens"][:, :-1].all()
    assert sorted(seen) == list(range(5, 121))


def test_the_student_answers_at_the_hidden_places_as_the_published_model_does(student):
    ids = np.array([[2, 7, 4, 8, 3]], "int32")
    places = np.array([[2]], "int32")

    answer = student((ids, places))

    assert {name: tuple(array.shape) for name, array in answer.items()} == {
        "words": (1, 1, student.bert.settings.vocab_size),
        "tokens": (1, 5, 24),
        "text": (1, 24),
    }
    assert np.allclose(answer["words"][0, 0], student.bert(ids).logits[0, 2], atol=1e-5)


@pytest.mark.parametrize("steps, top", [(1000, 100), (20_000, 500)])
def test_the_rate_goes_up_for_at_most_500_steps_then_down(steps, top):
    rates = np.array([pretrain.rate(step, steps) for step in range(steps)]) / pretrain.RATE
    assert rates.argmax() == top - 1 and rates.max() == 1
    assert rates[0] == pytest.approx(1 / top)
    assert 0 < rates[-1] < 2 / steps


@pytest.mark.slow
@pytest.mark.weekly
def test_a_run_on_a_few_texts_leaves_a_checkpoint_that_loads_and_has_learnt(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrain, "TOKENS", 512)
    monkeypatch.setattr(corpus, "LENGTHS", {32: 1})  # one shape of batch
    monkeypatch.setitem(pretrain.SHAPE, "vocab_size", 2000)
    monkeypatch.setitem(pretrain.SHAPE, "hidden_size", 32)
    monkeypatch.setitem(pretrain.SHAPE, "num_attention_heads", 2)
    monkeypatch.setitem(pretrain.SHAPE, "num_hidden_layers", 1)
    (tmp_path / "data.adj").write_text("00003939 00 a 01 dying 0 001 & 00003356 a 0000 | ceasing to be\n")

    pretrain.train(tmp_path, tmp_path / "made", hub.find("ktlearn/mini-bert-en"), steps=200)

    first, last = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert last["tokens_loss"] < first["tokens_loss"] < 0
    assert last["text_loss"] < first["text_loss"] < 0
    assert last["words_loss"] < first["words_loss"]
    model = models.from_pretrained(tmp_path / "made", task="masked-lm", verbose=0)
    assert model.settings.d_model == 32 and model.config.dtype in (None, "float32")
    assert len(AutoTokenizer.from_pretrained(tmp_path / "made")) == 2000
