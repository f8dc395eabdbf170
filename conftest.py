"""Settings for every test and every example: the same on every machine, whatever its user has set up.

They stand above ``tests/``, because the examples in docstrings are tests too: ``pytest ktlearn/layers.py``.
"""

import os
import socket
import sys

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # draws without a screen
os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # not what ~/.keras/keras.json says
os.environ["KTLEARN_PROGRESS"] = "off"  # no test writes into the file where a developer's own progress is kept


@pytest.fixture(autouse=True)
def as_for_a_reader(request, monkeypatch, tmp_path_factory):
    """An example runs in an empty folder, without a network, and leaves no figure behind."""
    if not isinstance(request.node, pytest.DoctestItem):
        yield
        return
    monkeypatch.chdir(tmp_path_factory.mktemp("example"))
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def _refuse(self, address):
    raise OSError(f"an example needs no network, and this one asks {address}")
