"""Exercises of lesson 06, pretrained weights in your own layers."""

import json
import struct
from collections import Counter
from itertools import pairwise
from operator import attrgetter

import numpy as np

from ktlearn.exercises.compare import compare, is_close, must_be_close
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


# --- 6.7 Train BPE -----------------------------------------------------------------------------

TRAINING_WORDS = ("low", "lower", "lowest", "newer", "newest", "wide", "wider", "slow", "slower")


def check_6_7(answer):
    frequencies, n = _without_ties(), 5
    found, right = _pairs(answer(dict(frequencies), n)), solution_6_7(frequencies, n)
    if found == right:
        return
    for wrong, sentence in TRAINING_MISTAKES:
        if found == wrong(frequencies, n):
            raise NotYet(sentence)
    if len(found) != n:
        raise NotYet(f"asked for {n} merges, your function returns {len(found)}.")
    k = next(i for i in range(n) if found[i] != right[i])
    raise NotYet(f"merge {k + 1} is {found[k]}, and it should be {right[k]}. The words were {frequencies}.")


def solution_6_7(frequencies, n):
    cut = {word: [*word, "</w>"] for word in frequencies}
    merges = []
    for _ in range(n):
        counts = Counter()
        for word, pieces in cut.items():
            for pair in pairwise(pieces):
                counts[pair] += frequencies[word]
        best = max(counts, key=counts.get)
        merges.append(best)
        cut = {word: joined(pieces, best) for word, pieces in cut.items()}
    return merges


def joined(pieces, pair):
    done = []
    for piece in pieces:
        if done and (done[-1], piece) == pair:
            done[-1] += piece
        else:
            done.append(piece)
    return done


def _without_ties():
    """Frequencies with which each of the first merges is clearly the first, and each known mistake shows."""
    rng = np.random.default_rng()
    while True:
        frequencies = dict(zip(TRAINING_WORDS, rng.integers(2, 90, len(TRAINING_WORDS)).tolist(), strict=True))
        # The same words in the reverse order: ties would be broken in another way.
        backwards = dict(reversed(frequencies.items()))
        results = [solution_6_7(frequencies, 5), *(wrong(frequencies, 5) for wrong, _ in TRAINING_MISTAKES)]
        if results[0] == solution_6_7(backwards, 5) and all(results.count(result) == 1 for result in results):
            return frequencies


def _pairs(answer):
    try:
        return [(left, right) for left, right in answer]
    except (TypeError, ValueError):
        raise NotYet('the answer is a list of pairs, such as [("l", "o"), ("lo", "w")].') from None


def _each_word_once(frequencies, n):
    return solution_6_7(dict.fromkeys(frequencies, 1), n)


def _without_end(frequencies, n):
    cut, merges = {word: list(word) for word in frequencies}, []
    for _ in range(n):
        counts = Counter()
        for word, pieces in cut.items():
            for pair in pairwise(pieces):
                counts[pair] += frequencies[word]
        merges.append(max(counts, key=counts.get))
        cut = {word: joined(pieces, merges[-1]) for word, pieces in cut.items()}
    return merges


def _counted_once(frequencies, n):
    counts = Counter()
    for word in frequencies:
        for pair in pairwise([*word, "</w>"]):
            counts[pair] += frequencies[word]
    return [pair for pair, _ in counts.most_common(n)]


TRAINING_MISTAKES = [
    (_each_word_once, "every word counts once in your function. A pair counts as often as its word occurs."),
    (_without_end, 'the end mark is missing: every word begins as its letters and "</w>".'),
    (_counted_once, "you counted once and took the n best pairs. Merge the best one, and then count again."),
]


# --- 6.8 Whose fingerprint? --------------------------------------------------------------------

# tests/real/measure_fingerprints.py measures the table.
CULPRITS = {"A": "norms", "B": "mask", "C": "eps", "D": "positions"}
REASONS = {
    "A": "A has right embeddings, and both sentences go wrong in the layers.",
    "B": "B has right embeddings, and only the sentence with padding goes wrong.",
    "C": "C has small differences everywhere, already after the embeddings, which end with a norm.",
    "D": "D is already far off after the embeddings.",
}


def check_6_8(answer):
    if not isinstance(answer, dict) or set(answer) != set(CULPRITS):
        raise NotYet('the answer is a dictionary {"A": "…", "B": "…", "C": "…", "D": "…"}.')
    unknown = [name for name in answer.values() if name not in CULPRITS.values()]
    if unknown:
        raise NotYet(f"{unknown[0]!r} is none of {', '.join(map(repr, sorted(CULPRITS.values())))}.")
    for letter, name in answer.items():
        if name != CULPRITS[letter]:
            raise NotYet(f"{letter} is not {name!r}. {REASONS[letter]}")


def solution_6_8():
    return {"A": "norms", "B": "mask", "C": "eps", "D": "positions"}


# --- 6.9 Hidden words of your own --------------------------------------------------------------


def check_6_9(answer):
    rng = np.random.default_rng()
    logits = rng.normal(size=(60, 9)).astype("float32")  # (N, V)
    # So many rows are right at the first guess, the second …: with any counts, two mistakes could give one share.
    guess = rng.permutation(np.repeat(np.arange(9), (14, 4, 4, 6, 6, 6, 6, 7, 7)))
    true = np.argsort(-logits, axis=-1)[np.arange(60), guess]
    for k in (1, 3):
        compare(answer, solution_6_9, logits, true, k, mistakes=NAMED_MISTAKES, names=("the share",))


def solution_6_9(logits, true, k):
    best = np.argsort(-logits, axis=-1)[:, :k]  # (N, k)
    return np.mean((best == true[:, None]).any(axis=-1))


NAMED_MISTAKES = [
    (
        lambda logits, true, k: np.mean((np.argsort(logits, -1)[:, :k] == true[:, None]).any(-1)),
        "these are the lowest logits. np.argsort begins with the smallest.",
    ),
    (
        lambda logits, true, k: np.mean(np.argsort(-logits, -1)[:, :k] == true[:, None]),
        "you divided by N * k. A row is right or not: ask with any(axis=-1), then take the mean over the rows.",
    ),
    (
        lambda logits, true, k: np.sum((np.argsort(-logits, -1)[:, :k] == true[:, None]).any(-1)),
        "this is the number of rows. The share is asked for.",
    ),
    (
        lambda logits, true, k: np.mean(logits.argmax(-1) == true),
        "k plays no part in your function: only the first guess counts.",
    ),
]


# --- 6.10 Predict: what changes nothing? -------------------------------------------------------

CHANGES = {
    "a": "a: the output kernel sums up the heads. If its rows move with them, their order does not matter.",
    "b": "b: the queries of one head would choose among the values of another.",
    "c": "c: in q·k the 2 and the 1/2 cancel.",
    "d": "d: the bias of the key adds the same number, q·b, to every score of a row. The softmax takes it out again.",
    "e": "e: the weights of a row sum to 1, so the bias of the value is added to every output.",
}


def check_6_10(answer):
    if not isinstance(answer, (set, list, tuple)) or not all(isinstance(letter, str) for letter in answer):
        raise NotYet('the answer is a set of letters, such as {"a", "b"}.')
    unknown = sorted(set(answer) - set(CHANGES))
    if unknown:
        raise NotYet(f"{unknown[0]!r} is none of the letters a to e.")
    for letter in sorted(set(answer) ^ solution_6_10()):
        raise NotYet(CHANGES[letter])


def solution_6_10():
    return {"a", "c", "d"}


# --- 6.11 Read the map -------------------------------------------------------------------------


def check_6_11(answer):
    try:
        pairs = [tuple(int(number) for number in pair) for pair in answer]
    except (TypeError, ValueError):
        pairs = None
    if not pairs or [len(pair) for pair in pairs] != [2, 2]:
        raise NotYet("the answer is a list of two pairs, [(layer, head), (layer, head)].")
    right = solution_6_11()
    if pairs == right[::-1]:
        raise NotYet("these are the two, but the stronger one comes first.")
    if {pair[::-1] for pair in pairs} == set(right):
        raise NotYet("a row of the picture is a layer and a column a head. The layer comes first in the pair.")
    if (1, 4) in pairs:
        raise NotYet("head 4 of layer 1 looks at the token before: that is the first picture.")
    if pairs != right:
        raise NotYet("take the two darkest cells of the second picture. Layers and heads count from 0.")


def solution_6_11():
    return [(2, 1), (1, 3)]


# --- 6.12 Find the bugs ------------------------------------------------------------------------


def check_6_12(answer):
    rng = np.random.default_rng()
    for kind in ("F32", "F16"):
        array = rng.normal(size=(3, 4)).astype(TYPES[kind])
        other = rng.normal(size=6).astype(TYPES[kind])
        data = _file({"other": (kind, other), "dense.weight": (kind, array)})
        try:
            found = answer(data, "dense.weight")
        except ValueError as error:
            raise NotYet(
                f"with the type {kind}, your function stops: {error}. An F16 has two bytes, an F32 four, and the "
                "offsets count from the end of the header."
            ) from None
        for wrong, sentence in READING_MISTAKES:
            if is_close(found, wrong(data, kind, array.shape)):
                raise NotYet(sentence)
        must_be_close(found, array, f"the tensor of the type {kind}")


def solution_6_12(data, name):
    (length,) = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8 : 8 + length])[name]
    begin, end = entry["data_offsets"]
    numbers = data[8 + length :][begin:end]  # the offsets count from the end of the header
    return np.frombuffer(numbers, {"F16": "<f2", "F32": "<f4"}[entry["dtype"]]).reshape(entry["shape"])


TYPES = {"F16": "<f2", "F32": "<f4"}


def _file(tensors):
    header, body = {}, b""
    for name, (kind, array) in tensors.items():
        places = [len(body), len(body) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": places}
        body += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def _read_from(start):
    def read(data, kind, shape):
        (length,) = struct.unpack("<Q", data[:8])
        begin, end = json.loads(data[8 : 8 + length])["dense.weight"]["data_offsets"]
        return np.frombuffer(data[start(length) :][begin:end], TYPES[kind]).reshape(shape)

    return read


READING_MISTAKES = [
    (_read_from(lambda length: 0), "the offsets count from the end of the header, and you count from the first byte."),
    (_read_from(lambda length: length), "you left out the header, but not the 8 bytes before it."),
    (_read_from(lambda length: 8), "you left out the first 8 bytes, but not the header behind them."),
]


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
    Exercise(
        "6.7",
        "Train BPE",
        minutes=15,
        difficulty=2,
        check=check_6_7,
        solution=solution_6_7,
        why=(
            "This is the whole training of BPE, apart from speed. `joined` is the lesson's `merge`. The end mark lets "
            "a piece know that it ends a word: `er</w>` is another piece than the `er` of *errand*."
        ),
        hints=(
            'Keep {word: pieces} as in section 2, and begin with [*word, "</w>"].',
            "In counting, counts[pair] += frequencies[word] takes the place of + 1.",
            "Repeat n times: count all pairs, take max(counts, key=counts.get), note it, merge it in every word.",
        ),
    ),
    Exercise(
        "6.8",
        "Whose fingerprint?",
        minutes=10,
        difficulty=2,
        check=check_6_8,
        solution=solution_6_8,
        why=(
            "Where a difference begins says where the mistake is: in the embeddings or in the layers. Whether the "
            "sentence without padding is hit says whether it is the mask. And a tiny difference is no wrong weight, "
            "but a wrong constant."
        ),
        hints=(
            "Which of the mistakes can change the embeddings, before any layer?",
            "A sentence without padding does not notice that the mask is missing.",
            "The embeddings end with a norm, so eps changes them a little; shifted positions change them a lot.",
        ),
    ),
    Exercise(
        "6.9",
        "Hidden words of your own",
        minutes=15,
        difficulty=2,
        check=check_6_9,
        solution=solution_6_9,
        why=(
            "With n hidden words and a share p, the standard error is sqrt(p (1 - p) / n): with 20 of them about 10 "
            "points. So 20 sentences tell 20 % from 60 %, and not 20 % from 30 %."
        ),
        hints=(
            "np.argsort(-logits, axis=-1) has in each row the ids from the highest logit to the lowest.",
            "Take its first k columns, and compare them with true[:, None].",
            "(best == true[:, None]).any(axis=-1) is one boolean for each row; the mean of it is the share.",
        ),
    ),
    Exercise(
        "6.10",
        "Predict: what changes nothing?",
        minutes=10,
        difficulty=3,
        check=check_6_10,
        solution=solution_6_10,
        why=(
            "So two files with other numbers can hold the same model, and comparing weights proves less than comparing "
            "outputs. The bias of the key is in every BERT, and does nothing."
        ),
        hints=(
            "Write the formula of one head down, with the biases, and put each change into it.",
            "A softmax does not change when the same number is added to all its scores.",
            "Two of the five reach the output. For the others, something cancels.",
        ),
    ),
    Exercise(
        "6.11",
        "Read the map",
        minutes=5,
        difficulty=1,
        check=check_6_11,
        solution=solution_6_11,
        why="A row is a layer, a column is a head. The two dark cells lie in layers 2 and 1.",
        hints=(
            "The second of the four tables has the title *the token after*.",
            "Look for the two darkest cells: the row is the layer.",
            "One is in layer 2, the other in layer 1, with a smaller number.",
        ),
    ),
    Exercise(
        "6.12",
        "Find the bugs",
        minutes=10,
        difficulty=2,
        check=check_6_12,
        solution=solution_6_12,
        why=(
            "The first bug reads the header's letters as numbers: no error, only nonsense. The second takes every "
            "number for four bytes, whatever the header says."
        ),
        hints=(
            "Section 5 reads a tensor by hand. Compare line by line.",
            "From where do the offsets count? And how many bytes has a number of the type F16?",
            'data[8 + length :][begin:end], and {"F16": "<f2", "F32": "<f4"}[entry["dtype"]].',
        ),
    ),
]
