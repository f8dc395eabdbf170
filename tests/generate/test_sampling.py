"""Drawing tokens: the likelier ones are kept as transformers keeps them, and drawn as often as they should be."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ktlearn.backend import ops
from ktlearn.generate import sampling
from ktlearn.generate.options import Options

GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "processors.npz")


def warped(options, scores):
    numbers = {name: ops.convert_to_tensor(np.float32(getattr(options, name))) for name in ("temperature", "top_p")}
    scores = ops.convert_to_tensor(scores)
    for rule in sampling.warpers_of(options):
        scores = rule(scores, None, numbers)
    return np.array(scores)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("temperature", {"temperature": 0.7, "top_k": 0}),
        ("top_k", {"top_k": 5}),
        ("top_p", {"top_p": 0.8, "top_k": 0}),
        ("all_three", {"temperature": 0.7, "top_k": 5, "top_p": 0.8}),
    ],
)
def test_the_same_tokens_are_kept_as_in_transformers(name, options):
    found = warped(Options(do_sample=True, **options), GOLDEN["scores"])
    np.testing.assert_allclose(found, GOLDEN[name], rtol=1e-6)
    assert (name == "temperature") != np.isinf(GOLDEN[name]).any()


def test_more_than_all_are_all():
    scores = GOLDEN["scores"]
    np.testing.assert_array_equal(warped(Options(do_sample=True, top_k=1000), scores), scores)


def test_the_likeliest_token_is_always_kept():
    found = warped(Options(do_sample=True, top_p=1e-6), GOLDEN["scores"])
    assert np.isfinite(found).sum(axis=1).tolist() == [1, 1, 1, 1]
    assert found.argmax(axis=1).tolist() == GOLDEN["scores"].argmax(axis=1).tolist()


def test_tokens_are_drawn_as_often_as_their_probability_says():
    p = np.array([0.5, 0.0, 0.3, 0.15, 0.05])
    count = 20_000
    with np.errstate(divide="ignore"):
        scores = np.broadcast_to(np.log(p), (count, 5)).astype("float32")
    uniform = sampling.uniform_numbers(3, range(count), 1)[:, 0]
    drawn = np.bincount(np.array(sampling.draw(*map(ops.convert_to_tensor, (scores, uniform)))), minlength=5)
    assert drawn[1] == 0
    # Four standard deviations of a share.
    np.testing.assert_array_less(np.abs(drawn / count - p), 4 * np.sqrt(p * (1 - p) / count) + 1e-9)


@pytest.mark.parametrize("uniform", [0.0, 1 - 1e-7])
def test_what_is_impossible_is_not_drawn_at_either_end(uniform):
    scores = np.full((1, 2000), -np.inf, "float32")
    scores[0, 700:1300] = np.random.default_rng(0).normal(size=600)
    drawn = int(sampling.draw(ops.convert_to_tensor(scores), ops.convert_to_tensor(np.float32([uniform])))[0])
    assert drawn == 700 if uniform == 0 else 1290 <= drawn <= 1299


def test_a_text_is_drawn_by_its_own_numbers():
    together, alone = sampling.uniform_numbers(5, range(3), 9), sampling.uniform_numbers(5, [2], 4)
    np.testing.assert_array_equal(together[2:, :4], alone)
    assert len(np.unique(together)) == together.size
    assert together.max() < 1


def test_no_warper_is_asked_for_where_nothing_changes():
    assert sampling.warpers_of(SimpleNamespace(temperature=1, top_k=0, top_p=1)) == []
