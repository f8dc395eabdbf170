"""The learning-rate policies: their values, and that the optimizer really follows them."""

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras, ops
from ktlearn.optimizers import adamw
from ktlearn.schedules import constant, one_cycle, rising, sgdr, triangular, warm_up

STEPS = 1000


def test_the_constant_policy_leaves_rate_and_momentum():
    assert [constant(step, 5, 2e-5) for step in (0, 4)] == [(2e-5, None)] * 2


@pytest.mark.parametrize(
    "step, rate, momentum",
    [(0, 1e-4, 0.95), (250, 5.5e-4, 0.90), (500, 1e-3, 0.85), (750, 5.005e-4, 0.90), (999, 3e-6, 0.9498)],
    ids=["start: a tenth", "halfway up", "the middle: all of it", "halfway down", "end: near a thousandth"],
)
def test_the_one_cycle_policy_has_ktrains_values(step, rate, momentum):
    assert one_cycle(step, STEPS, 1e-3) == pytest.approx((rate, momentum), rel=2e-3)


def test_the_rate_goes_up_and_then_down_and_the_momentum_mirrors_it():
    rates, momenta = np.transpose([one_cycle(step, STEPS, 1e-3, 0.9, 0.8) for step in range(STEPS)])
    assert rates.argmax() == momenta.argmin() == STEPS // 2
    assert (np.diff(rates[: STEPS // 2]) > 0).all() and (np.diff(rates[STEPS // 2 :]) < 0).all()
    assert (np.diff(momenta[: STEPS // 2]) < 0).all() and (np.diff(momenta[STEPS // 2 :]) > 0).all()
    assert (momenta.min(), momenta.max()) == pytest.approx((0.8, 0.9))


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_very_short_runs_have_usable_rates(steps):
    for step in range(steps):
        rate, momentum = one_cycle(step, steps, 1e-3)
        assert 1e-6 < rate <= 1e-3
        assert 0.85 <= momentum <= 0.95


def test_each_small_cycle_of_the_triangular_policy_is_a_one_cycle():
    values = [triangular(step, 30, 1e-3, cycle=10) for step in range(30)]
    assert values[:10] == values[10:20] == values[20:] == [one_cycle(step, 10, 1e-3) for step in range(10)]


def test_sgdr_has_ktrains_values():
    """ktrain's formula, cycle by cycle: low + (high - low) / 2 · (1 + cos(π · share of the cycle))."""
    expected, high = [], 1e-2
    for cycle in (4, 8, 16):
        expected += [1e-9 + 0.5 * (high - 1e-9) * (1 + np.cos(np.pi * step / cycle)) for step in range(cycle)]
        high *= 0.5
    rates, momenta = zip(*(sgdr(step, 28, 1e-2, cycle=4, mult=2, decay=0.5) for step in range(28)), strict=True)
    assert rates == pytest.approx(expected)
    assert set(momenta) == {None}


@pytest.mark.parametrize("steps", [1, 2, 10, 100])
def test_a_warm_up_rises_to_the_highest_rate_once_and_falls_towards_zero(steps):
    rates = [warm_up(step, steps, 1e-3, share=0.1)[0] for step in range(steps)]
    top = max(1, round(0.1 * steps)) - 1
    assert rates[top] == max(rates) == 1e-3
    assert rates.count(1e-3) == 1
    assert all(rate > 0 for rate in rates)
    np.testing.assert_allclose(np.diff(rates[: top + 1]), 1e-3 / (top + 1))
    np.testing.assert_allclose(np.diff([*rates[top:], 0]), -1e-3 / (steps - top))


def test_a_rising_rate_grows_by_the_same_factor():
    rates = [rising(step, 5, 1e-7, 10)[0] for step in range(5)]
    assert (rates[0], rates[-1]) == pytest.approx((1e-7, 10))
    np.testing.assert_allclose(np.divide(rates[1:], rates[:-1]), 100)
    assert rising(0, 1, 1e-7, 10)[0] == 1e-7


def constant_gradient_learner(optimizer):
    """One weight whose gradient is always 1: then the momentum slot and the weight tell which rates were used."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer, loss=lambda true, predicted: ops.mean(predicted, axis=-1))
    return ktlearn.get_learner(model, train_data=(np.ones((8, 1)), np.zeros((8, 1))), batch_size=1)


def test_the_compiled_step_uses_the_momentum_of_each_batch():
    learner = constant_gradient_learner(adamw())
    momenta = learner.fit_onecycle(1e-3, 1, verbose=0).history["momentum"]
    assert len(set(np.round(momenta, 6))) > 3  # it does change
    expected = 0.0
    for momentum in momenta:
        expected = momentum * expected + (1 - momentum) * 1
    (slot,) = [slot.numpy().item() for slot in learner.model.optimizer.variables if "momentum" in slot.path]
    assert slot == pytest.approx(expected, rel=1e-5)


def test_the_momentum_of_a_cycle_ends_with_it():
    learner = constant_gradient_learner(adamw())
    momenta = learner.fit_onecycle(1e-3, 1, verbose=0).history["momentum"]
    assert momenta[-1] > 0.91
    assert learner.model.optimizer.get_momentum() == pytest.approx(0.9)
    learner.model.optimizer.set_momentum(0.8)  # one of one's own
    learner.fit_onecycle(1e-3, 1, verbose=0)
    assert learner.model.optimizer.get_momentum() == pytest.approx(0.8)


def test_the_compiled_step_uses_the_rate_of_each_batch():
    learner = constant_gradient_learner(keras.optimizers.SGD())
    rates = learner.fit_onecycle(1e-2, 1, verbose=0).history["lr"]
    assert rates == pytest.approx([one_cycle(step, 8, 1e-2)[0] for step in range(8)])
    assert learner.model.get_weights()[0].item() == pytest.approx(-sum(rates), rel=1e-5)


def test_an_optimizer_without_a_changeable_momentum_gets_the_rate_only():
    history = constant_gradient_learner("adam").fit_onecycle(1e-2, 1, verbose=0).history
    assert len(history["lr"]) == 8
    assert "momentum" not in history
