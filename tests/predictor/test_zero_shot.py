"""Zero-shot classification: the probabilities that the entailment model's logits say, for labels given only now."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models, text
from ktlearn.predictor import Predictor
from tests.tiny import sentence

DOCS = ["good film", sentence(30), "the room was very bad"]
LABELS = ["film", "room", "food"]
TEMPLATE = "this is {}"


def entailment_checkpoint(checkpoint, folder, names):
    """A tiny checkpoint whose labels are called so."""
    config = models.from_pretrained(checkpoint, verbose=0).config
    config.num_labels = len(names)
    config.id2label, config.label2id = dict(enumerate(names)), {name: i for i, name in enumerate(names)}
    models.from_config(config, task="classification", seed=3).save_pretrained(folder)
    for file in Path(checkpoint).glob("tokenizer*"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="module")
def nli(checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nli") / "tiny-nli"
    return entailment_checkpoint(checkpoint, folder, ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"])


@pytest.fixture(scope="module")
def classifier(nli):
    return text.ZeroShotClassifier(nli)


def logits(classifier, doc, label):
    """What the model says to the pair, without batches or padding."""
    inputs = classifier.preproc.tokenizer(doc, TEMPLATE.replace("{}", label), return_tensors="np")
    return np.array(classifier.model(inputs).logits)[0]


@pytest.mark.slow
def test_each_label_is_a_question_of_its_own(classifier):
    scores = classifier.predict(DOCS, LABELS, nli_template=TEMPLATE)
    for doc, row in zip(DOCS, scores, strict=True):
        for label, score in zip(LABELS, row, strict=True):
            contradiction, _, entailment = logits(classifier, doc, label)
            assert score == pytest.approx(1 / (1 + np.exp(contradiction - entailment)), abs=1e-4)


@pytest.mark.slow
def test_labels_can_share_one_out_among_them(classifier):
    scores = classifier.predict(DOCS, LABELS, multilabel=False, nli_template=TEMPLATE)
    np.testing.assert_allclose(scores.sum(1), 1, atol=1e-6)
    entailment = np.array([[logits(classifier, doc, label)[2] for label in LABELS] for doc in DOCS])
    np.testing.assert_allclose(scores, np.exp(entailment) / np.exp(entailment).sum(1, keepdims=True), atol=1e-4)


def test_a_question_changes_nothing_in_the_classifier(classifier, monkeypatch):
    def stop(self, name, value):
        raise AssertionError(f"{type(self).__name__}.{name} was changed by a question")

    for kind in (text.ZeroShotClassifier, text.Transformer, Predictor):
        monkeypatch.setattr(kind, "__setattr__", stop)
    assert classifier.predict(DOCS, LABELS, batch_size=2).shape == (3, 3)


def test_one_text_gets_one_row_and_labels_come_when_asked(classifier):
    one = classifier.predict(DOCS[0], LABELS)
    assert one.shape == (3,)
    np.testing.assert_allclose(one, classifier.predict(DOCS, LABELS, batch_size=2)[0], atol=1e-5)
    named = classifier.predict(DOCS[0], LABELS, include_labels=True)
    assert [label for label, _ in named] == LABELS
    np.testing.assert_allclose([p for _, p in named], one, rtol=1e-6)
    assert len(classifier.predict(DOCS[:1], LABELS, include_labels=True)) == 1


def test_a_model_with_two_labels_sets_entailment_against_the_other(checkpoint, tmp_path):
    folder = entailment_checkpoint(checkpoint, tmp_path / "two", ["entailment", "not_entailment"])
    classifier = text.ZeroShotClassifier(folder)
    entailment, other = logits(classifier, DOCS[0], "film")
    score = classifier.predict(DOCS[0], ["film"], nli_template=TEMPLATE)[0]
    assert score == pytest.approx(1 / (1 + np.exp(other - entailment)), abs=1e-4)


def test_the_hypothesis_stays_whole_when_the_text_is_too_long(nli):
    short = text.ZeroShotClassifier(nli, maxlen=20)
    scores = short.predict(sentence(100), LABELS, nli_template=TEMPLATE)
    assert np.ptp(scores) > 1e-4  # the labels are still read


def test_a_template_is_filled_and_nothing_else(classifier):
    with_dots = classifier.predict(DOCS[0], ["{0.__class__}"], nli_template=TEMPLATE)
    assert with_dots.shape == (1,)


@pytest.mark.parametrize(
    "docs, labels, options, error, message",
    [
        ([], LABELS, {}, ValueError, "docs: there are no texts"),
        (DOCS, [], {}, ValueError, "labels: there are no texts"),
        (DOCS, "film", {}, ValueError, "labels: got one string"),
        (DOCS, ["film", "film"], {}, ValueError, "labels: one occurs twice"),
        (DOCS, LABELS, {"nli_template": "about it"}, ValueError, r"nli_template must hold \{\} once"),
    ],
)
def test_unusable_questions_are_refused(classifier, docs, labels, options, error, message):
    with pytest.raises(error, match=message):
        classifier.predict(docs, labels, **options)


def test_a_checkpoint_that_knows_no_entailment_is_refused(checkpoint, tmp_path, nli):
    with pytest.raises(ValueError, match=r"has the labels \['LABEL_0', 'LABEL_1'\], and none is 'entailment'"):
        text.ZeroShotClassifier(checkpoint)
    headless = Path(shutil.copytree(checkpoint, tmp_path / "headless"))
    shutil.copy(nli / "config.json", headless)
    (headless / "ktlearn.sha256").unlink(missing_ok=True)  # the change is meant
    assert "id2label" in json.loads((headless / "config.json").read_text())
    with pytest.raises(ValueError, match=r"has no classification head: .*classifier.weight.* are missing"):
        text.ZeroShotClassifier(headless)
