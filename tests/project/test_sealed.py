"""A test set that keeps count."""

import json

import pytest

from ktlearn.project import SealedTest
from tests.project.always import Always

TEXTS, LABELS = ["a", "b", "c", "d"], ["x", "y", "x", "y"]


@pytest.fixture
def sealed(tmp_path):
    return SealedTest(TEXTS, LABELS, tmp_path / "log.jsonl")


def test_the_result_has_accuracy_error_and_the_paired_difference(sealed):
    result = sealed.open({"one": Always("x"), "two": Always("x", "y", "x", "x")})
    assert result.loc["one", "accuracy"] == 0.5
    assert result.loc["one", "error"] == pytest.approx((0.25 / 4) ** 0.5)
    assert result.loc["two", "ahead"] == 0.25
    assert result.loc["two", "ahead_error"] == pytest.approx((0.25 * 0.75 / 4) ** 0.5)


def test_every_opening_is_written_down_and_a_second_one_said(sealed, capsys):
    sealed.open({"one": Always("x")})
    assert capsys.readouterr().out == ""
    sealed.open({"two": Always("y")})
    assert "opened once before" in capsys.readouterr().out
    assert [list(entry["results"]) for entry in sealed.entries] == [["one"], ["two"]]


def test_the_log_outlives_the_notebook_and_knows_its_test_set(sealed):
    sealed.open({"one": Always("x")})
    assert len(SealedTest(TEXTS, LABELS, sealed.log).entries) == 1
    assert SealedTest(TEXTS, LABELS[::-1], sealed.log).entries == []


def test_the_same_answers_have_the_same_mark(sealed):
    for model in (Always("x"), Always("x", "x"), Always("y")):
        sealed.open({"model": model})
    first, same, other = (entry["results"]["model"]["answers"] for entry in sealed.entries)
    assert first == same != other


def test_labels_may_be_numbers(tmp_path):
    sealed = SealedTest(TEXTS, [0, 1, 0, 1], tmp_path / "log.jsonl")
    assert sealed.open({"model": Always(0, 1)}).loc["model", "accuracy"] == 1


def test_nothing_is_written_when_the_models_are_none(sealed):
    for models in ({}, [Always("x")]):
        with pytest.raises(ValueError, match="give names and models"):
            sealed.open(models)

    class Silent:
        def predict(self, texts):
            return ["x"]

    with pytest.raises(ValueError, match="predict gave 1 answers for 4 texts"):
        sealed.open({"silent": Silent()})
    assert not sealed.log.exists()


def test_a_damaged_log_is_named(sealed):
    sealed.log.write_text("{")
    with pytest.raises(ValueError, match="log.jsonl is no log of a sealed test"):
        sealed.open({"one": Always("x")})
    sealed.log.write_text(json.dumps([1]))
    with pytest.raises(ValueError, match="no log"):
        _ = sealed.entries


def test_as_many_labels_as_texts():
    with pytest.raises(ValueError, match="4 texts need as many labels; got 1"):
        SealedTest(TEXTS, ["x"], "log.jsonl")


@pytest.mark.parametrize("nothing", ["", " ", None, float("nan")])
def test_a_test_text_without_a_class_is_not_sealed(nothing):
    with pytest.raises(ValueError, match="2 of 4 are missing or blank, first at place 1"):
        SealedTest(TEXTS, ["x", nothing, "y", nothing], "log.jsonl")
