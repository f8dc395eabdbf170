"""What other programs use is seen, what the benchmark's own use is not."""

import subprocess
import sys
import time

import pytest

SPIN = "import time\nstart = time.process_time()\nwhile time.process_time() - start < 1: pass"


@pytest.fixture
def others(load):
    return load("others").Others()


def test_a_program_that_is_waited_for_is_ones_own(others):
    subprocess.run([sys.executable, "-c", SPIN], check=True)
    mine = others.cores()
    foreign = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        time.sleep(1.5)
        assert others.cores() > mine + 0.1
    finally:
        foreign.wait()


def test_a_warning_says_how_many_cores_and_what_to_make_of_it(others, monkeypatch):
    monkeypatch.setattr(others, "cores", lambda: 0.6)
    assert others.warning("Look twice.") == "NOT ALONE: other programs kept 0.6 cores busy. Look twice.\n"
    monkeypatch.setattr(others, "cores", lambda: 0.5)
    assert others.warning("Look twice.") == ""
