"""Sentence embeddings: the mean of the tokens without the padding, as PyTorch computes it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ktlearn import text
from ktlearn.predictor import sentence_encoder
from ktlearn.predictor.sentence_encoder import mean_pooling
from tests.real.data import minilm, needs_minilm
from tests.tiny import sentence

GOLDEN = Path(__file__).parents[1] / "golden" / "minilm.npz"
RAGGED = ["good", sentence(40), sentence(12), "bad film", ""]


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return text.SentenceEncoder(checkpoint, maxlen=64)


def test_padding_is_left_out_of_the_mean():
    hidden = np.array([[[1.0, 2.0], [3.0, 4.0], [100.0, 100.0]], [[5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]])
    assert mean_pooling(hidden, np.array([[1, 1, 0], [1, 1, 1]])).tolist() == [[2.0, 3.0], [7.0, 8.0]]


def test_a_text_has_the_same_vector_alone_and_beside_longer_ones(encoder):
    alone = np.stack([encoder.encode(text) for text in RAGGED])
    assert alone.shape == (5, 32)
    for batch_size in (1, 2, 32):
        np.testing.assert_allclose(encoder.encode(RAGGED, batch_size=batch_size), alone, atol=1e-5)


def test_the_vector_is_the_mean_of_the_tokens_vectors(encoder):
    tokens = encoder.preproc.tokenizer("good film", return_tensors="np")
    hidden = np.array(encoder.model(tokens).last_hidden_state)[0]
    np.testing.assert_allclose(encoder.encode("good film", normalize=False), hidden.mean(0), atol=1e-5)


def test_normalized_vectors_have_length_one(encoder):
    lengths = np.linalg.norm(encoder.encode(RAGGED), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)
    assert np.abs(np.linalg.norm(encoder.encode(RAGGED, normalize=False), axis=1) - 1).max() > 0.1


def test_many_texts_show_a_bar(encoder, monkeypatch, capsys):
    encoder.encode(RAGGED)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sentence_encoder, "BAR_FROM", 5)
    encoder.encode(RAGGED, batch_size=2)
    assert "100%" in capsys.readouterr().err


def test_a_checkpoint_that_pools_in_another_way_is_refused(checkpoint, tmp_path):
    folder = Path(shutil.copytree(checkpoint, tmp_path / "copy"))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    with pytest.raises(ValueError, match="is made for pooling_mode_cls_token; SentenceEncoder takes the mean"):
        text.SentenceEncoder(folder, maxlen=64)


def test_what_is_no_text_is_refused(encoder):
    with pytest.raises(ValueError, match="there are no texts"):
        encoder.encode([])
    with pytest.raises(TypeError, match="item 1 is None"):
        encoder.encode(["good", None])


@pytest.mark.slow
@needs_minilm
def test_a_published_checkpoint_gives_the_vectors_of_pytorch():
    encoder = text.SentenceEncoder(minilm())
    texts = [
        "She sat on the bank of the river.",
        "The bank raised its interest rate, and nobody was surprised.",
        "Not a bad film at all!",
    ]
    golden = np.load(GOLDEN)  # made by PyTorch from these texts
    expected = np.stack(
        [
            hidden[mask == 1].mean(0)
            for hidden, mask in zip(golden["last_hidden_state"], golden["attention_mask"], strict=True)
        ]
    )
    np.testing.assert_allclose(encoder.encode(texts, normalize=False), expected, atol=1e-4)
    vectors = encoder.encode([*texts, "A really good movie."])
    nearest = (vectors @ vectors[3])[:3].argmax()
    assert texts[nearest] == "Not a bad film at all!"
