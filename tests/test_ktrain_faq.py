"""Answers of ktrain's FAQ, as written but for the import, the names of files and models, and the rates."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import ktlearn as ktrain
from ktlearn import models, text
from ktlearn.backend import keras
from tests import tiny

reviews = partial(tiny.reviews, longest=6)  # all of one padded length, so that a training is traced once


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(1)


@pytest.mark.weekly
@pytest.mark.slow
def test_a_training_in_two_parts_for_data_too_large_for_the_memory(shallow, tmp_path):
    x_train, y_train = reviews(120)

    # split training set into parts (optionally store on disk and read in only one at a time)
    part1_x = x_train[:60]
    part1_y = y_train[:60]
    part2_x = x_train[60:]
    part2_y = y_train[60:]

    # preprocess/train on first part
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
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


@pytest.mark.weekly
@pytest.mark.slow
def test_method_1_to_resume_training(shallow, tmp_path):
    preproc = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
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


@pytest.mark.weekly
@pytest.mark.slow
def test_the_loss_for_unbalanced_classes_as_a_loss_of_ones_own(shallow):
    import tensorflow as tf
    from tensorflow.keras import activations

    def focal_loss(gamma=2.0, alpha=4.0, from_logits=False):
        gamma = float(gamma)
        alpha = float(alpha)

        def focal_loss_fixed(y_true, y_pred):
            epsilon = 1.0e-9
            y_true = tf.cast(y_true, dtype=tf.float32)
            y_pred = tf.cast(y_pred, dtype=tf.float32)
            if from_logits:
                y_pred = activations.softmax(y_pred)

            model_out = tf.add(y_pred, epsilon)
            ce = tf.multiply(y_true, -tf.math.log(model_out))
            weight = tf.multiply(y_true, tf.pow(tf.subtract(1.0, model_out), gamma))
            fl = tf.multiply(alpha, tf.multiply(weight, ce))
            reduced_fl = tf.reduce_max(fl, axis=1)
            return tf.reduce_mean(reduced_fl)

        return focal_loss_fixed

    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    trn = t.preprocess_train(*reviews(60))
    val = t.preprocess_test(*reviews(20, seed=1))
    model = t.get_classifier()

    # recompile model with custom loss function
    # using from_logits=True because output of transformer models are not run through softmax beforehand
    model.compile(loss=focal_loss(alpha=1, from_logits=True), optimizer="adam", metrics=["accuracy"])

    # train with focal loss
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(3e-3, 4)
    assert model.loss.__name__ == "focal_loss_fixed"
    assert np.trace(learner.validate()) >= 18  # of 20


@pytest.mark.weekly
@pytest.mark.slow
def test_several_gpus_with_as_many_as_there_are(shallow, tmp_path):
    import tensorflow as tf

    mirrored_strategy = tf.distribute.MirroredStrategy()
    BATCH_SIZE = 6 * 2  # desired BS times 2
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    trn = t.preprocess_train(*reviews(24))
    val = t.preprocess_test(*reviews(20, seed=1))
    with mirrored_strategy.scope():
        model = t.get_classifier()
    learner = ktrain.get_learner(model, train_data=trn, batch_size=BATCH_SIZE)
    learner.fit_onecycle(3e-3, 1)
    before = learner.predict(val)
    learner.save_model(tmp_path / "my_model")
    learner.load_model(tmp_path / "my_model", preproc=t)
    np.testing.assert_allclose(learner.predict(val), before, atol=1e-6)
    assert learner.validate(val_data=val, class_names=t.get_classes()).sum() == 20


@pytest.mark.weekly
@pytest.mark.slow
def test_cross_validation(shallow):
    from sklearn.metrics import accuracy_score
    from sklearn.model_selection import KFold

    x, y = reviews(120)
    df = pd.DataFrame({"text": x, "target": [["negative", "positive"][label] for label in y]})
    N_FOLDS = 2
    EPOCHS = 4
    LR = 3e-3

    def transformer_cv(MODEL_NAME):
        accs = []
        data = df[["text", "target"]]
        for train_index, val_index in KFold(N_FOLDS).split(data):
            preproc = text.Transformer(MODEL_NAME, maxlen=64)
            train, val = data.iloc[train_index], data.iloc[val_index]
            x_train = train.text.values
            x_val = val.text.values
            y_train = train.target.values
            y_val = val.target.values
            trn = preproc.preprocess_train(x_train, y_train)
            model = preproc.get_classifier()
            learner = ktrain.get_learner(model, train_data=trn, batch_size=6)
            learner.fit_onecycle(LR, EPOCHS)
            predictor = ktrain.get_predictor(learner.model, preproc)
            pred = predictor.predict(x_val)
            acc = accuracy_score(y_val, pred)
            accs.append(acc)
        return accs

    assert min(transformer_cv(shallow)) >= 0.9


def test_larger_batches_and_probabilities_in_prediction(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    t.preprocess_train(*reviews(10), verbose=0)
    list_of_examples = reviews(40)[0]
    predictor = ktrain.get_predictor(t.get_classifier(), t)
    predictor.save(tmp_path / "my_predictor")
    expected = predictor.predict_proba(list_of_examples)

    predictor = ktrain.load_predictor(tmp_path / "my_predictor")
    predictor.batch_size = 128
    assert predictor.predict(list_of_examples) == [["negative", "positive"][i] for i in expected.argmax(1)]
    np.testing.assert_allclose(predictor.predict(list_of_examples, return_proba=True), expected, atol=1e-6)


@pytest.mark.slow
def test_embeddings_of_a_fine_tuned_classifier(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    learner = ktrain.get_learner(t.get_classifier(), train_data=t.preprocess_train(*reviews(20)), batch_size=6)
    learner.fit_onecycle(5e-5, 1)

    # load model to generate embeddings
    learner.model.save_pretrained(tmp_path / "mymodel")
    tokenizer = t.get_tokenizer()
    model = models.from_pretrained(tmp_path / "mymodel")  # TFAutoModel is no more
    input_ids = np.array(tokenizer.encode("good film"))[None, :]  # Batch size 1
    outputs = model(input_ids)
    last_hidden_states = outputs[0]  # The last hidden-state is the first element of the output tuple
    assert last_hidden_states.numpy().shape == (1, 4, 32)  # [CLS] good film [SEP]


def test_a_folder_without_a_network(shallow):
    dummy_texts = ["hello world", "goodbye world", "hi world"]
    dummy_labels = ["hello", "bye", "hello"]
    t = text.Transformer(shallow, maxlen=50)
    t.preprocess_train(dummy_texts, dummy_labels)
    assert t.get_classifier().num_labels == 2 and t.get_classes() == ["bye", "hello"]


def test_a_tokenizer_of_ones_own(shallow, tmp_path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(shallow, additional_special_tokens=["film"])
    t = text.Transformer(shallow, maxlen=50, class_names=["negative", "positive"])
    t.tok = tokenizer
    trn = t.preprocess_train(["good film", "bad film"], [1, 0], verbose=0)
    assert t.get_tokenizer() is tokenizer and len(trn.ids(0)) == 4
    ktrain.get_predictor(t.get_classifier(), t).save(tmp_path / "mypred")

    p = ktrain.load_predictor(tmp_path / "mypred")
    p.preproc.tok = tokenizer
    assert p.predict("good film") in ("negative", "positive") and p.preproc.get_tokenizer() is tokenizer


@pytest.mark.slow
def test_the_same_seeds_give_the_same_training(shallow):
    import random

    import tensorflow as tf

    def reset_random_seeds(seed=2):
        tf.random.set_seed(seed)
        np.random.seed(seed)
        random.seed(seed)

    def losses():
        reset_random_seeds()
        t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
        learner = ktrain.get_learner(t.get_classifier(), t.preprocess_train(*reviews(24), verbose=0), batch_size=6)
        history = learner.fit_onecycle(1e-3, 2, verbose=0)
        return history.history["loss"]

    assert losses() == losses()


@pytest.mark.weekly
@pytest.mark.slow
def test_the_history_of_a_training(shallow):
    t = text.Transformer(shallow, maxlen=64, class_names=["negative", "positive"])
    learner = ktrain.get_learner(t.get_classifier(), t.preprocess_train(*reviews(24), verbose=0), batch_size=6)
    history = learner.autofit(1e-3, 2)
    assert len(history.history["loss"]) == 2 and len(history.history["lr"]) == 8
    assert learner.plot("loss", return_fig=True).axes[0].get_ylabel() == "loss"
    assert learner.plot("lr", return_fig=True).axes[0].get_ylabel() == "learning rate"
