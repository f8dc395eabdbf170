"""save_pretrained writes what PyTorch transformers itself would have written."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from safetensors import safe_open

from ktlearn import models

GOLDEN = Path(__file__).parents[1] / "golden"
CHECKPOINTS = [
    (f"{family.name}-{task}" if task else family.name, task)
    for family in models.FAMILIES.values()
    for task in family.architectures
]
IDS = {name: np.array([[3, 14, 15, 9]], "int32") for name in ("input_ids", "decoder_input_ids")}


def read(folder):
    """The tensors of a file as they are, and its metadata."""
    with safe_open(folder / "model.safetensors", framework="np") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118


def assert_same_tensors(folder, original, unread=None):
    """``unread`` names a tensor and how many of its first rows nobody reads; ours are zeros."""
    ours, metadata = read(folder)
    theirs, their_metadata = read(original)
    computed = models.FAMILIES[json.loads((original / "config.json").read_text())["model_type"]].buffers
    theirs = {key: array for key, array in theirs.items() if not any(re.fullmatch(p, key) for p in computed)}
    for key, rows in (unread or {}).items():
        assert not ours[key][:rows].any()
        theirs[key][:rows] = 0
    assert metadata == their_metadata == {"format": "pt"}
    assert set(ours) == set(theirs)
    for key, array in theirs.items():
        assert ours[key].dtype == array.dtype == np.float32
        assert ours[key].shape == array.shape
        assert ours[key].tobytes() == array.tobytes()


@pytest.mark.parametrize(("name", "task"), CHECKPOINTS)
def test_the_files_are_those_of_pytorch(tmp_path, name, task):
    model = models.from_pretrained(GOLDEN / name, task=task)
    model.save_pretrained(tmp_path / "saved")
    is_writer = task in ("causal-lm", "seq2seq")
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == [
        *("config.json", *["generation_config.json"] * is_writer, "ktlearn.sha256", "model.safetensors")
    ]
    unread = {entry.theirs: entry.skipped for entry in model.key_map() if entry.skipped}
    assert_same_tensors(tmp_path / "saved", GOLDEN / name, unread)

    ours, theirs = (json.loads((folder / "config.json").read_text()) for folder in (tmp_path / "saved", GOLDEN / name))
    for config in (ours, theirs):
        config.pop("transformers_version")
    assert ours == theirs
    if is_writer:
        path = "generation_config.json"
        ours, theirs = (json.loads((folder / path).read_text()) for folder in (tmp_path / "saved", GOLDEN / name))
        assert ours.items() >= theirs.items()


@pytest.mark.parametrize(
    ("name", "modern"),
    [("bert-masked-lm-2018", "bert-masked-lm"), ("distilbert-masked-lm-sharded", "distilbert-masked-lm")],
)
def test_old_and_sharded_checkpoints_are_saved_as_one_modern_file(tmp_path, name, modern):
    models.from_pretrained(GOLDEN / name, task="masked-lm").save_pretrained(tmp_path)
    assert_same_tensors(tmp_path, GOLDEN / modern)


# One head of each kind of family is loaded again at each change, all are every week; of each the files are asked above.
OFTEN = ("bert-question-answering", "gpt2-causal-lm", "llama-causal-lm", "t5-seq2seq", "bart-seq2seq")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "task"),
    [pytest.param(*each, marks=[] if each[0] in OFTEN else [pytest.mark.weekly]) for each in CHECKPOINTS],
)
def test_loading_it_again_gives_the_same_model(tmp_path, name, task):
    model = models.from_pretrained(GOLDEN / name, task=task)
    for weight in model.trainable_variables:
        weight.assign(weight * 0.9)  # as after training
    model.save_pretrained(tmp_path)
    again = models.from_pretrained(tmp_path, task=task)
    assert again.loading.fresh == again.loading.unused == []
    before, after = model(IDS, return_attention=True), again(IDS, return_attention=True)
    np.testing.assert_array_equal(after.last_hidden_state, before.last_hidden_state)
    np.testing.assert_array_equal(after.attentions[-1], before.attentions[-1])
    if task:
        np.testing.assert_array_equal(after.logits, before.logits)


@pytest.mark.slow
def test_a_changed_head_is_written_with_its_architecture_and_labels(tmp_path):
    model = models.from_pretrained(GOLDEN / "distilbert-masked-lm", task="classification", num_labels=2, verbose=0)
    model.config.id2label = {0: "negative", 1: "positive"}
    model.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["architectures"] == ["DistilBertForSequenceClassification"]
    assert config["id2label"] == {"0": "negative", "1": "positive"}
    tensors, _ = read(tmp_path)
    assert tensors["classifier.weight"].shape == (2, 20)


def test_a_half_precision_checkpoint_is_saved_as_float32_and_the_config_says_so(tmp_path):
    # Otherwise PyTorch would round the weights to float16 when it opens the folder.
    folder = shutil.copytree(GOLDEN / "bert", tmp_path / "half")
    tensors, _ = read(folder)
    safetensors.numpy.save_file({k: v.astype("float16") for k, v in tensors.items()}, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))

    models.from_pretrained(folder).save_pretrained(tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["dtype"] == "float32"
    assert {array.dtype.name for array in read(tmp_path / "saved")[0].values()} == {"float32"}


def test_saving_over_a_model_keeps_files_of_other_names(tmp_path):
    shutil.copytree(GOLDEN / "bert", tmp_path, dirs_exist_ok=True)
    (tmp_path / "tokenizer.json").write_text("theirs")
    models.from_pretrained(GOLDEN / "bert-classification", task="classification").save_pretrained(tmp_path)
    assert (tmp_path / "tokenizer.json").read_text() == "theirs"
    assert (tmp_path / "expected.npz").exists()
    assert_same_tensors(tmp_path, GOLDEN / "bert-classification")


def test_a_full_disk_in_the_middle_of_saving_leaves_the_old_files(tmp_path, monkeypatch):
    folder = shutil.copytree(GOLDEN / "bert", tmp_path / "model")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def write_half(tensors, path, metadata=None):
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    model = models.from_pretrained(GOLDEN / "bert-classification", task="classification")
    monkeypatch.setattr(safetensors.numpy, "save_file", write_half)
    with pytest.raises(OSError, match="No space left"):
        model.save_pretrained(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("a file")
    with pytest.raises(NotADirectoryError, match="give the name of a folder to save into"):
        models.from_pretrained(GOLDEN / "bert").save_pretrained(tmp_path / "model")
