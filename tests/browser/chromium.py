"""Where Chromium is, for the tests that need a browser."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium():
    """The path of a browser, or None: the one KTLEARN_CHROMIUM names, an installed one, Playwright's own."""
    named = os.environ.get("KTLEARN_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if shutil.which(name):
            return shutil.which(name)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-*/chrome"))), None)


if __name__ == "__main__":
    raise SystemExit(find_chromium() is None)  # for the Makefile: 0 when there is one
