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


def evaluated(model, data):
    return model.evaluate(data.batches(8).for_keras(), return_dict=True, verbose=0)


def assert_of_probabilities(shown, model, data, metrics):
    """The figures that Keras shows are those of the probabilities that the learner gives."""
    probabilities = ktlearn.get_learner(model, val_data=data).predict()
    for metric in metrics:
        metric.update_state(data.y, probabilities)
        np.testing.assert_allclose(shown[metric.name], metric.result(), atol=1e-4, err_msg=metric.name)


@pytest.mark.slow
def test_metrics_of_classes_see_probabilities_also_one_that_takes_logits(t):
    data = t.preprocess_train(*reviews(24), verbose=0)
    takes_logits = keras.metrics.CategoricalCrossentropy(from_logits=True, name="entropy_of_logits")
    model = t.get_classifier(metrics=[*auc_and_others(), takes_logits])
    shown = evaluated(model, data)
    assert_of_probabilities(shown, model, data, auc_and_others())
    for name in ("entropy", "entropy_of_logits"):
        assert shown[name] == pytest.approx(shown["loss"], abs=1e-5)  # the loss, computed from logits


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
    model = t.get_classifier(metrics=some())
    assert_of_probabilities(evaluated(model, data), model, data, some())


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
    learner = ktlearn.get_learner(model, data, data, batch_size=8)
    history = learner.fit(1e-3, 1, verbose=0).history
    assert_of_probabilities({"auc": history["val_auc"][-1]}, model, data, [keras.metrics.AUC(name="auc")])


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
