"""A small model learns what a large one answers: soft labels from one predictor to another's training."""

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.predictor import model_card
from tests.tiny import NAMES, reviews


@pytest.mark.slow
def test_a_student_learns_from_its_teachers_probabilities(trained, shallow):
    learner, t = trained
    teacher = ktlearn.get_predictor(learner.model, t)
    texts, labels = reviews(120, seed=3)
    probabilities = teacher.predict_proba(texts)
    student = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = student.preprocess_train(texts, probabilities, verbose=0)
    np.testing.assert_allclose(data.y, probabilities, atol=1e-6)
    keras.utils.set_random_seed(0)
    own = ktlearn.get_learner(student.get_classifier(), data, student.preprocess_test(texts, labels, verbose=0), 8)
    before = np.abs(ktlearn.get_predictor(own.model, student).predict_proba(texts) - probabilities).mean()
    own.fit_onecycle(5e-3, 3, verbose=0)
    after = np.abs(ktlearn.get_predictor(own.model, student).predict_proba(texts) - probabilities).mean()
    assert after < before / 3
    assert own.validate(print_report=False).figures["accuracy"] > 0.9
    card = model_card(ktlearn.get_predictor(own.model, student), own)
    bad, good = np.bincount(probabilities.argmax(1), minlength=2)  # each text counts for its likeliest class
    assert f"(negative {bad}, positive {good})" in card
