"""The bundled passage-reader-en: small, whole, and better than the sentence most like the question."""

import numpy as np
import pytest

from ktlearn import models, tasks
from ktlearn.data import load_passages
from ktlearn.models import checkpoint, hub
from ktlearn.predictor.answer_scores import f1
from recipes.passage_reader_en.bundle import bits
from recipes.passage_reader_en.evaluate import by_words

NAME = "ktlearn/passage-reader-en"


@pytest.fixture(scope="module")
def reader():
    return tasks.open_model(NAME, "answer")


def test_the_folder_is_small_and_carries_its_licence():
    files = {path.name: path.stat().st_size for path in hub.find(NAME).iterdir()}
    assert sum(files.values()) <= 15_500_000
    assert "Apache License" in (hub.find(NAME) / "LICENSE").read_text(encoding="utf-8")


def test_all_weights_are_there_in_the_bits_of_the_recipe(reader):
    assert not reader.model.loading.fresh and not reader.model.loading.unused
    for name, tensor in checkpoint.read_tensors(hub.find(NAME)).items():
        array = np.asarray(tensor)
        if array.ndim == 2:
            levels = max(len(np.unique(row)) for row in array[:64])
            assert levels <= 2 ** bits(name) - 1, name


def test_it_is_opened_as_any_other_reader():
    model = models.from_pretrained(NAME, task="question-answering", whole=True)
    params = model.config.task_specific_params["question-answering"]
    assert set(params) == {"max_seq_len", "doc_stride", "no_answer_margin"}


def test_it_answers_better_than_the_sentence_most_like_the_question(reader):
    asked = load_passages("validation")
    asked = asked[asked["answer"] != ""]
    asked = asked[asked["context"].isin(asked["context"].unique()[:5])]  # each passage takes a second
    found = []
    for context, rows in asked.groupby("context", sort=False):
        found += tasks.answer(reader, rows["question"].tolist(), context, margin=-99, verbose=0)
    scores = [f1(answer.text, right) for answer, right in zip(found, asked["answer"], strict=True)]
    nearest, _ = by_words(asked)
    assert np.mean(scores) > 0.05 + np.mean([f1(*pair) for pair in zip(nearest, asked["answer"], strict=True)])
