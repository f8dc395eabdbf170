"""The learner keeps its model in a folder, and takes it back whole or not at all."""

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.models import hub
from tests.plain import plain
from tests.tiny import reviews


@pytest.fixture
def learner(t):
    """A learner with a fresh model, to be saved and spoiled."""
    t.preprocess_train(*reviews(4), verbose=0)
    return ktlearn.get_learner(t.get_classifier(), val_data=t.preprocess_test(*reviews(6), verbose=0))


def spoil(model):
    model.set_weights([weight + 1 for weight in model.get_weights()])


def assert_same_weights(weights, model):
    for was, now in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_a_saved_model_comes_back_in_place(learner, tmp_path):
    model, weights = learner.model, learner.model.get_weights()
    learner.save_model(tmp_path / "kept")
    spoil(model)
    learner.load_model(tmp_path / "kept")
    assert learner.model is model
    assert_same_weights(weights, model)


def test_a_plain_keras_model_is_saved_too(tmp_path):
    learner = plain()
    weights = learner.model.get_weights()
    learner.save_model(tmp_path / "kept")
    spoil(learner.model)
    learner.load_model(str(tmp_path / "kept"))
    assert_same_weights(weights, learner.model)


def test_a_damaged_folder_leaves_the_model_unchanged(learner, tmp_path):
    learner.save_model(tmp_path / "kept")
    file = tmp_path / "kept" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    weights = learner.model.get_weights()
    with pytest.raises(ValueError, match="damaged or was cut short"):
        learner.load_model(tmp_path / "kept")
    assert_same_weights(weights, learner.model)


def test_a_damaged_file_of_a_plain_model_leaves_it_unchanged(tmp_path):
    learner, other = plain(), plain(units=5)
    other.save_model(tmp_path / "other")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.weights.h5").write_bytes(b"nothing")
    weights = learner.model.get_weights()
    for folder in ("other", "broken"):
        with pytest.raises(ValueError, match="damaged, or of another model"):
            learner.load_model(tmp_path / folder)
        assert_same_weights(weights, learner.model)


def test_a_model_with_other_classes_leaves_this_one_unchanged(learner, checkpoint, tmp_path):
    three = text.Transformer(checkpoint, class_names=["a", "b", "c"])
    three.get_classifier().save_pretrained(tmp_path / "three")
    weights = learner.model.get_weights()
    with pytest.raises(ValueError, match=r"shape \(3, 32\), but \(2, 32\) is needed"):
        learner.load_model(tmp_path / "three")
    assert_same_weights(weights, learner.model)


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(learner, tmp_path, monkeypatch):
    def stop(*args):
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(hub, "find", stop)
    for each in (learner, plain()):
        with pytest.raises(FileNotFoundError, match="give a folder written by save_model"):
            each.load_model(tmp_path / "nowhere")
