"""Texts as people bring them: cut emojis, letters that an output lacks, words of one's own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from tests.tiny import NAMES

HALF = "good film \ud83d"  # a message cut in the middle of its emoji


@pytest.mark.slow
def test_half_a_character_is_read_as_the_replacement_sign_wherever_a_text_goes_in(t):
    trn = t.preprocess_train(["bad film", HALF], [0, 1], verbose=0)
    assert trn.texts == ["bad film", "good film \ufffd"]
    assert t.seqlen_stats([HALF])["longest"] == 4  # this tokenizer passes over the sign
    predictor = ktlearn.get_predictor(t.get_classifier(), t)
    same = predictor.predict_proba("good film \ufffd")
    np.testing.assert_allclose(predictor.predict_proba(HALF), same, atol=1e-6)
    np.testing.assert_allclose(
        predictor.predict_proba([HALF, "bad film"]),
        predictor.predict_proba(["good film \ufffd", "bad film"]),
        atol=1e-6,
    )
    assert predictor.explain(HALF).texts == ("good film \ufffd",)
    assert predictor.attention(HALF).text == "good film \ufffd"
    assert t.preprocess_test([(HALF, HALF)], verbose=0).texts == [("good film \ufffd",) * 2]


def test_texts_in_a_column_of_an_array_are_texts(t):
    column = np.array([["bad film"], ["good film"]])
    assert t.preprocess_train(column, [0, 1], verbose=0).texts == ["bad film", "good film"]


def test_bytes_get_the_advice_to_decode_them(t):
    with pytest.raises(TypeError, match=r'item 1 is b.good. \(bytes\).*item.decode\("utf-8"\)'):
        t.preprocess_train(["bad", b"good"], [0, 1])


@pytest.mark.parametrize("texts", [["", "  "], [("", ""), (" ", "\n")]])
def test_training_texts_that_are_all_empty_are_refused(t, no_work, texts):
    with pytest.raises(ValueError, match="all 2 are empty"):
        t.preprocess_train(texts, [0, 1])


def test_words_added_to_the_tokenizer_are_refused_before_another_words_vector_is_read(t):
    added = t.get_tokenizer()
    assert added.add_tokens(["covid19", "longcovid"]) == 2
    with pytest.raises(ValueError, match=r"2 tokens were added to the tokenizer \('covid19', 'longcovid'\)"):
        t.preprocess_train(["covid19 is bad", "good"], [0, 1])
    with pytest.raises(ValueError, match="2 tokens were added"):
        t.preprocess(["covid19"])


CP1252 = """
import sys
import ktlearn
from ktlearn import text
texts = ["bad film \\u6700\\u60aa", "good film \\U0001F60D \\u2192 \\x1b[31m"] * 4
labels = ["\\u60aa\\u3044", "\\u826f\\u3044"] * 4
t = text.Transformer(sys.argv[1], maxlen=16)
trn = t.preprocess_train(texts, labels)
learner = ktlearn.get_learner(t.get_classifier(), trn, trn, batch_size=8)
learner.model.run_eagerly = True
learner.validate()
learner.view_top_losses(8)
learner.lr_find(max_epochs=1)
learner.fit_onecycle(1e-5, 1)
text.texts_from_array(texts, labels, preprocess_mode=sys.argv[1], maxlen=16)
print(ascii(ktlearn.get_predictor(learner.model, t).predict(texts[0])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("encoding", [pytest.param("cp1252", marks=pytest.mark.weekly), "ascii"])
def test_letters_that_the_output_cannot_write_do_not_stop_the_work(shallow, encoding):
    settings = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONPATH": str(Path(ktlearn.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", CP1252, shallow], capture_output=True, env=os.environ | settings)
    assert done.returncode == 0, done.stderr.decode(encoding, "replace")[-2000:]
    shown = done.stdout.decode(encoding)
    assert "\\u60aa\\u3044" in shown and "\\U0001f60d \\u2192" in shown
    assert "\x1b" not in shown and "\\x1b[31m" in shown


@pytest.mark.parametrize(
    "argument, value, error, message",
    [
        ("model_name", None, TypeError, "model_name must be a string.*got None"),
        ("model_name", "", ValueError, "model_name must be a string.*got ''"),
        ("model_name", 5, TypeError, "model_name must be a string.*got 5"),
        ("model_name", "a\0b", ValueError, "model_name must be a string"),
        ("maxlen", "64", ValueError, "maxlen must be a whole number.*got '64'"),
        ("maxlen", True, ValueError, "maxlen must be a whole number.*got True"),
        ("maxlen", 64.0, ValueError, "maxlen must be a whole number.*got 64.0"),
        ("batch_size", "8", ValueError, "batch_size must be a whole number.*got '8'"),
        ("batch_size", 0, ValueError, "batch_size must be a whole number.*got 0"),
        ("use_with_learner", "no", TypeError, "use_with_learner must be True or False; got 'no'"),
        ("is_regression", "no", TypeError, "is_regression must be True or False; got 'no'"),
        ("is_regression", 1, TypeError, "is_regression must be True or False; got 1"),
        ("class_names", {"a", "b"}, TypeError, "class_names must be a list of names"),
        ("classes", NAMES[::-1], ValueError, "classes is class_names' older name"),
    ],
)
def test_arguments_of_a_transformer_are_checked_by_name(checkpoint, argument, value, error, message):
    arguments = {"model_name": checkpoint, "class_names": NAMES} | {argument: value}
    with pytest.raises(error, match=message):
        text.Transformer(**arguments)


@pytest.mark.parametrize(
    "argument, value, error",
    [
        ("val_pct", "0.1", ValueError),
        ("val_pct", 20, ValueError),
        ("val_pct", True, ValueError),
        ("random_state", "abc", ValueError),
        ("random_state", -1, ValueError),
        ("random_state", 1.5, ValueError),
    ],
)
def test_arguments_of_a_split_are_checked_by_name(checkpoint, t, no_work, argument, value, error):
    with pytest.raises(error, match=f"{argument} must be .*got {value!r}"):
        t.preprocess_train(["bad", "good"], [0, 1], preprocess_mode="bert", **{argument: value})
    with pytest.raises(error, match=f"{argument} must be .*got {value!r}"):
        text.texts_from_array(["bad", "good"], [0, 1], preprocess_mode=checkpoint, **{argument: value})


@pytest.mark.parametrize(
    "metrics, error, message",
    [
        (5, TypeError, "metrics must be a list"),
        ("accuracy", TypeError, "metrics must be a list"),
        (["nosuch"], ValueError, "Keras knows no metric 'nosuch'"),
        ([5], TypeError, "5 is no metric"),
    ],
)
def test_metrics_are_checked_before_weights_are_loaded(t, no_work, metrics, error, message):
    with pytest.raises(error, match=message):
        t.get_classifier(metrics=metrics)
