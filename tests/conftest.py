"""Settings for the whole suite: the same on every machine, whatever its user has set up. And one browser for all."""

import os

import pytest

from tests.browser.chromium import FLAGS, find_chromium

os.environ.setdefault("MPLBACKEND", "Agg")  # draws without a screen
os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # not what ~/.keras/keras.json says


@pytest.fixture(scope="session")
def browser():
    """A browser without a screen, for the tests of the widgets."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run `make test`")
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium: install it, or name one in KTLEARN_CHROMIUM")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
