"""The teacher's side of the pretraining: vectors of tokens and of texts, and a narrower table of vectors."""

import numpy as np
import pytest

from ktlearn import models
from recipes.mini_bert_en.teacher import narrower, teacher_vectors
from tests.tiny import tiny_config


@pytest.fixture(scope="module")
def teacher():
    return models.from_config(tiny_config(), seed=0)


def test_the_text_s_vector_is_the_mean_of_the_last_hidden_states_without_padding(teacher):
    ids = np.arange(20)
    rows = np.array([[2, 7, 8, 3, 0, 0], [2, 9, 9, 8, 7, 3]], "int32")

    _, text = teacher_vectors(teacher, ids, rows)

    hidden = np.array(teacher({"input_ids": rows, "attention_mask": (rows != 0).astype("int32")}).last_hidden_state)
    mean = hidden[0, :4].mean(0)
    assert np.allclose(text[0], (mean - mean.mean()) / mean.std(), atol=1e-4)


@pytest.mark.slow
def test_the_tokens_vectors_do_not_see_the_padding(teacher):
    ids = np.arange(20)
    alone, _ = teacher_vectors(teacher, ids, np.array([[2, 7, 8, 3]], "int32"))
    padded, _ = teacher_vectors(teacher, ids, np.array([[2, 7, 8, 3, 0, 0]], "int32"))
    assert alone.dtype == np.float16
    assert np.allclose(alone[0], padded[0, :4], atol=2e-3)


def test_the_student_s_ids_are_told_to_the_teacher_as_its_own(teacher):
    own, _ = teacher_vectors(teacher, np.arange(20), np.array([[2, 7, 8, 3]], "int32"))
    mapped, _ = teacher_vectors(teacher, np.array([0, 1, 2, 3, 4, 8, 7]), np.array([[2, 6, 5, 3]], "int32"))
    assert np.array_equal(own, mapped)


def test_the_narrower_basis_keeps_the_directions_in_which_frequent_vectors_differ():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(50, 2)) @ rng.normal(size=(2, 6))
    rare = rng.normal(size=(5, 6))
    table = np.concatenate([flat, rare])
    counts = np.array([1000] * 50 + [0] * 5)

    basis = narrower(table, counts, 2)

    assert np.allclose(basis.T @ basis, np.eye(2), atol=1e-5)
    assert np.allclose(flat @ basis @ basis.T, flat, atol=0.1)
    assert not np.allclose(rare @ basis @ basis.T, rare, atol=0.1)
