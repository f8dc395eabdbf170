"""Answers: the spans are those of PyTorch's logits (`tests/golden/make_answers.py`), whatever is around them."""

import json
import shutil

import pytest

from ktlearn import tasks
from ktlearn.predictor.passage_reader import PassageReader
from ktlearn.tasks.retrieval import most_alike
from ktlearn.widgets import AttentionView
from tests.predictor.test_passage_reader import CASES, GOLDEN

BERT, DISTILBERT = "bert-question-answering", "distilbert-question-answering"
LONG = next(case for case in CASES if case["windows"] == 5)
SHORT = CASES[0]
DOCUMENTS = ["Bob walks.", "Cleo has bread. It was six.", "Ann met Bob, then Cleo.", "Dora bakes bread, and bread."]


def published(folder, name, **reading):
    """A checkpoint as from the hub, with the tiny tokenizer and, if any, what its config says of its windows."""
    shutil.copytree(GOLDEN / name, folder)
    for path in (GOLDEN / "answers").glob("tokenizer*.json"):
        shutil.copy(path, folder)
    config = json.loads((folder / "config.json").read_text())
    config["task_specific_params"] = {"question-answering": reading}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = published(tmp_path_factory.mktemp("reader") / "tiny", BERT, max_seq_len=24, doc_stride=6)
    return tasks.open_model(folder, "answer")


def test_the_answer_is_the_span_of_pytorchs_logits_in_the_characters_of_the_text(reader):
    found = tasks.answer(reader, LONG["question"], LONG["passage"])
    assert (found.start, found.end) == (LONG["start"], LONG["end"])
    assert found.text == LONG["passage"][LONG["start"] : LONG["end"]]
    assert found.margin == pytest.approx(LONG["margin"], abs=1e-4)
    assert 0 < found.score < 1
    assert json.loads(json.dumps(found.data))["document"] == 0


def test_a_published_distilbert_answers_as_pytorch(tmp_path):
    folder = published(tmp_path / "distilbert", DISTILBERT, max_seq_len=24, doc_stride=4)
    case = next(case for case in CASES if case["model"] == DISTILBERT and case["windows"] == 2)
    found = tasks.answer(folder, case["question"], case["passage"])
    assert (found.start, found.end) == (case["start"], case["end"])


def oak_to_street(reader, tokens, batch_size):
    """Logits of a reader to whom "Oak" always starts the answer and "Street" ends it."""
    marks = reader.tokenizer.convert_tokens_to_ids(["oak", "street"])
    return [5.0 * (tokens.ids(number)[:, None] == marks) for number in range(len(tokens))]


@pytest.mark.parametrize(("overlap", "missed"), [(1, 0), (0, 3)])
def test_an_answer_over_a_windows_edge_is_whole_in_the_next_window(reader, monkeypatch, overlap, missed):
    monkeypatch.setattr(PassageReader, "_logits", oak_to_street)
    texts = ["two " * before + "Oak Street has bread, and Dora bakes." for before in range(40)]
    narrow = PassageReader(reader.model, reader.tokenizer, maxlen=18, overlap=overlap)
    spans = narrow.read(["Where?"] * len(texts), texts)
    found = [text[span.start : span.end] for text, span in zip(texts, spans, strict=True)]
    assert len(texts) - found.count("Oak Street") == missed


def test_the_answer_at_the_end_of_a_text_longer_than_the_model_is_read(reader):
    text = LONG["passage"] * 5
    assert len(reader.tokenizer(text, verbose=False)["input_ids"]) > 10 * reader.maxlen
    spans = PassageReader(reader.model, reader.tokenizer).read([LONG["question"]], [text])
    found = tasks.answer(reader, LONG["question"], text)
    assert (found.start, found.end) == (spans[0].start, spans[0].end)
    assert found.text == text[found.start : found.end] != ""


def test_below_the_margin_there_is_no_answer(reader):
    best = tasks.answer(reader, SHORT["question"], SHORT["passage"], margin=-99)
    assert best.text
    none = tasks.answer(reader, SHORT["question"], SHORT["passage"], margin=best.margin + 0.01)
    assert (none.text, none.start, none.end) == ("", -1, -1)
    assert none.margin == best.margin and none.score != best.score
    assert tasks.answer(reader, SHORT["question"], SHORT["passage"], margin=best.margin - 0.01).text == best.text


def test_the_margin_is_the_checkpoints_own_when_none_is_given(reader, tmp_path):
    best = tasks.answer(reader, SHORT["question"], SHORT["passage"])
    assert best.text, "a config without a margin is of a reader that always answers"
    folder = published(tmp_path / "strict", BERT, max_seq_len=24, doc_stride=6, no_answer_margin=best.margin + 1)
    assert tasks.answer(folder, SHORT["question"], SHORT["passage"]).text == ""


def test_several_questions_are_answered_as_each_alone(reader):
    questions = [case["question"] for case in CASES[:4]]
    found = tasks.answer(reader, questions, LONG["passage"], batch_size=3)
    alone = [tasks.answer(reader, question, LONG["passage"]) for question in questions]
    assert [one.question for one in found] == questions
    assert [(one.start, one.end) for one in found] == [(one.start, one.end) for one in alone]
    assert [one.margin for one in found] == pytest.approx([one.margin for one in alone], abs=1e-4)


def test_of_several_documents_those_like_the_question_are_read(reader):
    question = "Who met Bob?"
    found = tasks.answer(reader, question, DOCUMENTS, most=1)
    assert found.document == 2
    assert found.text == DOCUMENTS[2][found.start : found.end]
    each = [tasks.answer(reader, question, document).margin for document in DOCUMENTS]
    every = tasks.answer(reader, question, DOCUMENTS, most=4)
    assert every.margin == pytest.approx(max(each), abs=1e-4)
    assert every.document == each.index(max(each))


def test_documents_are_ranked_by_the_rarer_words_they_share():
    questions = ["Who met Bob?", "Who bakes the bread?"]
    assert [numbers[0] for numbers in most_alike(questions, DOCUMENTS, 2)] == [2, 3]
    assert most_alike(["?"], ["!", "…"], 5) == [[0, 1]]


def test_the_maps_are_of_the_question_and_the_window_with_the_answer(reader):
    found = tasks.answer(reader, LONG["question"], LONG["passage"])
    [span] = PassageReader(reader.model, reader.tokenizer).read([LONG["question"]], [LONG["passage"]])
    window = LONG["passage"][slice(*span.window)]
    assert found.text in window != LONG["passage"]
    tokens = reader.tokenizer(LONG["question"], window).tokens()
    assert found.attention["attention"].tokens == tokens
    AttentionView(found.attention)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", "Ann met Bob."), "question: it is blank"),
        (("Who?", "  "), "text: it is blank"),
        ((["Who?", ""], "Ann met Bob."), "question: item 1 is blank"),
        (("Who?", ["Ann met Bob.", ""]), "text: item 1 is blank"),
        (("Who?", []), "text: there are no texts"),
        (("Who and when and where and why and how and what and where was it?", "Ann."), "Ask in fewer words"),
    ],
)
def test_what_cannot_be_answered_is_named(reader, arguments, message):
    with pytest.raises(ValueError, match=message):
        tasks.answer(reader, *arguments)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"most": 0}, "most"),
        ({"longest": 2.5}, "longest"),
        ({"margin": float("nan")}, "margin"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_a_wrong_number_is_named(reader, option, message):
    with pytest.raises((ValueError, TypeError), match=message):
        tasks.answer(reader, "Who?", "Ann met Bob.", **option)


def test_a_model_for_other_tasks_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="made for fill_mask"):
        tasks.answer("ktlearn/mini-bert-en", "Who?", "Ann met Bob.")
