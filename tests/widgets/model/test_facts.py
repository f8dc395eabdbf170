"""What is told of each block beside its answer: what is added, what lies inside, and numbers of whole vectors."""

import json

import numpy as np
import pytest

from ktlearn.layers import RMSNorm, sinusoidal_positions
from ktlearn.widgets import ModelView
from tests.widgets.model.machines import IDS, MACHINES, PAIR, VECTORS, dates, encoder, gpt2, own


def packed(view, path):
    offset, rows, columns, scale = view._table[path]
    codes = np.frombuffer(view._data, "uint8", rows * columns, offset).reshape(rows, columns)
    return (codes - 126.0) / 126 * scale, scale


@pytest.mark.parametrize("name", MACHINES)
def test_every_table_of_every_model_is_ready_for_the_browser(name):
    make, inputs = MACHINES[name]
    view = ModelView.from_inputs(make(), inputs)
    json.dumps(view._facts, allow_nan=False)
    for path, block in {path: view._blocks[id] for path, (id, _) in view._ids.items()}.items():
        if block["kind"] not in ("distances", "rotary"):  # these act on scores, not on the vectors
            assert path in view._facts, path
    for path in ("embedding", "embeddings.tokens", "source_embedding"):
        if path in view._facts:
            assert view._facts[path]["id"] == inputs["input_ids"][0].tolist()


def test_positions_are_the_vectors_that_are_added():
    view = ModelView.from_inputs(dates(), PAIR)
    expected = sinusoidal_positions(5, 16)
    for name in ("positions", "positions (target)"):
        found, scale = packed(view, f"{name} added")
        assert np.allclose(found, expected[: len(found)].clip(-scale, scale), atol=scale / 126)


def test_token_position_and_segment_make_the_sum():
    view = ModelView.from_inputs(encoder(), IDS)
    token = view.answers["embeddings.tokens"]
    share = np.linalg.norm(view.answers["embeddings.positions"] - token, axis=-1) / np.linalg.norm(token, axis=-1)
    assert view._facts["embeddings.positions"]["share"] == pytest.approx(share, abs=0.006)
    segment, scale = packed(view, "embeddings.segments added")
    table = np.asarray(view.structure.model.embeddings.segments.embeddings)[0, :32]
    assert np.allclose(segment, table.clip(-scale, scale), atol=scale / 100)


def test_a_residual_says_how_long_its_block_s_answer_is_and_how_far_it_turns_what_came():
    view = ModelView.from_inputs(gpt2(), IDS)
    before = view.answers["embeddings.positions"].astype("float64")
    added = view.answers["decoder.layers[0].attention"].astype("float64")
    told = view._facts["decoder.layers[0].attention + x"]
    lengths = [np.linalg.norm(each, axis=-1) for each in (before, added, before + added)]
    assert told["share"] == pytest.approx(lengths[1] / lengths[0], abs=0.006)
    assert told["cosine"] == pytest.approx((before * (before + added)).sum(-1) / lengths[0] / lengths[2], abs=0.006)
    assert view._facts["decoder.layers[0].attention"] == {"share": told["share"]}


def test_a_norm_says_mean_and_spread_of_what_comes_in_and_has_its_learned_vectors():
    view = ModelView.from_inputs(gpt2(), IDS)
    came = view.answers["embeddings.positions"]
    told = view._facts["decoder.layers[0].attention_norm"]
    assert told["mean"] == pytest.approx(came.mean(-1), abs=0.006)
    assert told["spread"] == pytest.approx(came.std(-1), abs=0.006)
    gamma, _ = packed(view, "decoder.layers[1].attention_norm γ")
    assert np.allclose(gamma, 1)  # as it begins
    assert view._facts["decoder.layers[1].attention_norm β"] == {"least": [0.0], "most": [0.0]}


def test_an_rms_norm_has_no_mean_and_no_shift():
    view = ModelView.from_inputs([RMSNorm()], VECTORS)
    assert view._facts["[0]"] == {"rms": pytest.approx(np.sqrt((VECTORS[0] ** 2).mean(-1)), abs=0.006)}
    assert view._blocks["[0]"]["learned"] == ["[0] γ"]


@pytest.mark.parametrize(("make", "inputs", "path"), [(gpt2, IDS, "decoder.layers[1]"), (own, VECTORS, "[1]")])
def test_a_feed_forward_network_says_how_many_of_its_inner_numbers_are_above_zero(make, inputs, path):
    view = ModelView.from_inputs(make(), inputs)
    before = {"[1]": "[1].attention + x"}.get(path, f"{path}.feed_forward_norm")
    layer = view.structure.find(f"{path}.feed_forward").layer
    came = view.answers[before] @ np.asarray(layer.expand.kernel) + np.asarray(layer.expand.bias)
    assert view._facts[f"{path}.feed_forward"]["above"] == (came > 0).sum(-1).tolist()  # so after GELU and ReLU, too


def test_what_is_no_number_is_told_as_none():
    vectors = VECTORS.copy()
    vectors[0, 1] = np.nan
    view = ModelView.from_inputs([RMSNorm()], vectors)
    assert view._facts["[0]"]["rms"][1] is None


def test_probabilities_of_classes_are_shown_only_where_softmax_makes_them():
    several = encoder.__wrapped__("classification", num_labels=3)  # one of its own, for it is changed
    assert ModelView.from_inputs(several, IDS)._top["kind"] == "C"
    several.config.problem_type = "multi_label_classification"
    for model in (several, encoder("classification", num_labels=1)):
        assert ModelView.from_inputs(model, IDS)._top == {}
