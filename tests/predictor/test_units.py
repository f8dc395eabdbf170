"""The unit of a regression's labels: it decides neither whether the model learns nor what it answers in."""

import json

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from tests.tiny import reviews

TEXTS, SIDES = reviews(96)
SHARES = np.array(SIDES) - 0.5 + np.random.default_rng(0).normal(0, 0.05, 96)  # bad is about -0.5, good 0.5


def made(shallow, y):
    keras.utils.set_random_seed(1)
    t = text.Transformer(shallow, maxlen=32)
    trn = t.preprocess_train(TEXTS[:80], y[:80], verbose=0)
    val = t.preprocess_test(TEXTS[80:], y[80:], verbose=0)
    return ktlearn.get_learner(t.get_regression_model(), trn, val, batch_size=8), t


def trained(shallow, y):
    learner, t = made(shallow, y)
    learner.fit_onecycle(1e-2, 4, verbose=0)
    return learner, t


@pytest.fixture(scope="module")
def shares(shallow):
    return trained(shallow, SHARES)[0].validate(print_report=False).figures


@pytest.fixture(scope="module")
def prices(shallow):
    """A predictor of prices of 3 to 97, with its learner."""
    learner, t = trained(shallow, 50 + 60 * SHARES)
    return learner, ktlearn.get_predictor(learner.model, t)


def test_prices_are_learned_as_well_as_shares_and_answered_as_prices(prices, shares):
    learner, predictor = prices
    figures = learner.validate(print_report=False).figures
    assert figures["r2"] == pytest.approx(shares["r2"], abs=1e-3) and shares["r2"] > 0.7
    assert figures["mae"] == pytest.approx(60 * shares["mae"], rel=1e-2)
    assert learner.history.history["val_mae"][-1] == pytest.approx(figures["mae"], rel=1e-3)
    assert predictor.predict("bad film") < 35 and predictor.predict("good film") > 65
    assert learner.top_losses(1)[0].true in [pytest.approx(price, rel=1e-4) for price in 50 + 60 * SHARES[80:]]


@pytest.mark.parametrize("scale", [1e-3, pytest.param(1e6, marks=pytest.mark.weekly)])
def test_tiny_and_huge_numbers_are_learned_too(shallow, shares, scale):
    learner, _ = trained(shallow, 5 * scale + scale * SHARES)
    assert learner.validate(print_report=False).figures["r2"] == pytest.approx(shares["r2"], abs=1e-2)


def test_the_saved_folder_answers_in_prices_for_ktlearn_and_for_every_other_program(prices, tmp_path):
    learner, predictor = prices
    predictor.save(tmp_path / "p")
    loaded = ktlearn.load_predictor(tmp_path / "p")
    answers = predictor.predict(TEXTS)
    np.testing.assert_allclose(loaded.predict(TEXTS), answers, rtol=1e-5)
    assert loaded.model.head.unit == learner.model.head.unit != (0.0, 1.0)
    plain = ktlearn.models.from_pretrained(tmp_path / "p", task="classification", num_labels=1, verbose=0)
    assert plain.head.unit == (0.0, 1.0)  # as PyTorch's transformers reads it: weights and config only
    inputs = dict(predictor.preproc.tokenizer(TEXTS[:4], padding=True, return_tensors="np"))
    np.testing.assert_allclose(np.array(plain(inputs).logits)[:, 0], answers[:4], rtol=1e-4)


def test_a_loaded_predictor_trains_on_in_the_unit_that_it_has_learned(prices, tmp_path):
    _, predictor = prices
    predictor.save(tmp_path / "p")
    loaded = ktlearn.load_predictor(tmp_path / "p")
    trn = loaded.preproc.preprocess_train(TEXTS[:8], 50 + 60 * SHARES[:8], verbose=0)
    assert loaded.preproc.labels.unit == predictor.preproc.labels.unit
    loaded.model.run_eagerly = True  # for a single step
    again = ktlearn.get_learner(loaded.model, trn, trn, batch_size=8)
    before = again.validate(print_report=False).figures["mae"]
    again.fit(1e-5, 1, verbose=0)
    assert again.validate(print_report=False).figures["mae"] == pytest.approx(before, rel=0.2)
    fresh = loaded.preproc.get_regression_model()
    inputs = dict(predictor.preproc.tokenizer(TEXTS[:4], padding=True, return_tensors="np"))
    np.testing.assert_allclose(np.array(fresh(inputs).logits)[:, 0], predictor.predict(TEXTS[:4]), rtol=1e-4)


def test_saved_and_loaded_weights_of_a_learner_answer_the_same(prices, shallow, tmp_path):
    learner, _ = prices
    learner.save_model(tmp_path / "m")
    other, _ = made(shallow, 10 + SHARES)  # of another unit
    other.load_model(tmp_path / "m")
    np.testing.assert_allclose(other.predict(), learner.predict(), rtol=1e-4)


def test_the_unit_is_that_of_the_training_part_only(shallow):
    t = text.Transformer(shallow, maxlen=16)
    trn, _, _ = t.preprocess_train(TEXTS[:20], SHARES[:20] * 9, preprocess_mode="bert", val_pct=0.4, verbose=0)
    assert t.labels.unit == pytest.approx((trn.y.mean(), trn.y.std()), rel=1e-5)


def test_numbers_that_are_all_alike_and_integers_have_a_unit_too(shallow):
    for y, unit in (([2.5, 2.5], (2.5, 1.0)), ([1.5, 2.5], (2.0, 0.5))):
        t = text.Transformer(shallow, maxlen=16)
        t.preprocess_train(["a", "film"], y, verbose=0)
        assert t.labels.unit == unit
    t = text.Transformer(shallow, maxlen=16, is_regression=True)
    t.preprocess_train(["a", "film"], [1, 5], verbose=0)
    assert t.labels.unit == (3.0, 2.0)


def test_a_model_from_before_the_labels_says_that_it_knows_no_unit(shallow):
    with pytest.warns(UserWarning, match="mean and spread are not known yet.*Call preprocess_train first"):
        text.Transformer(shallow, maxlen=16, is_regression=True).get_regression_model()


@pytest.mark.parametrize("unit", [[0, 0], [float("nan"), 1], [1], "x", [0, -1]])
def test_a_damaged_unit_is_named(prices, tmp_path, unit):
    _, predictor = prices
    predictor.save(tmp_path / "p")
    (tmp_path / "p" / "ktlearn.sha256").unlink()  # the change is meant
    path = tmp_path / "p" / "ktlearn.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"unit": unit}))
    with pytest.raises(ValueError, match="ktlearn.json is damaged"):
        ktlearn.load_predictor(tmp_path / "p")
