"""An exported model answers in onnxruntime as it does in Keras."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoConfig

import ktlearn
from ktlearn import models
from ktlearn.layers import ACTIVATIONS
from ktlearn.predictor.onnx import write_onnx
from tests.tiny import sentence

onnxruntime = pytest.importorskip("onnxruntime", reason="pip install onnx onnxruntime")
GOLDEN = Path(__file__).parents[1] / "golden"


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def inputs_for(model, shape, seed=0):
    """Random tokens, with padding in every row but the first."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, shape[1] + 1, (shape[0], 1))
    lengths[0] = shape[1]
    inputs = {
        "input_ids": rng.integers(0, model.settings.vocab_size, shape),
        "attention_mask": (np.arange(shape[1]) < lengths).astype("int64"),
    }
    if model.settings.segments > 1:
        inputs["token_type_ids"] = rng.integers(0, 2, shape)
    return inputs


CLASSIFIERS = [family.name for family in models.FAMILIES.values() if "classification" in family.architectures]


@pytest.mark.slow
@pytest.mark.parametrize("family", CLASSIFIERS)
def test_onnxruntime_computes_the_same_logits_for_any_batch_and_length(family, tmp_path):
    model = models.from_pretrained(GOLDEN / f"{family}-classification", task="classification")
    onnx = session(write_onnx(model, tmp_path / "model.onnx"))
    for shape in ((1, 2), (5, 7), (2, 16)):
        inputs = inputs_for(model, shape)
        logits = onnx.run(["logits"], inputs)[0]
        assert np.abs(logits - np.array(model(inputs).logits)).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_the_same(activation, tmp_path):
    config = AutoConfig.from_pretrained(GOLDEN / "bert")
    config.hidden_act = activation
    model = models.from_config(config, task="classification", num_labels=3, seed=0)
    for variable in model.trainable_variables:
        variable.assign(variable * 5)  # far enough for the activations to differ
    inputs = inputs_for(model, (3, 8))
    logits = session(write_onnx(model, tmp_path / "model.onnx")).run(None, inputs)[0]
    np.testing.assert_allclose(logits, np.array(model(inputs).logits), atol=1e-4)


@pytest.mark.slow
def test_a_predictors_file_takes_its_tokenizers_batches_and_knows_its_classes(trained, tmp_path):
    learner, t = trained
    predictor = ktlearn.get_predictor(learner.model, t)
    path = predictor.export_model_to_onnx(tmp_path / "new" / "model.onnx")
    assert [file.name for file in path.parent.iterdir()] == ["model.onnx"]
    texts = ["good", f"bad {sentence(20)}", f"good {sentence(90)}"]
    inputs = t.tokenizer(texts, padding=True, truncation=True, max_length=t.maxlen, return_tensors="np")
    logits = session(path).run(None, dict(inputs))[0]
    odds = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(odds / odds.sum(1, keepdims=True), predictor.predict_proba(texts), atol=1e-4)
    known = session(path).get_modelmeta().custom_metadata_map
    assert known == {"class_names": '["negative", "positive"]', "maxlen": "64"}


@pytest.mark.slow
def test_in_eight_bits_a_file_is_much_smaller_and_answers_nearly_the_same(tmp_path, caplog):
    t = ktlearn.text.Transformer("ktlearn/mini-bert-en", maxlen=32)
    t.preprocess_train(["a good day", "a bad day"], ["glad", "sad"], verbose=0)
    predictor = ktlearn.get_predictor(t.get_classifier(), t)
    whole, small = (
        predictor.export_model_to_onnx(tmp_path / f"{quantize}.onnx", quantize) for quantize in (False, True)
    )
    assert small.stat().st_size < 0.3 * whole.stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["False.onnx", "True.onnx"]
    inputs = dict(predictor.preproc.tokenizer(["a good day", "no"], padding=True, return_tensors="np"))
    exact, rounded = (session(path).run(None, inputs)[0] for path in (whole, small))
    assert 0 < np.abs(rounded - exact).max() < 0.1
    known, told = (session(path).get_modelmeta().custom_metadata_map for path in (small, whole))
    assert known.items() >= told.items()
    assert not caplog.records


def test_without_the_package_the_line_to_install_it_is_said(trained, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    learner, t = trained
    with pytest.raises(ImportError, match="pip install onnx onnxruntime"):
        ktlearn.get_predictor(learner.model, t).export_model_to_onnx(tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_with_another_head_is_refused(tmp_path):
    model = models.from_pretrained(GOLDEN / "bert-masked-lm", task="masked-lm")
    with pytest.raises(ValueError, match="for classification or regression .*this one is for 'masked-lm'"):
        write_onnx(model, tmp_path / "model.onnx")


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"norm_first": True}, "norm_first=True"), ({"embedding_norm": False}, "embedding_norm=False")],
)
def test_a_family_that_computes_in_a_way_unknown_to_the_writer_is_refused(settings, word, tmp_path):
    # Its numbers would be wrong without a word: the graph is the forward pass, written down a second time.
    bert = models.FAMILIES["bert"]
    other = dataclasses.replace(
        bert, title="Other", settings=lambda config: dataclasses.replace(bert.settings(config), **settings)
    )
    config = models.from_pretrained(GOLDEN / "bert", verbose=0).config
    model = models.EncoderModel(other, config, "classification")
    with pytest.raises(ValueError, match=f"A Other model cannot be written as ONNX yet: .* does not know {word}"):
        write_onnx(model, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_another_build_is_refused(tmp_path):
    class Deeper(models.EncoderModel):
        pass

    config = models.from_pretrained(GOLDEN / "bert", verbose=0).config
    with pytest.raises(ValueError, match="does not know Deeper"):
        write_onnx(Deeper(models.FAMILIES["bert"], config, "classification"), tmp_path / "model.onnx")
