"""ktrain's street from raw texts to a saved predictor, in ktrain's words: the import's name is all that changes."""

import numpy as np
import pytest

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.text import classifiers
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


@pytest.mark.slow
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


# --- ktrain's README and FAQ, as written but for the import, the names of files and models, and the rates ---------


@pytest.fixture
def aclImdb(tmp_path):
    """A folder like the IMDb's: train and test, pos and neg, and an unlabelled part."""
    for part, seed in (("train", 0), ("test", 1)):
        for number, (review, label) in enumerate(zip(*reviews(120 if part == "train" else 40, seed=seed), strict=True)):
            folder = tmp_path / part / ("pos" if label else "neg")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}_{label}.txt").write_text(review)
        (tmp_path / part / "unsup").mkdir()
        (tmp_path / part / "urls_pos.txt").write_text("http://…", encoding="utf-8")
    return tmp_path


def test_the_readmes_example_with_bert(checkpoint, aclImdb, monkeypatch):
    from ktlearn import text as txt

    monkeypatch.setitem(classifiers.NAMES, "bert", {"en": checkpoint})

    # load data
    (x_train, y_train), (x_test, y_test), preproc = txt.texts_from_folder(
        aclImdb, maxlen=64, preprocess_mode="bert", train_test_names=["train", "test"], classes=["pos", "neg"]
    )

    # load model
    model = txt.text_classifier("bert", (x_train, y_train), preproc=preproc)

    # wrap model and data in ktrain.Learner object
    learner = ktrain.get_learner(model, train_data=(x_train, y_train), val_data=(x_test, y_test), batch_size=6)

    # find good learning rate
    learner.lr_find()  # briefly simulate training to find good learning rate
    learner.lr_plot()  # visually identify best learning rate

    # train using 1cycle learning rate schedule for 3 epochs
    learner.fit_onecycle(3e-3, 3)

    assert preproc.get_classes() == ["pos", "neg"]
    assert np.trace(learner.validate()) >= 36  # of 40: texts and labels are still together
    assert learner.top_losses(1, val_data=(x_test, y_test)) is not None
    assert ktrain.get_predictor(learner.model, preproc).predict("good film") == "pos"


def test_the_readmes_example_with_hugging_face_transformers(checkpoint):
    MODEL_NAME = checkpoint
    target_names = ["negative", "positive"]
    (x_train, y_train) = reviews(60)
    (x_test, y_test) = reviews(20, seed=1)
    (y_train, y_test) = (np.array(y_train), np.array(y_test))  # as scikit-learn's .target

    t = text.Transformer(MODEL_NAME, maxlen=64, class_names=target_names)
    trn = t.preprocess_train(x_train, y_train)
    val = t.preprocess_test(x_test, y_test)
    model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(3e-3, 4)
    assert np.trace(learner.validate(class_names=t.get_classes())) >= 18  # class_names must be string values


def test_the_faqs_training_in_two_parts(checkpoint, tmp_path):
    x_train, y_train = reviews(120)

    # split training set into parts (optionally store on disk and read in only one at a time)
    part1_x = x_train[:60]
    part1_y = y_train[:60]
    part2_x = x_train[60:]
    part2_y = y_train[60:]

    # preprocess/train on first part
    t = text.Transformer(checkpoint, maxlen=64, class_names=["negative", "positive"])
    trn = t.preprocess_train(part1_x, part1_y)
    model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, val_data=None, batch_size=6)
    learner.fit_onecycle(3e-3, 1)

    # save partially-trained model
    predictor = ktrain.get_predictor(model, t)
    predictor.save(tmp_path / "part1_pred")
    after_part1 = learner.predict(t.preprocess_test(part2_x, verbose=0))

    # read back in partially-trained model
    predictor = ktrain.load_predictor(tmp_path / "part1_pred")
    model = predictor.model
    t = predictor.preproc  # Preprocessor object

    # preprocess/train on second part
    trn = t.preprocess_train(part2_x, part2_y)
    learner = ktrain.get_learner(model, train_data=trn, val_data=None, batch_size=6)
    np.testing.assert_allclose(learner.predict(trn), after_part1, atol=1e-5)
    learner.fit_onecycle(3e-3, 2)
    assert np.trace(learner.validate(t.preprocess_test(*reviews(40, seed=1), verbose=0))) >= 36


def test_the_faqs_method_1_to_resume_training(checkpoint, tmp_path):
    preproc = text.Transformer(checkpoint, maxlen=64, class_names=["negative", "positive"])
    trn, val = preproc.preprocess_train(*reviews(30)), preproc.preprocess_test(*reviews(10, seed=1))
    model = preproc.get_classifier()
    ktrain.get_learner(model, train_data=trn, batch_size=8).fit_onecycle(3e-3, 1)

    # save Predictor (i.e., model and Preprocessor instance) after partially training
    ktrain.get_predictor(model, preproc).save(tmp_path / "my_predictor")

    # reload Predictor and extract model
    model = ktrain.load_predictor(tmp_path / "my_predictor").model

    # re-instantiate Learner and continue training
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=8)
    learner.fit_onecycle(2e-5, 1)
    assert set(learner.history.history) >= {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_the_faqs_loss_of_ones_own(checkpoint):
    from ktlearn.backend import ops

    def focal_loss(gamma=2.0):
        def focal_loss_fixed(y_true, y_pred):
            p = ops.softmax(y_pred)
            return -ops.sum(y_true * (1 - p) ** gamma * ops.log(p + 1e-9), axis=1)

        return focal_loss_fixed

    t = text.Transformer(checkpoint, maxlen=64, class_names=["negative", "positive"])
    trn, val = t.preprocess_train(*reviews(30)), t.preprocess_test(*reviews(10, seed=1))
    model = t.get_classifier()

    # recompile model with custom loss function
    model.compile(loss=focal_loss(), optimizer="adam", metrics=["accuracy"])

    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(5e-5, 1)
    assert model.loss.__name__ == "focal_loss_fixed"
    assert np.isfinite(learner.history.history["loss"]).all()
