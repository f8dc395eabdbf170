"""The diagnoses of lesson 07. What holds for every exercise is in test_every_exercise.py."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

import ktlearn
from ktlearn import text
from ktlearn.data import load_reviews
from tests.exercises.answers import diagnosis, line


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


def lost_tokens(lengths, maxlen):
    return np.maximum(lengths - maxlen, 0).sum() / lengths.sum()


def stopped(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        best = epoch if losses[epoch] < losses[best] else best
        if epoch - best == patience:
            break
    return best + 1, epoch + 1


def rises_in_a_row(losses, patience):
    """Starts to count again where an epoch is better than the one before it, though not the best."""
    best, rises = 0, 0
    for epoch in range(1, len(losses)):
        rises = rises + 1 if losses[epoch] > losses[epoch - 1] else 0
        best = epoch if losses[epoch] < losses[best] else best
        if rises == patience:
            break
    return best + 1, epoch + 1


def parts(frame, mistake):
    first = None if mistake == "chance" else frame["label"]
    seeds = (None, None) if mistake == "unseeded" else (0, 1)
    rest, test = train_test_split(frame, test_size=0.2, stratify=first, random_state=seeds[0])
    rest = frame if mistake == "leak" else rest
    size = 0.5 if mistake == "sizes" else 0.25
    train, val = train_test_split(rest, test_size=size, stratify=rest["label"], random_state=seeds[1])
    return train, val, test


WRONG = [
    ("7.1", 128, "takes in all the texts whole"),
    ("7.1", 50, "takes in only"),
    ("7.1", 90, "is enough, but so is 89"),
    ("7.1", 83.5, "must be a whole number"),
    ("7.2", lambda n, m: (np.mean(n > m), np.minimum(n, m).sum() / n.sum()), "the share that is left"),
    ("7.2", lambda n, m: (np.mean(n >= m), lost_tokens(n, m)), "exactly maxlen tokens is not cut"),
    ("7.2", lambda n, m: (np.mean(n <= m), lost_tokens(n, m)), "the share of whole texts"),
    ("7.2", lambda n, m: (np.mean(n > m), n[n > m].sum() / n.sum()), "only what comes after them is lost"),
    ("7.2", lambda n, m: (np.mean(n > m), np.maximum(n - m, 0).mean() / n.max()), "divide by all tokens"),
    ("7.2", lambda n, m: (lost_tokens(n, m), np.mean(n > m)), "in the wrong order"),
    ("7.2", lambda n, m: np.mean(n > m), "must return 2 things"),
    ("7.3", 1e-5, "still flat"),
    ("7.3", 3e-3, "at its bottom"),
    ("7.3", 0.02, "the steps are too long"),
    ("7.3", -3, "lies on the lower axis"),
    ("7.4", 6, "the lowest *training* loss"),
    ("7.4", 5, "the highest validation accuracy, by one text"),
    ("7.4", 4, "has begun to rise"),
    ("7.4", 2, "falls once more"),
    ("7.4", 0.501, "numbered from 1 to 6"),
    ("7.5", lambda v, p: (int(np.argmin(v)) + 1, len(v)), "you looked at all the epochs"),
    ("7.5", lambda v, p: tuple(n - 1 for n in stopped(v, p)), "from 1, as the learner prints them"),
    ("7.5", lambda v, p: stopped(v, p + 1), "one epoch too late"),
    ("7.5", lambda v, p: stopped(v, p)[::-1], "first the epoch that is kept"),
    ("7.5", rises_in_a_row, "not the rises in a row"),
    ("7.6", without_filter, "with 12 mistakes among 40 texts and n = 20"),
    ("7.6", least_sure_first, "the least sure ones"),
    ("7.6", sure_and_right, "these answers are right"),
    ("7.6", column_1_only, "column 1 only"),
    ("7.6", not_sorted, "in the order of the texts"),
    ("7.6", probabilities, "the places of the texts, not their probabilities"),
    ("7.7", rises, "the sign is the other way round"),
    ("7.7", without_each, "the probabilities without each word"),
    ("7.7", word_by_word, "Leave one out, and keep the others"),
    ("7.7", replaced, "lost both"),
    ("7.8", lambda frame: parts(frame, "leak"), "texts are both in train and in test"),
    ("7.8", lambda frame: parts(frame, "chance"), "Stratify *each* call"),
    ("7.8", lambda frame: parts(frame, "sizes"), "120, 40 and 40 are wanted"),
    ("7.8", lambda frame: parts(frame, "unseeded"), "Keep random_state"),
    ("7.8", lambda frame: parts(frame, "")[:2], "return three data frames"),
    ("7.9", "a", "wrong in silence"),
    ("7.9", "b", "nothing in the file says which is right"),
    ("7.9", "d", "choose one of the three"),
    ("7.10", "film", "give a predictor"),
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
    assert "This is a Learner" in diagnosis("7.10", learner)
    two = ktlearn.get_predictor(learner.model, preproc=t)
    assert "answers negative, positive. It should answer book, film" in diagnosis("7.10", two)

    t, learner = parts(reviews["subject"].tolist())
    untrained = ktlearn.get_predictor(learner.model, preproc=t)
    assert "Train it for longer" in diagnosis("7.10", untrained)
    untrained.predict = lambda texts: load_reviews("validation")["subject"].tolist()  # as one that is trained well
    assert line("7.10", untrained) == "✓ Right."


def test_every_rate_on_the_way_down_is_right():
    for rate in (1e-4, 5e-4, 2e-3):
        assert line("7.3", rate) == "✓ Right."
