"""ModelView in Python: its state, its texts, its frozen copies."""

import json
import re

import numpy as np
import pytest
import traitlets

from ktlearn.transformer import EncoderLayer
from ktlearn.widgets import ModelView
from ktlearn.widgets.base.bundle import as_script, stylesheet
from ktlearn.widgets.model import packing
from tests.widgets.hostile import TOKENS
from tests.widgets.model.machines import IDS, PAIR, VECTORS, dates, encoder, gpt2, own


def frozen(view):
    html = view.freeze()._repr_mimebundle_()["text/html"]
    return json.loads(re.search(r"^const frozen = (.*);$", html, re.MULTILINE)[1])


def test_the_selection_is_the_layer_itself():
    model = dates()
    view = ModelView(model)
    assert view.selected is None
    view.selection = "decoder.layers[1].cross_attention"
    assert view.selected is model.decoder.layers[1].cross_attention
    assert view.layer == 1
    view.layer = 0
    assert view.selection == "decoder.layers[0].cross_attention"


def test_a_block_that_there_is_not_is_refused():
    with pytest.raises(traitlets.TraitError, match="there is no block 'encoder.layers\\[9\\]'"):
        ModelView(dates(), selection="encoder.layers[9]")
    with pytest.raises(traitlets.TraitError, match="mark: nothing here is 'convolution'. Kinds of this model: "):
        ModelView(dates(), mark="convolution")
    with pytest.raises(TypeError, match="has no 'colour' to set"):
        ModelView(dates(), colour="red")


def test_a_text_is_read_and_another_one_can_be_typed(model, tokenizer):
    view = ModelView.from_model(model, tokenizer, "good [MASK] film")
    assert view._tokens == {"encoder": ["[CLS]", "good", "[MASK]", "film", "[SEP]"]}
    assert (view.token, view._sizes["L"]) == (2, 5)  # the token to be guessed
    view.set_state({"text": "a bad plot of it"})
    assert (view._sizes["L"], view._status) == (7, "")
    view.set_state({"text": "bad " * 400})
    assert "positions" in view._status
    assert view._sizes["L"] == 7


def test_a_function_of_the_reader_s_own_makes_inputs_of_a_text():
    def read(source, target):
        ids = {"input_ids": [[ord(letter) % 30 for letter in source]], "decoder_input_ids": [[1, 2]]}
        return {name: np.array(each) for name, each in ids.items()}, list(source), ["^", target]

    view = ModelView.from_inputs(dates(), PAIR, vocabulary=[f"word{i}" for i in range(30)])
    view.on_text(read)
    assert (view.text, view.pair) == ("", "")
    view.set_state({"text": "May 5", "pair": "5"})
    assert view._tokens == {"encoder": list("May 5"), "decoder": ["^", "5"]}
    assert view._status == ""
    assert view._top["names"][0][0].startswith("word")  # the vocabulary has stayed
    view.set_state({"text": "", "pair": "5"})
    assert view._status
    assert view._tokens["encoder"] == list("May 5")


def test_the_most_probable_tokens_are_those_of_the_model(model, tokenizer):
    view = ModelView.from_model(model, tokenizer, "good [MASK] film")
    logits = np.asarray(model(tokenizer("good [MASK] film", return_tensors="np")).logits)[0, 2]
    best = int(logits.argmax())
    assert view._top["names"][2][0] == tokenizer.convert_ids_to_tokens(best)
    for temperature in (0.5, 1.0, 2.0):
        whole = np.exp(logits / temperature)
        rest = view._top["rest"][2][round(temperature * 10) - 1]
        found = np.exp(np.array(view._top["logits"][2]) / temperature)
        assert found.sum() + np.exp(rest) == pytest.approx(whole.sum(), rel=1e-3)


def test_a_temperature_is_in_tenths():
    assert ModelView(gpt2(), temperature=0.74).temperature == 0.7


def test_classes_have_their_names():
    model = encoder("classification", num_labels=3)
    view = ModelView.from_inputs(model, IDS)
    assert sorted(view._top["names"][0]) == ["LABEL_0", "LABEL_1", "LABEL_2"]


def test_the_vectors_of_a_head_come_when_they_are_asked_for():
    view = ModelView.from_inputs(dates(), PAIR)
    question = '["head","decoder.layers[1].cross_attention",1]'
    view._wanted = [question]
    numbers = np.frombuffer(view._answers[question], "float32")
    step = view._passage.steps["decoder.layers[1].cross_attention"]
    assert np.allclose(numbers, np.concatenate([np.ravel(np.asarray(each)[0, 1]) for each in (step.q, step.k)]))
    view._wanted = ['["head","decoder.layers[1].cross_attention",7]', '["head","nothing",0]']
    assert list(view._answers) == [question]


def test_the_masks_are_those_of_the_computation():
    masks = ModelView.from_inputs(dates(), PAIR)._masks
    assert masks["encoder.layers[#0].attention"] == ["11100"] * 5
    assert masks["decoder.layers[#1].attention"] == ["100", "110", "111"]
    assert masks["decoder.layers[#1].cross_attention"] == ["11100"] * 3


def test_bytes_hold_the_beginning_of_each_vector():
    view = ModelView.from_inputs(gpt2(), IDS)
    answer = view.answers["decoder.layers[1].feed_forward"]
    offset, rows, columns, scale = view._table["decoder.layers[1].feed_forward"]
    codes = np.frombuffer(view._data, "uint8", rows * columns, offset).reshape(rows, columns)
    assert np.allclose((codes - 126.0) / 126 * scale, answer[:, :columns].clip(-scale, scale), atol=scale / 126)


def test_one_number_that_is_far_larger_does_not_pale_all_others():
    answer = np.ones((4, 32))
    answer[:, 5] = 1000
    table, data = packing.pack({"a": answer})
    assert table["a"][-1] == 1
    assert set(data) == {252}


def test_a_layer_shares_its_numbers_with_its_last_block():
    table = ModelView.from_inputs(gpt2(), IDS)._table
    assert table["decoder.layers[0]"] == table["decoder.layers[1] <"] == table["decoder.layers[0].feed_forward + x"]


def test_tokens_and_inputs_must_fit():
    with pytest.raises(ValueError, match="tokens: give 4 names, one for each token; got 2"):
        ModelView.from_inputs(own(), VECTORS, ["a", "b"])
    with pytest.raises(ValueError, match="inputs: give a dict with 'decoder_input_ids', .* got \\['input_ids'\\]"):
        ModelView.from_inputs(dates(), IDS)
    with pytest.raises(ValueError, match="inputs: give a dict with 'input_ids', .* got ndarray"):
        ModelView.from_inputs(encoder(), IDS["input_ids"])
    with pytest.raises(ValueError, match="pair: this model has a decoder"):
        ModelView.from_model(dates(), lambda *args, **kwargs: {"input_ids": np.ones((1, 2), int)}, "text")
    with pytest.raises(TypeError, match="text must be one string; got int"):
        ModelView.from_model(encoder(), None, 3)


def test_made_again_it_is_the_same_frozen_copy():
    model = dates()
    first, second = (ModelView.from_inputs(model, PAIR).freeze()._repr_mimebundle_() for _ in range(2))
    assert first == second


def test_a_frozen_copy_of_a_large_model_keeps_the_layer_shown():
    view = ModelView.from_inputs(gpt2(layers=12), {"input_ids": np.arange(1, 41)[None]}, layer=7)
    whole = view._to_freeze(None)["state"]["_table"]
    part = view._to_freeze(30_000)["state"]["_table"]
    assert "decoder.layers[3].attention" in whole
    assert "decoder.layers[3].attention" not in part
    assert {"decoder.layers[7].attention", "decoder.layers[7] <", "embeddings.tokens"} <= part.keys()


def test_the_open_attention_is_frozen_with_its_heads():
    view = ModelView.from_inputs(dates(), PAIR, selection="encoder.layers[1].attention")
    assert list(frozen(view)["vectors"]) == [f'["head","encoder.layers[1].attention",{head}]' for head in (0, 1)]


def test_it_is_small():
    view = ModelView(gpt2())
    assert len(view._esm.encode()) < 25_000
    for part in (as_script(view._script), stylesheet(view._script)):
        assert "</" not in part


def test_hostile_names_add_no_tag():
    view = ModelView.from_inputs(gpt2(), {"input_ids": np.arange(1, 17)[None]}, TOKENS, vocabulary=TOKENS * 4)
    html = view.freeze()._repr_mimebundle_()["text/html"]
    outside = re.sub(r"(?s)(<script>\n.*?</script>|<style>.*?</style>)", "", html)
    assert re.findall(r"<(\w+)", outside) == ["div", "img"]
    assert html.count("</script>") == 1
    assert frozen(view)["state"]["_tokens"]["decoder"] == TOKENS


def test_likely_says_what_all_others_weigh():
    found = packing.likely(np.arange(30.0)[None], [str(i) for i in range(30)])
    assert found["names"][0][:2] == ["29", "28"]
    assert found["rest"][0][9] == pytest.approx(np.log(np.exp(np.arange(10)).sum()), abs=1e-3)


def test_it_says_what_it_is():
    layers = [EncoderLayer(8, 2, 16)]
    assert repr(ModelView(layers)) == "<ModelView: stack of 1 layer, 600 parameters>"
    assert "Self-attention" not in ModelView(layers)._alt()
    assert (
        ModelView(dates())._alt().startswith("A model from bottom to top. encoder: Embedding, Positions, EncoderLayer")
    )
