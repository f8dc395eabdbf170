"""The baseline that a fine-tuned model has to beat: counted words and letters, tuned as a careful person would."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union

STRENGTHS = [0.3, 1, 3, 10, 30, 100, 300, 1000]  # C, the inverse of the regularization


def tuned(seed, *steps):
    """scikit-learn's logistic regression behind ``steps``, its C chosen by cross-validation in five parts."""
    parts = StratifiedKFold(5, shuffle=True, random_state=seed)
    return GridSearchCV(
        make_pipeline(*steps, LogisticRegression(max_iter=3000)), {"logisticregression__C": STRENGTHS}, cv=parts
    )


def words_and_letters(seed=0):
    """TF-IDF of one and two words, and of two to five letters inside words.

    Nothing but the training examples is used: C is chosen on parts of them, then all of them are learnt from.
    """
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return tuned(seed, make_union(words, letters))


def accuracies(classifier, train, tests):
    """Fit, and the share that is right on each test set."""
    classifier.fit(*train)
    return [float(np.mean(classifier.predict(texts) == np.array(labels))) for texts, labels in tests]
