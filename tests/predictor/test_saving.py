"""A saved predictor is one thing: its files are of one save, as it wrote them, or it says what is wrong."""

import json
import os
import shutil

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from tests.tiny import NAMES, reviews

TEXTS = ["good film", "bad film", "good book"]


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, t)


@pytest.fixture(scope="module")
def other(checkpoint):
    """Another one for the same classes, the other way round."""
    t = text.Transformer(checkpoint, maxlen=32, class_names=NAMES[::-1])
    t.preprocess_train(*reviews(8), verbose=0)
    return ktlearn.get_predictor(t.get_classifier(), t)


@pytest.fixture
def saved(predictor, tmp_path):
    predictor.save(tmp_path / "saved")
    return tmp_path / "saved"


def edit(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("ktlearn.json", {"class_names": NAMES[::-1]}),  # each answer inverted
        ("ktlearn.json", {"maxlen": 5}),
        ("config.json", {"num_attention_heads": 1}),  # other answers, and no shape tells
        ("config.json", {"layer_norm_eps": 0.1}),
        ("config.json", {"id2label": {"0": "positive", "1": "negative"}}),
        ("tokenizer_config.json", {"do_lower_case": False}),
    ],
)
def test_an_edit_that_changes_the_answers_is_noticed(saved, file, values):
    edit(saved / file, **values)
    with pytest.raises(ValueError, match=f"{file} is not as it was saved here: it is damaged, was edited, or is of"):
        ktlearn.load_predictor(saved)


@pytest.mark.parametrize("file", ["ktlearn.json", "config.json", "model.safetensors", "ktlearn.sha256"])
def test_a_file_of_another_save_is_noticed(saved, other, tmp_path, file):
    other.save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / file, saved / file)
    with pytest.raises(ValueError, match="is not as it was saved here"):
        ktlearn.load_predictor(saved)


def test_one_bit_in_the_weights_is_noticed_before_a_model_is_built(saved, monkeypatch):
    content = bytearray((saved / "model.safetensors").read_bytes())
    content[-2] ^= 64
    (saved / "model.safetensors").write_bytes(content)
    monkeypatch.setattr("ktlearn.models.from_config", None)
    with pytest.raises(ValueError, match="model.safetensors is not as it was saved here"):
        ktlearn.load_predictor(saved)


def test_who_moves_classes_in_one_file_only_is_told_even_without_checksums(saved):
    (saved / "ktlearn.sha256").unlink()
    edit(saved / "ktlearn.json", class_names=NAMES[::-1])
    with pytest.raises(
        ValueError, match=r"the classes in config.json are \['negative', 'positive'\], those in ktlearn"
    ):
        ktlearn.load_predictor(saved)


def test_weights_of_a_model_with_other_classes_make_no_mixture(saved, other):
    ktlearn.get_learner(other.model).save_model(saved)  # over the predictor's own
    with pytest.raises(
        ValueError, match=r"the classes in config.json are \['positive', 'negative'\], those in ktlearn"
    ):
        ktlearn.load_predictor(saved)


def test_a_folder_of_an_older_version_still_loads(predictor, saved):
    (saved / "ktlearn.sha256").unlink()
    np.testing.assert_allclose(ktlearn.load_predictor(saved).predict_proba(TEXTS), predictor.predict_proba(TEXTS), 1e-5)


def test_a_kill_while_the_files_move_is_made_good_by_the_load(saved, other, monkeypatch):
    class Killed(BaseException):
        pass

    replace = os.replace

    def move_weights_only(source, target):
        if os.path.basename(source) == "tokenizer.json":
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", move_weights_only)
        with pytest.raises(Killed):
            other.save(saved)
    loaded = ktlearn.load_predictor(saved)
    assert loaded.get_classes() == NAMES[::-1] and loaded.preproc.maxlen == 32
    np.testing.assert_allclose(loaded.predict_proba(TEXTS), other.predict_proba(TEXTS), 1e-5)


def test_a_model_and_classes_in_another_order_are_no_predictor(predictor, other):
    with pytest.raises(ValueError, match="outputs are .*negative.*, but preproc's classes are .*would be exchanged"):
        ktlearn.get_predictor(predictor.model, other.preproc)


def test_class_names_in_another_order_turn_the_head_and_it_is_said(predictor, saved, capsys):
    t = text.Transformer(saved, maxlen=64, class_names=NAMES[::-1])
    t.preprocess_train(*reviews(8), verbose=0)
    capsys.readouterr()
    turned = ktlearn.get_predictor(t.get_classifier(), t)
    assert "own head for negative, positive is kept, its classes matched by name" in capsys.readouterr().out
    np.testing.assert_allclose(turned.predict_proba(TEXTS), predictor.predict_proba(TEXTS)[:, ::-1], atol=1e-6)
    assert turned.predict(TEXTS) == predictor.predict(TEXTS)


@pytest.mark.parametrize("name", ["", "  ", None, 5, "a\0b"])
def test_what_is_no_folder_is_refused_and_nothing_is_written(predictor, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for call in (predictor.save, ktlearn.load_predictor, ktlearn.get_learner(predictor.model).save_model):
        with pytest.raises((TypeError, ValueError), match="must name a folder|must be a string"):
            call(name)
    assert list(tmp_path.iterdir()) == []
