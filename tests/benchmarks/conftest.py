"""What the benchmark's tests share."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def load(monkeypatch):
    """The benchmark's files as they see each other: as scripts of one folder."""
    monkeypatch.syspath_prepend(str(HERE))

    def load(name):
        spec = importlib.util.spec_from_file_location(f"benchmark_{name}", HERE / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
