"""`text.Transformer`: raw texts in, batches and a model out."""

import numpy as np
import pandas as pd
import pytest

from ktlearn import text
from ktlearn.backend import keras
from ktlearn.text.batches import padded_length
from ktlearn.text.dataset import TextDataset
from tests.tiny import NAMES, reviews, sentence

TEXTS = ["bad film", "good film", "good book"]
LABELS = [0, 1, 1]
PAIRS = [("good film", "bad book"), ("the plot", "the room it was")]


@pytest.fixture
def t(shallow):
    return text.Transformer(shallow, maxlen=64, class_names=NAMES)


def rows(dataset):
    return [dataset.ids(i).tolist() for i in range(len(dataset))]


# --- what comes out ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_texts_and_labels_of_any_container_give_the_same_data_set(t, kind):
    dataset = t.preprocess_train(kind(TEXTS), kind(LABELS), verbose=0)
    assert isinstance(dataset, TextDataset)
    assert rows(dataset) == [t.tokenizer(text)["input_ids"] for text in TEXTS]
    np.testing.assert_array_equal(dataset.y, [[1, 0], [0, 1], [0, 1]])
    assert dataset.texts == TEXTS


def test_tokens_in_bulk_are_those_of_the_tokenizer_one_by_one(t, monkeypatch):
    monkeypatch.setattr("ktlearn.text.transformer.TOKENIZE_AT_ONCE", 7)
    texts, labels = reviews(30, longest=90)  # the longest are cut at 64
    dataset = t.preprocess_train(texts, labels, verbose=0)
    assert rows(dataset) == [t.tokenizer(text, truncation=True, max_length=64)["input_ids"] for text in texts]
    assert dataset.lengths.max() == 64
    assert dataset.ids(0).dtype == "int32"


def test_pairs_in_bulk_are_those_of_the_tokenizer_one_by_one(t):
    inputs = t.preprocess_test(PAIRS, verbose=0).collate(np.array([0, 1]))
    alone = t.tokenizer(*PAIRS[1])
    assert inputs["input_ids"][1, :9].tolist() == alone["input_ids"]
    assert inputs["token_type_ids"][1, :9].tolist() == alone["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert inputs["token_type_ids"].dtype == "int32"


@pytest.mark.slow
def test_the_segments_of_a_pair_reach_the_model(t):
    t.preprocess_train(PAIRS, [0, 1], verbose=0)
    keras.utils.set_random_seed(0)  # the fresh head of some seeds hardly looks at the segments
    model = t.get_classifier()
    inputs = t.preprocess_test(PAIRS, verbose=0).collate(np.array([0, 1]))
    as_one_text = inputs | {"token_type_ids": np.zeros_like(inputs["token_type_ids"])}
    difference = np.abs(model.predict(inputs, verbose=0) - model.predict(as_one_text, verbose=0))
    assert difference.min() > 1e-3


def test_texts_that_are_no_pairs_carry_no_segments(t):
    assert set(t.preprocess_test(TEXTS, verbose=0).collate(np.array([0]))) == {"input_ids", "attention_mask"}


def test_a_batch_says_where_its_padding_is(t):
    inputs, _ = t.preprocess_train([*TEXTS[:2], "good"], LABELS, verbose=0).collate(np.array([0, 2]))
    rest = [0] * (padded_length(4, t.maxlen) - 4)
    assert inputs["attention_mask"].tolist() == [[1, 1, 1, 1, *rest], [1, 1, 1, 0, *rest]]
    assert (inputs["input_ids"][inputs["attention_mask"] == 0] == t.tokenizer.pad_token_id).all()


def test_an_empty_text_is_a_text(t):
    assert rows(t.preprocess_test([""], verbose=0)) == [[2, 3]]  # [CLS] [SEP]


def test_classes_keep_the_order_in_which_they_were_named(shallow):
    t = text.Transformer(shallow, class_names=["positive", "negative"])
    dataset = t.preprocess_train(TEXTS, ["negative", "positive", "positive"], verbose=0)
    assert t.get_classes() == ["positive", "negative"]
    np.testing.assert_array_equal(dataset.y, [[0, 1], [1, 0], [1, 0]])
    assert t.get_classifier().config.id2label == {0: "positive", 1: "negative"}


def test_classes_are_learned_anew_when_the_cell_runs_again(shallow):
    t = text.Transformer(shallow)
    for labels in ([3, 5, 5], [3, 5, 5], ["no", "yes", "yes"]):
        dataset = t.preprocess_train(TEXTS, labels, verbose=0)
        np.testing.assert_array_equal(dataset.y, [[1, 0], [0, 1], [0, 1]])
    assert t.get_classes() == ["no", "yes"]


def test_labels_of_a_failed_call_leave_the_earlier_ones(t):
    t.preprocess_train(TEXTS, LABELS, verbose=0)
    with pytest.raises(ValueError, match="no training text has the class"):
        t.preprocess_train(TEXTS, [1, 1, 1], verbose=0)
    np.testing.assert_array_equal(t.preprocess_test(TEXTS, LABELS, verbose=0).y, [[1, 0], [0, 1], [0, 1]])


def test_test_texts_need_no_labels_and_no_training_texts(t):
    dataset = t.preprocess_test(TEXTS, verbose=0)
    assert dataset.y is None
    assert len(dataset) == 3


def test_ktrains_older_name_of_the_classes_is_understood(shallow):
    assert text.Transformer(shallow, 64, [], NAMES).get_classes() == NAMES


@pytest.mark.slow
def test_without_a_learner_keras_gets_batches(shallow):
    t = text.Transformer(shallow, 64, NAMES, batch_size=4, use_with_learner=False)
    texts, labels = reviews(10)
    trn = t.preprocess_train(texts, labels, verbose=0)
    val = t.preprocess_test(texts, labels, verbose=0)
    model = t.get_classifier()
    model.run_eagerly = True  # one step is quicker than compiling it
    history = model.fit(trn, validation_data=val, shuffle=False, verbose=0)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    np.testing.assert_array_equal(np.concatenate([y for _, y in val])[:, 1], labels)


def test_words_are_printed_only_when_they_are_wanted(t, capsys):
    t.preprocess_train(TEXTS, LABELS, verbose=0)
    t.preprocess_test(TEXTS, verbose=0)
    t.get_classifier()
    assert capsys.readouterr().out == ""
    t.preprocess_train(TEXTS, LABELS)
    assert capsys.readouterr().out == (
        "train: 3 texts, 4 tokens on average, 95 % have at most 4, the longest 4; "
        "maxlen 64 covers 100 % of them whole\n"
        '  0 negative 1  "bad film"\n'
        '  1 positive 2  "good film"\n'
    )
    t.preprocess_test(TEXTS, LABELS)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_texts_of_a_language_that_the_checkpoint_cannot_read_are_noticed(t, capsys):
    t.preprocess_test(["good film", "плохой фильм"])
    assert "  25% of the tokens are unknown to this checkpoint" in capsys.readouterr().out


def test_a_long_input_shows_a_bar(t, monkeypatch, capsys):
    monkeypatch.setattr("ktlearn.text.transformer.BAR_FROM", 3)
    t.preprocess_test(TEXTS[:2])
    assert "tokenizing" not in capsys.readouterr().err
    t.preprocess_test(TEXTS)
    assert "tokenizing: 100%" in capsys.readouterr().err


# --- the models ---------------------------------------------------------------------------------


def losses(model):
    return type(model.loss).__name__


def test_each_kind_of_labels_gets_its_model(shallow):
    t = text.Transformer(shallow, class_names=NAMES)
    t.preprocess_train(TEXTS, LABELS, verbose=0)
    assert losses(t.get_classifier()) == losses(t.get_model()) == "CategoricalCrossentropy"
    t.preprocess_train(TEXTS, [[1, 1], [0, 1], [0, 0]], verbose=0)
    assert losses(t.get_classifier()) == "BinaryCrossentropy"
    t = text.Transformer(shallow)
    t.preprocess_train(TEXTS, [0.5, 1.5, 1.0], verbose=0)
    model = t.get_model()
    assert losses(model) == losses(t.get_regression_model()) == "ScaledMeanSquaredError"
    assert model.num_labels == 1


def test_the_classifier_can_be_had_before_the_texts_when_the_classes_are_named(t):
    model = t.get_classifier(metrics=["AUC"])
    assert model.num_labels == 2
    assert model.config.id2label == {0: "negative", 1: "positive"}
    assert model.config.label2id == {"negative": 0, "positive": 1}


def test_labels_that_look_like_classes_can_be_made_multilabel(t):
    t.preprocess_train(TEXTS, [[1, 0], [0, 1], [1, 0]], verbose=0)
    assert losses(t.get_classifier(multilabel=True)) == "BinaryCrossentropy"
    assert t.preprocess_test(TEXTS, [[1, 1], [0, 0], [1, 0]], verbose=0).y.sum() == 3


def test_building_a_model_changes_no_data_set_that_exists(t):
    before = t.preprocess_train(TEXTS, [[1, 0], [0, 1], [1, 0]], verbose=0)
    t.get_classifier(multilabel=True)
    assert (before.labels.kind, t.labels.kind) == ("classes", "multilabel")


def test_multilabel_labels_cannot_be_made_classes(t, request):
    t.preprocess_train(TEXTS, [[1, 1], [0, 1], [1, 0]], verbose=0)
    request.getfixturevalue("no_work")
    with pytest.raises(ValueError, match="multilabel=False, but the training labels are multilabel"):
        t.get_classifier(multilabel=False)


def test_the_wrong_kind_of_model_is_refused_before_weights_are_loaded(shallow, t, regression, request):
    numbers = text.Transformer(shallow)
    numbers.preprocess_train(TEXTS, [0.5, 1.5, 1.0], verbose=0)
    classes = text.Transformer(shallow)
    classes.preprocess_train(TEXTS, [1, 2, 3], verbose=0)
    request.getfixturevalue("no_work")
    for preproc in (numbers, regression):
        with pytest.raises(ValueError, match=r"this is a regression: use get_regression_model\(\)"):
            preproc.get_classifier()
    for preproc in (classes, t):
        with pytest.raises(ValueError, match=r"The labels are classes: use get_classifier\(\)"):
            preproc.get_regression_model()
    with pytest.raises(ValueError, match="The classes are not known yet"):
        text.Transformer(shallow).get_classifier()


def test_weights_can_come_from_another_folder(t, tmp_path):
    keras.utils.set_random_seed(1)
    first = t.get_classifier()
    first.save_pretrained(tmp_path / "mine")
    again = t.get_classifier(fpath=tmp_path / "mine")
    for mine, theirs in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_fresh_random_start_of_the_same_architecture_can_be_had(t):
    trained, random = t.get_classifier(), t.get_classifier(pretrained=False)
    words = random.embeddings.tokens.embeddings
    assert [v.shape for v in random.weights] == [v.shape for v in trained.weights]
    assert np.abs(words - trained.embeddings.tokens.embeddings).max() > 0.01
    assert random.config.id2label == {0: "negative", 1: "positive"}
    assert random.compiled
    with pytest.raises(ValueError, match="pretrained=False begins with random weights"):
        t.get_classifier(fpath="somewhere", pretrained=False)


def test_two_models_share_neither_weights_nor_optimizer(t):
    first, second = t.get_classifier(), t.get_classifier()
    assert first.optimizer is not second.optimizer
    for model in (first, second):
        model.optimizer.build(model.trainable_variables)
    before = second.get_weights()
    first.optimizer.set_momentum(0.85)
    first.optimizer.apply([keras.ops.ones(v.shape) for v in first.trainable_variables])
    assert int(first.optimizer.iterations.numpy()) == 1
    assert int(second.optimizer.iterations.numpy()) == 0
    assert float(second.optimizer.beta_1.numpy()) == pytest.approx(0.9)
    assert not {id(v) for v in first.optimizer.variables} & {id(v) for v in second.optimizer.variables}
    for was, now in zip(before, second.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_tokenizer_is_the_checkpoints(t):
    assert t.get_tokenizer().tokenize(sentence(3)) == sentence(3).split()
