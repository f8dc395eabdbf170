"""Bad inputs over the whole public API: an error that names the argument and what came, before any work.

The table is in ``inputs.py``. The quick part takes two values of each row; the whole is marked ``long``. With ``-s``
the counts are printed, and every input whose error is not clear.
"""

import collections
import functools
import signal
import traceback
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import traitlets

import ktlearn
from tests.hostile.inputs import ALSO, AREAS, HALVES, SMALL, X, Y, inputs
from tests.tiny import NAMES

SECONDS = 20  # a call that is not over by then hangs
ERRORS = (TypeError, ValueError, OSError, traitlets.TraitError)


@pytest.fixture(scope="module")
def s(checkpoint, tmp_path_factory):
    """What the calls of the table need: everything small, and nothing that a call could spoil for the next one."""
    from ktlearn import data, models, text, widgets
    from ktlearn.backend import keras

    folder = tmp_path_factory.mktemp("hostile")
    s = SimpleNamespace(kt=ktlearn, checkpoint=checkpoint, text=text, models=models, data=data, widgets=widgets)
    s.t = functools.partial(text.Transformer, checkpoint, 16, NAMES)
    fitted = s.t()
    s.trn = fitted.preprocess_train(X, Y, verbose=0)
    s.fitted = lambda: fitted
    s.model = fitted.get_classifier()
    s.predictor = ktlearn.get_predictor(s.model, fitted)
    s.saved = folder / "saved"
    s.predictor.save(s.saved)
    s.encoder = ktlearn.SentenceEncoder(checkpoint, 16)
    s.zero_shot = _zero_shot(checkpoint, folder / "nli")
    s.folder = _class_folders(folder / "reviews")
    s.csv = folder / "table.csv"
    s.csv.write_text("text,label\na film,1\na book,0\n")
    s.vocabulary = data.Vocabulary(["a b c"])
    s.dense = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    s.dense.compile("adam", loss, metrics=["accuracy"], run_eagerly=True)
    s.arrays = (np.eye(2)[[0, 1, 0, 1]], np.array([0, 1, 1, 0]))
    s.learner = ktlearn.get_learner(s.dense, s.arrays, s.arrays, batch_size=2)
    s.trained_learner = ktlearn.get_learner(s.dense, s.arrays, s.arrays, batch_size=2)
    s.trained_learner.fit(1e-3, 1, verbose=0)
    s.text_learner = ktlearn.get_learner(s.model, s.trn)
    s.writer = ktlearn.seq2seq.Transformer(**SMALL)
    s.view = widgets.AttentionView(HALVES, ["a", "b"])
    return s


def _zero_shot(checkpoint, folder):
    t = ktlearn.text.Transformer(checkpoint, 16, ["entailment", "contradiction"])
    t.preprocess_train([("a", "b"), ("b", "a")], [0, 1], verbose=0)
    ktlearn.get_predictor(t.get_classifier(), t).save(folder)
    return ktlearn.ZeroShotClassifier(str(folder))


def _class_folders(folder):
    for part in ("train", "test"):
        for name in NAMES:
            (folder / part / name).mkdir(parents=True)
            (folder / part / name / "1.txt").write_text("a film")
    return folder


# --- the verdict on one input ---------------------------------------------------------------------


def verdict(s, argument, call, value):
    """ "clear", or what is wrong: "accepted", "after work", "hang", or "unclear" with the error."""
    before = [w.copy() for w in s.dense.get_weights()]
    try:
        with _time_limit():
            call(s, **{argument: value})
        found = "accepted"
    except TimeoutError:
        found = "hang"
    except Exception as error:
        found = "clear" if _is_clear(error, argument, value) else f"unclear: {type(error).__name__}: {error!s:.160}"
    if any((w != b).any() for w, b in zip(s.dense.get_weights(), before, strict=True)):
        s.dense.set_weights(before)
        found = "after work" if found == "clear" else found
    return found


def _is_clear(error, argument, value):
    where = Path(traceback.extract_tb(error.__traceback__)[-1].filename).as_posix()
    is_ours = "/ktlearn/" in where or isinstance(error, traitlets.TraitError) or argument == "nosuch"
    message = str(error)
    names = any(name in message for name in (argument, *ALSO.get(argument, ())))
    return isinstance(error, ERRORS) and is_ours and names and _says(message, value, argument)


def _says(message, value, argument):
    """Does the message show what came: the value, its kind or size, or the item in it that is bad?"""
    if argument == "nosuch":
        return True
    return any(part.strip() and part in message for part in (type(value).__name__, *_forms(value)))


def _forms(value):
    """All that would show a value, or what is in it, however deep."""
    yield from (f"{value!r:.12}", f"{value}"[:12])
    if isinstance(value, float):
        yield from ("float", "NaN") if value != value else ("float",)  # the first is an array's dtype
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return
    yield from (f" {len(value)}", f"({len(value)},", *([] if len(value) else ["no ", "empty"]))
    items = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    for item in items if isinstance(value, (list, tuple, set, dict, np.ndarray)) else []:
        yield from _forms(item)


class _time_limit:
    def __enter__(self):
        signal.signal(signal.SIGALRM, self._stop)
        signal.alarm(SECONDS)

    def __exit__(self, *error):
        signal.alarm(0)

    @staticmethod
    def _stop(*_):
        raise TimeoutError


# --- the tests ----------------------------------------------------------------------------------


def check(s, area, most, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = {}
    for name, argument, call, value in inputs(area, most):
        found[name] = verdict(s, argument, call, value)
    counts = collections.Counter(found_.split(":")[0] for found_ in found.values())
    print(f"\n{area}: {len(found)} bad inputs, {dict(counts)}")
    wrong = {name: what for name, what in found.items() if what != "clear"}
    print("".join(f"  {name} -> {what}\n" for name, what in wrong.items()), end="")
    return wrong


@pytest.mark.parametrize("area", AREAS)
def test_bad_inputs_are_named_before_any_work(s, area, monkeypatch, tmp_path):
    assert check(s, area, 2, monkeypatch, tmp_path) == {}


@pytest.mark.long
@pytest.mark.parametrize("area", AREAS)
def test_all_bad_inputs_are_named_before_any_work(s, area, monkeypatch, tmp_path):
    assert check(s, area, None, monkeypatch, tmp_path) == {}


def test_the_table_is_large():
    assert sum(1 for area in AREAS for _ in inputs(area)) >= 1500


def test_the_verdict_can_fail(s):
    assert verdict(s, "maxlen", lambda s, maxlen: None, 5) == "accepted"
    assert verdict(s, "maxlen", lambda s, maxlen: int("x"), 5).startswith("unclear: ValueError")
    assert verdict(s, "maxlen", lambda s, maxlen: s.t().preprocess_train(None, [0]), 5).startswith("unclear: TypeError")
    assert verdict(s, "maxlen", lambda s, maxlen: s.text.Transformer(s.checkpoint, maxlen), "8") == "clear"
    assert verdict(s, "lr", lambda s, lr: s.learner.fit(1e-3, 1, verbose=0), 5) == "accepted"
