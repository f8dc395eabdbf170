"""Summaries: what the model writes, with the checkpoint's own prefix and options, part by part where a text is long."""

import warnings

import pytest

from ktlearn import generate, tasks
from ktlearn.widgets import AttentionView
from tests.tasks.checkpoints import checkpoint_with_tokenizer
from tests.tiny import sentence

pytestmark = pytest.mark.slow  # each graph of a search is traced once

TEXTS = [sentence(15), "the food was good"]
T5 = {"summarization": {"prefix": "summarize: ", "num_beams": 2, "max_length": 7, "min_length": 3}}


@pytest.fixture(scope="module")
def bart(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bart") / "bart"
    checkpoint_with_tokenizer("bart-seq2seq", folder, generation={"max_length": 10})
    return tasks.open_model(folder, "summarise")


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    """T5 has no positions; its config says how long a text it has learned with."""
    config = {"task_specific_params": T5, "n_positions": 20, "decoder_start_token_id": 0}
    folder = tmp_path_factory.mktemp("t5") / "t5"
    checkpoint_with_tokenizer("t5-seq2seq", folder, config, words=["summarize"])
    return tasks.open_model(folder, "summarise")


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "summarising: ")
        yield


def directly(opened, texts, **options):
    """The new texts with the model and its tokenizer alone, one at a time."""
    return [generate.generate(opened.model, text, opened.tokenizer, **options).text.strip() for text in texts]


def test_bart_gets_the_text_as_it_is(bart, quiet):
    results = tasks.summarise(bart, TEXTS)
    assert [result.text for result in results] == directly(bart, TEXTS)
    assert [(result.source, result.parts) for result in results] == [(text, 1) for text in TEXTS]


def test_t5_gets_its_prefix_and_its_options_unless_others_are_given(t5, quiet):
    prefixed = [f"summarize: {text}" for text in TEXTS]
    own = directly(t5, prefixed, num_beams=2, max_length=7, min_length=3)
    assert [result.text for result in tasks.summarise(t5, TEXTS)] == own
    other = directly(t5, prefixed[1:], num_beams=1, max_new_tokens=4)
    assert [result.text for result in tasks.summarise(t5, TEXTS[1:], num_beams=1, max_new_tokens=4)] == other


def test_a_long_text_is_summarised_part_by_part_and_that_is_said(t5):
    text = f"{sentence(12)}. {sentence(11)}. {sentence(13)}."
    with pytest.warns(UserWarning) as said:
        result = tasks.summarise(t5, text)
    # 2 tokens of the prefix, 39 of the text, and the end
    assert "1 of 1 text is longer than the 20 tokens that the model reads (the longest has 42)" in str(said[0].message)
    parts = [f"{part}." for part in text.rstrip(".").split(". ")]
    expected = directly(t5, [f"summarize: {part}" for part in parts], num_beams=2, max_length=7, min_length=3)
    assert (result.parts, result.text) == (3, " ".join(expected))
    view = AttentionView(result.attention)
    assert view.blocks["encoder, part 2"].tokens[:2] == ["summarize", ":"]


def test_a_summary_that_came_to_the_most_tokens_says_so(bart):
    with pytest.warns(UserWarning, match="summarising: 2 of 2 came to the most tokens that may be written"):
        results = tasks.summarise(bart, TEXTS, max_new_tokens=1)
    assert [result.is_cut for result in results] == [True, True]


def test_a_model_that_was_opened_for_another_task_is_refused(bart, t5):
    model = tasks.open_model(bart.name, "translate")  # its config does not say what it is for
    with pytest.raises(ValueError, match="was opened for translate. Open it again: open_model\\(…, 'summarise'\\)"):
        tasks.summarise(model, TEXTS)
    with pytest.raises(ValueError, match="is a T5 with a seq2seq head, made for summarise, write. translate needs"):
        tasks.translate(t5.name, TEXTS)
