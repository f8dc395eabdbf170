"""What the learner predicts, and what it reports of it."""

import numpy as np
import pandas as pd
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.kinds import CLASSES
from ktlearn.learner.report import Report, make_report
from tests.plain import X, Y, plain
from tests.tiny import NAMES, sentence

# --- prediction and validation ------------------------------------------------------------------


@pytest.mark.slow
def test_the_tiny_model_has_learned_its_task(trained):
    learner, _ = trained
    losses = learner.history.history["loss"]
    assert losses[-1] < 0.3 < losses[0]
    assert learner.validate(print_report=False).figures["accuracy"] >= 0.9


def test_predictions_come_in_the_datas_order_although_batches_are_sorted_by_length(trained):
    learner, t = trained
    texts = ["good", f"bad {sentence(25)}", f"good {sentence(12)}", "bad film", f"good {sentence(40)}"]
    together = learner.predict(t.preprocess_test(texts, verbose=0))
    alone = [learner.predict(t.preprocess_test([text], verbose=0))[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together.sum(1), 1, atol=1e-6)


def test_the_order_and_the_numbers_do_not_depend_on_the_batch_size(trained):
    learner, _ = trained
    in_sevens = ktlearn.get_learner(learner.model, val_data=learner.val_data, eval_batch_size=7)
    np.testing.assert_allclose(in_sevens.predict(), learner.predict(), atol=1e-5)


def test_the_validation_during_training_sees_the_same_texts(trained):
    learner, _ = trained
    accuracy = learner.validate(print_report=False).figures["accuracy"]
    assert learner.history.history["val_accuracy"][-1] == pytest.approx(accuracy)


def test_the_report_on_classes_is_the_confusion_matrix_and_more(trained, capsys):
    learner, t = trained
    report = learner.validate(class_names=t.get_classes())
    assert isinstance(report, np.ndarray) and isinstance(report, Report)
    assert report.shape == (2, 2)
    true, predicted = learner.ground_truth().argmax(1), learner.predict().argmax(1)
    for i in range(2):
        for j in range(2):
            assert report[i, j] == ((true == i) & (predicted == j)).sum()
    assert report.figures["accuracy"] == pytest.approx(np.trace(report) / report.sum())
    assert report.figures["positive"]["support"] == 20
    assert report.class_names == NAMES
    assert str(report) == report.text
    assert capsys.readouterr().out == report.text + "\n"
    assert all(name in report.text for name in (*NAMES, "precision", "recall", "accuracy"))


def test_the_report_can_be_silent_and_under_other_names(trained, capsys):
    learner, _ = trained
    report = learner.evaluate(print_report=False, class_names=["schlecht", "gut"])
    assert capsys.readouterr().out == ""
    assert "schlecht" in report.text


def test_other_data_can_be_validated(trained):
    learner, t = trained
    report = learner.validate(t.preprocess_test(["good", "bad", "good"], [1, 0, 0], verbose=0), print_report=False)
    assert report.sum() == 3


@pytest.mark.slow
def test_the_report_on_multilabel_data_has_a_matrix_for_each_class(checkpoint):
    t = text.Transformer(checkpoint, class_names=["sport", "money", "art"])
    y = [[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0]]
    data = t.preprocess_train(["a film", "the book it", "plot", "room was"], y, verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), val_data=data)
    scores = learner.predict()
    assert scores.shape == (4, 3) and not np.allclose(scores.sum(1), 1)
    report = learner.validate(print_report=False)
    assert report.shape == (3, 2, 2)
    assert report[1].sum() == 4 and report[1][1].sum() == 2  # rows are true: two texts are about money
    assert report.figures["binary_accuracy"] == pytest.approx(((scores > 0.5) == np.array(y)).mean())
    assert learner.model.evaluate(data.batches(4).for_keras(), verbose=0, return_dict=True)[
        "binary_accuracy"
    ] == pytest.approx(report.figures["binary_accuracy"])
    assert "sport" in report.text


def test_the_report_on_a_regression_holds_its_errors(regression):
    data = regression.preprocess_train(["a film", "the book it", "plot"], [1, 2, 4], verbose=0)
    learner = ktlearn.get_learner(regression.get_regression_model(), val_data=data)
    error = learner.predict()[:, 0] - [1, 2, 4]
    report = learner.validate(print_report=False)
    assert report.size == 0
    assert report.figures["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)
    assert report.figures["rmse"] == pytest.approx(np.sqrt(np.square(error).mean()), rel=1e-5)
    assert report.text.splitlines()[0].split() == ["mae", f"{np.abs(error).mean():.4f}"]


# --- plain Keras models and arrays --------------------------------------------------------------


@pytest.mark.slow
def test_a_plain_keras_model_learns_from_arrays():
    learner = plain(val=True, metrics=["accuracy"])
    learner.fit_onecycle(0.3, 10, verbose=0)
    assert learner.validate(print_report=False).figures["accuracy"] >= 0.9


def test_probabilities_of_a_model_that_ends_with_a_softmax_are_left_alone():
    learner = plain(val=True)
    np.testing.assert_allclose(learner.predict(), learner.model.predict(X, verbose=0), rtol=1e-6)


def test_logits_of_a_plain_model_become_probabilities():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    learner = plain(val=True, activation=None, loss=loss)
    np.testing.assert_allclose(learner.predict().sum(1), 1, rtol=1e-6)


def test_a_plain_regression_with_a_flat_y_is_compared_number_by_number():
    learner = plain(X[:, 0], val=True, units=1, activation=None, loss="mse")
    error = learner.model.predict(X, verbose=0)[:, 0] - X[:, 0]
    assert learner.validate(print_report=False).figures["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-5)


def test_one_sigmoid_output_is_two_classes():
    learner = plain(val=True, units=1, activation="sigmoid", loss="binary_crossentropy")
    report = learner.validate(print_report=False, class_names=["below", "above"])
    predicted = learner.predict()[:, 0] > 0.5
    assert report.tolist() == [
        [(~predicted & (Y == 0)).sum(), (predicted & (Y == 0)).sum()],
        [(~predicted & (Y == 1)).sum(), (predicted & (Y == 1)).sum()],
    ]


def test_the_figures_can_be_saved_as_a_table(trained, tmp_path):
    learner, _ = trained
    report = learner.validate(print_report=False, save_path=tmp_path / "report.csv")
    table = pd.read_csv(tmp_path / "report.csv", index_col=0)
    assert table.loc["positive", "recall"] == pytest.approx(report.figures["positive"]["recall"])
    assert table.loc["accuracy", "score"] == pytest.approx(report.figures["accuracy"])
    regression = plain(X[:, 0], val=True, units=1, activation=None, loss="mse")
    regression.validate(print_report=False, save_path=tmp_path / "numbers.csv")
    assert pd.read_csv(tmp_path / "numbers.csv", index_col=0).index.tolist() == ["mae", "rmse", "r2"]


def test_a_spreadsheet_takes_no_class_name_for_a_formula(tmp_path):
    rows = np.array([[1.0, 0], [0, 1]])
    report = make_report(CLASSES, rows, rows, ["=HYPERLINK(1)", "@sum"])
    report.save(tmp_path / "report.csv")
    names = pd.read_csv(tmp_path / "report.csv", index_col=0).index.tolist()
    assert names[:2] == ["'=HYPERLINK(1)", "'@sum"]
    assert list(report.figures)[:2] == ["=HYPERLINK(1)", "@sum"]


def test_a_table_that_cannot_be_written_leaves_the_old_one(trained, tmp_path, monkeypatch):
    report = trained[0].validate(print_report=False)
    report.save(tmp_path / "report.csv")
    before = (tmp_path / "report.csv").read_bytes()

    def full(self, path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="No space left"):
        report.save(tmp_path / "report.csv")
    assert (tmp_path / "report.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]
