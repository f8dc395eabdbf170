"""The bundled minilm-en: all-MiniLM-L6-v2, nearly to the last digit, in a fifth of the disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models, text
from ktlearn.models import checkpoint, hub
from recipes.minilm_en import make, vocabulary
from tests.real.data import minilm, needs_minilm

NAME = "ktlearn/minilm-en"
# What PyTorch computes with the published float32 weights for three sentences; see tests/golden/make_minilm.py.
GOLDEN = Path(__file__).parents[1] / "golden" / "minilm.npz"
SENTENCES = [
    "She sat on the bank of the river.",
    "The bank raised its interest rate, and nobody was surprised.",
    "Not a bad film at all!",
]
LM = "cls.predictions"
TRICKY = [
    "An unforgettable, naïve café: 3×3=9, x² and co₂ – don't!",
    "Привет, ὅμηρος; [MASK] [unused7] ... £100 “quoted” jingles",
    "WROCŁAW  and\tłodz\u00a0are in the 1990s' pneumonoultramicroscopicsilicovolcanoconiosis",
    "",
]


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(hub.find(NAME))


@pytest.fixture(scope="module")
def model():
    return models.from_pretrained(NAME)


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN) as file:
        return dict(file)


def read(folder):
    return {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(folder).items()}


def cosines(a, b):
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def test_the_folder_is_small_and_carries_its_licence():
    files = {path.name: path.stat().st_size for path in hub.find(NAME).iterdir()}
    assert sum(files.values()) <= 20_000_000
    licence = (hub.find(NAME) / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence and "Version 2.0" in licence
    assert make.PUBLISHED in (hub.find(NAME) / "README.md").read_text(encoding="utf-8")


def test_every_token_s_vector_points_where_that_of_the_published_model_points(model, tokenizer, golden):
    batch = tokenizer(SENTENCES, padding=True, return_tensors="np")
    assert np.array_equal(batch["attention_mask"], golden["attention_mask"])

    output = model(batch, return_attention=True)

    real = golden["attention_mask"].astype(bool)
    near = cosines(np.array(output.last_hidden_state), golden["last_hidden_state"])[real]
    assert near.mean() > 0.999 and near.min() > 0.998
    maps = np.stack([np.array(maps).mean(1) for maps in output.attentions])
    assert np.abs(maps - golden["attentions"]).mean() < 0.005


@pytest.mark.slow
def test_sentence_vectors_are_the_published_ones(golden):
    encoder = text.SentenceEncoder(NAME)
    mask = golden["attention_mask"][..., None]
    published = (golden["last_hidden_state"] * mask).sum(1) / mask.sum(1)
    assert cosines(encoder.encode(SENTENCES), published).min() > 0.9985


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "fresh", "unused"),
    [
        pytest.param(None, set(), set(), marks=pytest.mark.weekly),
        ("classification", {"classifier"}, set()),
        pytest.param(
            *("masked-lm", {*(f"{LM}.transform.{part}" for part in ("dense", "LayerNorm")), LM}, {"pooler.dense"}),
            marks=pytest.mark.weekly,
        ),
        pytest.param("question-answering", {"qa_outputs"}, {"pooler.dense"}, marks=pytest.mark.weekly),
    ],
)
def test_it_says_which_head_is_fresh(task, fresh, unused):
    model = models.from_pretrained(NAME, task=task, verbose=0)
    assert {name.rsplit(".", 1)[0] for name in model.loading.fresh} == fresh
    assert {name.rsplit(".", 1)[0] for name in model.loading.unused} == unused


@pytest.mark.slow
def test_it_is_saved_as_ordinary_float32_that_computes_the_same(model, tokenizer, tmp_path):
    model.save_pretrained(tmp_path)
    again = models.from_pretrained(tmp_path)
    tensors = read(tmp_path)
    assert {array.dtype for array in tensors.values()} == {np.dtype("float32")}
    assert not [name for name in tensors if name.endswith((".scale", ".int8", ".int6"))]
    batch = tokenizer(SENTENCES, padding=True, return_tensors="np")
    assert np.array_equal(np.array(again(batch).last_hidden_state), np.array(model(batch).last_hidden_state))


def test_a_text_is_cut_into_bert_s_pieces(tokenizer):
    assert tokenizer.tokenize(TRICKY[0])[:9] == ["an", "un", "##for", "##get", "##table", ",", "naive", "cafe", ":"]
    assert tokenizer("Not bad!")["input_ids"] == tokenizer.convert_tokens_to_ids(["[CLS]", "not", "bad", "!", "[SEP]"])
    assert len(tokenizer("word " * 300)["input_ids"]) == 302  # the published file cuts at 128, or fills up to it


def test_a_pair_has_two_segments(tokenizer):
    assert tokenizer("good", "bad film")["token_type_ids"] == [0, 0, 0, 1, 1, 1]


def test_signs_of_other_scripts_are_unknown_and_nothing_else_is(tokenizer):
    assert tokenizer.tokenize("東京 นก") == ["[UNK]"] * 3
    assert "[UNK]" not in tokenizer.tokenize(" ".join(TRICKY).replace("[unused7]", ""))


def test_its_config_fits_its_tokenizer(tokenizer, model):
    assert len(tokenizer) == model.config.vocab_size == model.settings.vocab_size
    assert tokenizer.pad_token_id == model.config.pad_token_id == model.settings.pad_id
    assert json.loads((hub.find(NAME) / "config.json").read_text())["model_type"] == "bert"


@needs_minilm
def test_texts_are_cut_as_the_published_tokenizer_cuts_them(tokenizer):
    published = AutoTokenizer.from_pretrained(minilm())
    for each in TRICKY + SENTENCES:
        theirs, ours = published(each)["input_ids"], tokenizer(each)["input_ids"]
        assert published.convert_ids_to_tokens(theirs) == tokenizer.convert_ids_to_tokens(ours)


@needs_minilm
def test_every_weight_is_within_half_a_step_of_the_published_one():
    published, ours = read(minilm()), read(hub.find(NAME))
    kept = vocabulary.needed(AutoTokenizer.from_pretrained(minilm()))
    published[make.WORDS] = published[make.WORDS][kept]
    assert set(published) == {*ours, *make.BUFFERS}
    for name, array in ours.items():
        steps = 0 if array.ndim == 1 else 31 if name == make.WORDS else 127
        step = np.abs(published[name]).max(-1, keepdims=True) / steps if steps else 0
        assert (np.abs(array - published[name]) <= step * 0.5001).all(), name
