"""The bundled pairs of sentences: what is in the file, and that the translator has not seen them."""

import json
import re
from collections import Counter

import pytest

from ktlearn.data import load_sentences
from ktlearn.data.sentences import COLUMNS, KINDS, PARTS
from ktlearn.support.bundled import resource


@pytest.fixture(scope="module")
def sentences():
    return json.loads((resource("data") / "sentences_en_zh.json").read_text(encoding="utf-8"))


def test_the_file_is_written_as_it_says_one_pair_a_line(sentences):
    raw = (resource("data") / "sentences_en_zh.json").read_bytes().decode()
    assert raw == "[\n" + ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in sentences) + "\n]\n"
    for pair in sentences:
        assert list(pair) == ["id", "kind", "part", "english", "chinese"]
        assert pair["kind"] in KINDS and pair["part"] in PARTS and pair["id"].startswith(pair["kind"])


def test_half_of_each_kind_is_in_each_part(sentences):
    counts = Counter((pair["kind"], pair["part"]) for pair in sentences)
    assert counts == {(kind, part): 25 if kind == "everyday" else 10 for kind in KINDS for part in PARTS}


def test_texts_are_there_once_and_clean(sentences):
    for column in ("id", "english", "chinese"):
        assert max(Counter(pair[column] for pair in sentences).values()) == 1
    for pair in sentences:
        assert pair["english"] == " ".join(pair["english"].split())
        assert re.fullmatch(r"[ -~]+[.?]", pair["english"]), pair["id"]
        assert re.fullmatch(r"[\u4e00-\u9fff0-9:,.]+[。?]", pair["chinese"]), pair["id"]


def test_numbers_are_the_same_on_both_sides(sentences):
    for pair in sentences:
        if pair["kind"] == "number" and "May" not in pair["english"]:  # May is 5月
            found = [sorted(re.findall(r"[\d.,:]*\d", pair[side])) for side in ("english", "chinese")]
            assert found[0] == found[1] != [], pair["id"]


def test_each_negation_has_one_on_both_sides(sentences):
    for pair in sentences:
        if pair["kind"] == "negation":
            assert re.search(r"\b(?:not|never|nobody|no|nothing|neither|without|hardly)\b|n't", pair["english"].lower())
            assert re.search("[不没]", pair["chinese"]), pair["id"]


def test_long_ones_are_long(sentences):
    for pair in sentences:
        assert (len(pair["english"].split()) >= 16) == (pair["kind"] == "long"), pair["id"]


def test_the_loader_gives_frames_and_refuses_unknown_parts():
    for part in PARTS:
        frame = load_sentences(part)
        assert list(frame.columns) == list(COLUMNS) and len(frame) == 65
    assert load_sentences("validation")["id"].iloc[0] == "everyday-01"  # the running example of lesson 10
    with pytest.raises(ValueError, match="there is no 'train' in the sentences"):
        load_sentences("train")
