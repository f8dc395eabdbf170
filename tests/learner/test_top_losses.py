"""The worst examples: in order, with their texts, for every kind of labels."""

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from tests.plain import X, Y, dense, plain
from tests.tiny import NAMES, reviews


def with_outputs(outputs, y, **options):
    """A learner whose model answers with these rows, one for each example."""
    outputs = np.array(outputs, "float32")
    model = keras.Sequential(
        [keras.Input((outputs.shape[1],)), keras.layers.Activation(options.pop("activation", None))]
    )
    model.compile(**options)
    return ktlearn.get_learner(model, val_data=(outputs, np.array(y)))


def test_wrong_examples_come_with_their_texts_the_worst_first(trained):
    learner, t = trained
    texts, labels = reviews(12, seed=5)
    labels[3], labels[7] = 1 - labels[3], 1 - labels[7]  # two that the model is right not to believe
    data = t.preprocess_test(texts, labels, verbose=0)
    rows = learner.top_losses(val_data=data)
    assert sorted(row.id for row in rows) == [3, 7]
    assert rows[0].loss >= rows[1].loss > 0.69
    for row in rows:
        assert row.text == texts[row.id]
        assert row.true == NAMES[labels[row.id]] != row.pred
    scores = learner.predict(data)
    assert [row.loss for row in rows] == pytest.approx([-np.log(scores[r.id, labels[r.id]]) for r in rows], rel=1e-4)


def test_they_are_printed_and_returned(trained, capsys):
    learner, t = trained
    data = t.preprocess_test(["good <b>film</b>", "bad film"], [0, 0], verbose=0)
    rows = learner.view_top_losses(n=1, val_data=data)
    assert rows == learner.top_losses(1, data)
    line, head, shown = capsys.readouterr().out.splitlines()[:3]
    assert line == "----------"
    assert head == f"id:0 | loss:{rows[0].loss:.2f} | true:negative | pred:positive"
    assert shown == "good <b>film</b>"


def test_a_model_without_an_error_says_so(trained, capsys):
    learner, t = trained
    assert learner.view_top_losses(val_data=t.preprocess_test(["bad film"], [0], verbose=0)) == []
    assert capsys.readouterr().out == "No example is predicted wrongly.\n"


def test_a_pair_of_texts_shows_both(checkpoint, capsys):
    t = text.Transformer(checkpoint, maxlen=32, class_names=NAMES)
    pairs = [("good film", "bad plot"), ("bad room", "good food")]
    learner = ktlearn.get_learner(t.get_classifier(), val_data=t.preprocess_train(pairs, [0, 1], verbose=0))
    chosen = learner.predict().argmax(1)
    data = t.preprocess_test(pairs, 1 - chosen, verbose=0)  # an untrained model guesses: make both guesses wrong
    row, _ = learner.view_top_losses(2, val_data=data)
    assert row.text == data.texts[row.id]
    assert "\n".join(row.text) in capsys.readouterr().out


@pytest.mark.parametrize("n, ids", [(1, [1]), ((0, 2), [1, 3]), ((1, 3), [3, 0]), (99, [1, 3, 0])])
def test_a_part_of_the_list_can_be_chosen(n, ids):
    outputs = [[0.4, 0.6], [0.1, 0.9], [0.9, 0.1], [0.2, 0.8]]
    learner = with_outputs(outputs, [0, 0, 0, 0], loss="sparse_categorical_crossentropy")
    assert [row.id for row in learner.top_losses(n)] == ids


def test_arrays_have_numbers_for_classes_unless_names_are_given(t):
    t.preprocess_train(*reviews(4), verbose=0)
    learner = with_outputs([[0.1, 0.9]], [0], loss="sparse_categorical_crossentropy")
    assert learner.top_losses() == [(0, pytest.approx(-np.log(0.1), rel=1e-5), 0, 1, None)]
    assert learner.top_losses(preproc=t)[0][2:] == ("negative", "positive", None)


def test_one_hot_labels_and_logits():
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    learner = with_outputs([[0.0, 2.0, 0.0], [5.0, 0.0, 0.0]], [[1, 0, 0], [1, 0, 0]], loss=loss)
    (row,) = learner.top_losses()
    assert row[:4] == (0, pytest.approx(np.log(2 + np.exp(2)), rel=1e-5), 0, 1)


def test_one_sigmoid_is_two_classes():
    learner = with_outputs([[0.9], [0.2], [0.6]], [0, 0, 1], loss="binary_crossentropy")
    (row,) = learner.top_losses()
    assert row[:4] == (0, pytest.approx(-np.log(0.1), rel=1e-4), 0, 1)


def test_multilabel_rows_have_lists_of_names(t, capsys):
    loss = keras.losses.BinaryCrossentropy()
    learner = with_outputs(
        [[0.9, 0.2, 0.6], [0.9, 0.1, 0.1], [0.4, 0.3, 0.2]], [[1, 1, 0], [1, 0, 0], [0, 1, 0]], loss=loss
    )
    rows = learner.top_losses()
    assert [row[0::2] for row in rows] == [(0, [0, 1], None), (2, [1], None)]
    assert [row.pred for row in rows] == [[0, 2], []]
    assert rows[0].loss == pytest.approx(-np.mean(np.log([0.9, 0.2, 0.4])), rel=1e-4)
    learner.view_top_losses()
    assert "true:0, 1 | pred:0, 2" in capsys.readouterr().out.splitlines()[1]


def test_of_a_regression_every_example_counts():
    rows = with_outputs([[1.0], [2.0], [3.0]], [1.5, 0.0, 3.0], loss="mse").top_losses()
    assert [row[:4] for row in rows] == [(1, 4.0, 0.0, 2.0), (0, 0.25, 1.5, 1.0), (2, 0.0, 3.0, 3.0)]


def test_a_loss_function_of_the_readers_own_is_used():
    learner = with_outputs([[1.0], [2.0]], [[0.0], [4.0]], loss=lambda true, predicted: keras.ops.abs(true - predicted))
    assert [(row.id, row.loss) for row in learner.top_losses()] == [(1, 2.0), (0, 1.0)]


def test_what_cannot_be_ranked_is_refused():
    scalar = with_outputs([[1.0], [2.0]], [[0.0], [4.0]], loss=lambda true, predicted: keras.ops.mean(predicted))
    with pytest.raises(ValueError, match="not a number for each of 2 examples"):
        scalar.top_losses()
    with pytest.raises(ValueError, match="There is no val_data"):
        ktlearn.get_learner(dense(), (X, Y)).top_losses()
    for n in (-1, 1.5, "4", (1, 2, 3), True):
        with pytest.raises(ValueError, match="n must be a number of examples"):
            plain(val=True).top_losses(n)
