"""Every damaged folder of a predictor is refused before any work, with its file named; none gives other answers.

The table is in ``damages.py``. The whole of it: ``pytest -m long tests/hostile/test_folders.py -s``.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import ktlearn
from ktlearn import text
from tests.hostile import damages
from tests.tiny import NAMES, reviews

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of memory and the files are Linux's")


@pytest.fixture(scope="module")
def two_saves(trained, checkpoint, tmp_path_factory):
    """The folders of two predictors that can be taken for each other."""
    learner, t = trained
    folder = tmp_path_factory.mktemp("saves")
    ktlearn.get_predictor(learner.model, t).save(folder / "one")
    reverse = text.Transformer(checkpoint, maxlen=32, class_names=NAMES[::-1])
    reverse.preprocess_train(*reviews(8), verbose=0)
    ktlearn.get_predictor(reverse.get_classifier(), reverse).save(folder / "other")
    return folder / "one", folder / "other"


def results(two_saves, work, step, parts):
    """What came of each ``step``-th case, from so many processes one after the other."""
    found = []
    for part in range(parts):
        place = work / str(part)
        place.mkdir()
        program = subprocess.run(
            [sys.executable, "-m", "tests.hostile.damages", *two_saves, place, str(step), str(part), str(parts)],
            **dict(cwd=ROOT, capture_output=True, text=True, timeout=900),
            env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        found += [json.loads(line) for line in program.stdout.splitlines() if line.startswith("[")]
        assert program.returncode == 0, f"it died after {found[-1:]}:\n{program.stderr[-3000:]}"
    return found


def assert_all_clear(found):
    counts = Counter(outcome for _, outcome, _, _ in found)
    print(f"\n{len(found)} damaged folders: {dict(counts)}; the slowest took {max(s for _, _, s, _ in found)} seconds")
    wrong = [case for case in found if case[1] not in ("clear", "harmless")]
    assert not wrong, "\n".join(f"{outcome}: {name}: {said}" for name, outcome, _, said in wrong)


def test_the_table_has_at_least_300_cases(two_saves):
    names = [name for name, _ in damages.any_damage(two_saves[1])] + [name for name, _ in damages.damage_of_form()]
    assert len(names) >= 300


@pytest.mark.slow
@pytest.mark.weekly
def test_each_eighth_damage_is_seen(two_saves, tmp_path):
    assert_all_clear(results(two_saves, tmp_path, step=8, parts=1))


@pytest.mark.long
def test_every_damage_is_seen(two_saves, tmp_path):
    found = results(two_saves, tmp_path, step=1, parts=3)
    assert len(found) >= 300
    assert_all_clear(found)
