"""What lesson 09 says of several seeds: the kept text is what the kept lines give."""

import json
import re

import numpy as np
import pytest

from tests.real import measure_sentiment as measured


@pytest.mark.slow
def test_the_kept_text_is_what_the_kept_lines_say(capsys):
    measured.report([json.loads(line) for line in measured.LINES.read_text(encoding="utf-8").splitlines()])
    kept, found = measured.LINES.with_suffix(".txt").read_text(encoding="utf-8"), capsys.readouterr().out
    number = re.compile(r"\d+\.\d+")
    assert number.split(found) == number.split(kept)
    # Another version of scikit-learn moves a text or two of the pipeline's.
    assert np.allclose(*([float(x) for x in number.findall(text)] for text in (found, kept)), atol=0.006)


def test_the_temperature_of_logits_that_are_twice_too_large_is_two():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, 20_000)
    truth = rng.random(z.size) < measured.sigmoid(z)
    assert measured.temperature(2 * z, truth) == pytest.approx(2, abs=0.1)


def test_the_weight_leans_to_the_better_of_two_models():
    rng = np.random.default_rng(0)
    truth = rng.random(5000) < 0.5
    good, poor = (np.where(truth, 1, -1) * signal + rng.normal(0, 1, truth.size) for signal in (1.0, 0.2))
    assert measured.weight(2 * good, 0.4 * poor, truth) > 0.7
    assert measured.weight(0.4 * poor, 2 * good, truth) < 0.3


def test_the_figures_of_a_model_that_knows_everything_are_perfect():
    truth = {part: np.array([True, False] * 10) for part in ("validation", "test")}
    z = {part: np.where(x, 9.0, -9.0) for part, x in truth.items()}
    found = measured.figures(z, truth, np.array(["plain", "dry"] * 10))
    assert found == {**dict.fromkeys(measured.COLUMNS, 1.0), "loss": 0.0, "cost at 1/6": 0.0}
