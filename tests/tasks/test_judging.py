"""Sentiment: the predictor's own answers, as small results."""

import json
import warnings

import numpy as np
import pytest

import ktlearn
from ktlearn import models, tasks
from ktlearn.widgets import AttentionView
from tests.predictor.test_zero_shot import entailment_checkpoint
from tests.tiny import NAMES, sentence

TEXTS = ["good film", "bad " + sentence(20), "good book was seen again"]


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, t)


@pytest.fixture(scope="module")
def published(checkpoint, tmp_path_factory):
    """A checkpoint with a head and the names of its labels, as one from the hub."""
    return entailment_checkpoint(checkpoint, tmp_path_factory.mktemp("published") / "tiny", NAMES)


def test_the_answers_are_the_predictors_in_the_order_of_the_texts(predictor):
    results = tasks.sentiment(predictor, TEXTS)
    assert [result.text for result in results] == TEXTS
    assert [result.label for result in results] == predictor.predict(TEXTS) == ["positive", "negative", "positive"]
    expected = predictor.predict_proba(TEXTS)
    np.testing.assert_allclose([list(result.scores.values()) for result in results], expected)
    np.testing.assert_allclose([result.score for result in results], expected.max(1))


def test_one_text_gives_one_result_and_a_list_of_one_a_list(predictor):
    one, [same] = tasks.sentiment(predictor, TEXTS[0]), tasks.sentiment(predictor, TEXTS[:1])
    assert one == same and json.dumps(one.data) == json.dumps(same.data)


def test_a_published_checkpoint_answers_with_the_labels_of_its_config(published):
    result = tasks.sentiment(published, "good film")
    inputs = {"input_ids": [[2, 5, 9, 3]]}
    logits = np.array(models.from_pretrained(published, task="classification", verbose=0)(inputs).logits)[0]
    expected = np.exp(logits) / np.exp(logits).sum()
    assert list(result.scores) == NAMES
    np.testing.assert_allclose(list(result.scores.values()), expected, atol=1e-5)


def test_a_saved_predictor_is_opened_with_its_own_maxlen(predictor, tmp_path):
    predictor.save(tmp_path / "mine")
    with pytest.warns(UserWarning, match="1 of 2 texts is longer than the 64 tokens .* has 102\\), so it is cut"):
        results = tasks.sentiment(tmp_path / "mine", ["good film", sentence(100)])
    assert [result.is_cut for result in results] == [False, True]


def test_a_text_that_fits_is_no_reason_to_warn(predictor):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not tasks.sentiment(predictor, sentence(62)).is_cut


def test_the_attention_is_that_of_the_text(predictor):
    view = AttentionView(tasks.sentiment(predictor, "good film").attention)
    assert view.blocks["attention"].tokens == ["[CLS]", "good", "film", "[SEP]"]


def test_what_is_opened_already_is_not_opened_again(published, monkeypatch):
    model = tasks.open_model(published, "sentiment")
    first = tasks.sentiment(model, "good film")

    def stop(*args, **kwargs):
        raise AssertionError("opened again")

    monkeypatch.setattr(models, "from_pretrained", stop)
    assert tasks.sentiment(model, "good film") == first
    with pytest.raises(AssertionError, match="opened again"):
        tasks.sentiment(published, "good film")


@pytest.mark.parametrize("texts", ["", "  ", [], ["good", "\n"], [None], [("a", "b"), ("c", "d")], 5])
def test_no_text_is_refused_before_a_model_is_opened(texts):
    with pytest.raises((ValueError, TypeError), match="texts: "):
        tasks.sentiment("there is no such model", texts)


def test_a_classifier_of_pairs_or_of_numbers_is_refused(checkpoint, regression, tmp_path):
    nli = entailment_checkpoint(checkpoint, tmp_path / "nli", ["contradiction", "entailment"])
    with pytest.raises(ValueError, match="it compares two texts. Use ktlearn.ZeroShotClassifier"):
        tasks.sentiment(nli, "good film")
    regression.preprocess_train(["good", "bad"], [1.5, 0.5], verbose=0)
    numbers = ktlearn.get_predictor(regression.get_regression_model(), regression)
    with pytest.raises(ValueError, match="it predicts regression"):
        tasks.sentiment(numbers, "good film")
