"""A model card says what is known, asks for the rest, and shows names and answers as text."""

import copy
import re

import pandas as pd
import pytest

import ktlearn
from ktlearn.predictor import model_card
from ktlearn.predictor.card import OPEN_QUESTION, QUESTIONS, escaped

TESTED = pd.DataFrame({"accuracy": [0.75], "error": [0.025]}, index=["ours | theirs"])


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, preproc=t)


def test_it_says_what_learner_and_predictor_know(predictor, trained):
    learner = trained[0]
    card = model_card(predictor, learner, "Mood")
    assert card.startswith("# Mood\n")
    assert "Training: 120 texts (negative 60, positive 60)" in card
    assert "Validation: 40 texts" in card
    assert "at most 64 tokens" in card
    assert "Batches of 8, AdamW, highest rate 0.003" in card
    assert "4 epochs; validation after each:" in card
    assert f"val_loss: {learner.history.history['val_loss'][0]:.3f}" in card
    assert f"ktlearn {ktlearn.__version__}" in card or "keras" in card


def test_what_is_not_known_stays_a_question(predictor):
    card = model_card(predictor)
    assert card.count(OPEN_QUESTION) == len(QUESTIONS) + 2  # the seeds, and the test
    answered = model_card(predictor, answers=dict.fromkeys(QUESTIONS, "Not known."), tested=TESTED)
    assert answered.count(OPEN_QUESTION) == 1
    assert "| ours \\| theirs | 0.750 | 0.025 |" in answered


def test_no_folder_of_the_machine_is_told(predictor, checkpoint):
    card = model_card(predictor)
    assert "Base model: a folder named tiny-bert" in card
    assert checkpoint not in card


def test_several_runs_are_a_mean_and_a_spread(predictor):
    runs = {1: {"val_accuracy": [0.5, 0.7]}, 2: {"val_accuracy": [0.8]}, 3: {"val_accuracy": [0.9, 0.2]}}
    assert "3 seeds (1, 2, 3), best val_accuracy: 0.800 ± 0.100" in model_card(predictor, runs=runs)
    assert "How much do other seeds change?" in model_card(predictor, runs={1: {"val_accuracy": [0.5]}})


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](http://evil.example/x.png)",
        "# A heading\n\n## Another",
        "a | b\n|---|",
        "`code` **bold** _it_ ~~no~~ $x$",
        "https://evil.example and www.evil.example @everyone",
        "&lt;b&gt;",
        "1. a list",
        "- a list",
    ],
)
def test_a_users_text_is_shown_and_does_nothing(evil):
    from markdown_it import MarkdownIt

    text = escaped(evil)
    assert "\n" not in text
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert re.fullmatch(r"<p>[^<]*</p>\n", html)
    shown = html[3:-5].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert shown == " ".join(evil.split())


def test_class_names_are_text_too(predictor):
    other = copy.copy(predictor)
    other.preproc = copy.copy(predictor.preproc)
    other.preproc.labels = copy.copy(predictor.preproc.labels)
    other.preproc.labels.class_names = ["<b>", "*a*"]
    assert "\\<b\\>, \\*a\\*" in model_card(other)


def test_wrong_arguments_are_named(predictor):
    with pytest.raises(TypeError, match="predictor must be a predictor"):
        model_card("a card")
    with pytest.raises(ValueError, match="there is no question 'licences'. The questions are purpose"):
        model_card(predictor, answers={"licences": "MIT"})
    with pytest.raises(ValueError, match="'data' is empty"):
        model_card(predictor, answers={"data": " "})
    with pytest.raises(TypeError, match="must be a text; got int"):
        model_card(predictor, answers={"data": 3})
