"""From a model and a text to a view, with what goes into the softmax."""

from types import SimpleNamespace

import numpy as np
import pytest

from ktlearn import attention, seed_weights
from ktlearn.seq2seq import Transformer
from ktlearn.widgets import AttentionView


def test_the_view_shows_what_the_model_computes(model, tokenizer):
    view = AttentionView.from_model(model, tokenizer, "good film")
    batch = tokenizer("good film", return_tensors="np")
    expected = np.stack([np.asarray(layer)[0] for layer in model(batch, return_attention=True).attentions])
    maps = view.blocks["attention"]
    assert maps.tokens == ["[CLS]", "good", "film", "[SEP]"]
    assert np.allclose(maps.weights[0], expected, atol=1e-6)
    assert maps.problems == []


def test_the_vectors_are_those_before_the_softmax(model, tokenizer):
    maps = AttentionView.from_model(model, tokenizer, "a good book").blocks["attention"]
    scores = maps.queries @ np.swapaxes(maps.keys, -1, -2) / np.sqrt(maps.queries.shape[-1])
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    assert maps.queries.shape == (1, 2, 2, 5, 16)  # (snapshot, layers, heads, tokens, d_k)
    assert np.allclose(weights / weights.sum(-1, keepdims=True), maps.weights, atol=1e-5)


def test_attention_is_as_it_was_afterwards(model, tokenizer):
    before = attention.scaled_dot_product_attention
    AttentionView.from_model(model, tokenizer, "good")
    with pytest.raises(TypeError):
        AttentionView.from_model(lambda inputs, return_attention: None, tokenizer, "good")
    assert attention.scaled_dot_product_attention is before


def test_typing_runs_the_model_again(model, tokenizer):
    view = AttentionView.from_model(model, tokenizer, "good", layer=1)
    view.set_state({"text": "a bad plot"})
    assert view.blocks["attention"].tokens == ["[CLS]", "a", "bad", "plot", "[SEP]"]
    assert (view.layer, view._status) == (1, "")


def test_a_pair_of_texts_has_two_boxes(model, tokenizer):
    view = AttentionView.from_model(model, tokenizer, "good", "bad")
    assert view.blocks["attention"].tokens == ["[CLS]", "good", "[SEP]", "bad", "[SEP]"]
    view.set_state({"pair": "not bad"})
    assert view.blocks["attention"].tokens == ["[CLS]", "good", "[SEP]", "not", "bad", "[SEP]"]


def test_a_text_too_long_for_the_model_is_said_in_the_view(model, tokenizer):
    view = AttentionView.from_model(model, tokenizer, "good")
    view.text = "good " * 200
    assert "positions" in view._status
    assert len(view.blocks["attention"].tokens) == 3


def test_special_tokens_come_from_the_tokenizer(model, tokenizer):
    assert AttentionView.from_model(model, tokenizer, "good")._special == ["[SEP]", "[CLS]"]


@pytest.mark.slow
def test_a_predictor_is_enough(trained):
    import ktlearn

    learner, t = trained
    predictor = ktlearn.get_predictor(learner.model, preproc=t)
    view = AttentionView.from_predictor(predictor, "good film")
    assert view.blocks["attention"].weights.shape[:3] == (1, 2, 2)
    assert view.text == "good film"


@pytest.fixture(scope="module")
def translator():
    model = Transformer(20, 20, d_model=16, num_heads=2, num_layers=2, d_ff=32)
    return seed_weights(model, 0)


def test_an_encoder_decoder_has_three_blocks(translator):
    inputs = {"input_ids": np.array([[5, 6, 7, 0]]), "decoder_input_ids": np.array([[1, 8, 9]])}
    view = AttentionView.from_inputs(translator, inputs, ["a", "b", "c", "<pad>"], ["<start>", "x", "y"])
    shapes = {name: maps.weights.shape[3:] for name, maps in view.blocks.items()}
    assert shapes == {"encoder": (4, 4), "decoder": (3, 3), "cross": (3, 4)}
    assert view.blocks["cross"].tokens == ["<start>", "x", "y"]
    assert view.blocks["cross"].key_tokens == ["a", "b", "c", "<pad>"]
    assert all(maps.problems == [] and maps.queries is not None for maps in view.blocks.values())


def test_masks_are_the_models_own(translator):
    inputs = {"input_ids": np.array([[5, 6, 7, 0]]), "decoder_input_ids": np.array([[1, 8, 9]])}
    view = AttentionView.from_inputs(translator, inputs, list("abc_"), list("xyz"))
    causal = view.blocks["decoder"].mask[0, 0, 0]
    assert causal.tolist() == np.tril(np.ones((3, 3), bool)).tolist()
    assert view.blocks["cross"].mask[0, 1, 1].tolist() == [[True, True, True, False]] * 3


def test_an_encoder_decoder_needs_both_texts(translator, tokenizer):
    with pytest.raises(ValueError, match="pair: this model has a decoder"):
        AttentionView.from_model(translator, tokenizer, "good")


def test_both_texts_of_an_encoder_decoder_are_tokenized(translator, tokenizer):
    view = AttentionView.from_model(translator, tokenizer, "good", "bad film")
    assert view.blocks["cross"].weights.shape[3:] == (len(view.blocks["cross"].tokens), 3)


def test_bad_input_is_named(model, tokenizer):
    with pytest.raises(TypeError, match="text must be one string; got list"):
        AttentionView.from_model(model, tokenizer, ["good"])
    with pytest.raises(TypeError, match="pair must be one string; got int"):
        AttentionView.from_model(model, tokenizer, "good", 3)


def test_a_model_that_gives_no_weights_is_named(tokenizer):
    def silent(inputs, return_attention):
        return object()

    with pytest.raises(TypeError, match="function answers without .attentions"):
        AttentionView.from_model(silent, tokenizer, "good")


def test_a_model_of_another_framework_has_weights_but_no_vectors(tokenizer):
    output = SimpleNamespace(attentions=[np.full((1, 2, 3, 3), 1 / 3)])
    view = AttentionView.from_model(lambda inputs, return_attention: output, tokenizer, "good")
    assert view.blocks["attention"].weights.shape == (1, 1, 2, 3, 3)
    assert view.blocks["attention"].queries is None


def test_a_batch_of_texts_is_refused(model):
    ids = np.array([[2, 5, 3], [2, 6, 3]])
    with pytest.raises(ValueError, match="one text at a time"):
        AttentionView.from_inputs(model, {"input_ids": ids}, list("abc"))
