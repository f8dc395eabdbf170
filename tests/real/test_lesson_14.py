"""The figures that lesson 14 holds in its cells are those of the kept runs, and its functions those of the script."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest

from ktlearn.data import load_reviews
from tests.real import measure_small as small
from tests.real import pipeline
from tests.real.portions import lines

LESSON = Path(small.__file__).resolve().parents[2] / "notebooks" / "14_small_data.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(LESSON, 4).cells}
THREE = (small.COUNTED, small.FROZEN, small.TUNED)
OWN = "own vectors"  # what the lesson calls the frozen vectors of mini-bert-en


def of_cell(cell, name):
    """What a cell of the lesson sets, where it is written as plain numbers."""
    for node in ast.parse(CELLS[cell]).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{cell} sets no {name}")


def right(test="plain", **setting):
    """The right answers of each seed that was measured, in the order of the seeds."""
    found = {line["seed"]: line["right"][test] for line in lines(small.LINES) if setting.items() <= line.items()}
    assert list(sorted(found)) == list(range(len(found))), f"{setting}: seeds {sorted(found)}"
    return [found[seed] for seed in sorted(found)]


def curve(method, n, test="plain"):
    return right(test, study="curve", method=method, n=n)


def test_the_learning_curves():
    assert of_cell("kept", "SIZES") == list(small.SIZES)
    kept = {name: [180 - int(n) for n in wrong.split()] for name, wrong in of_cell("kept", "WRONG").items()}
    assert set(kept) == {*THREE, OWN, small.LORA, small.RANDOM}
    for name, of_sizes in kept.items():
        method = small.OWN_FROZEN if name == OWN else name
        assert of_sizes == [right for n in small.SIZES for right in curve(method, n)], name


def test_the_starts():
    changes = {
        **{"21 steps": {"steps": 21}, "21, constant": {"steps": 21, "schedule": "constant"}},
        **{"60 steps": {}, "60, constant": {"schedule": "constant"}, "60, warm-up": {"schedule": "warm-up, constant"}},
        **{"60, decay": {"schedule": "decay"}, "60, both": {"schedule": "warm-up, decay"}, "150 steps": {"steps": 150}},
        **{"rate 1e-3": {"rate": 1e-3}, "rate 3e-3": {"rate": 3e-3}},
        **{name: {"remedy": name} for name in ("top layer anew", "early stopping", "average")},
    }
    starts = of_cell("remedies", "STARTS")
    assert starts.pop("other samples") == right(study="samples")
    assert starts == {name: right(study="stability", **small.USUAL | change) for name, change in changes.items()}


def test_the_copies():
    for name, (without, *ways) in of_cell("copies", "COPIES").items():
        count = len(without)
        assert without == curve(name, 50)[:count]
        assert ways == [right(study="augment", method=name, way=way)[:count] for way in small.WAYS]


def test_other_texts():
    for name, kept in of_cell("shifted", "SHIFTED").items():
        assert kept == [curve(name, 200, test) for test in ("plain", "typing errors", "dry")]
    for name, of_source in of_cell("source", "SOURCES").items():
        for source, kept in of_source.items():
            wanted = {"study": "source", "method": name, "source": source}
            assert list(kept) == [right(test, **wanted) for test in ("plain", "SST-2")]


def test_wrong_labels():
    for name, kept in of_cell("noisy", "NOISY").items():
        found = [curve(name, 200), *(right(study="labels", method=name, wrong=w) for w in small.WRONG)]
        assert kept == [row[: len(kept[0])] for row in found]


@pytest.mark.parametrize("seed", [0, 3])
def test_the_lesson_draws_the_samples_of_the_script(seed):
    names = {"np": np, "load_reviews": load_reviews}
    for cell, wanted in (("load", ("CLASSES", "plain")), ("sample", ("sample",))):
        for node in ast.parse(CELLS[cell]).body:
            is_wanted = isinstance(node, ast.FunctionDef) or (
                isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Tuple)
            )
            if is_wanted and (getattr(node, "name", None) or node.targets[0].id) in wanted:
                exec(ast.unparse(node), names)
    names["x_pool"], names["y_pool"] = names["plain"]("train")
    chosen = names["sample"](50, seed)
    texts, labels = small.sample(50, seed)
    assert names["x_pool"][chosen].tolist() == texts
    assert names["y_pool"][chosen].tolist() == labels


def test_the_typing_errors_are_those_of_the_script():
    (function,) = [node for node in ast.parse(CELLS["augment"]).body if getattr(node, "name", "") == "typing_errors"]
    names = {}
    exec(ast.unparse(function), names)
    texts = small.reviews("test")[0][:50]
    theirs = small.with_errors((texts, texts))[0]
    rng = np.random.default_rng(0)
    assert [names["typing_errors"](each, 0.3, rng) for each in texts] == theirs != texts


def test_every_way_to_change_a_text_keeps_the_labels_in_order():
    train = small.sample(20, 0)
    for way in small.WAYS[:2]:
        texts, labels = small.augmented(train, way, 0)
        assert texts[:20] == train[0]
        assert labels == train[1] * 4
        assert len(texts) == 80
        assert texts[20:40] != texts[40:60]


def test_no_copy_of_a_text_is_learned_from_where_the_text_judges():
    n, labels = 20, small.CLASSES * 10
    without = small.parted(pipeline.tuned(0), labels, n)
    found = small.parted(pipeline.tuned(0), labels * 4, n).cv
    for (learned, judged), (as_before, same) in zip(found, without.cv.split(labels, labels), strict=True):
        assert judged.tolist() == same.tolist()
        assert not set(learned % n) & set(judged)
        assert sorted(learned) == sorted(i + n * copy for i in as_before for copy in range(4))
