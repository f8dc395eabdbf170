"""The widgets' pure functions, by Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest


def test_the_pure_functions_of_the_javascript():
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js: the pure functions are tested through the pictures only")
    tests = sorted(str(path) for path in Path(__file__).parent.rglob("*.test.mjs"))
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
