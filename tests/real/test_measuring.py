"""The scripts behind the cards: what was run is not run again, and no test set is read to choose a setting."""

import json

import numpy as np
import pytest

from tests.real import card, measure_bundled, pipeline
from tests.tiny import reviews


@pytest.fixture
def runs(monkeypatch):
    """What was fine-tuned, without doing it."""
    done = []

    def instead(name, train, tests, *settings):
        done.append((name, len(train[0]), *settings))
        return [0.5 + 0.1 * len(done)] * len(tests)

    monkeypatch.setattr(measure_bundled, "accuracies", instead)
    return done


def measure(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["measure_bundled", *map(str, arguments)])
    measure_bundled.main()


def test_a_run_that_is_in_the_file_is_not_run_again(runs, monkeypatch, tmp_path, capsys):
    arguments = ("reviews-50", "--starts", "pretrained", "--rate", "1e-4", "--results", tmp_path / "lines")

    measure(monkeypatch, *arguments, "--seeds", 2)
    first = capsys.readouterr().out
    measure(monkeypatch, *arguments, "--seeds", 3)

    assert runs == [("ktlearn/mini-bert-en", 50, 12, 128, True, seed, 1e-4) for seed in range(3)]
    assert "all: 0.650 ± 0.050 (2 seeds)" in first
    assert "all: 0.700 ± 0.082 (3 seeds)" in capsys.readouterr().out
    assert [json.loads(line)["seed"] for line in (tmp_path / "lines").read_text().splitlines()] == [0, 1, 2]


def test_another_setting_is_another_run(runs, monkeypatch, tmp_path):
    arguments = ("reviews-50", "--starts", "pretrained", "--seeds", "1", "--results", tmp_path / "lines")
    measure(monkeypatch, *arguments)
    for change in (("--rate", "1e-4"), ("--epochs", "3"), ("--model", "other"), ("--validation",)):
        measure(monkeypatch, *arguments, *change)
    assert len(runs) == 5


@pytest.mark.parametrize("name", ["reviews-50", "reviews"])
def test_a_setting_is_chosen_on_other_texts_than_those_of_the_test(name):
    chosen_on, tested_on = measure_bundled.task(name, validation=True)[1], measure_bundled.task(name)[1]
    assert set(chosen_on) == {"validation"}
    assert not set(chosen_on["validation"][0]) & {text for texts, _ in tested_on.values() for text in texts}


def test_the_baseline_chooses_its_strength_from_the_training_examples_alone_and_learns():
    classifier = pipeline.words_and_letters(seed=0)
    found = pipeline.accuracies(classifier, reviews(60, seed=1), [reviews(40, seed=2)])
    assert found[0] > 0.9
    assert classifier.best_params_["logisticregression__C"] in pipeline.STRENGTHS
    assert np.shape(classifier.cv_results_["mean_test_score"]) == (len(pipeline.STRENGTHS),)


def test_the_card_of_minilm_says_what_was_measured():
    assert card.BEGIN + card.tables() + card.END in card.CARD.read_text(encoding="utf-8")


def test_a_test_set_is_used_with_one_setting_only(tmp_path):
    line = {
        "task": "sst2",
        "start": "pretrained",
        "validation": False,
        "epochs": 2,
        "maxlen": 64,
        "right": {"dev": 0.9},
    }
    (tmp_path / "lines").write_text("".join(json.dumps(line | {"rate": rate}) + "\n" for rate in (1e-4, 2e-4)))
    with pytest.raises(AssertionError, match="sst2: one setting is tested"):
        card.tables(tmp_path / "lines")
