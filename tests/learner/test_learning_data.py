"""A learner takes batches that are made already, as Keras does: a PyDataset, a tf.data set."""

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras
from tests.plain import X, Y, dense, plain


class Rows(keras.utils.PyDataset):
    """X and Y in batches of 5; the last one is smaller."""

    def __init__(self, labels=True):
        super().__init__()
        self.labels = labels

    def __len__(self):
        return 5

    def __getitem__(self, number):
        part = slice(5 * number, 5 * number + 5)
        return (X[part], Y[part]) if self.labels else (X[part],)


def tensors(labels=True):
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y) if labels else (X,)).batch(5)


BOTH = pytest.mark.parametrize("batches", [Rows, tensors], ids=["PyDataset", "tf.data"])


@pytest.mark.slow
@BOTH
def test_everything_works_with_batches_that_are_made_already(batches):
    model = dense(activation="softmax", metrics=["accuracy"])
    learner = ktlearn.get_learner(model, batches(), batches())
    learner.lr_find(max_epochs=2, verbose=0)
    assert len(learner.search.rates) == 10
    history = learner.fit_onecycle(0.3, 3, class_weight={0: 1.0, 1: 2.0}, verbose=0).history
    assert (len(history["val_accuracy"]), len(history["lr"])) == (3, 15)
    scores = model.predict(X, verbose=0)
    np.testing.assert_allclose(learner.predict(), scores, atol=1e-6)
    np.testing.assert_array_equal(learner.ground_truth(), Y)
    assert learner.validate(print_report=False).sum() == 24
    assert {row.id for row in learner.top_losses(n=24)} == set(np.flatnonzero(scores.argmax(1) != Y))


@pytest.mark.slow
def test_labels_and_predictions_belong_together_even_when_the_data_shuffle_themselves():
    learner = plain(val=True)
    learner.fit(0.5, 3, verbose=0)
    expected = learner.validate(print_report=False)
    # Its number of batches is not known either.
    shuffled = tensors().unbatch().shuffle(24, seed=1, reshuffle_each_iteration=True).batch(5)
    np.testing.assert_array_equal(learner.validate(shuffled, print_report=False), expected)


@pytest.mark.slow
def test_an_epoch_of_a_tf_data_set_may_have_another_length():
    learner = ktlearn.get_learner(dense(activation="softmax"), tensors())
    assert len(learner.fit(1e-3, 2, steps_per_epoch=7, verbose=0).history["lr"]) == 14
    endless = ktlearn.get_learner(dense(activation="softmax"), tensors().repeat())
    assert len(endless.fit(1e-3, 2, steps_per_epoch=3, verbose=0).history["lr"]) == 6
    assert endless.lr_find(lr_mult=1.2, verbose=0).minimum_over_10 is not None
    with pytest.raises(ValueError, match="The validation data never ends"):
        endless.validate(tensors().repeat())
    with pytest.raises(ValueError, match="no known end: say how many batches an epoch has, steps_per_epoch=…"):
        endless.fit(1e-3, 2)
    with pytest.raises(ValueError, match="a PyDataset says itself how long an epoch is"):
        ktlearn.get_learner(dense(), Rows()).fit(1e-3, 2, steps_per_epoch=3)


@pytest.mark.slow
@BOTH
def test_a_resumed_run_equals_a_whole_one_when_the_batches_come_in_one_order(batches, tmp_path):
    def learner():
        keras.utils.set_random_seed(0)
        return ktlearn.get_learner(dense(activation="softmax"), batches())

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    steps = {} if batches is Rows else {"steps_per_epoch": 3}  # the second epoch begins in the middle
    whole, resumed = learner(), learner()
    whole.fit(0.1, 2, **steps, verbose=0)
    resumed.fit(0.1, 2, **steps, checkpoint_folder=tmp_path, callbacks=[Stop()], verbose=0)
    resumed.fit(0.1, 2, **steps, checkpoint_folder=tmp_path, resume=True, verbose=0)
    assert resumed.history.history == whole.history.history
    np.testing.assert_array_equal(resumed.model.get_weights()[0], whole.model.get_weights()[0])


@BOTH
def test_batches_without_labels_can_only_be_predicted(batches):
    learner = plain()
    assert learner.predict(batches(labels=False)).shape == (24, 2)
    with pytest.raises(ValueError, match="val_data has no labels"):
        learner.validate(batches(labels=False))
    with pytest.raises(ValueError, match="train_data has no labels"):
        ktlearn.get_learner(dense(), batches(labels=False)).fit(1e-3, 1)


@pytest.mark.slow
def test_a_model_that_is_not_built_yet_is_built_from_the_data():
    for data in ((X, Y), Rows()):
        model = keras.Sequential([keras.layers.Dense(2, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        learner = ktlearn.get_learner(model, data)
        with pytest.raises(ValueError, match="The model has no weights yet"):
            learner.print_layers()
        learner.lr_find(max_epochs=1, verbose=0)
        assert len(model.get_weights()) == 2
        assert learner.fit(1e-3, 1, verbose=0).history["loss"]


@pytest.mark.slow
def test_a_model_with_several_inputs_by_name():
    inputs = {name: keras.Input((3,), name=name) for name in ("left", "right")}
    model = keras.Model(inputs, keras.layers.Dense(2, "softmax")(inputs["left"] - inputs["right"]))
    model.compile("adam", "sparse_categorical_crossentropy")
    data = ({"left": X, "right": -X}, Y)
    learner = ktlearn.get_learner(model, data, data)
    learner.fit(0.1, 10, verbose=0)
    assert learner.validate(print_report=False).figures["accuracy"] > 0.8
