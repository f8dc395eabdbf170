"""The article's contract: a part of the training texts is set aside for validation."""

import numpy as np
import pytest

from ktlearn.kinds import CLASSES, MULTILABEL
from ktlearn.text.split import split
from tests.tiny import reviews

TEXTS = ["bad film", "good film", "good book"]
LABELS = [0, 1, 1]


def test_with_a_mode_a_part_is_set_aside_for_validation(t):
    texts, labels = reviews(50)
    trn, val, preproc = t.preprocess_train(texts, labels, preprocess_mode="bert", verbose=0)
    assert preproc is t
    assert (len(trn), len(val)) == (45, 5)
    assert sorted(trn.texts + val.texts) == sorted(texts)
    whole = dict(zip(texts, labels, strict=True))
    for part in (trn, val):
        assert part.y.argmax(1).tolist() == [whole[text] for text in part.texts]


def test_the_split_keeps_the_classes_shares_and_follows_its_seed(t):
    texts, labels = reviews(60)

    def split(**options):
        return t.preprocess_train(texts, labels, preprocess_mode="bert", val_pct=0.2, verbose=0, **options)[1]

    assert split().y.sum(0).tolist() == [6, 6]
    assert split().texts == split().texts
    assert split(random_state=1).texts != split().texts


def test_both_parts_get_a_text_even_of_two(regression):
    for val_pct in (0.01, 0.99):
        trn, val, _ = regression.preprocess_train(
            TEXTS[:2], [1.5, 2.5], preprocess_mode="bert", val_pct=val_pct, verbose=0
        )
        assert len(trn) == len(val) == 1


def test_a_split_that_would_lose_a_class_is_refused(t, regression, no_work):
    with pytest.raises(ValueError, match="no training text is left for some class"):
        t.preprocess_train(["a", "b", "c"], [0, 1, 1], preprocess_mode="bert", val_pct=0.6)
    with pytest.raises(ValueError, match="One text cannot be split"):
        regression.preprocess_train(["a"], [1.0], preprocess_mode="bert")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"preprocess_mode": "distilbert"}, "is of the family 'bert'"),
        ({"preprocess_mode": "standard"}, "is of the family 'bert'"),
        ({"preprocess_mode": "bert", "val_pct": 1.5}, "val_pct must be a share.*got 1.5"),
        ({"preprocess_mode": "bert", "val_pct": 0}, "val_pct must be a share.*got 0"),
    ],
)
def test_an_unusable_split_is_refused(t, no_work, options, message):
    with pytest.raises(ValueError, match=message):
        t.preprocess_train(TEXTS, LABELS, **options)


# --- classes with few texts -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_classes_with_one_text_keep_it_for_training_and_the_others_keep_their_shares(seed):
    y = np.eye(6)[[0, 1] * 30 + [2, 3, 4, 5]]
    kept, held = split(y, CLASSES, 0.2, seed)
    assert len(held) == 13 and sorted([*kept, *held]) == list(range(64))
    assert sorted(y[held].sum(0).tolist()) == [0, 0, 0, 0, 6, 7]


@pytest.mark.parametrize("seed", range(10))
def test_no_class_loses_its_last_training_text(seed):
    few = np.eye(10)[list(range(10)) * 2]  # two texts each, too few for shares
    many = np.tile(np.eye(4), (3, 1)) + np.eye(4)[[0] * 12]  # multilabel, the first label on every text
    for y, kind in ((few, CLASSES), (many > 0, MULTILABEL)):
        kept, held = split(y.astype("float32"), kind, 0.4, seed)
        assert len(held) == round(0.4 * len(y))
        assert y[kept].any(0).all()


def test_a_class_that_no_text_has_changes_nothing():
    y = np.eye(3)[[0, 1] * 10]
    _, held = split(y, CLASSES, 0.2, 0)
    assert y[held].sum(0).tolist() == [2, 2, 0]
