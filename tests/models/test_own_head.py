"""A checkpoint's own classifier and the reader's class names meet by name, never by place."""

import numpy as np
import pytest

from ktlearn import models

IDS = {"input_ids": np.array([[2, 5, 7, 3], [2, 6, 8, 3]], "int32")}


@pytest.fixture
def saved(shallow, tmp_path):
    """A function: a folder with a classifier for these classes, and its logits."""

    def save(*names):
        model = models.from_pretrained(shallow, task="classification", labels=names, verbose=0)
        model.save_pretrained(tmp_path / "own")
        return tmp_path / "own", np.array(model(IDS).logits)

    return save


def load(folder, labels):
    return models.from_pretrained(folder, task="classification", labels=labels, verbose=0)


def test_the_same_classes_in_another_order_keep_their_answers(saved):
    folder, logits = saved("sport", "money", "art")
    model = load(folder, ["art", "sport", "money"])
    np.testing.assert_array_equal(model(IDS).logits, logits[:, [2, 0, 1]])
    assert model.config.id2label == {0: "art", 1: "sport", 2: "money"}
    assert model.own_head == (
        "The checkpoint's own head for sport, money, art is kept, its classes matched by name, in the order that you "
        "gave."
    )
    assert model.loading == ([], [])


def test_saved_again_they_are_in_the_new_order_for_every_program(saved, tmp_path):
    folder, logits = saved("neg", "pos")
    load(folder, ["pos", "neg"]).save_pretrained(tmp_path / "again")
    again = models.from_pretrained(tmp_path / "again", task="classification")
    assert again.config.id2label == {0: "pos", 1: "neg"} and again.config.label2id == {"pos": 0, "neg": 1}
    np.testing.assert_array_equal(again(IDS).logits, logits[:, ::-1])


def test_upper_and_lower_case_do_not_matter_when_nothing_is_twice_by_that(saved):
    folder, logits = saved("NEGATIVE", "POSITIVE")
    np.testing.assert_array_equal(load(folder, ["positive", "negative"])(IDS).logits, logits[:, ::-1])
    folder, logits = saved("us", "US")
    np.testing.assert_array_equal(load(folder, ["US", "us"])(IDS).logits, logits[:, ::-1])
    assert "a fresh one is trained" in load(folder, ["Us", "uS"]).own_head


@pytest.mark.parametrize("labels", [["spam", "ham"], ["neg", "ham"], ["neg", "pos", "none"]])
def test_a_head_for_other_classes_is_not_taken(saved, labels):
    folder, _ = saved("neg", "pos")
    model = load(folder, labels)
    assert model.loading.fresh == ["classifier.weight", "classifier.bias"]
    assert model.own_head.startswith("The checkpoint's own head is for neg, pos; for ")
    assert model.own_head.endswith("a fresh one is trained.")
    assert not model.head.classifier.bias.numpy().any()


def test_a_head_without_names_is_kept_by_its_places_and_that_is_said(shallow, tmp_path):
    own = models.from_pretrained(shallow, task="classification", num_labels=2, verbose=0)
    own.save_pretrained(tmp_path)
    model = load(tmp_path, ["neg", "pos"])
    np.testing.assert_array_equal(model(IDS).logits, own(IDS).logits)
    assert model.own_head == "The checkpoint's own head is kept. It has no names: its outputs are taken for neg, pos."


def test_a_checkpoint_without_a_head_says_nothing_of_one(shallow, capsys):
    model = models.from_pretrained(shallow, task="classification", labels=["neg", "pos"])
    assert model.own_head == "" and "own head" not in capsys.readouterr().out
    assert model.config.id2label == {0: "neg", 1: "pos"}


def test_it_is_printed_unless_verbose_is_0(saved, capsys):
    folder, _ = saved("neg", "pos")
    models.from_pretrained(folder, task="classification", labels=["pos", "neg"])
    assert capsys.readouterr().out.startswith("The checkpoint's own head for neg, pos is kept")


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ({"neg", "pos"}, TypeError, "got a set, which has no order"),
        ({"neg": 0, "pos": 1}, TypeError, "got a dict, which has no order"),
        ("pos", TypeError, "labels must be a list of names"),
        (5, TypeError, "labels must be a list of names"),
        ([], ValueError, "labels must name each class once"),
        (["pos", "pos"], ValueError, "labels must name each class once"),
    ],
)
def test_what_is_no_list_of_names_is_refused(shallow, no_work, labels, error, words):
    from ktlearn.models import own_head

    with pytest.raises(error, match=words):
        own_head.checked_labels(labels)


def test_labels_and_another_number_of_them_exclude_each_other(shallow):
    with pytest.raises(ValueError, match="num_labels=3, but there are 2 labels: give one of the two"):
        models.from_pretrained(shallow, task="classification", num_labels=3, labels=["neg", "pos"])
    with pytest.raises(ValueError, match="num_labels is a whole number ≥ 1 for task='classification'"):
        models.from_pretrained(shallow, labels=["neg", "pos"])


def test_a_config_with_another_number_of_labels_than_the_file_is_refused(saved):
    import json

    folder, _ = saved("neg", "pos")
    (folder / "ktlearn.sha256").unlink()
    config = json.loads((folder / "config.json").read_text())
    config |= {"id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"'classifier.weight' has the shape \(2, 32\), but \(3, 32\) is needed"):
        models.from_pretrained(folder, task="classification")
