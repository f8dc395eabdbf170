"""What an installed ktlearn is: light to import, complete without a checkout, and harmless to Colab."""

import os
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ktlearn

ROOT = Path(__file__).parents[1]
HEAVY = {"tensorflow", "keras", "transformers", "pandas", "matplotlib", "jax", "torch"}


def run(*command, cwd, **environment):
    """Run a Python command in its own process; its output, or a failure that shows it."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def requirements():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def bounds(parsed):
    return {canonicalize_name(each.name): each.specifier for each in parsed}


def test_importing_ktlearn_loads_nothing_heavy(tmp_path):
    code = "import sys, ktlearn; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = run("-c", code, cwd=tmp_path, PYTHONPATH=str(ROOT)).split()
    assert "ktlearn" in loaded
    assert not HEAVY & set(loaded)


def test_the_changelog_begins_with_this_version():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest[1] == ktlearn.__version__


def test_the_requirements_allow_what_colab_has():
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "tests/colab-constraints.txt").read_text(), re.MULTILINE))
    checked = [each for each in requirements() if each.name in pins]
    assert len(checked) >= 10
    assert [str(each) for each in checked if not each.specifier.contains(pins[each.name])] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dist"), "--wheel")


def build(folder, *options):
    run("-m", "build", "--no-isolation", *options, "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.slow
@pytest.mark.weekly
def test_the_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    """That is what a package index would make of it."""
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(build(tmp_path)) as theirs:
        contents = [{one.filename: one.CRC for one in archive.infolist()} for archive in (ours, theirs)]
    assert contents[0] == contents[1]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    run("-m", "pip", "install", "--no-index", "--no-deps", "--target", folder, wheel, cwd=folder)
    return folder


@pytest.mark.slow
def test_the_wheel_has_the_version_and_the_requirements_of_the_project(installed):
    (ours,) = metadata.distributions(name="ktlearn", path=[str(installed)])
    assert ours.version == ktlearn.__version__
    required = [Requirement(line) for line in ours.requires if "extra" not in line]
    assert bounds(required) == bounds(requirements())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["assets/data", "assets/models", "assets/figures", "notebooks"])
def test_the_wheel_carries_every_file_of_the_checkout(wheel, kind):
    files = [path for path in (ROOT / kind).rglob("*") if path.is_file() and not _is_left_over(path)]
    assert files
    with zipfile.ZipFile(wheel) as archive:
        for path in files:
            assert archive.read(f"ktlearn/{path.relative_to(ROOT).as_posix()}") == path.read_bytes()


@pytest.mark.slow
def test_the_wheel_carries_the_scripts_and_styles_of_the_widgets(wheel):
    files = [path for kind in ("js", "css") for path in (ROOT / "ktlearn/widgets").rglob(f"*.{kind}")]
    assert files
    with zipfile.ZipFile(wheel) as archive:
        for path in files:
            assert archive.read(path.relative_to(ROOT).as_posix()) == path.read_bytes()


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel):
    """No tests, and no recipes: they need texts that no reader has."""
    with zipfile.ZipFile(wheel) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
    assert folders == {"ktlearn", f"ktlearn-{ktlearn.__version__}.dist-info"}


@pytest.mark.slow
def test_the_wheel_is_small_enough_to_be_uploaded_to_colab_in_a_lesson(wheel):
    assert wheel.stat().st_size < 74_000_000


def _is_left_over(path):
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)


@pytest.mark.slow
def test_an_installation_without_a_checkout_is_complete(installed, tmp_path):
    """The doctor loads each bundled model and table; the hub is where nobody answers."""
    nobody = {"HF_ENDPOINT": "http://127.0.0.1:9", "NO_PROXY": "*", "PYTHONPATH": str(installed)}
    printed = run("-m", "ktlearn", "doctor", cwd=tmp_path, **nobody)
    assert str(installed) in printed
    for name in ("mini-bert-en", "minilm-en", "passage-reader-en", "small-gpt-en", "summariser-en", "translator-en-zh"):
        assert re.search(rf"^ktlearn/{name} +loads: ", printed, re.MULTILINE)
    for name in ("passages_en.json", "reports_en.json", "reviews_en.csv", "sentences_en_zh.json"):
        assert re.search(rf"^{name} +loads: ", printed, re.MULTILINE)
    assert printed.endswith("\nready\n")


@pytest.mark.slow
def test_the_lessons_of_an_installation_open(installed, tmp_path):
    code = """
import nbformat
from ktlearn.support.bundled import resource
print(resource("notebooks"))
nbformat.validate(nbformat.read(resource("notebooks") / "00_start_here.ipynb", as_version=4))
"""
    assert str(installed) in run("-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
