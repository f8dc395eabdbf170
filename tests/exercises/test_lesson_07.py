"""The diagnoses of lesson 07. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.data import load_reviews
from tests.exercises.answers import diagnosis


def p_right(p, truth):
    return p[np.arange(len(p)), truth]


def without_filter(p, truth, n):
    return np.argsort(p_right(p, truth))[:n]


def least_sure_first(p, truth, n):
    order = np.argsort(p_right(p, truth))
    return order[p_right(p, truth)[order] < 0.5][::-1][:n]


def sure_and_right(p, truth, n):
    return np.argsort(-p_right(p, truth))[:n]


def column_1_only(p, truth, n):
    return np.argsort(p[:, 1])[:n]


def not_sorted(p, truth, n):
    return np.where(p.argmax(axis=1) != truth)[0][:n]


def probabilities(p, truth, n):
    return p[without_filter(p, truth, n)]


def rises(predict_proba, sentence):
    words = sentence.split()
    without = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    return predict_proba(without)[:, 1] - predict_proba(sentence)[1]


def without_each(predict_proba, sentence):
    return rises(predict_proba, sentence) + predict_proba(sentence)[1]


def word_by_word(predict_proba, sentence):
    return predict_proba(sentence.split())[:, 1]


def replaced(predict_proba, sentence):
    without = [" ".join(w for w in sentence.split() if w != word) for word in sentence.split()]
    return predict_proba([sentence])[0, 1] - predict_proba(without)[:, 1]


WRONG = [
    ("7.1", 128, "takes in all the texts whole"),
    ("7.1", 50, "takes in only"),
    ("7.1", 90, "is enough, but so is 89"),
    ("7.1", 83.5, "must be a whole number"),
    ("7.2", lambda n: n.sum() / (len(n) * n.max()), "the share of the text"),
    ("7.2", lambda n: (n.max() - n).sum(), "the number of places with padding"),
    ("7.2", lambda n: (n.max() - n).sum() / n.sum(), "divided by the places with text"),
    ("7.2", lambda n: 1 - n.sum() / n.size / 128, "you padded to 128"),
    ("7.2", lambda n: 1 - n / n.max(), "must be a single number"),
    ("7.3", without_filter, "with 12 mistakes among 40 texts and n = 20"),
    ("7.3", least_sure_first, "the least sure ones"),
    ("7.3", sure_and_right, "these answers are right"),
    ("7.3", column_1_only, "column 1 only"),
    ("7.3", not_sorted, "in the order of the texts"),
    ("7.3", probabilities, "the places of the texts, not their probabilities"),
    ("7.4", rises, "the sign is the other way round"),
    ("7.4", without_each, "the probabilities without each word"),
    ("7.4", word_by_word, "Leave one out, and keep the others"),
    ("7.4", replaced, "lost both"),
    ("7.5", "film", "give a predictor"),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


@pytest.mark.slow
def test_a_subject_predictor_of_another_kind_is_named():
    def parts(labels):
        t = text.Transformer("ktlearn/mini-bert-en", maxlen=128)
        data = t.preprocess_train(reviews["text"].tolist(), labels, verbose=0)
        return t, ktlearn.get_learner(t.get_classifier(), train_data=data, batch_size=16)

    reviews = load_reviews("train")
    t, learner = parts(reviews["sentiment"].tolist())
    assert "This is a Learner" in diagnosis("7.5", learner)
    two = ktlearn.get_predictor(learner.model, preproc=t)
    assert "answers negative, positive. It should answer book, film" in diagnosis("7.5", two)

    t, learner = parts(reviews["subject"].tolist())
    untrained = ktlearn.get_predictor(learner.model, preproc=t)
    assert "Train it for longer" in diagnosis("7.5", untrained)
