"""What other programs use is seen, what the benchmark's own use is not."""

import subprocess
import sys
import time

import psutil
import pytest

SPIN = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 1: pass"


@pytest.fixture
def others(load):
    return load("others").Others()


def test_a_program_that_is_waited_for_is_ones_own(others, load):
    """In seconds, not in cores: other programs may be at work on this machine, and they count rightly."""
    busy = load("others")._busy
    before = busy()
    subprocess.run([sys.executable, "-c", SPIN], check=True)
    foreign = others.seconds()
    assert foreign < busy() - before - 0.9  # one second of them was the program's


def test_a_program_that_is_not_waited_for_is_another(others):
    with subprocess.Popen([sys.executable, "-c", SPIN]) as foreign:
        while sum(psutil.Process(foreign.pid).cpu_times()[:2]) < 0.5:  # user and system
            time.sleep(0.05)
        assert others.seconds() > 0.4


def test_a_warning_says_how_many_cores_and_what_to_make_of_it(others, monkeypatch):
    monkeypatch.setattr(others, "cores", lambda: 0.6)
    assert others.warning("Look twice.") == "NOT ALONE: other programs kept 0.6 cores busy. Look twice.\n"
    monkeypatch.setattr(others, "cores", lambda: 0.5)
    assert others.warning("Look twice.") == ""
