"""ktrain's confirmed bugs, one test each: it passes here and would fail on ktrain 0.41.4."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.learner import lr_find
from tests.plain import X, Y, dense, plain
from tests.tiny import reviews


@pytest.mark.slow
def test_lr_find_keeps_the_model_and_all_that_was_set_in_it(t):
    """ktrain's learner has another model afterwards: unfrozen, with Adam and the standard loss."""
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.05), loss, metrics=["auc"])
    model.run_eagerly = True
    learner = ktlearn.get_learner(model, data, batch_size=4)
    learner.freeze()
    before, trained, optimizer = model.get_weights(), len(model.trainable_variables), model.optimizer
    learner.lr_find(start_lr=1e-3, max_epochs=3, verbose=0)
    assert learner.model is model
    assert len(model.trainable_variables) == trained < len(model.weights)
    assert model.loss is loss
    assert model.optimizer is optimizer and optimizer.weight_decay == 0.05
    assert float(optimizer.learning_rate.numpy()) == pytest.approx(1e-3)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.slow
def test_a_second_model_has_a_fresh_optimizer(t):
    """ktrain has one Adam for all models: the second begins with the first one's steps and momentum."""
    data = t.preprocess_train(*reviews(8), verbose=0)
    first, second = t.get_classifier(), t.get_classifier()
    first.run_eagerly = True
    ktlearn.get_learner(first, data, batch_size=4).fit_onecycle(1e-3, 1, verbose=0)
    assert int(first.optimizer.iterations.numpy()) == 2
    assert second.optimizer is not first.optimizer
    assert int(second.optimizer.iterations.numpy()) == 0
    assert second.optimizer.beta_1 == pytest.approx(0.9)
    assert not second.optimizer.built  # and none of the first one's memory


def test_the_steepest_point_is_where_the_curve_is_steepest():
    """ktrain looks at the losses from the 33rd on, and takes the place in that part for one in the whole."""
    rates = np.geomspace(1e-7, 10, 200)
    losses = 2 - 1.5 / (1 + np.exp(-(np.arange(200) - 120) / 4)) + np.maximum(0, np.arange(200) - 150) / 10
    assert lr_find.suggest(rates, losses).steepest == pytest.approx(rates[120])


def test_normalisations_are_not_decayed_after_set_weight_decay(t):
    """ktrain excludes "layer_norm", but the weights are called LayerNorm."""
    t.preprocess_train(*reviews(4), verbose=0)
    model = t.get_classifier()
    model.compile(keras.optimizers.Adam(1.0), keras.losses.CategoricalCrossentropy(from_logits=True))
    ktlearn.get_learner(model).set_weight_decay(0.5)
    model.optimizer.build(model.trainable_variables)
    before = model.get_weights()
    model.optimizer.apply([0 * variable for variable in model.trainable_variables], model.trainable_variables)
    for variable, was in zip(model.weights, before, strict=True):
        is_matrix = len(variable.shape) == 2
        np.testing.assert_allclose(variable.numpy(), was * (0.5 if is_matrix else 1), atol=1e-6, err_msg=variable.path)


def test_no_temporary_file_is_left_behind(tmp_path, monkeypatch):
    """ktrain leaves a copy of the weights for each learner, and two more for each lr_find."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    learner = plain(val=True)
    learner.lr_find(max_epochs=2, verbose=0)
    learner.fit(1e-2, 1, early_stopping=1, verbose=0)
    learner.reset_weights(verbose=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_lr_find_works_with_fewer_rows_than_a_batch():
    """ktrain divides by zero."""
    learner = ktlearn.get_learner(dense(activation="softmax"), (X[:5], Y[:5]), batch_size=32)
    assert learner.lr_find(verbose=0).minimum_over_10 is not None


def test_an_interrupted_lr_find_restores_the_model(monkeypatch, capsys):
    """With restore_weights_only=True ktrain raises a NameError and keeps the weights of the search."""
    learner = plain()
    before = learner.model.get_weights()
    record = lr_find.RateSearch.on_train_batch_end

    def interrupt(search, batch, logs=None):
        record(search, batch, logs)
        if len(search.losses) == 50:
            raise KeyboardInterrupt

    monkeypatch.setattr(lr_find.RateSearch, "on_train_batch_end", interrupt)
    learner.lr_find(start_lr=1e-2, restore_weights_only=True, verbose=0)
    assert "The model is as it was before" in capsys.readouterr().out
    assert len(learner.search.losses) == 50
    for was, now in zip(before, learner.model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_segments_of_a_pair_reach_the_model_in_training_and_in_prediction(t):
    """ktrain prepares segment ids, then drops them: the model never knows where the second text begins."""
    pairs = [("good film", "bad book"), ("the plot", "the room it was")]
    data = t.preprocess_train(pairs, [0, 1], verbose=0)
    model = t.get_classifier()
    seen = []
    original = model.call
    model.call = lambda inputs, **options: (seen.append(inputs), original(inputs, **options))[1]
    model.run_eagerly = True
    ktlearn.get_learner(model, data, batch_size=2).fit(1e-4, 1, verbose=0)
    answers = ktlearn.get_predictor(model, t).predict_proba(pairs)
    assert len(seen) == 2  # one batch of training, one of prediction
    assert all(np.array(inputs["token_type_ids"]).max() == 1 for inputs in seen)
    expected = np.concatenate([model(t.tokenizer(*pair, return_tensors="np")).logits for pair in pairs])
    np.testing.assert_allclose(log_odds(answers[:, 1]), expected[:, 1] - expected[:, 0], atol=1e-4)


def test_a_checkpoint_with_a_head_of_another_size_gets_a_fresh_head(t, checkpoint, tmp_path):
    """ktrain cannot load it, and asks for PyTorch."""
    t.get_classifier().save_pretrained(tmp_path / "two")
    t.tokenizer.save_pretrained(tmp_path / "two")
    three = text.Transformer(tmp_path / "two", class_names=["sport", "money", "art"])
    model = three.get_classifier()
    assert model.num_labels == 3
    assert model.loading.fresh == ["classifier.weight", "classifier.bias"]
    np.testing.assert_array_equal(model.embeddings.tokens.embeddings, t.get_classifier().embeddings.tokens.embeddings)


def test_the_family_is_read_from_the_config_and_not_from_the_folders_name(checkpoint, tmp_path):
    """ktrain takes the part of the path before the first hyphen for it."""
    folder = Path(shutil.copytree(checkpoint, tmp_path / "distilbert-xlnet-mine"))
    t = text.Transformer(folder, class_names=["no", "yes"])
    inputs = t.preprocess_test([("good", "bad film"), ("good", "bad film bad film")], verbose=0).collate(np.arange(2))
    assert inputs["token_type_ids"][0, :6].tolist() == [0, 0, 0, 1, 1, 1]
    assert inputs["attention_mask"][0].tolist() == [1] * 6 + [0] * 2  # the padding is on the right
    assert t.get_classifier().config.model_type == "bert"


def log_odds(p):
    return np.log(p / (1 - p))
