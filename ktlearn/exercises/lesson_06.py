"""Exercises of lesson 06, pretrained weights in your own layers."""

import json
import struct
from itertools import pairwise
from operator import attrgetter

import numpy as np

from ktlearn.exercises.compare import compare, is_close
from ktlearn.exercises.exercise import Exercise, NotYet

# --- 6.1 Read the table of merges --------------------------------------------------------------

# The table that section 2 of the lesson finds.
MERGES = [tuple(row.split()) for row in ("a y", "l ay", "p lay", "s t", "st ay", "e d", "i n", "in g", "r e")]
WORD = "predicting"


def check_6_1(answer):
    if not (isinstance(answer, (list, tuple)) and all(isinstance(piece, str) for piece in answer)):
        raise NotYet('the answer is a list of pieces, such as ["re", "play", "ed"].')
    if "".join(answer) != WORD:
        raise NotYet(f"your pieces join to {''.join(answer)!r}, not to {WORD!r}.")
    strange = [piece for piece in answer if len(piece) > 1 and piece not in map("".join, MERGES)]
    if strange:
        raise NotYet(f"no row of the table makes the piece {strange[0]!r}.")
    if "re" in answer:
        raise NotYet(
            "row 9 (r + e) came before row 6 (e + d). Go through the table from the top: the e is taken by ed."
        )
    for pair in pairwise(answer):
        if pair in MERGES:
            raise NotYet(
                f"{pair[0]!r} and {pair[1]!r} still stand side by side: row {MERGES.index(pair) + 1} joins them."
            )
    if list(answer) != solution_6_1():
        raise NotYet("go through the table from the top, row by row.")


def solution_6_1():
    return ["p", "r", "ed", "i", "c", "t", "ing"]


# --- 6.2 A batch from two lengths --------------------------------------------------------------


def check_6_2(answer):
    rng = np.random.default_rng()
    lengths = rng.permutation([3, 5, 8])
    rows = [[2, *rng.integers(5, 8000, length).tolist(), 3] for length in lengths]
    compare(answer, solution_6_2, rows, mistakes=PADDING_MISTAKES, names=("input_ids", "attention_mask"))


def solution_6_2(rows):
    longest = max(len(row) for row in rows)
    input_ids = [row + [0] * (longest - len(row)) for row in rows]
    attention_mask = [[1] * len(row) + [0] * (longest - len(row)) for row in rows]
    return input_ids, attention_mask


def _upside_down(rows):
    input_ids, attention_mask = solution_6_2(rows)
    return input_ids, 1 - np.array(attention_mask)


def _on_the_left(rows):
    input_ids, attention_mask = solution_6_2([row[::-1] for row in rows])
    return np.array(input_ids)[:, ::-1], np.array(attention_mask)[:, ::-1]


def _cut(rows):
    shortest = min(len(row) for row in rows)
    return [row[:shortest] for row in rows], [[1] * shortest for _ in rows]


def _all_visible(rows):
    input_ids, _ = solution_6_2(rows)
    return input_ids, np.ones_like(input_ids)


PADDING_MISTAKES = [
    (_upside_down, "the attention_mask is the wrong way round: 1 is a token, 0 is padding."),
    (_on_the_left, "the padding stands on the left. BERT counts positions from the first token, so it comes last."),
    (_cut, "you cut the rows to the shortest one. Fill the short ones up instead: no token may be lost."),
    (_all_visible, "the attention_mask is 1 everywhere, so the tokens look at the padding."),
]


# --- 6.3 Write a checkpoint --------------------------------------------------------------------


def check_6_3(answer):
    rng = np.random.default_rng()
    tensors = {
        "dense.weight": rng.normal(size=(5, 3)).astype("float32"),
        "dense.bias": rng.normal(size=5).astype("float32"),
        "embeddings.weight": rng.normal(size=(2, 4)).astype("float32").T,  # its rows do not lie in a row in memory
    }
    data = answer({name: array.copy(order="K") for name, array in tensors.items()})
    header, body = _header_and_body(data)
    if set(header) - {"__metadata__"} != set(tensors):
        raise NotYet(f"the header names {sorted(header)}, and it should name {sorted(tensors)}.")
    for name, array in tensors.items():
        _judge_tensor(name, array, header[name], header, body)

    from safetensors.numpy import load

    for name, array in load(bytes(data)).items():  # the library has the last word
        if not np.array_equal(array, tensors[name]):
            raise NotYet(f"the library reads other numbers from your file for {name!r}.")


def solution_6_3(tensors):
    header, data = {}, b""
    for name, array in tensors.items():
        begin = len(data)
        data += array.astype("float32").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _header_and_body(data):
    if not isinstance(data, (bytes, bytearray)):
        raise NotYet(f"your function must return bytes. It returns a {type(data).__name__}.")
    if data[:1] == b"{":
        raise NotYet("the file begins with the header itself. Before it come 8 bytes: how long the header is.")
    (length,) = struct.unpack("<Q", data[:8])
    if length > len(data) - 8:
        raise NotYet(
            f"the first 8 bytes say that the header has {length} bytes, but the file is shorter. "
            'Write the length of the header with struct.pack("<Q", …).'
        )
    try:
        return json.loads(data[8 : 8 + length]), data[8 + length :]
    except ValueError:
        raise NotYet(f"the {length} bytes after the first 8 are not JSON. Is the length that of the header?") from None


def _judge_tensor(name, array, entry, header, body):
    missing = {"dtype", "shape", "data_offsets"} - set(entry)
    if missing:
        raise NotYet(f"the header of {name!r} does not say: {', '.join(sorted(missing))}.")
    if entry["dtype"] != "F32":
        raise NotYet(f"the dtype of {name!r} is written {entry['dtype']!r}; the format calls float32 'F32'.")
    if entry["shape"] != list(array.shape):
        raise NotYet(f"the shape of {name!r} is {entry['shape']}, and it should be {list(array.shape)}.")
    begin, end = entry["data_offsets"]
    if min(other["data_offsets"][0] for key, other in header.items() if key != "__metadata__") > 0:
        raise NotYet("the data_offsets count from the first byte after the header, so the first tensor begins at 0.")
    if end - begin == array.size:
        raise NotYet(f"the data_offsets of {name!r} count numbers. They must count bytes, and a float32 has four.")
    numbers = np.frombuffer(body[begin:end], "<f4")
    if numbers.size != array.size:
        raise NotYet(f"the data_offsets of {name!r} hold {end - begin} bytes; {array.nbytes} are needed.")
    if not np.array_equal(numbers.reshape(array.shape), array):
        by_columns = np.array_equal(numbers.reshape(array.shape[::-1]).T, array)
        raise NotYet(
            f"{name!r} is written column by column; the format wants row by row."
            if by_columns
            else f"the bytes at the data_offsets of {name!r} are not its numbers."
        )


# --- 6.4 Who looks back? -----------------------------------------------------------------------


def check_6_4(answer):
    rng = np.random.default_rng()
    weights = rng.dirichlet(np.ones(9), size=(2, 3, 9))  # (layers, H, Q, K)
    for steps in (1, int(rng.integers(2, 6))):
        compare(answer, solution_6_4, weights, steps, mistakes=LOOK_BACK_MISTAKES, names=("the table",))


def solution_6_4(weights, steps):
    shares = np.diagonal(weights, offset=-steps, axis1=-2, axis2=-1)  # (layers, H, Q - steps)
    return shares.mean(axis=-1)


LOOK_BACK_MISTAKES = [
    (
        lambda w, steps: np.diagonal(w, steps, -2, -1).mean(-1),
        "these are the tokens that come after. The row looks: look back from row q to column q - steps.",
    ),
    (
        lambda w, steps: np.diagonal(w, -steps, -2, -1).sum(-1) / w.shape[-1],
        "you divided by all the tokens. The first ones have no such token before them: leave them out of the mean.",
    ),
    (
        lambda w, steps: np.diagonal(w, -steps, -2, -1).sum(-1),
        "this is the sum. The mean over the tokens is asked for.",
    ),
    (lambda w, steps: np.diagonal(w, 0, -2, -1).mean(-1), "this is how much the tokens look at themselves."),
]


# --- 6.5 How large is bert-base? ---------------------------------------------------------------


def check_6_5(answer):
    rng = np.random.default_rng()
    sizes = [int(n) for n in rng.integers(20, 60, 5)]
    # BERT's sizes first: there each mistake has a number of its own. With small ones, two may have the same.
    for V, P, D, L, F in ((30522, 512, 768, 12, 3072), sizes):
        compare(answer, solution_6_5, V, P, D, L, F, mistakes=COUNT_MISTAKES, names=("the number",), atol=1e-9)


def solution_6_5(V, P, D, L, F):
    embeddings = (V + P + 2) * D + 2 * D  # tokens, positions, two segments, and a normalisation
    attention = 4 * (D * D + D)  # query, key, value, output: a matrix and a bias each
    feed_forward = D * F + F + F * D + D
    norms = 2 * (2 * D)
    pooler = D * D + D
    return embeddings + L * (attention + feed_forward + norms) + pooler


def _count(V, P, D, L, F, segments=2, biases=1, norms=2, pooler=1, dense=4):
    layer = dense * (D * D + biases * D) + 2 * D * F + biases * (F + D) + norms * 2 * D
    return (V + P + segments) * D + 2 * D + L * layer + pooler * (D * D + biases * D)


def _count_with(**change):
    return lambda V, P, D, L, F: _count(V, P, D, L, F, **change)


COUNT_MISTAKES = [
    (_count_with(pooler=0), "the pooler is missing: one more dense layer, from D to D."),
    (_count_with(biases=0), "the biases are missing: a dense layer also has one number for each of its outputs."),
    (_count_with(norms=1), "a layer has two normalisations, after the attention and after the feed-forward."),
    (_count_with(norms=0), "the normalisations of the layers are missing: a scale and a shift, D numbers each."),
    (
        _count_with(segments=0),
        "2 * D numbers are missing in the embeddings: the two segment vectors, or the scale and shift of the "
        "normalisation at their end.",
    ),
    (_count_with(dense=3), "attention has four dense layers: query, key, value, and the output that joins the heads."),
    (lambda V, P, D, L, F: _count(V, P, D, 1, F), "you counted one layer; there are L."),
]


# --- 6.6 Another family ------------------------------------------------------------------------

# Our variable, and what DistilBERT calls it.
PLACES = {
    "attention.query.kernel": "attention.q_lin.weight",
    "attention.query.bias": "attention.q_lin.bias",
    "attention.key.kernel": "attention.k_lin.weight",
    "attention.key.bias": "attention.k_lin.bias",
    "attention.value.kernel": "attention.v_lin.weight",
    "attention.value.bias": "attention.v_lin.bias",
    "attention.output_projection.kernel": "attention.out_lin.weight",
    "attention.output_projection.bias": "attention.out_lin.bias",
    "attention_norm.gamma": "sa_layer_norm.weight",
    "attention_norm.beta": "sa_layer_norm.bias",
    "feed_forward.expand.kernel": "ffn.lin1.weight",
    "feed_forward.expand.bias": "ffn.lin1.bias",
    "feed_forward.contract.kernel": "ffn.lin2.weight",
    "feed_forward.contract.bias": "ffn.lin2.bias",
    "feed_forward_norm.gamma": "output_layer_norm.weight",
    "feed_forward_norm.beta": "output_layer_norm.bias",
}


def check_6_6(answer):
    from ktlearn.transformer import EncoderLayer

    for i in (2, 0):
        layer = EncoderLayer(d_model=8, num_heads=2, d_ff=12)
        layer.build((None, None, 8))
        before = {ours: _numbers(layer, ours) for ours in PLACES}
        tensors = _distilbert(layer, layers=3)
        answer(layer, dict(tensors), i)
        for ours, theirs in PLACES.items():
            _judge_variable(ours, f"distilbert.transformer.layer.{i}.{theirs}", _numbers(layer, ours), before, tensors)


def solution_6_6(layer, tensors, i):
    attention, feed_forward = layer.attention, layer.feed_forward
    dense = {
        "attention.q_lin": attention.query,
        "attention.k_lin": attention.key,
        "attention.v_lin": attention.value,
        "attention.out_lin": attention.output_projection,
        "ffn.lin1": feed_forward.expand,
        "ffn.lin2": feed_forward.contract,
    }
    norms = {"sa_layer_norm": layer.attention_norm, "output_layer_norm": layer.feed_forward_norm}
    front = f"distilbert.transformer.layer.{i}."
    for name, part in dense.items():
        part.kernel.assign(tensors[f"{front}{name}.weight"].T)
        part.bias.assign(tensors[f"{front}{name}.bias"])
    for name, part in norms.items():
        part.gamma.assign(tensors[f"{front}{name}.weight"])
        part.beta.assign(tensors[f"{front}{name}.bias"])
    return layer


def _distilbert(layer, layers):
    """Random tensors under DistilBERT's names, a matrix as (output, input)."""
    rng = np.random.default_rng()
    return {
        f"distilbert.transformer.layer.{i}.{theirs}": rng.normal(size=_numbers(layer, ours).T.shape).astype("float32")
        for i in range(layers)
        for ours, theirs in PLACES.items()
    }


def _numbers(layer, ours):
    return np.asarray(attrgetter(ours)(layer), dtype="float32")


def _judge_variable(ours, theirs, found, before, tensors):
    if np.array_equal(found, tensors[theirs].T):
        return
    if np.array_equal(found, before[ours]):
        raise NotYet(f"{ours} was not filled. It belongs to {theirs}.")
    if is_close(found, tensors[theirs]):
        raise NotYet(
            f"{ours} holds {theirs} as it is stored, (output, input). Keras wants (input, output): "
            "transpose every matrix, also a square one."
        )
    for name, array in tensors.items():
        if is_close(found, array) or is_close(found, array.T):
            raise NotYet(f"{ours} holds {name}. It should hold {theirs}.")
    raise NotYet(f"{ours} holds other numbers than {theirs}.")


EXERCISES = [
    Exercise(
        "6.1",
        "Read the table of merges",
        minutes=5,
        difficulty=1,
        check=check_6_1,
        solution=solution_6_1,
        why=(
            "The merges are applied in the order in which they were learned. Row 6 (e + d) takes the e before row 9 "
            "(r + e) has its turn. So *re* is not found in *predicting*, although it stands in the table."
        ),
        hints=(
            "Write the ten letters with gaps between them. Go through the table from row 1 to row 9.",
            "Rows 1 to 5 find nothing. Row 6 joins e and d.",
            "Rows 7 and 8 make ing. In row 9 the e is no longer free.",
        ),
    ),
    Exercise(
        "6.2",
        "A batch from two lengths",
        minutes=5,
        difficulty=1,
        check=check_6_2,
        solution=solution_6_2,
        why=(
            "A batch is a rectangle, so short rows are filled up. The mask says which tokens are real. Without it, "
            "the tokens would also look at the filling."
        ),
        hints=(
            "How long is the longest row? Every row must become that long.",
            "[0] * 3 is [0, 0, 0]. Two lists are joined with +.",
            "The mask of a row is [1] * len(row) + [0] * (longest - len(row)). Return both lists.",
        ),
    ),
    Exercise(
        "6.3",
        "Write a checkpoint",
        minutes=15,
        difficulty=2,
        check=check_6_3,
        solution=solution_6_3,
        why=(
            "This is the whole format: 8 bytes, JSON, numbers. There is nothing in it that could run, and a reader "
            "can fetch one tensor without the others, because the header says where it lies."
        ),
        hints=(
            "Go over the tensors once. Collect the bytes, and note for each tensor where it begins and ends.",
            'An entry of the header: {"dtype": "F32", "shape": [5, 3], "data_offsets": [0, 60]}. '
            "array.tobytes() gives the numbers row by row.",
            'text = json.dumps(header).encode(), and then struct.pack("<Q", len(text)) + text + data.',
        ),
    ),
    Exercise(
        "6.4",
        "Who looks back?",
        minutes=10,
        difficulty=2,
        check=check_6_4,
        solution=solution_6_4,
        why=(
            "One number for each head turns 16 pictures into one small table. A statistic like this finds the heads "
            "worth a look, in a model with 16 heads or with 384."
        ),
        hints=(
            "The weight from token q to token q - steps stands in row q and column q - steps: on a line below the "
            "diagonal.",
            "np.diagonal(weights, offset=…, axis1=-2, axis2=-1) takes such a line out of every map. "
            "A negative offset lies below the diagonal.",
            "np.diagonal(weights, offset=-steps, axis1=-2, axis2=-1), and then the mean over the last axis.",
        ),
    ),
    Exercise(
        "6.5",
        "How large is bert-base?",
        minutes=10,
        difficulty=2,
        check=check_6_5,
        solution=solution_6_5,
        why=(
            "For bert-base-uncased this gives 109,482,240: the 110 million of the paper. The number of heads is not "
            "in the formula. Heads cut the width into parts; they add nothing."
        ),
        hints=(
            "Go through the key map of section 7 from top to bottom. What is the shape of each tensor?",
            "A dense layer from A to B has A * B + B numbers, a normalisation 2 * D. Attention has four dense layers.",
            "Embeddings: (V + P + 2) * D + 2 * D. A layer: 4 * (D * D + D) + 2 * D * F + F + D + 4 * D. "
            "The pooler: D * D + D.",
        ),
    ),
    Exercise(
        "6.6",
        "Another family",
        minutes=20,
        difficulty=3,
        check=check_6_6,
        solution=solution_6_6,
        why=(
            "A new family is a new list of names, and nothing else. ktlearn does it in the same way: compare "
            "ktlearn/models/families/distilbert.py with bert.py."
        ),
        hints=(
            "Make two lists first: the six dense layers with their names, and the two normalisations.",
            "sa_layer_norm stands behind the self-attention (sa). ffn.lin1 goes from D to F, ffn.lin2 from F to D.",
            "layer.attention.query.kernel.assign(tensors[…].T), and the same for every matrix; biases, gammas and "
            "betas without the .T. At the end: return layer.",
        ),
    ),
]
