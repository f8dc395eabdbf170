"""The tiny random readers of tests/golden answer as PyTorch's logits say: `make_answers.py` searched one by one."""

import functools
import json
from pathlib import Path

import pytest

from ktlearn import models
from ktlearn.models import hub
from ktlearn.predictor.passage_reader import PassageReader
from ktlearn.text.tokenizer import read_tokenizer, tokenizer_of

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "answers" / "expected.json").read_text(encoding="utf-8"))


@functools.cache
def tiny_model(name):
    """Tests only ask it."""
    return models.from_pretrained(GOLDEN / name, task="question-answering", verbose=0, whole=True)


def tiny_reader(name, **options):
    model = tiny_model(name)
    return PassageReader(model, read_tokenizer(GOLDEN / "answers", 60, model.family), **options)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['model']}-{case['windows']}-windows" for case in CASES])
def test_the_span_is_that_of_pytorchs_logits(case):
    reader = tiny_reader(case["model"], maxlen=case["maxlen"], overlap=case["overlap"])
    [span] = reader.read([case["question"]], [case["passage"]])
    assert (span.start, span.end) == (case["start"], case["end"])
    assert span.margin == pytest.approx(case["margin"], abs=1e-4)


def test_several_questions_at_once_have_the_answers_of_each_alone():
    cases = [
        case for case in CASES if case["model"].startswith("bert") and case["maxlen"] == 24 and case["overlap"] == 4
    ]
    reader = tiny_reader(cases[0]["model"], maxlen=24, overlap=4)
    spans = reader.read([case["question"] for case in cases], [case["passage"] for case in cases], batch_size=2)
    assert [(span.start, span.end) for span in spans] == [(case["start"], case["end"]) for case in cases]


def test_a_window_is_never_longer_than_the_model_reads():
    reader = tiny_reader(CASES[0]["model"])
    assert (reader.maxlen, reader.overlap, reader.least_margin) == (24, 8, None)
    with pytest.raises(ValueError, match="maxlen: this model reads 24 tokens at most; got 25"):
        tiny_reader(CASES[0]["model"], maxlen=25)


def test_the_windows_and_the_margin_are_those_of_the_checkpoints_config(tmp_path):
    model = models.from_pretrained(GOLDEN / CASES[0]["model"], task="question-answering", verbose=0)
    model.config.task_specific_params = {
        "question-answering": {"max_seq_len": 20, "doc_stride": 5, "no_answer_margin": 1.5}
    }
    model.save_pretrained(tmp_path)
    again = models.from_pretrained(tmp_path, task="question-answering", verbose=0)
    reader = PassageReader(again, read_tokenizer(GOLDEN / "answers", 60, again.family))
    assert (reader.maxlen, reader.overlap, reader.least_margin) == (20, 5, 1.5)


def test_a_model_for_another_task_is_refused():
    model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    with pytest.raises(TypeError, match="task='question-answering'"):
        PassageReader(model, tokenizer_of(hub.find("ktlearn/mini-bert-en")))


@pytest.mark.parametrize(
    ("questions", "passages", "message"),
    [
        ([], ["Ann."], "questions: there are no texts"),
        (["Who?", " "], ["Ann.", "Bob."], "questions: item 1 is empty"),
        (["Who?"], [""], "passages: item 0 is empty"),
        (["Who?"], ["Ann.", "Bob."], "Give a passage with each question; got 1 and 2"),
    ],
)
def test_what_cannot_be_read_is_named(questions, passages, message):
    with pytest.raises(ValueError, match=message):
        tiny_reader(CASES[0]["model"]).read(questions, passages)
