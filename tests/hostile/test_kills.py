"""Who kills a save has the old predictor or the new one in the folder, never a mixture, and nothing else for long.

The whole: ``pytest -m long tests/hostile/test_kills.py -s``.
"""

import os
import random
import signal
import time
from collections import Counter

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from tests.tiny import NAMES, reviews

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
TEXTS = ["good film", "bad film", "good book that was seen again"]


@pytest.fixture(scope="module")
def predictors(trained, checkpoint):
    """Two that answer differently, with the classes the other way round."""
    learner, t = trained
    reverse = text.Transformer(checkpoint, maxlen=32, class_names=NAMES[::-1])
    reverse.preprocess_train(*reviews(8), verbose=0)
    return ktlearn.get_predictor(learner.model, t), ktlearn.get_predictor(reverse.get_classifier(), reverse)


def state(predictor):
    return predictor.get_classes(), predictor.preproc.maxlen, predictor.predict_proba(TEXTS, verbose=0).tolist()


def save_and_be_killed(predictor, folder, after, disk):
    """Save in a child process that is killed after so many seconds; with a slow disk its renames take time."""
    child = os.fork()
    if child == 0:
        if disk == "slow":
            replace = os.replace
            os.replace = lambda *paths: (time.sleep(after / 3), replace(*paths))
            after /= 10
        predictor.save(folder)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def run(predictors, folder, kills, seed=0):
    rng, counts = random.Random(seed), Counter()
    one, other = predictors
    states = [state(one), state(other)]
    assert states[0] != states[1]
    one.save(folder)
    start = time.perf_counter()
    one.save(folder)
    seconds = time.perf_counter() - start
    now = 0
    for kill in range(kills):
        disk = ("usual", "slow")[kill % 2]
        save_and_be_killed(predictors[1 - now], folder, rng.uniform(0, 1.5 * seconds), disk)
        in_the_middle = (folder / ".ktlearn.save").exists()
        found = state(ktlearn.load_predictor(folder))
        assert found in states, f"kill {kill}: a mixture"
        counts["old" if found == states[now] else "new"] += 1
        counts["while files moved"] += in_the_middle
        now = states.index(found)
    one.save(folder)
    assert state(ktlearn.load_predictor(folder)) == states[0]
    assert [path.name for path in (*folder.parent.iterdir(), *folder.iterdir()) if path.name.startswith(".")] == []
    print(f"\n{kills} kills of a save of {1000 * seconds:.0f} ms: {dict(counts)}, mixtures 0")
    return counts


@pytest.mark.slow
def test_ten_kills_leave_the_old_or_the_new(predictors, tmp_path):
    run(predictors, tmp_path / "predictor", 10)


@pytest.mark.long
def test_a_hundred_kills_leave_the_old_or_the_new(predictors, tmp_path):
    counts = run(predictors, tmp_path / "predictor", 100, seed=1)
    assert counts["old"] and counts["new"]


def test_a_kill_of_the_first_save_leaves_nothing_or_all(predictors, tmp_path):
    for i, after in enumerate((0.0, 0.005, 0.02)):
        folder = tmp_path / f"predictor{i}"
        save_and_be_killed(predictors[0], folder, after, "usual")
        if folder.exists():
            np.testing.assert_array_equal(state(ktlearn.load_predictor(folder))[2], state(predictors[0])[2])
        predictors[0].save(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["predictor0", "predictor1", "predictor2"]
