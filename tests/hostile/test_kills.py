"""Who kills a save has the old predictor or the new one in the folder, never a mixture, and nothing else for long.

The whole: ``pytest -m long tests/hostile/test_kills.py -s``.
"""

import itertools
import os
import random
import signal
import time
from collections import Counter

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
    # Four digits: the last ones depend on how the processor's threads share a product.
    answers = predictor.predict_proba(TEXTS, verbose=0).round(4).tolist()
    return predictor.get_classes(), predictor.preproc.maxlen, answers


def save_and_be_killed(predictor, folder, after=None, at_rename=None):
    """Save in a child process that is killed after so many seconds, or before it gives the nth file its name."""
    child = os.fork()
    if child == 0:
        if at_rename is not None:
            replace, number = os.replace, itertools.count()

            def killed_at_last(*paths):
                if next(number) == at_rename:
                    os.kill(os.getpid(), signal.SIGKILL)
                replace(*paths)

            os.replace = killed_at_last
        predictor.save(folder)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def run(predictors, folder, kills):
    """Save the one over the other by turns, each save with its kill: arguments of :func:`save_and_be_killed`."""
    counts, now = Counter(), 0
    states = [state(predictor) for predictor in predictors]
    assert states[0] != states[1]
    predictors[0].save(folder)
    for kill in kills:
        save_and_be_killed(predictors[1 - now], folder, **kill)
        counts["while the files moved"] += (folder / ".ktlearn.save").exists()
        found = state(ktlearn.load_predictor(folder))
        assert found in states, f"killed {kill}: a mixture"
        counts["old" if found == states[now] else "new"] += 1
        now = states.index(found)
    predictors[0].save(folder)
    assert state(ktlearn.load_predictor(folder)) == states[0]
    assert [path for path in (*folder.parent.iterdir(), *folder.iterdir()) if path.name.startswith(".")] == []
    print(f"\n{len(kills)} kills of a save: {dict(counts)}, mixtures: 0")
    return counts


@pytest.mark.slow
def test_a_kill_at_each_file_that_moves_leaves_the_old_or_the_new(predictors, tmp_path):
    predictors[0].save(tmp_path / "first")
    files = len(list((tmp_path / "first").iterdir()))
    counts = run(predictors, tmp_path / "predictor", [{"at_rename": number} for number in range(files)])
    assert counts["while the files moved"] == files  # the only moments in which a mixture could be seen


@pytest.mark.long
def test_a_hundred_kills_leave_the_old_or_the_new(predictors, tmp_path):
    start = time.perf_counter()
    save_and_be_killed(predictors[0], tmp_path / "first")
    seconds = time.perf_counter() - start
    rng, files = random.Random(1), len(list((tmp_path / "first").iterdir()))
    kills = [{"after": rng.uniform(0, 1.2 * seconds)} for _ in range(60)]
    kills += [{"at_rename": rng.randrange(files)} for _ in range(40)]
    rng.shuffle(kills)
    counts = run(predictors, tmp_path / "predictor", kills)
    assert counts["old"] and counts["new"] and counts["while the files moved"] >= 40


def test_a_kill_of_the_first_save_leaves_nothing_or_all(predictors, tmp_path):
    for i, after in enumerate((0.0, 0.02, 0.1)):
        folder = tmp_path / f"predictor{i}"
        save_and_be_killed(predictors[0], folder, after)
        if folder.exists():
            assert state(ktlearn.load_predictor(folder)) == state(predictors[0])
        predictors[0].save(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["predictor0", "predictor1", "predictor2"]
