"""The exercises of lesson 06 name the typical mistakes."""

import json
import struct
from itertools import pairwise
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


# --- 6.7 ---------------------------------------------------------------------------------------


def trained(frequencies, n, end="</w>", weighs=True, again=True):
    cut, merges = {word: list(word) + ([end] if end else []) for word in frequencies}, []
    while len(merges) < n:
        counts = {}
        for word, pieces in cut.items():
            for pair in pairwise(pieces):
                counts[pair] = counts.get(pair, 0) + (frequencies[word] if weighs else 1)
        ranked = sorted(counts, key=lambda pair: -counts[pair])
        if not again:
            return ranked[:n]
        merges.append(ranked[0])
        cut = {word: lesson_06.joined(pieces, ranked[0]) for word, pieces in cut.items()}
    return merges


TRAININGS = [
    (lambda frequencies, n: trained(frequencies, n, weighs=False), "every word counts once"),
    (lambda frequencies, n: trained(frequencies, n, end=None), "the end mark is missing"),
    (lambda frequencies, n: trained(frequencies, n, again=False), "and then count again"),
    (lambda frequencies, n: trained(frequencies, n - 1), "asked for 5 merges, your function returns 4"),
    (lambda frequencies, n: trained(frequencies, n)[::-1], "merge 1 is"),
    (lambda frequencies, n: ["low"] * n, "a list of pairs"),
]


# --- 6.8 ---------------------------------------------------------------------------------------

CULPRITS = {"A": "norms", "B": "mask", "C": "eps", "D": "positions"}
FINGERPRINTS = [
    (CULPRITS | {"A": "mask", "B": "norms"}, "A is not 'mask'. A has right embeddings, and both"),
    (CULPRITS | {"B": "eps", "C": "mask"}, "only the sentence with padding goes wrong"),
    (CULPRITS | {"C": "positions", "D": "eps"}, "C has small differences everywhere"),
    (CULPRITS | {"D": "norms"}, "already far off after the embeddings"),
    (CULPRITS | {"D": "heads"}, "'heads' is none of 'eps', 'mask', 'norms', 'positions'"),
    ({"A": "norms"}, "is a dictionary"),
]


def test_the_fingerprints_in_the_lesson_are_those_that_were_measured():
    import nbformat

    root = Path(__file__).parents[2]
    lines = (root / "tests" / "real" / "measured" / "fingerprints.txt").read_text().splitlines()[1:]
    measured = {letter: (name, figures) for letter, name, *figures in map(str.split, lines)}
    notebook = nbformat.read(root / "notebooks" / "06_pretrained_weights.ipynb", as_version=4)
    (task,) = (cell.source for cell in notebook.cells if cell.id == "exercise-6-8-task")
    assert {letter: name for letter, (name, _) in measured.items()} == lesson_06.CULPRITS
    for letter, (_, figures) in measured.items():
        assert f"| {letter} | {' | '.join(figures)} |" in task


# --- 6.9 ---------------------------------------------------------------------------------------


def first_k(logits, true, k, sign=-1, judge=lambda right: right.any(1).mean()):
    return judge(np.argsort(sign * logits, axis=1)[:, :k] == true[:, None])


SHARES = [
    (lambda logits, true, k: first_k(logits, true, k, sign=1), "these are the lowest logits"),
    (lambda logits, true, k: first_k(logits, true, k, judge=lambda right: right.any(1).sum()), "the number of rows"),
    (lambda logits, true, k: first_k(logits, true, k, judge=np.mean), "you divided by N * k"),
    (lambda logits, true, k: first_k(logits, true, 1), "only the first guess counts"),
    (lambda logits, true, k: first_k(logits, true, k, judge=lambda right: right.any(1)), "must be a single number"),
]


# --- 6.10 --------------------------------------------------------------------------------------

PREDICTIONS = [
    ({"c", "d"}, "a: the output kernel sums up the heads"),
    ({"a", "b", "c", "d"}, "b: the queries of one head"),
    ({"a", "d"}, "c: in q·k the 2"),
    ({"a", "c"}, "d: the bias of the key"),
    ({"a", "c", "d", "e"}, "e: the weights of a row sum to 1"),
    ({"f"}, "'f' is none of the letters"),
    ("acd", "is a set of letters"),
]


def test_the_predictions_are_what_a_layer_does():
    from ktlearn.attention import MultiHeadAttention

    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 5, 8)).astype("float32")
    layer = MultiHeadAttention(d_model=8, num_heads=2)
    layer(x, x, x)
    weights = [rng.normal(size=w.shape).astype("float32") for w in layer.get_weights()]
    layer.set_weights(weights)
    before = np.array(layer(x, x, x))
    swap = np.r_[4:8, 0:4]

    def changed(query=lambda w: w, key=lambda w: w, value=lambda w: w, output=lambda w: w, key_bias=1, value_bias=1):
        layer.set_weights(weights)
        for part, change in ((layer.query, query), (layer.key, key), (layer.value, value)):
            part.kernel.assign(change(np.array(part.kernel)))
            part.bias.assign(change(np.array(part.bias)))
        layer.output_projection.kernel.assign(output(np.array(layer.output_projection.kernel)))
        layer.key.bias.assign(key_bias * np.array(layer.key.bias))
        layer.value.bias.assign(value_bias * np.array(layer.value.bias))
        return not np.allclose(layer(x, x, x), before, atol=1e-4)

    def moved(w):
        return w[..., swap]

    changes = {
        "a": changed(moved, moved, moved, output=lambda w: w[swap]),
        "b": changed(moved, moved),
        "c": changed(lambda w: 2 * w, lambda w: w / 2),
        "d": changed(key_bias=0),
        "e": changed(value_bias=0),
    }
    assert {letter for letter, change in changes.items() if not change} == lesson_06.solution_6_10()


# --- 6.11 --------------------------------------------------------------------------------------

READINGS = [
    ([(1, 3), (2, 1)], "the stronger one comes first"),
    ([(1, 2), (3, 1)], "The layer comes first in the pair"),
    ([(1, 4), (2, 4)], "that is the first picture"),
    ([(3, 2), (2, 4)], "the two darkest cells"),
    ([(2, 1)], "a list of two pairs"),
]


# --- 6.12 --------------------------------------------------------------------------------------


def tensor(data, name, start=lambda length: 8 + length, kinds=("<f2", "<f4")):
    (length,) = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    kind = kinds[entry["dtype"] == "F32"]
    return np.frombuffer(data[start(length) :][begin:end], kind).reshape(entry["shape"])


READERS = [
    (lambda data, name: tensor(data, name, start=lambda length: 0), "count from the end of the header, and you count"),
    (lambda data, name: tensor(data, name, start=lambda length: length), "but not the 8 bytes before it"),
    (lambda data, name: tensor(data, name, start=lambda length: 8), "but not the header behind them"),
    (lambda data, name: tensor(data, name, kinds=("<f4", "<f4")), "with the type F16, your function stops"),
    (lambda data, name: tensor(data, name).T, "must have the shape (3, 4)"),
]


@pytest.mark.parametrize(
    ("number", "wrong", "phrase"),
    [
        (f"6.{n}", wrong, phrase)
        for n, answers in enumerate(
            [
                *(PIECES, BATCHES, FILES, TABLES, COUNTS, LAYERS),
                *(TRAININGS, FINGERPRINTS, SHARES, PREDICTIONS, READINGS, READERS),
            ],
            start=1,
        )
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
        ("6.7", trained),
        ("6.8", dict(CULPRITS)),
        ("6.9", first_k),
        ("6.10", ["d", "a", "c"]),
        ("6.11", [[2, 1], [1, 3]]),
        ("6.12", tensor),
    ):
        assert line(number, right) == "✓ Right.", number
