"""The learner under ``keras.distribution`` on JAX: two devices in one process, and two processes on this machine.

Each run is a program of its own (worker.py): a process has one backend, and is one of so many.
"""

import importlib.util
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.processes import free_address, started

TESTS = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed"),
]
# Minutes. At each change two processes train, one of them is killed, and one goes on alone; and
# test_distributed_strategy.py asks of TensorFlow's devices what these ask of JAX's.
weekly = pytest.mark.weekly


def start(scene, folder, shallow, processes=1, devices=1):
    """The processes of a run, started together; a context, at whose end they are gone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    environment["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    environment["PYTHONPATH"] = f"{TESTS.parent}{os.pathsep}{TESTS}"
    environment["JAX_COMPILATION_CACHE_DIR"] = str(folder / "compiled")  # what one run compiles, the next one need not
    environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    command, rest = [sys.executable, TESTS / "learner" / "worker.py", scene], [free_address(), folder, shallow]
    commands = [[*command, str(number), str(processes), *rest] for number in range(processes)]
    return started(commands, [environment] * processes)


def told(*run, **sizes):
    """What the processes of a run told at their ends."""
    with start(*run, **sizes) as programs:
        ends = [program.end() for program in programs]
    assert [code for code, *_ in ends] == [0] * len(ends), "".join(errors[-3000:] for *_, errors in ends)
    return [json.loads(out.splitlines()[-1]) | {"printed": out.splitlines()[:-1]} for _, out, _ in ends]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def alone(folder, shallow):
    """One process with one device: what all others must equal."""
    return told("one_process_alone", folder, shallow)[0]


@pytest.fixture(scope="module")
def together(folder, shallow, alone):
    """Two processes with two devices each."""
    return told("two_together", folder, shallow, processes=2, devices=2)


@pytest.fixture(scope="module")
def two_devices(folder, shallow):
    """One process with two devices."""
    return told("verbs", folder, shallow, devices=2)[0]


def assert_same(history, other):
    assert history.keys() == other.keys()
    for name in history:
        np.testing.assert_allclose(history[name], other[name], rtol=1e-5, atol=1e-5, err_msg=name)


VERBS = ("onecycle", "autofit")


@weekly
def test_two_processes_train_as_one_does(alone, together):
    for process in together:
        for verb in VERBS:
            assert_same(process[verb], alone[verb])
        # At the high rates of its end a difference in the last digit grows without bound.
        np.testing.assert_allclose(process["search"][:10], alone["search"][:10], rtol=1e-4)


@weekly
def test_every_example_counts_exactly_once_also_where_a_batch_does_not_divide(alone, together):
    for process in (alone, *together):
        for verb in VERBS:
            assert set(process[verb]["not_once"] + process[verb]["val_not_once"]) == {0}


@weekly
def test_each_device_computes_its_share_of_the_rows(alone, together):
    assert alone["rows"]["8"] == [8]
    assert together[0]["rows"]["8"] == together[1]["rows"]["8"] == [2, 2, 2, 2]


@weekly
def test_validation_and_predictions_are_the_same_in_all_processes_and_in_order(alone, together):
    for process in together:
        assert_same_answers(process, alone)


def assert_same_answers(process, alone):
    np.testing.assert_allclose(process["answers"], alone["answers"], atol=1e-5)
    assert process["figures"] == pytest.approx(alone["figures"], rel=1e-5)
    assert process["worst"] == alone["worst"]


@weekly
def test_two_devices_of_one_process_train_as_one_does(alone, two_devices):
    for verb in VERBS:
        assert_same(two_devices[verb], alone[verb])
        assert set(two_devices[verb]["not_once"] + two_devices[verb]["val_not_once"]) == {0}
    assert two_devices["rows"]["8"] == [4, 4]
    assert_same_answers(two_devices, alone)


@weekly
def test_only_the_first_process_prints(together):
    first, second = (
        [line for line in process["printed"] if line and "[Gloo]" not in line and "peer ranks" not in line]
        for process in together  # Gloo's threads write into each other's lines
    )
    assert any("mae" in line for line in first)
    assert second == []


@weekly
def test_a_run_of_one_process_goes_on_in_two(alone, together):
    for process in together:
        assert_same(process["resumed"], alone["whole"])
        assert process["report"] == alone["report"]


@weekly
def test_the_first_process_writes_the_checkpoint_of_each_epoch(together):
    assert [process["written"] for process in together] == [["last.safetensors"] * 2, []]


@weekly
def test_processes_with_other_data_are_told_so_before_any_training(together):
    for process in together:
        assert "not the same in all 2 processes" in process["other data"]


@weekly
def test_a_split_model_is_refused_in_several_processes(together):
    for process in together:
        assert "ModelParallel" in process["split"] and "there are 2 processes" in process["split"]


@weekly
def test_the_first_process_saves_the_predictor(together):
    assert [process["saved"] for process in together] == [1, 0]
    for process in together:
        np.testing.assert_allclose(*process["loaded"], atol=1e-6)


@weekly
def test_a_file_is_answered_by_one_process(together):
    for process in together:
        assert process["file"].startswith("predict_file: one process writes a file; there are 2.")


def survivor(folder, shallow, scene, number):
    """A process of two is killed: the seconds until the other one ends, its exit status, and its errors."""
    with start(scene, folder, shallow, processes=2) as programs:
        assert programs[number].end()[0] == -signal.SIGKILL
        since = time.monotonic()
        code, _, errors = programs[1 - number].end()
        return time.monotonic() - since, code, errors


def assert_stopped_and_said_why(seconds, code, errors, run):
    assert seconds < 60
    assert code != 0
    assert "Another of the 2 processes has stopped" in errors, errors[-3000:]
    assert "resume=True" in errors and str(run) in errors


@pytest.fixture(scope="module")
def second_killed(folder, shallow):
    return survivor(folder, shallow, "second_killed", 1)


def test_when_a_process_is_killed_the_other_one_stops_within_a_minute_and_says_why(second_killed, folder):
    assert_stopped_and_said_why(*second_killed, folder / "1 killed")


@weekly
def test_so_it_is_when_the_first_process_is_killed(folder, shallow):
    assert_stopped_and_said_why(*survivor(folder, shallow, "first_killed", 0), folder / "0 killed")


def test_a_run_of_two_processes_goes_on_in_one(folder, shallow, second_killed):
    """The one of which the second process was killed: two epochs of two processes and one of one equal three of one."""
    found = told("resumed", folder, shallow)[0]
    assert len(found["resumed"]["loss"]) == 3
    assert_same(found["resumed"], found["whole"])


@weekly
def test_a_model_split_over_two_devices_trains_as_the_whole_one(folder, shallow):
    found = told("model_parallel", folder, shallow, devices=2)[0]
    assert_same(found["split"], found["whole"])
    np.testing.assert_allclose(*found["answers"], atol=1e-5)  # saved from two devices, loaded on one
    assert found["share"] < 0.65  # of all bytes, weights and the optimizer's memory: what one device holds
    assert not [path for path in found["unsplit"] if "/attention/" in path and path.endswith("kernel")]
