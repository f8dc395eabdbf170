"""Texts near a query: the cosines of the sentence encoder, the nearest first."""

import numpy as np
import pytest

import ktlearn
from ktlearn import models, tasks
from ktlearn.widgets import AttentionView
from tests.tiny import sentence

TEXTS = ["bad room", sentence(30), "good film", "the food was very good"]


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return ktlearn.SentenceEncoder(checkpoint, maxlen=40)


def test_the_scores_are_the_encoders_cosines_the_nearest_first(encoder):
    cosines = encoder.encode(TEXTS) @ encoder.encode("a good film")
    results = tasks.similar(encoder, "a good film", TEXTS, top=3)
    assert [result.place for result in results] == np.argsort(-cosines)[:3].tolist()
    np.testing.assert_allclose([result.score for result in results], np.sort(cosines)[::-1][:3], atol=1e-5)
    assert [result.text for result in results] == [TEXTS[result.place] for result in results]
    assert len(tasks.similar(encoder, "a good film", TEXTS)) == len(TEXTS)


def test_what_is_opened_already_is_not_opened_again(encoder, checkpoint, monkeypatch):
    opened = tasks.open_model(checkpoint, "similar")
    monkeypatch.setattr(models, "from_pretrained", lambda *args, **kwargs: pytest.fail("opened again"))
    assert tasks.similar(opened, "good film", TEXTS, top=1)[0].text == "good film"


def test_a_long_text_is_cut_and_that_is_said(encoder):
    with pytest.warns(UserWarning, match="1 of 3 texts is longer than the 40 tokens .* has 92\\), so it is cut"):
        results = tasks.similar(encoder, "good", ["a film", sentence(90)])
    assert {result.place: result.is_cut for result in results} == {0: False, 1: True}


def test_the_attention_is_that_of_the_text_that_was_found(encoder):
    [best] = tasks.similar(encoder, "good film", TEXTS, top=1)
    assert AttentionView(best.attention).blocks["attention"].tokens == ["[CLS]", "good", "film", "[SEP]"]


@pytest.mark.parametrize(
    ("query", "texts", "said"),
    [
        ("", TEXTS, "query: it is blank"),
        (["a", "b", "c"], TEXTS, "query must be one text"),
        ("good", [], "texts: there are no texts"),
        ("good", ["a", ""], "texts: item 1 is blank"),
    ],
)
def test_no_text_is_refused_before_a_model_is_opened(query, texts, said):
    with pytest.raises((ValueError, TypeError), match=said):
        tasks.similar("there is no such model", query, texts)


def test_the_bundled_encoder_finds_a_text_that_shares_no_word_with_the_query():
    texts = ["The train was late again.", "A wonderful film.", "My soup is cold."]
    assert tasks.similar("ktlearn/minilm-en", "I liked the movie.", texts)[0].text == "A wonderful film."
