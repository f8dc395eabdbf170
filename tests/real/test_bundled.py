"""The bundled model keeps what its card promises: fine-tuned on the reviews, on SST-2 and on IMDb."""

import numpy as np
import pytest

from tests.real.data import needs_data
from tests.real.measure_bundled import BUNDLED, accuracies, task


def accuracy(name, pretrained=True, seed=0):
    """On each test set of a task, by its name."""
    train, tests, epochs, maxlen = task(name)
    return dict(
        zip(tests, accuracies(BUNDLED, train(seed), tests.values(), epochs, maxlen, pretrained, seed), strict=True)
    )


@pytest.mark.slow
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
