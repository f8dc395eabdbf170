"""The bundled model keeps what its card promises: fine-tuned on the reviews, on SST-2 and on IMDb."""

import numpy as np
import pytest

from tests.real.data import needs_data
from tests.real.measure_bundled import BUNDLED, accuracies, task


def accuracy(name, test, pretrained=True, seed=0):
    train, tests, epochs, maxlen = task(name)
    return accuracies(BUNDLED, train(seed), [tests[test]], epochs, maxlen, pretrained, seed)[0]


@pytest.mark.slow
def test_pretraining_beats_a_random_start_on_the_plain_reviews():
    pretrained = np.mean([accuracy("reviews", "plain ones", seed=seed) for seed in range(2)])
    scratch = np.mean([accuracy("reviews", "plain ones", pretrained=False, seed=seed) for seed in range(2)])
    print(f"pretrained {pretrained:.3f}, from a random start {scratch:.3f}")
    assert pretrained > scratch + 0.05


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_sst2():
    assert accuracy("sst2", "dev") >= 0.82


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_imdb():
    assert accuracy("imdb", "test") >= 0.83
