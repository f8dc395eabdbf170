"""ktrain's street from raw texts to a saved predictor, in ktrain's words: the import's name is all that changes."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.text import classifiers
from tests import tiny

reviews = partial(tiny.reviews, longest=6)  # all of one padded length, so that a training is traced once


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


@pytest.mark.slow
def test_the_articles_listing_runs_as_written(shallow, capsys):
    MODEL_NAME = shallow
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
def test_ktrains_own_tutorial_runs_to_the_loaded_predictor(shallow, tmp_path, capsys):
    x_train, y_train = reviews(120)
    x_test, y_test = reviews(40, seed=1)

    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
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


# --- ktrain's README and tutorials, as written but for the import, the names of files and models, and the rates ------


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


@pytest.mark.slow
def test_the_readmes_example_with_bert(shallow, aclImdb, monkeypatch):
    from ktlearn import text as txt

    monkeypatch.setitem(classifiers.NAMES, "bert", {"en": shallow})

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


@pytest.mark.weekly
@pytest.mark.slow
def test_the_readmes_example_with_hugging_face_transformers(shallow):
    MODEL_NAME = shallow
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


@pytest.mark.weekly
@pytest.mark.slow
def test_the_readmes_autofit_ends_by_itself_and_puts_the_best_epoch_back(shallow, tmp_path, capsys):
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    trn, val = t.preprocess_train(*reviews(40)), t.preprocess_test(*reviews(20, seed=1))
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, val_data=val, batch_size=16)

    # train using triangular policy with ModelCheckpoint and implicit ReduceLROnPlateau and EarlyStopping
    learner.autofit(1e-1, checkpoint_folder=tmp_path / "saved_weights")

    history = learner.history.history
    best = int(np.argmin(history["val_loss"]))
    assert len(history["val_loss"]) == best + 1 + 5  # five epochs without a better one
    assert learner.validate(print_report=False).figures["accuracy"] == pytest.approx(history["val_accuracy"][best])
    assert (tmp_path / "saved_weights" / "best" / "model.safetensors").exists()
    assert "Training ends after 5 epochs without a better val_loss" in capsys.readouterr().out


@pytest.mark.weekly
@pytest.mark.slow
def test_tutorial_a3_with_its_looks_at_the_model(shallow, tmp_path, capsys):
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    trn, val = t.preprocess_train(*reviews(60)), t.preprocess_test(*reviews(20, seed=1))
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, val_data=val, batch_size=6)
    learner.lr_find(show_plot=True, max_epochs=2)
    learner.fit_onecycle(3e-3, 4)
    learner.validate(class_names=t.get_classes())

    # the one we got most wrong
    learner.view_top_losses(n=1, preproc=t)

    predictor = ktrain.get_predictor(learner.model, preproc=t)
    explained = str(predictor.explain("good film"))
    predictor.save(tmp_path / "my_20newsgroup_predictor")
    reloaded_predictor = ktrain.load_predictor(tmp_path / "my_20newsgroup_predictor")
    assert reloaded_predictor.predict("good film") == predictor.predict("good film") == "positive"
    assert reloaded_predictor.predict_proba("good film").shape == (2,)
    assert reloaded_predictor.get_classes() == ["negative", "positive"]
    assert "good" in explained and "positive" in explained


@pytest.mark.slow
def test_the_example_of_sentence_pairs(shallow, tmp_path):
    train_df = pd.DataFrame({"#1 String": ["good film", "bad plot"] * 40, "Quality": [1, 0, 0, 1] * 20})
    train_df["#2 String"] = ["good book", "good room", "bad food", "bad film"] * 20
    x_train = train_df[["#1 String", "#2 String"]].values
    y_train = train_df["Quality"].values

    # IMPORTANT: data format for sentence pair classification is list of tuples of form (str, str)
    x_train = list(map(tuple, x_train))

    t = text.Transformer(shallow, maxlen=64, class_names=["not paraphrase", "paraphrase"])
    trn = t.preprocess_train(x_train, y_train)
    val = t.preprocess_test(x_train, y_train)
    model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=8)
    learner.fit_onecycle(5e-3, 10)
    predictor = ktrain.get_predictor(learner.model, t)
    positive, negative = x_train[0], x_train[1]
    assert predictor.predict([positive, negative]) == ["paraphrase", "not paraphrase"]
    with pytest.raises(ValueError, match="for one pair give a list of one tuple"):  # ktrain's predict(positive)
        predictor.predict(positive)
    predictor.save(tmp_path / "mrpc_model")
    p = ktrain.load_predictor(tmp_path / "mrpc_model")
    assert p.predict([positive]) == ["paraphrase"]


@pytest.mark.weekly
@pytest.mark.slow
def test_the_example_of_wine_prices(shallow, capsys):
    (x_train, good), (x_test, good_test) = reviews(120), reviews(20, seed=1)
    y_train, y_test = 12.0 + 60 * np.array(good), 12.0 + 60 * np.array(good_test)  # dollars

    with pytest.warns(UserWarning, match="max_features and ngram_range change nothing"):
        trn, val, preproc = text.texts_from_array(
            x_train=x_train,
            y_train=y_train,
            x_test=x_test,
            y_test=y_test,
            ngram_range=3,
            maxlen=200,
            max_features=35000,
        )
    text.print_text_regression_models()
    assert "standard" in capsys.readouterr().out
    with pytest.raises(ValueError, match="'linreg' is one of ktrain's models without a Transformer"):
        text.text_regression_model("linreg", train_data=trn, preproc=preproc)

    t = text.Transformer(shallow, maxlen=75)
    trn = t.preprocess_train(x_train, y_train)
    val = t.preprocess_test(x_test, y_test)
    model = t.get_regression_model()
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=8)
    learner.fit_onecycle(3e-3, 4)
    learner.view_top_losses(n=3, preproc=preproc)
    p = ktrain.get_predictor(learner.model, t)
    prices = p.predict(["good film", "bad plot", "good book"])
    np.testing.assert_allclose(prices, [72, 12, 72], atol=12)


@pytest.mark.weekly
@pytest.mark.slow
def test_the_example_of_toxic_comments(shallow, tmp_path, monkeypatch):
    monkeypatch.setitem(classifiers.NAMES, "bert", {"en": shallow})
    words = {"toxic": "bad", "obscene": "not"}
    comments = ["a film", "bad film", "not film", "bad not film"] * 20
    table = pd.DataFrame({"id": range(80), "comment_text": comments})
    for label_name, word in words.items():
        table[label_name] = [int(word in comment) for comment in comments]
    DATA_PATH = tmp_path / "toxic.csv"
    table.to_csv(DATA_PATH, index=False)

    (x_train, y_train), (x_test, y_test), preproc = text.texts_from_csv(
        DATA_PATH,
        "comment_text",
        label_columns=["toxic", "obscene"],
        val_filepath=None,  # if None, 10% of data will be used for validation
        maxlen=64,
        preprocess_mode="bert",
    )
    model = text.text_classifier("bert", (x_train, y_train), preproc=preproc)
    learner = ktrain.get_learner(model, train_data=(x_train, y_train), val_data=(x_test, y_test), batch_size=8)
    learner.fit_onecycle(5e-3, 6)
    predictor = ktrain.get_predictor(learner.model, preproc)
    probabilities = dict(predictor.predict("bad film"))
    assert preproc.get_classes() == ["toxic", "obscene"]
    assert probabilities["toxic"] > 0.5 > probabilities["obscene"]


@pytest.mark.slow
def test_tutorial_a1s_weight_decay_saving_and_cycles(tmp_path, capsys):
    (x_train, y_train), (x_test, y_test) = bags_of_words(128), bags_of_words(64, seed=1)
    learner = ktrain.get_learner(counting_model(), train_data=(x_train, y_train), val_data=(x_test, y_test))
    learner.print_layers()
    learner.set_weight_decay()
    assert learner.get_weight_decay() == 0.01
    learner.set_weight_decay(wd=0.1)  # using a higher wd than default
    assert learner.get_weight_decay() == 0.1
    learner.autofit(1e-2, 1)
    learner.save_model(tmp_path / "mymodel")
    kept = learner.predict()
    # train further here
    learner.fit(0.1, 1)
    assert not np.allclose(learner.predict(), kept)
    # if overfitting, then do this:
    learner.load_model(tmp_path / "mymodel")
    np.testing.assert_array_equal(learner.predict(), kept)

    learner.reset_weights()
    learner.fit(0.005, 3, cycle_len=1, cycle_mult=2, early_stopping=3, checkpoint_folder=tmp_path / "run")
    rates = learner.history.history["lr"]
    restarts = [i for i in range(1, len(rates)) if rates[i] > rates[i - 1]]
    assert restarts == [4, 12][: len(restarts)] and rates[0] == 0.005  # of 4 batches an epoch: 1, 2 and 4 epochs


@pytest.mark.weekly
@pytest.mark.slow
def test_tutorial_a1s_callback_for_the_area_under_the_curve(capsys):
    from sklearn.metrics import roc_auc_score
    from tensorflow.keras.callbacks import Callback

    class RocAucEvaluation(Callback):
        def __init__(self, validation_data=(), interval=1):
            super(Callback, self).__init__()

            self.interval = interval
            self.X_val, self.y_val = validation_data

        def on_epoch_end(self, epoch, logs=None):
            if epoch % self.interval == 0:
                y_pred = self.model.predict(self.X_val, verbose=0)
                score = roc_auc_score(self.y_val, y_pred)
                print(f"\n ROC-AUC - epoch: {epoch + 1} - score: {score:.6f} \n")

    (x_train, y_train), (x_test, y_test) = bags_of_words(128), bags_of_words(64, seed=1)
    RocAuc = RocAucEvaluation(validation_data=(x_test, y_test), interval=1)

    # re-create our model from scratch and train using our custom ROC-AUC callback
    learner = ktrain.get_learner(counting_model(), train_data=(x_train, y_train), val_data=(x_test, y_test))
    learner.autofit(0.05, 2, callbacks=[RocAuc])
    score = roc_auc_score(y_test, learner.predict())
    assert f"ROC-AUC - epoch: 2 - score: {score:.6f}" in capsys.readouterr().out


def bags_of_words(count, seed=0):
    """Counts of 8 words (count, 8), of which the first says the class 0 or 1."""
    x = np.random.default_rng(seed).poisson(1.0, (count, 8)).astype("float32")
    return x, (x[:, 0] > 0).astype("float32")


def counting_model():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def test_the_readmes_zero_shot_sentiment(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=["contradiction", "entailment"])
    t.preprocess_train([("good film", "good"), ("bad film", "good")] * 2, [1, 0] * 2, verbose=0)
    ktrain.get_predictor(t.get_classifier(), t).save(tmp_path / "nli")

    zsl = text.ZeroShotClassifier(str(tmp_path / "nli"))
    docs = [
        "I will definitely not be seeing this movie again, but the acting was good.",
        "This flick was riveting.",
    ]
    answers = zsl.predict(
        docs,
        labels=["negative", "positive"],
        include_labels=True,
        nli_template="The sentiment of this movie review is {}.",
        multilabel=False,
    )
    assert [[name for name, _ in answer] for answer in answers] == [["negative", "positive"]] * 2
    np.testing.assert_allclose([sum(share for _, share in answer) for answer in answers], 1, atol=1e-6)
