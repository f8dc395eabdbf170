"""The bundled models keep what their cards promise: fine-tuned on the reviews, on SST-2 and on IMDb."""

import numpy as np
import pytest

from tests.real import pipeline
from tests.real.data import needs_data
from tests.real.measure_bundled import BUNDLED, accuracies, task


def accuracy(name, pretrained=True, seed=0):
    """On each test set of a task, by its name."""
    train, tests, epochs, maxlen = task(name)
    return dict(
        zip(tests, accuracies(BUNDLED, train(seed), tests.values(), epochs, maxlen, pretrained, seed), strict=True)
    )


@pytest.mark.slow
@pytest.mark.long
def test_pretraining_beats_a_random_start_on_the_reviews():
    gain = {"all": [], "plain ones": []}
    for seed in range(2):
        pretrained, scratch = accuracy("reviews", True, seed), accuracy("reviews", False, seed)
        print(f"pretrained {pretrained}, from a random start {scratch}")
        for test in gain:
            gain[test].append(pretrained[test] - scratch[test])
    assert np.mean(gain["all"]) > 0.02
    assert np.mean(gain["plain ones"]) > 0.05


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_sst2():
    assert accuracy("sst2")["dev"] >= 0.82


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_imdb():
    assert accuracy("imdb")["test"] >= 0.83


@pytest.mark.slow
@pytest.mark.long
def test_minilm_beats_a_tuned_pipeline_on_the_reviews():
    train, tests, epochs, maxlen = task("reviews-4")
    examples = train(0)
    counted = pipeline.accuracies(pipeline.words_and_letters(), examples, tests.values())
    fine_tuned = accuracies("ktlearn/minilm-en", examples, tests.values(), epochs, maxlen, rate=1e-4)
    print(f"{list(tests)}: fine-tuned {fine_tuned}, counted words and letters {counted}")
    assert fine_tuned[0] >= 0.78 and fine_tuned[1] >= 0.93
    assert fine_tuned[0] > counted[0] and fine_tuned[1] > counted[1]
