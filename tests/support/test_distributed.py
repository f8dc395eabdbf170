"""What one process on one device makes of the calls for many; many are in tests/learner/test_distributed.py."""

import pytest

from ktlearn.backend import keras
from ktlearn.support.distributed import (
    check_same,
    devices_of,
    from_first,
    is_first,
    process_count,
    replica_count,
    spread,
    stops_with_the_others,
    write_once,
)


def test_a_process_alone_is_the_first_of_one():
    assert process_count() == 1
    assert is_first()
    assert from_first(2**31 - 1) == 2**31 - 1
    check_same("anything", 1, "")  # and says nothing


def test_what_the_one_process_writes_is_written_and_its_error_arrives(tmp_path):
    write_once((tmp_path / "file").touch)
    assert (tmp_path / "file").exists()
    with pytest.raises(FileNotFoundError):
        write_once((tmp_path / "nowhere" / "file").touch)


def test_without_a_distribution_a_model_keeps_its_own_steps():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    before = model.train_step
    with spread(model), devices_of(model), stops_with_the_others("Start again."):
        assert model.train_step == before
    assert replica_count(model) == 1


def test_an_error_of_the_one_process_is_not_taken_for_that_of_another():
    with pytest.raises(RuntimeError, match="^mine$"), stops_with_the_others("Start again."):
        raise RuntimeError("mine")
