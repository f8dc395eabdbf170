"""A checkpoint that cannot be loaded says why, and what to do next, before any model is built."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ktlearn import models

GOLDEN = Path(__file__).parents[1] / "golden"
SHARDED = "distilbert-masked-lm-sharded"


@pytest.fixture
def copy(tmp_path):
    """A copy of a golden checkpoint, to be damaged."""
    return lambda name: Path(shutil.copytree(GOLDEN / name, tmp_path / name))


@pytest.fixture
def no_model(monkeypatch):
    """Building a model, the long work, must not even begin."""

    def refuse(*args, **kwargs):
        pytest.fail("a model was built before the mistake was reported")

    monkeypatch.setattr(models, "MODELS", dict.fromkeys(models.MODELS, refuse))


@pytest.fixture
def no_reading(monkeypatch):
    """Nor may the weights be read."""

    def refuse(folder):
        pytest.fail("the weights were read before the mistake was reported")

    monkeypatch.setattr(models.checkpoint, "read_tensors", refuse)


def edit(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


# The folder


def test_a_folder_without_config(copy, no_model, no_reading):
    folder = copy("bert")
    (folder / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no config.json.*Accepted: config.json and model.safetensors"):
        models.from_pretrained(folder)


@pytest.mark.parametrize("pickled", ["pytorch_model.bin", "pytorch_model.bin.index.json"])
def test_only_a_pickle(copy, no_model, no_reading, pickled):
    folder = copy("bert")
    (folder / "model.safetensors").rename(folder / pickled)
    with pytest.raises(ValueError, match=r"only as pytorch_model.bin.*run any code.*Convert it once.*save_pretrained"):
        models.from_pretrained(folder)


def test_no_weights_at_all(copy, no_model, no_reading):
    folder = copy("bert")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"neither model.safetensors nor model.safetensors.index.json"):
        models.from_pretrained(folder)


# The config


@pytest.mark.parametrize("kind", ["mamba", None, ["bert"]])
def test_an_unsupported_family(copy, no_model, no_reading, kind):
    folder = copy("bert")
    edit(folder / "config.json", model_type=kind)
    with pytest.raises(ValueError) as error:
        models.from_pretrained(folder)
    assert f"the model family {kind!r} is not supported" in str(error.value)
    for family in models.FAMILIES:
        assert family in str(error.value).split("Supported:")[1]


@pytest.mark.parametrize("text", ["{", "", "\x00\x01", '{"model_type": "bert"'])
def test_a_config_that_is_no_json(copy, no_model, no_reading, text):
    folder = copy("bert")
    (folder / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config.json is not valid JSON: .* Get the file again"):
        models.from_pretrained(folder)


def test_a_config_with_a_wrong_value(copy, no_model, no_reading):
    folder = copy("bert")
    edit(folder / "config.json", hidden_size="wide")
    with pytest.raises(ValueError, match=r"(?s)config.json has a wrong value: .*'hidden_size'.*'wide'"):
        models.from_pretrained(folder)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"hidden_act": "quick_gelu"}, "Unknown activation 'quick_gelu'. Accepted: gelu, gelu_new"),
        ({"is_decoder": True}, "is a decoder .*, not an encoder"),
        ({"position_embedding_type": "relative_key"}, "'relative_key' is not supported; accepted: 'absolute'"),
        ({"num_attention_heads": 4}, r"must divide d_model; got d_model=21 and num_heads=4. Heads that fit: \[1, 3, 7"),
    ],
)
def test_a_setting_that_these_layers_do_not_have(copy, setting, words):
    folder = copy("bert")
    edit(folder / "config.json", **setting)
    with pytest.raises(ValueError, match=words):
        models.from_pretrained(folder)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"vocab_size": 61}, r"'embeddings.word_embeddings.weight' has the shape \(60, 21\), but \(61, 21\)"),
        ({"intermediate_size": 30}, r"intermediate.dense.weight' has the shape \(26, 21\), but \(30, 21\)"),
        ({"num_hidden_layers": 4}, r"'encoder.layer.3.attention.self.query.weight' is missing.* asks for 4 layers"),
    ],
)
def test_a_config_and_weights_that_do_not_belong_together(copy, setting, words):
    folder = copy("bert")
    edit(folder / "config.json", **setting)
    with pytest.raises(ValueError, match=words):
        models.from_pretrained(folder)


# The weights


@pytest.mark.parametrize("length", [0, 5, 8, 100, 0.5, -1])
def test_a_truncated_file(copy, no_model, length):
    file = copy("bert") / "model.safetensors"
    content = file.read_bytes()
    length = int(length * len(content)) if isinstance(length, float) else length
    file.write_bytes(content[:length])
    with pytest.raises(ValueError, match=r"model.safetensors is damaged or was cut short .* get it again"):
        models.from_pretrained(file.parent)


@pytest.mark.parametrize(
    "header",
    [b"\xff" * 8, (10**9).to_bytes(8, "little"), (40).to_bytes(8, "little") + b"<html>404 not found</html>"],
    ids=["absurd length", "length beyond the file", "a web page"],
)
def test_a_corrupted_header(copy, no_model, header):
    file = copy("bert") / "model.safetensors"
    content = file.read_bytes()
    file.write_bytes(header + content[len(header) :])
    with pytest.raises(ValueError, match=r"model.safetensors is damaged or was cut short .* get it again"):
        models.from_pretrained(file.parent)


def test_an_index_that_names_a_missing_shard(copy, no_model):
    folder = copy(SHARDED)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(ValueError, match=r"model-00002-of-00003.safetensors is missing, but model.safetensors.index"):
        models.from_pretrained(folder, task="masked-lm")


def test_a_truncated_shard_is_named(copy, no_model):
    folder = copy(SHARDED)
    shard = folder / "model-00002-of-00003.safetensors"
    shard.write_bytes(shard.read_bytes()[:-4])
    with pytest.raises(ValueError, match=r"model-00002-of-00003.safetensors is damaged or was cut short"):
        models.from_pretrained(folder, task="masked-lm")


@pytest.mark.parametrize("way_out", ["../outside.safetensors", "/outside.safetensors", "a/b.safetensors", ".."])
def test_an_index_that_leads_out_of_its_folder(copy, no_model, way_out):
    folder = copy(SHARDED)
    outside = folder.parent / "outside.safetensors"
    shutil.copy(folder / "model-00001-of-00003.safetensors", outside)  # it is there, and is not read
    way_out = str(outside) if way_out.startswith("/") else way_out
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    index["weight_map"]["distilbert.embeddings.LayerNorm.bias"] = way_out
    edit(folder / "model.safetensors.index.json", **index)
    with pytest.raises(ValueError) as error:
        models.from_pretrained(folder, task="masked-lm")
    assert f"index.json names the file {way_out!r}" in str(error.value)
    assert "refused" in str(error.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"metadata": {}}', '{"weight_map": ["a"]}'])
def test_an_index_that_is_no_index(copy, no_model, text):
    folder = copy(SHARDED)
    (folder / "model.safetensors.index.json").write_text(text)
    with pytest.raises(ValueError, match=r"index.json is damaged: it must be JSON with a 'weight_map'.*get it again"):
        models.from_pretrained(folder, task="masked-lm")


def test_a_file_with_other_tensors(copy):
    folder = copy("bert")
    save_file({"weight": np.zeros(3, "float32")}, folder / "model.safetensors")
    with pytest.raises(ValueError, match=r"word_embeddings.weight' is missing.*complete bert checkpoint\?"):
        models.from_pretrained(folder)


def test_a_failed_load_changes_no_model(copy):
    # Everything is compared before the first tensor is written.
    model = models.from_pretrained(GOLDEN / "bert")
    before = model.get_weights()
    tensors = {key: array + 1 for key, array in load_file(GOLDEN / "bert" / "model.safetensors").items()}
    del tensors["encoder.layer.2.output.LayerNorm.bias"]
    with pytest.raises(ValueError, match="is missing"):
        models.keymap.pour(model, tensors, source="mine")
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# The arguments


@pytest.mark.parametrize("task", ["sentiment", "Classification", "", 3])
def test_an_unknown_task(no_model, no_reading, task):
    with pytest.raises(ValueError) as error:
        models.from_pretrained(GOLDEN / "bert", task=task)
    assert str(error.value).endswith(f"got {task!r}.")
    for accepted in ("None", "'classification'", "'masked-lm'", "'question-answering'"):
        assert accepted in str(error.value)


@pytest.mark.parametrize(
    ("task", "num_labels"),
    [*(("classification", wrong) for wrong in (0, -2, 2.5, "2")), (None, 2), ("masked-lm", 2)],
)
def test_num_labels_that_make_no_sense(no_model, no_reading, task, num_labels):
    with pytest.raises(ValueError) as error:
        models.from_pretrained(GOLDEN / "bert", task=task, num_labels=num_labels)
    assert "num_labels is a whole number ≥ 1 for task='classification'" in str(error.value)
    assert f"got {num_labels!r} with task={task!r}" in str(error.value)


def test_a_name_that_can_be_neither_folder_nor_hub_name(no_model, no_reading):
    with pytest.raises(FileNotFoundError, match=r"no folder './models/mine'.*cannot be a name on the hub.*bert-base"):
        models.from_pretrained("./models/mine")


def test_an_unknown_bundled_model(no_model, no_reading):
    with pytest.raises(FileNotFoundError, match="no bundled model 'ktlearn/nothing'. Bundled: "):
        models.from_pretrained("ktlearn/nothing")


# The call


@pytest.fixture(scope="module")
def model():
    """Tests only look at it."""
    return models.from_pretrained(GOLDEN / "bert")


def test_an_input_longer_than_the_positions(model):
    words = "the input has 25 positions, but only 24 were learned. Use a smaller maxlen"
    with pytest.raises(ValueError, match=words):
        model({"input_ids": np.ones((1, 25), "int32")})
    with pytest.raises(ValueError, match=words):
        model.predict({"input_ids": np.ones((1, 25), "int32")}, verbose=0)
    assert model({"input_ids": np.ones((1, 24), "int32")}).last_hidden_state.shape == (1, 24, 21)


def test_inputs_without_input_ids(model):
    with pytest.raises(ValueError, match="must hold 'input_ids'; accepted: input_ids, attention_mask, token_type_ids"):
        model({"attention_mask": np.ones((1, 5), "int32")})


@pytest.mark.parametrize("wrong", [60, -1, 10**6])
@pytest.mark.parametrize("kind", [list, np.array], ids=["lists", "arrays"])
def test_a_token_that_is_not_in_the_vocabulary(model, kind, wrong):
    """A GPU would read zeros for it, and the answer would look like any other."""
    with pytest.raises(ValueError, match=f"input_ids: there is no token {wrong}; the model's ids go from 0 to 59"):
        model({"input_ids": kind([[1, wrong]])})
    assert model([[1, 59]]).last_hidden_state.shape == (1, 2, 21)


@pytest.mark.parametrize("wrong", ["a text", None, 5, {}, [["a"]], np.array([["a"]])], ids=str)
def test_what_is_no_token_ids(model, wrong):
    with pytest.raises((TypeError, ValueError), match="inputs|input_ids"):
        model(wrong)


def test_an_attention_mask_of_another_rank(model):
    with pytest.raises(ValueError, match=r"attention_mask must have the shape \(batch, tokens\).*got the shape \(5,\)"):
        model({"input_ids": np.ones((1, 5), "int32"), "attention_mask": np.ones(5, "int32")})
