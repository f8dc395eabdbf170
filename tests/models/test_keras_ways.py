"""Keras' own ways to save, load and copy a model: they work with the same answers, or say what to use instead."""

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ktlearn
from ktlearn import models, text
from ktlearn.backend import keras
from tests.tiny import NAMES, reviews

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
IDS = {"input_ids": np.array([[2, 5, 7, 3], [2, 6, 8, 3]], "int32"), "attention_mask": np.ones((2, 4), "int32")}


def assert_same(model, other):
    np.testing.assert_array_equal(model(IDS).logits, other(IDS).logits)
    assert (other.task, other.num_labels) == (model.task, model.num_labels)
    assert other.config.to_dict() == model.config.to_dict()


@pytest.fixture(scope="module")
def learner(shallow):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = t.preprocess_train(*reviews(8), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), data, data, batch_size=4)
    learner.fit(1e-3, 1, verbose=0)
    return learner


WAYS = {
    "save and load_model": lambda model, path: (model.save(path), keras.models.load_model(path))[1],
    "deepcopy": lambda model, path: copy.deepcopy(model),
    "copy": lambda model, path: copy.copy(model),
    "pickle, as multiprocessing does": lambda model, path: pickle.loads(pickle.dumps(model)),
}


# In Keras every way writes the model into a file, or into memory, and reads it again. So one way shows at each change
# what needs a training or a second model, and all do every week.
one_way = pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[] if way == "save and load_model" else [pytest.mark.weekly]) for way in WAYS]
)


@pytest.mark.parametrize("way", WAYS)
def test_the_model_comes_back_with_the_same_answers(learner, tmp_path, way):
    other = WAYS[way](learner.model, tmp_path / "model.keras")
    assert other is not learner.model
    assert_same(learner.model, other)


@one_way
def test_what_came_back_goes_on_training_and_leaves_the_first_model_alone(learner, tmp_path, way):
    other = WAYS[way](learner.model, tmp_path / "model.keras")
    again = ktlearn.get_learner(other, learner.train_data, learner.val_data, batch_size=4)
    assert again.validate(print_report=False).figures == learner.validate(print_report=False).figures
    before = learner.model.get_weights()
    again.fit(1e-3, 1, verbose=0)
    assert all((was == now).all() for was, now in zip(before, learner.model.get_weights(), strict=True))


@one_way
def test_a_regression_comes_back_with_its_unit(shallow, tmp_path, way):
    t = text.Transformer(shallow, maxlen=64)
    data = t.preprocess_train(["bad film", "good film"], [3.5, 96.5], verbose=0)
    model = t.get_regression_model()
    other = WAYS[way](model, tmp_path / "model.keras")
    assert_same(model, other)
    assert other.head.unit == model.head.unit == (50.0, 46.5)
    figures = [ktlearn.get_learner(m, data, data).validate(print_report=False).figures for m in (model, other)]
    assert figures[0] == figures[1]


def test_a_loaded_model_makes_a_predictor(learner, shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    t.preprocess_train(*reviews(8), verbose=0)
    learner.model.save(tmp_path / "model.keras")
    loaded = ktlearn.get_predictor(keras.models.load_model(tmp_path / "model.keras"), t)
    texts = ["good film", "bad film"]
    np.testing.assert_allclose(
        loaded.predict_proba(texts), ktlearn.get_predictor(learner.model, t).predict_proba(texts), atol=1e-6
    )


def test_model_checkpoint_keeps_models_and_weights(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    data = t.preprocess_train(*reviews(8), verbose=0)
    model = t.get_classifier()
    keep = [
        keras.callbacks.ModelCheckpoint(tmp_path / "model.keras"),
        keras.callbacks.ModelCheckpoint(tmp_path / "model.weights.h5", save_weights_only=True),
    ]
    ktlearn.get_learner(model, data, batch_size=4).fit(1e-3, 1, callbacks=keep, verbose=0)
    assert_same(model, keras.models.load_model(tmp_path / "model.keras"))
    other = t.get_classifier()
    other.load_weights(tmp_path / "model.weights.h5")
    assert_same(model, other)


def test_a_clone_has_the_form_and_fresh_weights_as_keras_says(learner):
    clone = keras.models.clone_model(learner.model)
    assert [w.shape for w in clone.weights] == [w.shape for w in learner.model.weights]
    clone.set_weights(learner.model.get_weights())
    assert_same(learner.model, clone)
    assert keras.models.model_from_json(learner.model.to_json()).config.id2label == dict(enumerate(NAMES))


@pytest.mark.parametrize(
    ("name", "task"),
    [
        *(("bert", None), ("gpt2-causal-lm", "causal-lm"), ("t5-seq2seq", "seq2seq")),
        *(
            pytest.param(f"{name}-{task}", task, marks=pytest.mark.weekly)  # more families of these three kinds
            for name, task in (
                *(("distilbert", "masked-lm"), ("roberta", "question-answering"), ("llama", "causal-lm")),
                *(("qwen2", "causal-lm"), ("marian", "seq2seq"), ("bart", "seq2seq")),
            )
        ),
    ],
)
def test_every_kind_of_model(name, task, tmp_path):
    model = models.from_pretrained(GOLDEN / name, task=task, verbose=0)
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    assert type(other) is type(model)
    inputs = {"input_ids": IDS["input_ids"]} | ({"decoder_input_ids": IDS["input_ids"]} if task == "seq2seq" else {})
    for was, now in zip(model(inputs), other(inputs), strict=True):
        if was is not None:
            np.testing.assert_array_equal(was, now)


def test_half_precision_stays_half_precision(learner, tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = models.from_pretrained(GOLDEN / "bert-classification", task="classification")
    finally:
        keras.config.set_dtype_policy(before)
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    assert other.encoder.layers[0].attention.query.compute_dtype == "bfloat16"
    assert_same(model, other)
    assert keras.config.dtype_policy() == before


@pytest.mark.slow
def test_another_program_loads_it_once_ktlearns_models_are_imported(learner, tmp_path):
    learner.model.save(tmp_path / "model.keras")
    code = f"""
import numpy as np, ktlearn.models
from ktlearn.backend import keras
model = keras.models.load_model({str(tmp_path / "model.keras")!r})
print(np.array(model(dict(input_ids=np.array([[2, 5, 7, 3]], "int32"))).logits).tolist())
"""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    logits = learner.model({"input_ids": IDS["input_ids"][:1]}).logits
    np.testing.assert_allclose(json.loads(answer.stdout.splitlines()[-1]), logits, atol=1e-5)


@pytest.mark.slow
def test_a_saved_model_serves_the_logits_of_texts_of_any_length(learner, tmp_path):
    import tensorflow as tf

    learner.model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    for length in (3, 20):
        inputs = {name: np.full((2, length), 5 if name == "input_ids" else 1, "int32") for name in IDS}
        inputs["token_type_ids"] = np.zeros((2, length), "int32")
        answer = served.serve({name: tf.constant(array) for name, array in inputs.items()})
        np.testing.assert_allclose(answer, learner.model(inputs).logits, atol=1e-5)
    assert learner.model.one_tensor is False


def test_what_does_not_work_is_one_sentence_with_what_to_use(learner, tmp_path):
    with pytest.raises(ValueError, match="Give it a name that ends with .keras, or use model.save_pretrained"):
        learner.model.save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match="For ONNX use predictor.export_model_to_onnx"):
        learner.model.export(tmp_path / "model.onnx", format="onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX compiles always, and PyTorch here never")
def test_where_there_is_a_gpu_tensorflow_does_not_compile_anew_for_each_length(checkpoint, monkeypatch):
    gpu = SimpleNamespace(device_type="GPU")
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind=None: [gpu])
    ours, plain = models.from_pretrained(checkpoint, verbose=0), keras.Sequential([keras.layers.Dense(1)])
    for model in (ours, plain):
        model.compile(loss="mse")
    assert (ours.jit_compile, plain.jit_compile) == (False, True), "the pretended GPU must be seen"
    ours.supports_jit = True
    ours.compile(loss="mse")
    assert ours.jit_compile, "whoever has texts of one length can have it"
