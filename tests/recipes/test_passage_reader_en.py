"""The recipe of passage-reader-en: rounding, what is learned from, and how it is measured."""

import numpy as np
import pandas as pd
import pytest

from ktlearn.data import load_passages
from ktlearn.models import quantized
from recipes.passage_reader_en import bundle, evaluate, rounding, train


@pytest.mark.parametrize("bits", [3, 4, 5])
def test_a_row_cut_for_few_bits_is_rounded_with_less_error(bits):
    rows = np.random.default_rng(0).normal(size=(16, 64)).astype("float32")
    plain = quantized.restore(quantized.quantize({"w": rows}, {"w": bits}))["w"]
    cut = quantized.restore(rounding.stored({"w": rows}, lambda name: bits))["w"]
    assert (((cut - rows) ** 2).sum(axis=1) <= ((plain - rows) ** 2).sum(axis=1) + 1e-6).all()
    assert ((cut - rows) ** 2).sum() < 0.95 * ((plain - rows) ** 2).sum()


def test_what_is_rounded_already_stays_as_it_is():
    rows = np.random.default_rng(0).normal(size=(16, 64)).astype("float32")
    once = quantized.restore(rounding.stored({"w": rows}, lambda name: 4))["w"]
    twice = quantized.restore(rounding.stored({"w": once}, lambda name: 4))["w"]
    np.testing.assert_allclose(twice, once, atol=1e-6)


def test_what_was_trained_keeps_what_it_learned_and_the_rest_stays_on_its_grid():
    layer = "bert.encoder.layer.{}.intermediate.dense.weight"
    rng = np.random.default_rng(0)
    start = {name: rng.normal(size=(16, 64)).astype("float32") for name in (layer.format(0), layer.format(5))}
    start = quantized.restore(rounding.stored(start, train.start_bits))
    learned = {layer.format(0): 0, layer.format(5): rng.normal(0, 0.04, size=(16, 64)).astype("float32")}
    trained = {name: start[name] + learned[name] for name in start}
    found = quantized.restore(rounding.stored(trained, bundle.bits))
    np.testing.assert_allclose(found[layer.format(0)], start[layer.format(0)], atol=1e-6)
    error = found[layer.format(5)] - trained[layer.format(5)]
    assert (error**2).sum() < 0.1 * (learned[layer.format(5)] ** 2).sum()


def test_the_answers_windows_are_learned_from_with_their_positions():
    tokenizer = train.tokenizer_of(train.START)
    frame = load_passages("train").head(8)
    windows = train.answered(tokenizer, frame)
    inputs, y = windows.collate(np.arange(len(windows)))
    assert y.shape == (len(windows), 2) and (y[:, 0] <= y[:, 1]).all()
    first = tokenizer.decode(inputs["input_ids"][0][y[0, 0] : y[0, 1] + 1])
    assert first.replace(" ", "") == frame["answer"][0].lower().replace(" ", "")


def test_the_loss_is_the_mean_of_the_two_cross_entropies():
    logits = np.random.default_rng(0).normal(size=(2, 5, 2)).astype("float32")
    y = np.array([[1, 2], [0, 0]])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = [-np.log([shares[row, y[row, side], side] for side in (0, 1)]).mean() for row in (0, 1)]
    np.testing.assert_allclose(np.asarray(train.span_loss(y, logits)), expected, rtol=1e-5)
    best = np.stack([logits.argmax(axis=1)[0], [0, 9]])
    assert np.asarray(train.span_accuracy(best, logits)).tolist() == [1, 0]


def test_the_threshold_with_the_best_mean_is_taken():
    assert evaluate.threshold([3, 1, 2, 0], [1, 0, 1, 0], [False, True, False, True]) == 1.5
    assert evaluate.threshold([3, 1], [1, 1], [False, False]) < 1, "where all are right, always answer"
    assert evaluate.threshold([3, 1], [0, 0], [True, True]) > 3, "where none is, never"


def test_figures_are_of_what_was_given_and_held_back():
    context = "Ann met Bob. Then it rained."
    frame = pd.DataFrame(
        [
            dict(context=context, question="Who met Bob?", answer="Ann", answer_start=0),
            dict(context=context, question="Who met Dora?", answer="", answer_start=-1),
        ]
    )
    shown = evaluate.figures(frame, ["Ann", "Bob"], [2.0, 0.0], least=1.0)
    assert (shown["exact"], shown["unanswered_right"], shown["right_sentence"]) == (1, 1, 1)
    assert evaluate.figures(frame, ["Ann", "Bob"], [2.0, 0.0])["exact"] == 0.5
    assert evaluate.right_sentence(frame.head(1)) == (["Ann met Bob."], [0.0])
