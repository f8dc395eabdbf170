"""A model answers with logits, and its metrics see what they are made for: probabilities."""

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from tests.tiny import NAMES, reviews


@pytest.fixture
def t(shallow):
    return text.Transformer(shallow, maxlen=64, class_names=NAMES)


def auc_and_others():
    return [
        keras.metrics.AUC(name="auc"),
        keras.metrics.Precision(class_id=1, name="precision"),
        keras.metrics.Recall(class_id=1, name="recall"),
        keras.metrics.F1Score(average="macro", threshold=0.5, name="f1"),
        keras.metrics.CategoricalAccuracy(name="accuracy"),
        keras.metrics.CategoricalCrossentropy(name="entropy"),
        keras.metrics.BinaryCrossentropy(name="binary_entropy"),
        keras.metrics.SensitivityAtSpecificity(0.5, name="sensitivity"),
        keras.metrics.MeanSquaredError(name="brier"),
        keras.metrics.BinaryAccuracy(name="binary_accuracy"),
        keras.metrics.BinaryAccuracy(threshold=0.4, name="at_40"),
        keras.metrics.AUC(multi_label=True, num_labels=2, name="auc_of_each"),
    ]


def shown_and_true(model, data, metrics):
    """The figures of a validation, and those of the probabilities that the learner gives."""
    learner = ktlearn.get_learner(model, data, data, batch_size=8)
    learner.fit(1e-3, 1, verbose=0)
    shown = {name: values[-1] for name, values in learner.history.history.items() if name.startswith("val_")}
    probabilities = learner.predict()
    for metric in metrics:
        metric.update_state(data.y, probabilities)
    return shown, {f"val_{metric.name}": np.array(metric.result()) for metric in metrics}


def assert_same(shown, true):
    for name, value in true.items():
        np.testing.assert_allclose(shown[name], value, atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_metrics_of_classes_see_probabilities(t):
    data = t.preprocess_train(*reviews(24), verbose=0)
    shown, true = shown_and_true(t.get_classifier(metrics=auc_and_others()), data, auc_and_others())
    assert_same(shown, true)
    assert shown["val_entropy"] == pytest.approx(shown["val_loss"], abs=1e-4)  # the loss, computed from logits


@pytest.mark.slow
def test_metrics_of_multilabel_see_probabilities(shallow):
    def some():
        return [
            metric
            for metric in auc_and_others()
            if metric.name in ("auc_of_each", "at_40", "binary_entropy", "binary_accuracy")
        ]

    t = text.Transformer(shallow, maxlen=64, class_names=["good", "long"])
    texts, good = reviews(24)
    data = t.preprocess_train(texts, np.array([good, [len(x) > 80 for x in texts]]).T.astype(int), verbose=0)
    assert_same(*shown_and_true(t.get_classifier(metrics=some()), data, some()))


@pytest.mark.slow
def test_a_metric_that_takes_logits_tells_the_same(t):
    metrics = [
        keras.metrics.CategoricalCrossentropy(from_logits=True, name="entropy"),
        keras.metrics.CategoricalCrossentropy(name="same"),
    ]
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier(metrics=metrics)
    ktlearn.get_learner(model, data).fit(1e-3, 1, verbose=0)
    shown = model.evaluate(data.batches(4).for_keras(), return_dict=True, verbose=0)
    assert shown["entropy"] == pytest.approx(shown["loss"], abs=1e-5)
    assert shown["same"] == pytest.approx(shown["loss"], abs=1e-5)


@pytest.mark.slow
def test_metrics_by_name_and_functions_of_the_readers_own(t):
    def sums_to_one(true, predicted):
        return keras.ops.sum(predicted, axis=-1)

    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier(metrics=["accuracy", "AUC", sums_to_one])
    history = ktlearn.get_learner(model, data).fit(1e-4, 1, verbose=0).history
    assert history["sums_to_one"] == pytest.approx([1])
    assert "accuracy" in history


@pytest.mark.slow
def test_a_model_that_the_reader_compiles_anew(t):
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier()
    loss = keras.losses.CategoricalFocalCrossentropy(from_logits=True)
    model.compile(ktlearn.optimizers.adamw(), loss, metrics=[keras.metrics.AUC(name="auc")])
    assert_same(*shown_and_true(model, data, [keras.metrics.AUC(name="auc")]))


@pytest.mark.parametrize(
    "loss",
    [
        "categorical_crossentropy",
        "binary_crossentropy",
        keras.losses.CategoricalCrossentropy(),
        keras.losses.sparse_categorical_crossentropy,
    ],
)
def test_a_loss_that_wants_probabilities_is_refused(t, loss):
    with pytest.raises(ValueError, match="answers with logits, but '.*entropy' wants probabilities.*from_logits=True"):
        t.get_classifier().compile("adam", loss)


@pytest.mark.parametrize("metrics", [5, "accuracy", ["nosuchmetric"], [5], [[None, 5]]])
def test_metrics_that_are_none_are_refused(t, metrics):
    with pytest.raises((ValueError, TypeError), match="metrics"):
        t.get_classifier(metrics=metrics)
