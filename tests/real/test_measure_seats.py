"""The script behind the figures of rooms/README.md: a notebook that takes 200 MB is measured as one that does."""

import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.real.measure_seats import for_a_room, measure


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells PSS")
def test_the_largest_memory_of_each_kernel_and_of_all_together_is_seen(tmp_path):
    path = tmp_path / "01_takes_memory.ipynb"
    cell = new_code_cell("import time\ntaken = b'x' * 200_000_000\ntime.sleep(4)")
    nbformat.write(new_notebook(cells=[cell]), path)
    measured = measure(path, 2)
    assert measured["lesson"] == "01_takes_memory" and len(measured["minutes"]) == measured["kernels"] == 2
    assert 0.2 < measured["largest PSS of a kernel"] <= measured["largest RSS of a kernel"] < 0.4
    assert 0.4 < measured["largest PSS of all together"] < 0.8


def test_the_room_is_the_measured_kernels_with_a_server_each_times_the_seats():
    measured = {"kernels": 8, "largest PSS of all together": 16.0, "a server": 0.1}
    assert for_a_room(measured) == {"GB for a seat": 2.1, "GB for 40 seats": 84}
