"""Summaries of a text's own sentences: TextRank by hand, and what no method can exceed."""

import numpy as np
import pytest

from ktlearn.data import load_reports
from ktlearn.text import extractive
from ktlearn.text.rouge import rouge_n
from ktlearn.text.sentences import sentences


def test_the_best_stand_in_the_texts_order_and_of_equal_ones_the_earlier_counts():
    assert extractive.best([0.2, 0.9, 0.2, 0.5]) == [1, 3]
    assert extractive.best([0.2, 0.2, 0.2]) == [0, 1]
    assert extractive.best([0.2], n=2) == [0]


def test_shared_words_are_counted_once_and_long_sentences_are_not_favoured():
    alike = extractive.shared_words(["a b c d", "a a b x", "a b c d e f g h"])
    assert alike[0, 1] == pytest.approx(2 / (2 * np.log(4)))
    assert alike[0, 2] == pytest.approx(4 / (np.log(4) + np.log(8)))
    assert (alike == alike.T).all() and not alike.diagonal().any()


def test_rank_is_the_eigenvector_that_pagerank_defines():
    rng = np.random.default_rng(0)
    alike = rng.random((6, 6))
    alike = alike + alike.T - np.diag(2 * alike.diagonal())
    P = alike / alike.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(0.15 / 6 + 0.85 * P.T)
    first = np.real(vectors[:, np.argmax(np.real(values))])
    np.testing.assert_allclose(extractive.rank(alike), first / first.sum(), atol=1e-5)


def test_a_sentence_that_is_like_no_other_still_has_its_share():
    scores = extractive.rank(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    assert scores.sum() == pytest.approx(1)
    assert scores[0] == pytest.approx(scores[1]) and 0 < scores[2] < scores[0]
    assert extractive.rank(np.zeros((1, 1))).tolist() == [1]


def test_the_sentence_nearest_to_the_mean_is_central_whatever_its_length():
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [6.0, 5.0]])
    assert extractive.central(vectors).argmax() == 2


def test_no_two_sentences_have_a_higher_rouge_than_the_oracles():
    for _, row in load_reports("validation").head(5).iterrows():
        whole = sentences(row["report"])
        scores = {
            (i, j): rouge_n(f"{whole[i]} {whole[j]}", row["summary"]).f1
            for i in range(len(whole))
            for j in range(i + 1, len(whole))
        }
        chosen = extractive.oracle(whole, row["summary"])
        assert scores[tuple(chosen)] == max(scores.values())


def test_the_oracle_of_a_single_sentence_is_that_sentence():
    assert extractive.oracle(["One."], "Two.") == [0]
