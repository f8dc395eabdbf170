"""ktrain's short names of models."""

import pytest

from ktlearn import text
from ktlearn.support.bundled import bundled_models
from ktlearn.text import classifiers
from ktlearn.text.classifiers import checkpoint_for
from tests.tiny import NAMES


def prepared(name):
    return text.texts_from_array(["bad", "good", "good film"], [0, 1, 1], ["bad"], [0], NAMES, preprocess_mode=name)


@pytest.mark.parametrize(
    "name, lang, checkpoint",
    [
        ("standard", None, "ktlearn/mini-bert-en"),
        ("bert", None, "bert-base-uncased"),
        ("bert", "en", "bert-base-uncased"),
        ("bert", "zh", "bert-base-chinese"),
        ("bert", "de", "bert-base-multilingual-cased"),
        ("distilbert", "zh", "distilbert-base-multilingual-cased"),
        ("some/checkpoint", "de", "some/checkpoint"),
    ],
)
def test_a_short_name_stands_for_the_usual_checkpoint(name, lang, checkpoint):
    assert checkpoint_for(name, lang) == checkpoint


def test_the_english_model_is_not_taken_for_another_language():
    with pytest.raises(ValueError, match="'standard' is for English texts; for lang='fr' use 'bert'"):
        checkpoint_for("standard", "fr")


@pytest.mark.parametrize("name", ["nbsvm", "fasttext", "bigru"])
def test_models_without_a_transformer_are_refused_with_what_to_do(name):
    with pytest.raises(ValueError, match=f"'{name}' is one of ktrain's models without a Transformer.*TfidfVectorizer"):
        checkpoint_for(name)


def test_the_short_name_builds_the_model_of_its_checkpoint(checkpoint, monkeypatch, capsys):
    monkeypatch.setitem(classifiers.NAMES, "bert", {"en": checkpoint})
    trn, _, preproc = prepared("bert")
    capsys.readouterr()
    model = text.text_classifier("bert", trn, preproc)
    assert model.num_labels == 2
    assert f"{model.count_params():,} parameters" in capsys.readouterr().out
    assert type(text.text_classifier("bert", trn, preproc, multilabel=True).loss).__name__ == "BinaryCrossentropy"


def test_the_name_of_another_model_is_refused(checkpoint):
    trn, _, preproc = prepared(checkpoint)
    with pytest.raises(ValueError, match="prepared for '.*tiny-bert'; got 'bert'.*preprocess_mode='bert'"):
        text.text_classifier("bert", trn, preproc)
    with pytest.raises(ValueError, match="without a Transformer"):
        text.text_classifier("nbsvm", trn, preproc)
    with pytest.raises(TypeError, match="preproc must be the third .*got NoneType"):
        text.text_classifier(checkpoint, trn)
    with pytest.raises(TypeError, match="train_data must be the first of the three; got list"):
        text.text_classifier(checkpoint, [], preproc)


def test_the_names_that_are_printed_are_those_that_work(capsys):
    text.print_text_classifiers()
    printed = capsys.readouterr().out
    for checkpoints in classifiers.NAMES.values():
        assert all(checkpoint in printed for checkpoint in checkpoints.values())
    assert all(name in printed for name in bundled_models())
    assert [line.partition(":")[0] for line in printed.splitlines()[:-2]] == list(classifiers.NAMES)
