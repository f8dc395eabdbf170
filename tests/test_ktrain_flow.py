"""ktrain's street from raw texts to a saved predictor, in ktrain's words: the import's name is all that changes."""

import numpy as np
import pytest

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from tests.tiny import reviews


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


def test_the_articles_listing_runs_as_written(checkpoint, capsys):
    MODEL_NAME = checkpoint
    x_train, y_train = reviews(40)

    t = text.Transformer(MODEL_NAME, maxlen=64, class_names=["negative", "positive"])
    trn, val, preproc = t.preprocess_train(x_train, y_train, preprocess_mode="bert")
    model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(5e-5, 4)

    assert (len(trn), len(val)) == (36, 4)
    assert len(learner.history.history["val_accuracy"]) == 4
    assert len(learner.history.history["lr"]) == 4 * 6
    assert ktrain.get_predictor(learner.model, preproc=preproc).predict("good film") in ("negative", "positive")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["train:", "0", "1", "validation:", *["epoch"] * 4]


def test_ktrains_own_tutorial_runs_to_the_loaded_predictor(checkpoint, tmp_path, capsys):
    x_train, y_train = reviews(120)
    x_test, y_test = reviews(40, seed=1)

    t = text.Transformer(checkpoint, maxlen=64, class_names=["negative", "positive"])
    trn = t.preprocess_train(x_train, y_train)
    val = t.preprocess_test(x_test, y_test)
    model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(3e-3, 4)
    matrix = learner.validate(class_names=t.get_classes())
    assert np.trace(matrix) >= 36  # of 40

    predictor = ktrain.get_predictor(learner.model, preproc=t)
    assert predictor.predict("good film") == "positive"
    assert predictor.predict(["bad plot", "good book"]) == ["negative", "positive"]
    predictor.save(tmp_path / "my_predictor")

    reloaded_predictor = ktrain.load_predictor(tmp_path / "my_predictor")
    assert reloaded_predictor.predict("bad film") == "negative"
    np.testing.assert_allclose(
        reloaded_predictor.predict_proba(x_test), predictor.predict(x_test, return_proba=True), atol=1e-6
    )
    assert "precision" in capsys.readouterr().out
