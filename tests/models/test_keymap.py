"""The key map accounts for every tensor of a checkpoint: placed, fresh, unused, or an error that names it."""

import functools
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ktlearn import models
from ktlearn.backend import keras
from ktlearn.models import keymap
from ktlearn.models.family import Tensor
from ktlearn.models.keymap import Entry

GOLDEN = Path(__file__).parents[1] / "golden"
CHECKPOINTS = [
    (f"{family.name}-{task}" if task else family.name, task)
    for family in models.FAMILIES.values()
    for task in family.architectures
]
# Of two families of one code one is asked at each change; that the files saved from all are whole asks test_saving.py.
ALIKE = ("roberta", "xlm-roberta", "mistral", "qwen2")
of_each = pytest.mark.parametrize(
    ("name", "task"),
    [pytest.param(*each, marks=[pytest.mark.weekly] if each[0].startswith(ALIKE) else []) for each in CHECKPOINTS],
)


def tensors_of(folder):
    return load_file(folder / "model.safetensors")


def weights_of(name):
    """The tensors of a golden checkpoint without those that are computed here: Marian's sines."""
    family = models.FAMILIES[json.loads((GOLDEN / name / "config.json").read_text())["model_type"]]
    tensors = tensors_of(GOLDEN / name)
    return {key: array for key, array in tensors.items() if not any(re.fullmatch(p, key) for p in family.buffers)}


@functools.cache
def golden(name, task):
    """A model that tests only look at."""
    return models.from_pretrained(GOLDEN / name, task=task)


@pytest.fixture
def changed(tmp_path):
    """A copy of a golden checkpoint whose tensors went through a function."""

    def copy(name, change):
        folder = shutil.copytree(GOLDEN / name, tmp_path / name)
        save_file(change(tensors_of(folder)), folder / "model.safetensors")
        return folder

    return copy


@of_each
def test_it_has_one_entry_for_each_tensor_of_the_file_or_part_of_one(name, task):
    stored = weights_of(name)
    entries = golden(name, task).key_map()
    assert len(entries) == len(stored) + sum(entry.part[0] > 0 for entry in entries if entry.part)
    assert {entry.theirs: entry.shape for entry in entries} == {key: array.shape for key, array in stored.items()}


@of_each
def test_it_has_one_entry_for_each_variable_of_ours(name, task):
    model = golden(name, task)
    variables = model.trainable_variables
    assert len(variables) == len(model.key_map())
    pieces = [(np.prod(entry.shape), entry.part or (0, 1), entry) for entry in model.key_map()]
    ours = sum(size // n - entry.skipped * entry.shape[-1] for size, (_, n), entry in pieces)
    assert sum(np.prod(v.shape) for v in variables) == ours


def test_an_entry_says_where_a_tensor_went_and_how():
    model = golden("bert-classification", "classification")
    entry = next(entry for entry in model.key_map() if entry.theirs == "bert.encoder.layer.2.intermediate.dense.weight")
    assert entry.ours == "encoder.layers.2.feed_forward.expand.kernel"
    assert entry.shape == (26, 21)  # PyTorch's way round: (output, input)
    assert entry.transposed

    kernel = np.asarray(model.encoder.layers[2].feed_forward.expand.kernel)
    np.testing.assert_array_equal(kernel, tensors_of(GOLDEN / "bert-classification")[entry.theirs].T)


# Files with and without the prefix, for every task


@pytest.mark.parametrize(
    "name",
    [
        "bert",
        "bert-masked-lm",
        *(pytest.param(f"distilbert{n}", marks=pytest.mark.weekly) for n in ("", "-classification")),
    ],
)
@pytest.mark.parametrize("wanted", [None, "classification", "masked-lm", "question-answering"])
def test_every_checkpoint_of_a_family_loads_for_every_task(name, wanted):
    # The bare files say "embeddings.…", those with a head "bert.embeddings.…".
    model = models.from_pretrained(GOLDEN / name, task=wanted, verbose=0)
    stored = tensors_of(GOLDEN / name)
    # No tensor is lost: each of ours is fresh or from the file, each of theirs placed or unused.
    assert len(model.key_map()) - len(model.loading.fresh) == len(stored) - len(model.loading.unused)
    in_a_head = ("pooler.", "bert.pooler.", "classifier.", "pre_classifier.", "cls.", "vocab_", "qa_outputs.")
    assert all(key.startswith(in_a_head) for key in model.loading.fresh + model.loading.unused)
    words = next(key for key in stored if key.endswith("word_embeddings.weight"))
    np.testing.assert_array_equal(model.embeddings.tokens.embeddings, stored[words])


# What does not fit


def test_a_fresh_head_and_unused_tensors_are_named_in_one_line(capsys):
    folder = GOLDEN / "bert-masked-lm"
    model = models.from_pretrained(folder, task="classification", num_labels=4)
    assert model.loading.fresh == [
        "bert.pooler.dense.weight",
        "bert.pooler.dense.bias",
        "classifier.weight",
        "classifier.bias",
    ]
    assert model.loading.unused == [
        "cls.predictions.bias",
        "cls.predictions.transform.LayerNorm.bias",
        "cls.predictions.transform.LayerNorm.weight",
        "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.dense.weight",
    ]
    printed = capsys.readouterr().out
    assert printed == (
        f"{folder} loaded for classification; fresh, to be trained: bert.pooler.dense, classifier; "
        "not used: cls.predictions, cls.predictions.transform.LayerNorm, cls.predictions.transform.dense.\n"
    )


@pytest.mark.parametrize("verbose", [0, 1])
def test_nothing_is_printed_when_all_is_well_or_when_asked(capsys, verbose):
    models.from_pretrained(GOLDEN / "bert-classification", task="classification")
    models.from_pretrained(GOLDEN / "bert-masked-lm", task="classification", verbose=0)
    assert capsys.readouterr().out == ""


def test_another_number_of_labels_gives_a_fresh_last_layer_only(capsys):
    model = models.from_pretrained(GOLDEN / "bert-classification", task="classification", num_labels=2)
    assert model.loading.fresh == ["classifier.weight", "classifier.bias"]
    assert model.loading.unused == ["classifier.bias", "classifier.weight"]
    assert "fresh, to be trained: classifier;" in capsys.readouterr().out
    assert model({"input_ids": np.ones((1, 3), "int32")}).logits.shape == (1, 2)
    assert model.config.id2label == {0: "LABEL_0", 1: "LABEL_1"}

    stored = tensors_of(GOLDEN / "bert-classification")
    np.testing.assert_array_equal(model.pooler.dense.bias, stored["bert.pooler.dense.bias"])


def test_the_number_of_labels_is_the_checkpoint_s_own_unless_given():
    assert golden("bert-classification", "classification").num_labels == 5
    same = models.from_pretrained(GOLDEN / "bert-classification", task="classification", num_labels=5)
    assert same.loading.fresh == []


@pytest.mark.parametrize(
    ("name", "task", "missing"),
    [
        ("bert", None, "embeddings.LayerNorm.bias"),
        ("bert-masked-lm", "masked-lm", "bert.encoder.layer.1.attention.self.query.weight"),
        ("distilbert-classification", "classification", "distilbert.transformer.layer.1.ffn.lin2.bias"),
    ],
)
def test_a_missing_tensor_outside_the_head_is_an_error_that_names_it(changed, name, task, missing):
    folder = changed(name, lambda tensors: {key: array for key, array in tensors.items() if key != missing})
    with pytest.raises(ValueError, match=f"the tensor '{missing}'.* is missing"):
        models.from_pretrained(folder, task=task)


def test_layers_that_the_config_does_not_ask_for_are_refused(changed):
    # The model would answer without them, and nobody would know.
    folder = changed("distilbert", lambda tensors: tensors)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"n_layers": 1}))
    with pytest.raises(ValueError, match="holds 'transformer.layer.1.attention.k_lin.bias', but by the config the mod"):
        models.from_pretrained(folder)


@pytest.mark.parametrize(
    ("name", "task", "tensor"),
    [
        ("bert-classification", "classification", "bert.embeddings.word_embeddings.weight"),
        ("bert-classification", "classification", "bert.pooler.dense.weight"),
        ("distilbert-masked-lm", "masked-lm", "vocab_projector.bias"),
    ],
)
def test_a_tensor_of_another_shape_is_an_error_with_both_shapes(changed, name, task, tensor):
    folder = changed(name, lambda tensors: tensors | {tensor: tensors[tensor][:-1].copy()})
    shape = tensors_of(GOLDEN / name)[tensor].shape
    wrong = (shape[0] - 1, *shape[1:])
    with pytest.raises(ValueError) as error:
        models.from_pretrained(folder, task=task)
    for words in (tensor, str(shape), str(wrong), "do not belong together"):
        assert words in str(error.value)


# Tied tensors


@pytest.mark.parametrize("copy", ["cls.predictions.decoder.weight", "cls.predictions.decoder.bias"])
def test_a_copy_that_differs_is_an_error(changed, copy):
    folder = changed("bert-masked-lm-2018", lambda tensors: tensors | {copy: tensors[copy] + 1})
    with pytest.raises(ValueError, match=f"'{copy}' differs from .*tied weights.*cannot be read"):
        models.from_pretrained(folder, task="masked-lm")
    # For another task the copy plays no part: it is unused, like the rest of that head.
    assert copy in models.from_pretrained(folder, task="question-answering", verbose=0).loading.unused


def test_of_two_spellings_of_one_tensor_the_other_is_named_as_unused(changed):
    def twice(tensors):
        return tensors | {"bert.embeddings.LayerNorm.gamma": tensors["bert.embeddings.LayerNorm.weight"].copy()}

    model = models.from_pretrained(changed("bert-masked-lm", twice), task="masked-lm", verbose=0)
    assert len(model.loading.unused) == 1
    assert model.loading.unused[0].startswith("bert.embeddings.LayerNorm.")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_files_become_float32(changed, dtype):
    import ml_dtypes

    dtype = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}[dtype]
    folder = changed("bert", lambda tensors: {key: array.astype(dtype) for key, array in tensors.items()})
    stored = tensors_of(GOLDEN / "bert")
    model = models.from_pretrained(folder)
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    name = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(model.embeddings.tokens.embeddings, stored[name].astype(dtype).astype("float32"))


# The moves between their tensors and ours


@pytest.mark.parametrize("transposed", [False, True])
def test_a_part_is_cut_out_of_a_fused_tensor_and_joined_again(transposed):
    fused = np.arange(24.0).reshape(4, 6) if not transposed else np.arange(24.0).reshape(6, 4)
    parts = [Entry("c_attn", name, fused.shape, transposed, (i, 3)) for i, name in enumerate("qkv")]
    ours = [entry.there(fused) for entry in parts]
    assert [array.shape for array in ours] == [(4, 2)] * 3
    np.testing.assert_array_equal(np.concatenate(ours, axis=1), fused.T if transposed else fused)
    back = [entry.back(array) for entry, array in zip(parts, ours, strict=True)]
    np.testing.assert_array_equal(np.concatenate(back, axis=0 if transposed else 1), fused)


def test_skipped_rows_are_left_out_and_come_back_as_zeros():
    table = np.arange(1.0, 11).reshape(5, 2)
    entry = Entry("positions", "ours", (5, 2), False, skipped=2)
    np.testing.assert_array_equal(entry.there(table), table[2:])
    np.testing.assert_array_equal(entry.back(table[2:]), np.where(np.arange(5)[:, None] < 2, 0, table))


class Toy:
    """A family with every kind of move, and a model of it."""

    prefix, legacy, ties, buffers = "toy.", ((r"\.old$", ".weight"),), {None: {"again": "table.weight"}}, (r"ids\d",)

    def tensors(self, settings, task):
        yield Tensor("toy.qk.weight", "q.kernel", part=(0, 2))
        yield Tensor("toy.qk.weight", "k.kernel", part=(1, 2))
        yield Tensor("toy.table.weight", "table.embeddings", skipped=1)
        yield Tensor("toy.last.weight", "last.kernel", transposed=True)


class ToyModel:
    family, settings, task = Toy(), None, None

    def __init__(self):
        self.q, self.k, self.last = (keras.layers.Dense(2, use_bias=False) for _ in range(3))
        self.table = keras.layers.Embedding(3, 4)
        for layer in (self.q, self.k, self.last):
            layer.build((None, 4))
        self.table.build()


def test_every_move_goes_there_and_back():
    model, draw = ToyModel(), np.random.default_rng(0).normal
    stored = {"qk.weight": draw(size=(4, 4)), "toy.table.old": draw(size=(4, 4)), "last.weight": draw(size=(2, 4))}
    stored = {name: array.astype("float32") for name, array in stored.items()}
    tied = {"again": stored["toy.table.old"].copy(), "toy.ids7": np.zeros(3)}
    loading = keymap.pour(model, stored | tied | {"other": np.zeros(1)}, source="here")
    assert loading == ([], ["other"])  # the copy and the buffer are no news
    np.testing.assert_array_equal(model.k.kernel, stored["qk.weight"][:, 2:])
    np.testing.assert_array_equal(model.last.kernel, stored["last.weight"].T)

    stored["toy.table.old"][0] = 0  # the row that nobody reads
    back = keymap.extract(model)
    assert sorted(back) == ["last.weight", "qk.weight", "table.weight"]
    for name, array in (("qk.weight", "qk.weight"), ("table.weight", "toy.table.old"), ("last.weight", "last.weight")):
        np.testing.assert_array_equal(back[name], stored[array])


def test_a_fused_tensor_of_another_shape_is_an_error_with_the_whole_shape():
    with pytest.raises(ValueError, match=r"'qk.weight' has the shape \(4, 3\), but \(4, 4\) is needed"):
        model = ToyModel()
        model.config = type("Config", (), {"model_type": "toy"})
        keymap.pour(model, {"qk.weight": np.zeros((4, 3))}, source="here")
