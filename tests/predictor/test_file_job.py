"""A whole file is answered row by row: the right answers at the right rows, whatever stops the job."""

import csv
import gzip
import json
import tracemalloc

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from tests.tiny import sentence

TEXTS = ["good", f"bad {sentence(20)}", 'a "quoted", text\nof two lines', "", "bad film", "good book", "güt 好", "bad"]


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, preproc=t)


@pytest.fixture
def source(tmp_path):
    return write_csv(tmp_path / "texts.csv", [{"id": f"00{i}", "text": each} for i, each in enumerate(TEXTS)])


def write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path, opener=open):
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assert_right(rows, predictor, texts=TEXTS):
    assert [row["text"] for row in rows] == texts
    assert [row["prediction"] for row in rows] == [str(answer) for answer in predictor.predict(texts, verbose=0)]
    found, expected = [float(row["probability"]) for row in rows], predictor.predict_proba(texts).max(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_each_row_stands_in_its_order_with_its_answer_and_all_that_it_had(predictor, source, tmp_path):
    assert predictor.predict_file(source, tmp_path / "out.csv", "text", rows=3, verbose=0) == len(TEXTS)
    rows = read_csv(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == [f"00{i}" for i in range(len(TEXTS))]  # a code stays a code
    assert_right(rows, predictor)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "texts.csv"]


@pytest.mark.parametrize("ending", [".csv.gz", ".tsv.gz"])
def test_a_compressed_file_is_written_in_parts_that_are_one_file(predictor, source, tmp_path, ending):
    target = tmp_path / f"out{ending}"
    predictor.predict_file(source, target, "text", rows=3, verbose=0)
    with gzip.open(target, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t" if "tsv" in ending else ","))
    assert_right(rows, predictor)


def test_json_lines_keep_what_is_no_text(predictor, tmp_path):
    lines = [{"text": each, "n": i, "tags": ["a"]} for i, each in enumerate(TEXTS)]
    source, target = tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"
    with gzip.open(source, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    predictor.predict_file(source, target, "text", rows=3, verbose=0)
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [(row["n"], row["tags"]) for row in rows] == [(i, ["a"]) for i in range(len(TEXTS))]
    assert_right(rows, predictor)


@pytest.mark.parametrize(
    ("stopped_at", "name"), [(2, "out.csv"), (3, "out.csv"), (4, "out.csv"), (3, "out.csv.gz"), (3, "out.jsonl.gz")]
)
def test_a_job_that_was_stopped_goes_on_and_loses_and_doubles_nothing(
    predictor, source, tmp_path, monkeypatch, stopped_at, name
):
    target, right, calls = tmp_path / name, predictor.predict_proba, []

    def stops(*args, **kwargs):
        calls.append(1)
        if len(calls) == stopped_at:  # the first call looks at one row only
            raise KeyboardInterrupt
        return right(*args, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(predictor, "predict_proba", stops)
        predictor.predict_file(source, target, "text", rows=3, verbose=0)
    assert not target.exists()
    with open(tmp_path / f"{name}.part", "ab") as file:
        file.write(b"half a ro")  # what a kill may leave behind
    predictor.predict_file(source, target, "text", rows=3, verbose=0)
    opener = gzip.open if name.endswith(".gz") else open
    if "jsonl" in name:
        with opener(target, "rt", encoding="utf-8") as file:
            assert_right([json.loads(line) for line in file], predictor)
    else:
        assert_right(read_csv(target, opener), predictor)


def test_twenty_times_as_many_rows_take_no_more_memory(predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(predictor, "predict_proba", lambda texts, verbose: np.array([[0.25, 0.75]] * len(texts)))
    peaks = []
    for count in (1_000, 20_000):
        source = write_csv(tmp_path / f"{count}.csv", [{"id": i, "text": f"row {i} " * 20} for i in range(count)])
        tracemalloc.start()
        predictor.predict_file(source, tmp_path / f"{count} answered.csv", "text", rows=500, verbose=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_a_job_does_not_go_on_with_another_model_or_another_source(
    predictor, source, tmp_path, monkeypatch, checkpoint
):
    target = tmp_path / "out.csv"

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("ktlearn.predictor.file_job.packed", stop)
        predictor.predict_file(source, target, "text", rows=3, verbose=0)
    t = text.Transformer(checkpoint)
    t.preprocess_train(["good", "bad"], ["p", "n"], verbose=0)
    with pytest.raises(ValueError, match=r"begun with another model.*Remove it"):
        ktlearn.get_predictor(t.get_classifier(), t).predict_file(source, target, "text", verbose=0)
    write_csv(source, [{"id": "1", "text": "good"}])
    with pytest.raises(ValueError, match="begun with another source"):
        predictor.predict_file(source, target, "text", verbose=0)


def test_a_second_program_at_the_same_target_is_noticed(predictor, source, tmp_path, monkeypatch):
    target, right = tmp_path / "out.csv", predictor.predict_proba

    def with_another_at_work(texts, **kwargs):
        if len(texts) > 1:
            (tmp_path / "out.csv.part").write_bytes(b"of another")
        return right(texts, **kwargs)

    monkeypatch.setattr(predictor, "predict_proba", with_another_at_work)
    with pytest.raises(RuntimeError, match="does another program write it"):
        predictor.predict_file(source, target, "text", verbose=0)


def test_what_cannot_be_done_is_said_before_anything_is_written(predictor, source, tmp_path):
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "taken.csv").write_text("text,prediction\ngood,7\n")
    (tmp_path / "empty.csv").write_text("text\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    for arguments, error, message in [
        ((source, tmp_path / "there.csv", "text"), FileExistsError, "there already"),
        ((tmp_path / "none.csv", tmp_path / "out.csv", "text"), FileNotFoundError, "no file"),
        ((source, tmp_path / "out.xlsx", "text"), ValueError, "target: out.xlsx must end with"),
        ((source, tmp_path / "out.csv", "review"), ValueError, r"no column 'review'; it has \['id', 'text'\]"),
        ((tmp_path / "taken.csv", tmp_path / "out.csv", "text"), ValueError, "have.*columns|has columns"),
        ((tmp_path / "empty.csv", tmp_path / "out.csv", "text"), ValueError, "has no rows"),
    ]:
        with pytest.raises(error, match=message):
            predictor.predict_file(*arguments, verbose=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "id,text\n1,good\n2,bad,too much\n", "row 2 cannot be read: it has 3 cells"),
        ("a.csv", 'id,text\n1,good\n2,"never closed\n', "row 2 cannot be read"),
        ("a.jsonl", '{"text": "good"}\n["bad"]\n', "row 2 cannot be read: accepted is an object"),
        ("a.jsonl", '{"text": "good"}\n{"text": 3}\n', "row 2, column 'text': accepted is a text; got 3"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(predictor, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        predictor.predict_file(tmp_path / name, tmp_path / "out.csv", "text", rows=1, verbose=0)


def test_a_row_that_is_not_utf_8_is_named(predictor, tmp_path):
    (tmp_path / "a.csv").write_bytes("text\ngood\nschön\n".encode("latin-1"))
    with pytest.raises(ValueError, match="not UTF-8.*Save the file as UTF-8"):
        predictor.predict_file(tmp_path / "a.csv", tmp_path / "out.csv", "text", verbose=0)


def test_pairs_regression_and_multilabel_have_their_columns(checkpoint, tmp_path):
    source = write_csv(tmp_path / "pairs.csv", [{"a": "good", "b": "film"}, {"a": "bad", "b": "book"}])
    t = text.Transformer(checkpoint, class_names=["sport", "art", "money"])
    t.preprocess_train([("a film", "good"), ("the book", "bad")], [[1, 1, 0], [0, 1, 1]], verbose=0)
    several = ktlearn.get_predictor(t.get_classifier(), t)
    several.predict_file(source, tmp_path / "several.csv", "a", "b", verbose=0)
    expected = several.predict_proba([("good", "film"), ("bad", "book")])
    found = read_csv(tmp_path / "several.csv")
    assert list(found[0]) == ["a", "b", "sport", "art", "money"]
    np.testing.assert_allclose([[float(row[name]) for name in t.get_classes()] for row in found], expected, atol=1e-5)
