"""The bundled model keeps what its card promises: fine-tuned on the reviews, on SST-2 and on IMDb."""

import numpy as np
import pytest

from ktlearn.data import load_review_lists
from tests.real.data import imdb, needs_data, sst2
from tests.real.measure_bundled import accuracies


@pytest.mark.slow
def test_pretraining_beats_a_random_start_on_the_reviews():
    train, _, test = load_review_lists()
    seeds = range(2)

    pretrained = [accuracies(train, [test], 2, 128, seed=seed)[0] for seed in seeds]
    scratch = [accuracies(train, [test], 2, 128, pretrained=False, seed=seed)[0] for seed in seeds]

    print(f"pretrained {np.mean(pretrained):.3f}, from a random start {np.mean(scratch):.3f}")
    assert np.mean(pretrained) > np.mean(scratch) + 0.02


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_sst2():
    assert accuracies(sst2("train"), [sst2("dev")], 2, 64)[0] >= 0.82


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_the_bundled_model_learns_imdb():
    assert accuracies(imdb("train"), [imdb("test")], 3, 512)[0] >= 0.83
