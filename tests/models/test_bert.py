"""BERT in our layers computes what PyTorch transformers computes; the golden files say what that is."""

import functools
from pathlib import Path

import numpy as np
import pytest
from transformers import BatchEncoding

from ktlearn import models
from ktlearn.backend import keras, ops

GOLDEN = Path(__file__).parents[1] / "golden"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TASKS = {
    None: "bert",
    "classification": "bert-classification",
    "masked-lm": "bert-masked-lm",
    "question-answering": "bert-question-answering",
}


@functools.cache
def golden(task):
    """A model, its inputs, and what PyTorch answers to them. Tests only look at them; who changes one loads it anew."""
    return load(task)


def load(task):
    expected = dict(np.load(GOLDEN / TASKS[task] / "expected.npz"))
    model = models.from_pretrained(GOLDEN / TASKS[task], task=task)
    return model, {name: expected.pop(name) for name in INPUTS}, expected


@pytest.mark.parametrize("task", TASKS)
def test_equals_pytorch(task):
    model, inputs, expected = golden(task)
    output = model(inputs, return_attention=True)
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)
    assert len(output.attentions) == len(expected["attentions"]) == 3
    for ours, theirs in zip(output.attentions, expected["attentions"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    if task is None:
        assert output.logits is None
        np.testing.assert_allclose(output.pooler_output, expected["pooler_output"], atol=1e-4)
    else:
        np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)
    assert model.loading.fresh == model.loading.unused == []


def test_the_files_of_2018_load_too():
    # LayerNorm.gamma and .beta, a stored buffer position_ids, and copies of the tied tensors.
    _, inputs, expected = golden("masked-lm")
    model = models.from_pretrained(GOLDEN / "bert-masked-lm-2018", task="masked-lm")
    np.testing.assert_allclose(model(inputs).logits, expected["logits"], atol=1e-4)
    assert model.loading.fresh == model.loading.unused == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"hidden_act": "gelu"}, "the activation"),
        ({"layer_norm_eps": 1e-12}, "the eps"),
        ({"num_attention_heads": 7}, "the number of heads"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_golden_files_notice_a_wrong_setting(change, where):
    # Each of these is a mistake with the right shapes; only the numbers can show it.
    model, inputs, expected = golden("masked-lm")
    config = model.config.__class__.from_dict(model.config.to_dict() | change)
    wrong = models.from_config(config, task="masked-lm")
    wrong.set_weights(model.get_weights())
    assert np.abs(wrong(inputs).logits - expected["logits"]).max() > 1e-3


# What a model takes


def test_a_tokenizers_lists_are_taken_when_they_have_one_length():
    model, inputs, expected = golden("classification")
    lists = BatchEncoding({name: array.tolist() for name, array in inputs.items()})
    np.testing.assert_allclose(model(lists).logits, expected["logits"], atol=1e-4)
    np.testing.assert_allclose(model(lists["input_ids"]).logits, model(inputs["input_ids"]).logits, atol=1e-6)
    with pytest.raises(ValueError, match=r"input_ids: lists must .* one length; tokenizer\(texts, padding=True\)"):
        model({"input_ids": [[1, 2], [1, 2, 3]]})
    with pytest.raises(ValueError, match=r"one list for each text, \(B, L\); got the shape \(3,\)"):
        model({"input_ids": [1, 2, 3]})


def test_token_vectors_may_be_given_in_place_of_the_tokens():
    model, inputs, expected = golden("classification")
    vectors = np.array(model.embeddings.tokens(inputs["input_ids"]))
    other_ids = np.zeros_like(inputs["input_ids"])
    output = model(inputs | {"input_ids": other_ids, "inputs_embeds": vectors})
    np.testing.assert_allclose(output.logits, expected["logits"], atol=1e-4)


def test_attention_mask_and_segments_may_be_left_out():
    model, inputs, _ = golden("classification")
    ids = inputs["input_ids"]
    explicit = model({"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})
    np.testing.assert_allclose(model({"input_ids": ids}).logits, explicit.logits, atol=1e-6)
    np.testing.assert_allclose(model(ids).logits, explicit.logits, atol=1e-6)
    assert np.abs(model(inputs).logits - explicit.logits).max() > 0.01  # here they do matter


def test_what_a_tokenizer_returns_is_taken_as_it_is():
    model, inputs, expected = golden("classification")
    batch = BatchEncoding({**inputs, "special_tokens_mask": np.zeros((3, 8), "int32")})
    np.testing.assert_allclose(model(batch).logits, expected["logits"], atol=1e-4)


def test_the_content_of_the_padding_does_not_matter():
    model, inputs, _ = golden("masked-lm")
    real = inputs["attention_mask"] == 1
    other = np.where(real, inputs["input_ids"], 59)
    assert (other != inputs["input_ids"]).any()
    before, after = model(inputs).logits, model(inputs | {"input_ids": other}).logits
    np.testing.assert_array_equal(np.array(after)[real], np.array(before)[real])


def test_a_text_of_padding_only_gives_no_nan():
    model, inputs, _ = golden("classification")
    output = model(inputs | {"attention_mask": np.zeros((3, 8), "int32")}, return_attention=True)
    assert np.isfinite(output.logits).all()
    assert all((np.array(layer) == 0).all() for layer in output.attentions)


# What a model answers


@pytest.mark.parametrize(
    ("task", "logits"),
    [(None, None), ("classification", (3, 5)), ("masked-lm", (3, 8, 60)), ("question-answering", (3, 8, 2))],
)
def test_the_fields_of_the_output(task, logits):
    model, inputs, _ = golden(task)
    output = model(inputs)
    assert output._fields == ("last_hidden_state", "logits", "attentions", "pooler_output")
    assert output.last_hidden_state.shape == (3, 8, 21)
    assert (output.logits if logits is None else tuple(output.logits.shape)) == logits
    assert output.attentions is None  # not asked for
    assert (output.pooler_output is not None) == (task in (None, "classification"))


@pytest.mark.parametrize("task", [None, "question-answering"])
def test_predict_answers_with_one_array(task):
    model, inputs, expected = golden(task)
    answer = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(answer, expected["last_hidden_state" if task is None else "logits"], atol=1e-4)


@pytest.mark.slow
def test_fit_trains_on_the_logits_and_a_call_still_answers_in_full():
    keras.utils.set_random_seed(0)  # of the dropout
    trained, inputs, _ = golden("classification")
    config = trained.config.__class__.from_dict(trained.config.to_dict() | {"num_hidden_layers": 1})
    model = models.from_config(config, task="classification", seed=0)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    labels = np.array([0, 4, 2])
    before = model.evaluate(inputs, labels, verbose=0)
    model.fit(
        {name: np.tile(ids, (40, 1)) for name, ids in inputs.items()}, np.tile(labels, 40), batch_size=3, verbose=0
    )
    assert model.evaluate(inputs, labels, verbose=0) < before

    output = model(inputs, return_attention=True)
    assert isinstance(output, models.ModelOutput)
    assert len(output.attentions) == 1


@pytest.mark.slow
def test_every_weight_takes_part_in_training():
    # A weight without a gradient is one that the call forgets. The bias of the keys is the known
    # exception: it moves all scores of a row alike, and softmax does not notice.
    model, inputs, _ = load("masked-lm")
    before = {weight.path: np.asarray(weight).copy() for weight in model.trainable_variables}
    model.compile(keras.optimizers.SGD(1.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(inputs, inputs["input_ids"], batch_size=3, verbose=0)
    unmoved = [
        weight.path
        for weight in model.trainable_variables
        if np.abs(np.asarray(weight) - before[weight.path]).max() < 1e-5
    ]
    assert all(path.endswith("attention/key/bias") for path in unmoved)


def test_dropout_only_in_training():
    model, inputs, expected = golden("classification")
    np.testing.assert_allclose(model(inputs, training=False).logits, expected["logits"], atol=1e-4)
    assert np.abs(model(inputs, training=True).logits - expected["logits"]).max() > 0.01


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_stays_near(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model, inputs, expected = load("masked-lm")
        logits = np.array(ops.cast(model(inputs).logits, "float32"))
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(logits, expected["logits"], atol=0.3)
