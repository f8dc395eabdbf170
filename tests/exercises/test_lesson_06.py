"""The exercises of lesson 06 name the typical mistakes."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from ktlearn.exercises import lesson_06
from tests.exercises.answers import diagnosis, line

GOLDEN = Path(__file__).parents[1] / "golden" / "distilbert"


# --- 6.1 ---------------------------------------------------------------------------------------

PIECES = [
    (["p", "re", "d", "i", "c", "t", "ing"], "row 9 (r + e) came before row 6 (e + d)"),
    (["p", "r", "ed", "i", "c", "t", "i", "n", "g"], "'i' and 'n' still stand side by side: row 7"),
    (["p", "r", "ed", "i", "c", "t", "in", "g"], "row 8 joins them"),
    (["pr", "ed", "i", "c", "t", "ing"], "no row of the table makes the piece 'pr'"),
    (["p", "##r", "##ed", "##i", "##c", "##t", "##ing"], "not to 'predicting'"),
    ("predicting", "the answer is a list of pieces"),
]


# --- 6.2 ---------------------------------------------------------------------------------------


def padded(rows, left=False, token=1):
    longest = max(map(len, rows))
    fill = [[0] * (longest - len(row)) for row in rows]
    ids = [f + row if left else row + f for row, f in zip(rows, fill, strict=True)]
    mask = [[1 - token] * len(f) + [token] * len(row) for row, f in zip(rows, fill, strict=True)]
    return ids, (mask if left else [row[::-1] for row in mask])


def not_padded(rows):
    return rows, [[1] * len(row) for row in rows]


def cut(rows):
    shortest = min(map(len, rows))
    return [row[:shortest] for row in rows], [[1] * shortest for _ in rows]


BATCHES = [
    (lambda rows: padded(rows, token=0), "the wrong way round"),
    (lambda rows: padded(rows, left=True), "stands on the left"),
    (lambda rows: (padded(rows)[0], np.ones_like(padded(rows)[0])), "is 1 everywhere"),
    (cut, "no token may be lost"),
    (not_padded, "with rows of one length"),
]


# --- 6.3 ---------------------------------------------------------------------------------------


def file(tensors, order="C", dtype="F32", per_number=4, offset=0, length="<Q", reversed_shape=False):
    header, data = {}, b""
    for name, array in tensors.items():
        begin = len(data)
        data += array.astype("float32").tobytes(order)
        places = [begin * per_number // 4 + offset, len(data) * per_number // 4 + offset]
        shape = list(array.shape)[::-1] if reversed_shape else list(array.shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": places}
    text = json.dumps(header).encode()
    return (struct.pack(length, len(text)) if length else b"") + text + data


def one_too_few(tensors):
    return file(dict(list(tensors.items())[:-1]))


FILES = [
    (lambda tensors: file(tensors, length=""), "Before it come 8 bytes"),
    (lambda tensors: file(tensors, length=">Q"), "but the file is shorter"),
    (lambda tensors: file(tensors, length="<I"), "but the file is shorter"),
    (lambda tensors: file(tensors, offset=8), "the first tensor begins at 0"),
    (lambda tensors: file(tensors, per_number=1), "count numbers"),
    (lambda tensors: file(tensors, order="F"), "column by column"),
    (lambda tensors: file(tensors, dtype="float32"), "calls float32 'F32'"),
    (lambda tensors: file(tensors, reversed_shape=True), "the shape of 'dense.weight' is [3, 5]"),
    (lambda tensors: file({name: 2 * array for name, array in tensors.items()}), "are not its numbers"),
    (one_too_few, "and it should name"),
    (lambda tensors: json.dumps(list(tensors)), "must return bytes"),
]


# --- 6.4 ---------------------------------------------------------------------------------------


def looked_at(weights, steps, direction=-1, total=None):
    Q = weights.shape[-1]
    found = [weights[..., q, q + direction * steps] for q in range(Q) if 0 <= q + direction * steps < Q]
    return sum(found) / (total or len(found))


TABLES = [
    (lambda weights, steps: looked_at(weights, steps, direction=1), "come after"),
    (lambda weights, steps: looked_at(weights, steps, total=weights.shape[-1]), "divided by all the tokens"),
    (lambda weights, steps: looked_at(weights, steps, total=1), "this is the sum"),
    (lambda weights, steps: looked_at(weights, 0), "at themselves"),
    (lambda weights, steps: looked_at(weights, steps).mean(-1), "must have the shape (2, 3)"),
]


# --- 6.5 ---------------------------------------------------------------------------------------


def count(V, P, D, L, F, segments=2, bias=1, norms=2, pooler=1, dense=4):
    layer = dense * (D + bias) * D + (D + bias) * F + (F + bias) * D + norms * 2 * D
    return (V + P + segments + 2) * D + L * layer + pooler * (D + bias) * D


COUNTS = [
    (lambda V, P, D, L, F: count(V, P, D, L, F, bias=0), "the biases are missing"),
    (lambda V, P, D, L, F: count(V, P, D, L, F, pooler=0), "the pooler is missing"),
    (lambda V, P, D, L, F: count(V, P, D, L, F, segments=0), "2 * D numbers are missing in the embeddings"),
    (lambda V, P, D, L, F: count(V, P, D, L, F, norms=1), "a layer has two normalisations"),
    (lambda V, P, D, L, F: count(V, P, D, L, F, norms=0), "a scale and a shift"),
    (lambda V, P, D, L, F: count(V, P, D, L, F, dense=3), "four dense layers"),
    (lambda V, P, D, L, F: count(V, P, D, 1, F), "you counted one layer"),
    (lambda V, P, D, L, F: count(V, P, D, L, F) + 1, "The largest difference is 1"),
]


# --- 6.6 ---------------------------------------------------------------------------------------


def pour(layer, tensors, i, transposes=lambda array: True, skip=None, **renamed):
    names = {
        "attention.q_lin": "attention.query",
        "attention.k_lin": "attention.key",
        "attention.v_lin": "attention.value",
        "attention.out_lin": "attention.output_projection",
        "sa_layer_norm": "attention_norm",
        "ffn.lin1": "feed_forward.expand",
        "ffn.lin2": "feed_forward.contract",
        "output_layer_norm": "feed_forward_norm",
    }
    for theirs, ours in names.items():
        part = layer
        for step in ours.split("."):
            part = getattr(part, step)
        theirs = renamed.get(theirs.replace(".", "_"), theirs)
        weight, bias = (tensors[f"distilbert.transformer.layer.{i}.{theirs}.{kind}"] for kind in ("weight", "bias"))
        if theirs == skip:
            continue
        if "norm" in ours:
            part.gamma.assign(weight)
            part.beta.assign(bias)
        else:
            part.kernel.assign(weight.T if transposes(weight) else weight)
            part.bias.assign(bias)
    return layer


def only_where_it_must(layer, tensors, i):
    return pour(layer, tensors, i, transposes=lambda array: array.shape[0] != array.shape[1])


def never_transposed(layer, tensors, i):
    return pour(layer, tensors, i, transposes=lambda array: False)


def norms_swapped(layer, tensors, i):
    return pour(layer, tensors, i, sa_layer_norm="output_layer_norm", output_layer_norm="sa_layer_norm")


def keys_for_queries(layer, tensors, i):
    return pour(layer, tensors, i, attention_q_lin="attention.k_lin")


LAYERS = [
    (only_where_it_must, "transpose every matrix, also a square one"),
    (never_transposed, "your code stopped with ValueError"),
    (
        norms_swapped,
        "attention_norm.gamma holds distilbert.transformer.layer.2.output_layer_norm.weight. It should hold",
    ),
    (keys_for_queries, "attention.query.kernel holds distilbert.transformer.layer.2.attention.k_lin.weight"),
    (lambda layer, tensors, i: pour(layer, tensors, 0), "holds distilbert.transformer.layer.0.attention.q_lin.weight"),
    (lambda layer, tensors, i: pour(layer, tensors, i, skip="ffn.lin2"), "feed_forward.contract.kernel was not filled"),
]


def test_the_layer_solution_computes_what_pytorch_computed():
    from safetensors.numpy import load_file

    from ktlearn import models

    tensors = {f"distilbert.{name}": array for name, array in load_file(GOLDEN / "model.safetensors").items()}
    expected = np.load(GOLDEN / "expected.npz")
    model = models.from_config(GOLDEN, seed=0)
    ready = models.from_pretrained(GOLDEN)
    model.embeddings.set_weights(ready.embeddings.get_weights())
    for i, layer in enumerate(model.encoder.layers):
        lesson_06.solution_6_6(layer, tensors, i)
    output = model({name: expected[name] for name in ("input_ids", "attention_mask")})
    np.testing.assert_allclose(output.last_hidden_state, expected["last_hidden_state"], atol=1e-4)


def test_the_count_solution_is_that_of_a_real_model():
    from ktlearn import models

    model = models.from_config("ktlearn/mini-bert-en")
    assert lesson_06.solution_6_5(V=20_000, P=512, D=192, L=4, F=512) == model.count_params()


@pytest.mark.parametrize(
    ("number", "wrong", "phrase"),
    [
        (f"6.{n}", wrong, phrase)
        for n, answers in enumerate([PIECES, BATCHES, FILES, TABLES, COUNTS, LAYERS], start=1)
        for wrong, phrase in answers
    ],
)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    assert phrase in diagnosis(number, wrong)


def test_a_right_answer_written_in_another_way_is_right():
    for number, right in (
        ("6.1", ("p", "r", "ed", "i", "c", "t", "ing")),
        ("6.2", lambda rows: tuple(np.array(part) for part in padded(rows))),
        ("6.3", lambda tensors: bytearray(file(tensors))),
        ("6.4", looked_at),
        ("6.5", count),
        ("6.6", pour),
    ):
        assert line(number, right) == "✓ Right.", number
