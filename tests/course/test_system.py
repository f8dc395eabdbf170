"""Where a learner works."""

import platform
import sys

import pytest

from ktlearn.course.system import system


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    for variable in ("COLAB_RELEASE_TAG", "JUPYTERHUB_USER"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Linux", "Linux"), ("Darwin", "macOS"), ("Windows", "Windows"), ("Java", "another system")],
)
def test_a_machine_of_ones_own(monkeypatch, name, expected):
    monkeypatch.setattr(platform, "system", lambda: name)
    assert system() == expected


@pytest.mark.parametrize(
    ("variable", "expected"), [("COLAB_RELEASE_TAG", "Google Colab"), ("JUPYTERHUB_USER", "JupyterHub")]
)
def test_somebody_elses(monkeypatch, variable, expected):
    monkeypatch.setenv(variable, "something")
    assert system() == expected


def test_colab_is_known_from_its_package_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert system() == "Google Colab"
