"""How much an example counts: by its class, in every form that people give, and by a weight of its own."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.learner.weights import class_weights
from ktlearn.text.labels import Labels
from tests.plain import RNG, X, Y, dense, plain
from tests.tiny import NAMES, reviews

STARS = Labels(class_names=[1, 2, 3])


def loss_of_first_step(learner, **weights):
    """The loss of one batch of all examples, at a rate that changes nothing."""
    learner.batch_size = 24
    return learner.fit(1e-12, 1, verbose=0, **weights).history["loss"][0]


def entropies(learner):
    return -np.log(learner.model.predict(X, verbose=0)[np.arange(24), Y])


# --- weights of classes --------------------------------------------------------------------------

FORMS = {
    "numbers": {0: 1.0, 1: 3.0},
    "NumPy's numbers": {np.int64(0): np.float32(1), np.int32(1): np.float64(3)},
    "a class left out": {1: 3},
    "a list": [1, 3],
    "an array": np.array([1.0, 3.0]),
}


SELDOM = "NumPy's numbers", "an array"


@pytest.mark.slow
@pytest.mark.parametrize(
    "given",
    [pytest.param(given, id=form, marks=[pytest.mark.weekly] * (form in SELDOM)) for form, given in FORMS.items()],
)
def test_each_form_counts_in_the_loss(given):
    learner = plain()
    expected = (entropies(learner) * np.array([1, 3])[Y]).mean()
    assert loss_of_first_step(learner, class_weight=given) == pytest.approx(expected, rel=1e-4)


def test_scikit_learns_balance_and_one_hot_labels():
    given = compute_class_weight("balanced", classes=np.unique(Y), y=Y)
    learner = plain(y=np.eye(2)[Y], loss="categorical_crossentropy")
    expected = (entropies(learner) * given[Y]).mean()
    assert loss_of_first_step(learner, class_weight=given) == pytest.approx(expected, rel=1e-4)


def test_a_model_with_one_output_has_two_classes():
    for y in (Y, Y[:, None]):
        learner = plain(y=y, units=1, activation="sigmoid", loss="binary_crossentropy")
        p = learner.model.predict(X, verbose=0)[:, 0]
        expected = (-np.log(np.where(Y, p, 1 - p)) * np.array([1, 3])[Y]).mean()
        assert loss_of_first_step(learner, class_weight={1: 3}) == pytest.approx(expected, rel=1e-4)


def test_batches_that_are_made_already_get_them_from_keras():
    class Rows(keras.utils.PyDataset):
        num_batches = 1

        def __len__(self):
            return 1

        def __getitem__(self, number):
            return X, Y

    learner = ktlearn.get_learner(dense(activation="softmax"), Rows())
    expected = (entropies(learner) * np.array([1, 3])[Y]).mean()
    assert loss_of_first_step(learner, class_weight={1: 3}) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match="there is no class 2"):
        learner.fit(1e-3, 1, class_weight={2: 3})
    with pytest.raises(ValueError, match=r"bring it themselves: \(x, y, sample_weight\)"):
        learner.fit(1e-3, 1, sample_weight=np.ones(24))


def test_classes_of_texts_by_name_or_number():
    labels = Labels(class_names=NAMES)
    for given in ({"positive": 3}, {1: 3}, [1, 3], {"negative": 1, "positive": 3}):
        assert class_weights(given, labels, 2).tolist() == [1, 3]


def test_a_class_that_is_a_number_is_called_as_it_is_written():
    assert class_weights({3: 5}, STARS, 3).tolist() == [1, 1, 5]
    assert class_weights({"3": 5}, STARS, 3).tolist() == [1, 1, 5]
    with pytest.raises(ValueError, match="there is no class 0. The classes are '1', '2', '3', 1, 2, 3"):
        class_weights({0: 5}, STARS, 3)


@pytest.mark.slow
def test_texts_count_by_their_class(shallow):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = t.preprocess_train(*reviews(12), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), data, batch_size=12)
    learner.model.run_eagerly = True
    keras.utils.set_random_seed(0)
    plain_loss = learner.fit(1e-12, 1, verbose=0).history["loss"][0]
    keras.utils.set_random_seed(0)
    learner.reset_weights(verbose=0)
    double = learner.fit(1e-12, 1, verbose=0, class_weight={"negative": 2, "positive": 2}).history["loss"][0]
    assert double == pytest.approx(2 * plain_loss, rel=0.2)  # but for the dropout
    assert learner.lr_find(max_epochs=1, class_weight={"positive": 2}, verbose=0)


WRONG = {
    "a name that is none": ({"good": 2}, ValueError, "no class 'good'. The classes are 'negative', 'positive', 0, 1"),
    "a number that is none": ({2: 1.0}, ValueError, "no class 2"),
    "a key that is True": ({True: 1.0}, ValueError, "no class True"),
    "a negative weight": ({0: -1, 1: 1}, ValueError, "0 or above; the one of 0 is -1"),
    "a weight that is not a number": ({0: float("nan")}, ValueError, "the one of 0 is nan"),
    "an infinite weight": ([1, float("inf")], ValueError, "the one number 1 is inf"),
    "a weight in words": ({"positive": "2"}, ValueError, "the one of 'positive' is '2'"),
    "too many": ([1, 2, 3], ValueError, "2 weights are needed.*got 3"),
    "a word": ("balanced", TypeError, "must be {class: weight}"),
    "a number": (3, TypeError, "must be {class: weight}"),
    "zeros": ([0, 0], ValueError, "all weights are 0"),
}


@pytest.fixture(scope="module")
def untrained(checkpoint):
    """A learner of texts, that no test may train."""
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    return ktlearn.get_learner(t.get_classifier(), t.preprocess_train(*reviews(4), verbose=0))


@pytest.mark.parametrize("given, kind, message", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("method", ["fit", "fit_onecycle", "autofit", "lr_find"])
def test_wrong_weights_are_refused_by_name_before_any_work(method, given, kind, message, untrained, monkeypatch):
    monkeypatch.setattr(untrained.model, "fit", None)
    arguments = {"lr_find": ()}.get(method, (1e-3, 1))
    with pytest.raises(kind, match=f"class_weight.*{message}"):
        getattr(untrained, method)(*arguments, class_weight=given)


def test_multilabel_and_regression_have_no_classes(checkpoint):
    t = text.Transformer(checkpoint, maxlen=16, class_names=NAMES)
    data = t.preprocess_train(["a", "film"], [[1, 1], [0, 1]], verbose=0)
    with pytest.raises(ValueError, match="class_weight is for classes.*multilabel"):
        ktlearn.get_learner(t.get_classifier(), data).fit(1e-3, 1, class_weight={0: 2})
    learner = plain(X[:, :1], units=1, activation=None, loss="mse")
    with pytest.raises(ValueError, match="class_weight is for classes.*regression"):
        learner.fit(1e-3, 1, class_weight={0: 1.0, 1: 2.0})


# --- weights of examples -------------------------------------------------------------------------

WEIGHTS = RNG.uniform(0, 2, 24).astype("float32")


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(np.asarray, marks=pytest.mark.weekly),
        pytest.param(list, marks=pytest.mark.weekly),
        lambda weights: __import__("pandas").Series(weights),
    ],
)
def test_each_example_counts_as_much_as_it_is_given(form):
    learner = plain()
    expected = (entropies(learner) * WEIGHTS).mean()
    assert loss_of_first_step(learner, sample_weight=form(WEIGHTS)) == pytest.approx(expected, rel=1e-4)
    three = ktlearn.get_learner(learner.model, (X, Y, form(WEIGHTS)))
    assert loss_of_first_step(three) == pytest.approx(expected, rel=1e-4)


def test_both_weights_are_multiplied():
    learner = plain()
    expected = (entropies(learner) * WEIGHTS * np.array([1, 3])[Y]).mean()
    found = loss_of_first_step(learner, sample_weight=WEIGHTS, class_weight=[1, 3])
    assert found == pytest.approx(expected, rel=1e-4)


def test_a_weight_stays_with_its_text(t):
    """Only the texts with a weight above 0 are learned, whatever the order of the batches."""
    texts, labels = reviews(24)
    wrong = [label if i < 12 else 1 - label for i, label in enumerate(labels)]
    data = t.preprocess_train(texts, wrong, verbose=0)
    weighted = data.weighted(sample_weight=np.arange(24) < 12)
    for batch in (weighted.batches(5, shuffle=True)[0], weighted.training_batches(5, 0, steps_per_epoch=3)[1]):
        inputs, y, weights = batch
        for ids, label, weight in zip(inputs["input_ids"], y, weights, strict=True):
            place = next(i for i in range(24) if list(data.ids(i)) == list(ids[ids != 0]))
            assert weight == (place < 12) and label.argmax() == wrong[place]
    assert len(data.batches(5)[0]) == 2  # the data set itself stays as it was


@pytest.mark.slow
def test_texts_with_weights_train_on_open_lengths(shallow):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = t.preprocess_train(*reviews(12), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), data, batch_size=5)
    history = learner.fit(1e-4, 1, sample_weight=np.ones(12), verbose=0).history
    assert history["loss"][0] > 0


@pytest.mark.parametrize(
    "given, kind, message",
    [
        (np.ones(23), ValueError, r"shape \(24,\).*got \(23,\)"),
        (np.ones((24, 1)), ValueError, r"got \(24, 1\)"),
        ([1] * 23 + [float("nan")], ValueError, "the one number 23 is nan"),
        ([1] * 23 + [-1], ValueError, "the one number 23 is -1"),
        (["1"] * 24, ValueError, "the one number 0 is '1'"),
        (np.zeros(24), ValueError, "all weights are 0"),
        (2.0, TypeError, "must be a list or array"),
    ],
)
def test_wrong_weights_of_examples_are_refused(given, kind, message):
    learner = plain()
    before = learner.model.get_weights()[0]
    with pytest.raises(kind, match=f"sample_weight.*{message}"):
        learner.fit(1e-3, 1, sample_weight=given)
    np.testing.assert_array_equal(learner.model.get_weights()[0], before)


def test_what_people_put_in_a_tuple(t):
    data = t.preprocess_train(*reviews(4), verbose=0)
    model = t.get_classifier()
    with pytest.raises(TypeError, match=r"has its labels already: give it alone.*fit\(sample_weight=…\)"):
        ktlearn.get_learner(model, (data, data.y, np.ones(4)))
    with pytest.raises(TypeError, match="x is a list of texts: make data of them first"):
        ktlearn.get_learner(model, (["lovely", "awful"], [1, 0]))
    arrays = t.get_tokenizer()(["good film", "bad"], padding=True, return_tensors="np")  # no dict, but like one
    learner = ktlearn.get_learner(model, (arrays, np.eye(2, dtype="float32")))
    assert learner.predict((arrays, np.eye(2))).shape == (2, 2)


# --- callbacks that set the rate -----------------------------------------------------------------


def test_a_callback_of_keras_that_lowers_the_rate_lowers_it():
    down = keras.callbacks.ReduceLROnPlateau("loss", factor=0.1, patience=1, min_delta=100, min_lr=0)
    rates = plain().fit(1e-2, 4, callbacks=[down], verbose=0).history["lr"]
    assert rates == pytest.approx([1e-2] * 6 + [1e-3] * 3 + [1e-4] * 3, rel=1e-5)


def test_a_schedule_of_keras_by_epochs_is_followed_from_the_first_batch():
    by_epoch = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 / (epoch + 1))
    rates = plain().fit(1e-2, 2, callbacks=[by_epoch], verbose=0).history["lr"]
    assert rates == pytest.approx([0.5] * 3 + [0.25] * 3, rel=1e-5)


def test_a_policy_goes_on_in_proportion():
    class Half(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = self.model.optimizer.learning_rate * 0.5

    alone = np.array(plain().fit_onecycle(1e-2, 2, verbose=0).history["lr"])
    rates = plain().fit_onecycle(1e-2, 2, callbacks=[Half()], verbose=0).history["lr"]
    assert rates == pytest.approx(np.concatenate([alone[:3], alone[3:] / 2]), rel=1e-5)


def test_a_callback_that_only_looks_changes_no_rate():
    looks = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)
    assert plain().fit(1e-2, 2, callbacks=[looks], verbose=0).history["lr"] == [1e-2] * 6


@pytest.mark.parametrize(
    "callbacks, kind, message",
    [
        ([5], TypeError, "5 is no Keras callback"),
        (keras.callbacks.History(), TypeError, "must be a list"),
        (lambda: None, TypeError, "must be a list"),
        ([keras.callbacks.History], TypeError, "is no Keras callback"),
        ([keras.callbacks.BackupAndRestore("x")], ValueError, "Use checkpoint_folder=… in its place, and resume=True"),
    ],
)
def test_what_is_no_callback_is_refused(callbacks, kind, message):
    for train in ("fit", "fit_onecycle", "autofit"):
        with pytest.raises(kind, match=f"callbacks.*{message}"):
            getattr(plain(val=True), train)(1e-2, 1, callbacks=callbacks)


def test_no_callbacks_may_be_none():
    assert plain().fit(1e-2, 1, callbacks=None, verbose=0).history["loss"]
