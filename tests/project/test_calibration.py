"""The calibration error, and what it would be by chance."""

import numpy as np
import pytest

from ktlearn.project import calibration_error, error_by_chance


def by_hand(p, truth, bins):
    sure, right = p.max(1), p.argmax(1) == truth
    error = 0
    for low in np.arange(bins) / bins:
        inside = (sure >= low) & ((sure < low + 1 / bins) | ((low + 1 / bins >= 1) & (sure >= low)))
        if inside.any():
            error += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    return error


@pytest.mark.parametrize("bins", [1, 5, 10])
def test_it_is_the_mean_distance_of_the_bins(bins):
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1], 200)
    truth = rng.integers(0, 3, 200)
    assert calibration_error(p, truth, bins) == pytest.approx(by_hand(p, truth, bins))


def test_certain_and_right_is_zero_and_certain_and_wrong_is_one():
    p = np.eye(3)[[0, 1, 2]]
    assert calibration_error(p, [0, 1, 2]) == 0
    assert calibration_error(p, [1, 2, 0]) == 1


def test_a_calibrated_model_stays_below_the_limit_about_19_times_of_20():
    rng = np.random.default_rng(1)
    p = np.stack([sure := rng.uniform(0.5, 1, 150), 1 - sure], 1)
    limit = error_by_chance(p)
    errors = [calibration_error(p, np.where(rng.random(150) < sure, 0, 1)) for _ in range(400)]
    assert 0.90 < np.mean(np.array(errors) < limit) < 0.99


def test_an_overconfident_model_is_above_it():
    rng = np.random.default_rng(2)
    p = np.tile([0.97, 0.03], (150, 1))
    assert calibration_error(p, (rng.random(150) > 0.8).astype(int)) > error_by_chance(p)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"p must be \(N, classes\)"):
        calibration_error(np.ones((3, 2)), [0, 1])


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="p: row 1 holds what is no number"):
        calibration_error([[0.5, 0.5], [np.nan, 1]], [0, 1])
