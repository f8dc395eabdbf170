"""Weights as whole numbers with a scale for each row: there, back, and what a damaged file says."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from ktlearn import models
from ktlearn.models import checkpoint, quantized
from ktlearn.models.quantized import pack, quantize, restore, unpack
from tests.tiny import tiny_config


@pytest.fixture
def tiny(tmp_path):
    """A tiny BERT, saved as usual."""
    models.from_config(tiny_config(), seed=0).save_pretrained(tmp_path / "float32")
    return tmp_path / "float32"


@pytest.fixture
def small(tiny, tmp_path):
    """The same in eight bits, the vectors of its words in six."""
    folder = tmp_path / "small"
    folder.mkdir()
    stored = quantize(read(tiny), {"embeddings.word_embeddings.weight": 6})
    save_file(stored, folder / "model.safetensors", metadata=quantized.FORMAT)
    (folder / "config.json").write_bytes((tiny / "config.json").read_bytes())
    return folder


def read(folder):
    return {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(folder).items()}


@pytest.mark.parametrize("bits", [8, 6, 4, 2])
def test_packed_numbers_come_back(bits):
    most = 2 ** (bits - 1) - 1
    numbers = np.random.default_rng(0).integers(-most, most + 1, (5, 24)).astype("int8")
    packed = pack(numbers, bits)
    assert packed.shape == (5, 24 * bits // 8)
    assert np.array_equal(unpack(packed, bits), numbers)


def test_rows_that_do_not_fill_whole_bytes_are_refused():
    with pytest.raises(ValueError, match="rows of 5 numbers with 6 bits each do not fill whole bytes"):
        pack(np.zeros((2, 5), "int8"), 6)


@pytest.mark.parametrize(("bits", "most"), [(8, 127), (6, 31)])
def test_each_weight_is_within_half_a_step_of_its_row(bits, most):
    matrix = np.random.default_rng(0).normal(size=(50, 64)).astype("float32") * np.logspace(-6, 3, 50)[:, None]
    back = restore(quantize({"w": matrix.astype("float32")}, {"w": bits}))["w"]
    step = np.abs(matrix).max(1, keepdims=True) / most
    assert back.dtype == np.float32
    assert (np.abs(back - matrix) <= step * 0.5001).all()
    assert np.abs(back - matrix).max() > 0


def test_a_row_of_zeros_stays_zeros():
    assert not restore(quantize({"w": np.zeros((2, 8), "float32")}))["w"].any()


def test_vectors_are_kept_to_the_last_bit():
    vector = np.random.default_rng(0).normal(size=7).astype("float32")
    assert restore(quantize({"b": vector}))["b"].tobytes() == vector.tobytes()


def test_a_checkpoint_in_eight_bits_is_read_like_any_other_and_saved_as_float32(tiny, small, tmp_path):
    assert (small / "model.safetensors").stat().st_size < (tiny / "model.safetensors").stat().st_size

    model = models.from_pretrained(small)
    model.save_pretrained(tmp_path / "saved")

    published, ours = read(tiny), read(small)
    saved = read(tmp_path / "saved")
    assert set(saved) == set(ours) == set(published)
    for name, array in saved.items():
        assert array.dtype == np.float32 and np.array_equal(array, ours[name])
        step = np.abs(published[name]).max(-1, keepdims=True) / (31 if "word" in name else 127)
        assert (np.abs(array - published[name]) <= step * 0.5001).all()
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["dtype"] == "float32"


def test_the_published_names_are_not_in_the_file_so_that_no_other_program_reads_whole_numbers_as_weights(tiny):
    published = read(tiny)
    matrices = {name for name, array in published.items() if array.ndim == 2}
    assert matrices and not matrices & set(quantize(published))


NAME = "encoder.layer.0.output.dense.weight"


def no_scale(stored):
    del stored[f"{NAME}.scale"]


def no_rows(stored):
    del stored[f"{NAME}.int8"]


def nothing(stored):
    stored[f"{NAME}.scale"][3] = 0


def negative(stored):
    stored[f"{NAME}.scale"][3] = -1


def infinite(stored):
    stored[f"{NAME}.scale"][3] = np.inf


def not_a_number(stored):
    stored[f"{NAME}.scale"][3] = np.nan


def too_short(stored):
    stored[f"{NAME}.scale"] = stored[f"{NAME}.scale"][:-1]


def of_another_type(stored):
    stored[f"{NAME}.scale"] = stored[f"{NAME}.scale"].astype("int32")


def rows_of_another_type(stored):
    stored[f"{NAME}.int8"] = stored[f"{NAME}.int8"].astype("int16")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_scale, "of rows and scales one is missing: "),
        (no_rows, "of rows and scales one is missing: "),
        *((damage, "a scale is not a finite number above 0") for damage in (nothing, negative, infinite, not_a_number)),
        (too_short, r"int8 rows \(16, 32\) with float32 scales \(15,\)"),
        (of_another_type, r"int8 rows \(16, 32\) with int32 scales \(16,\)"),
        (rows_of_another_type, r"int16 rows \(16, 32\) with float32 scales \(16,\)"),
    ],
)
def test_a_damaged_scale_is_an_error_that_names_the_file_and_the_tensor(small, damage, message):
    stored = quantize(read(small), {"embeddings.word_embeddings.weight": 6})
    damage(stored)
    save_file(stored, small / "model.safetensors", metadata=quantized.FORMAT)
    with pytest.raises(ValueError, match=rf"model.safetensors is damaged .*{message}") as error:
        models.from_pretrained(small)
    assert NAME in str(error.value)
