"""What runs elsewhere: the workflows call what is here, and their versions are those that the project names."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests import matrix, oldest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def read(name):
    return yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))


def commands(workflow):
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def pythons():
    """The versions of Python that pyproject.toml names, the oldest first."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    return re.findall(r"3\.\d+", " ".join(classifiers))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_calls_what_the_repository_has(file):
    workflow = read(file.stem)
    assert workflow["name"] == file.stem
    assert True in workflow  # "on", which YAML 1.1 reads as a truth value
    for command in commands(workflow):
        program, *words = command.split()
        if program == "make":
            settings = dict(word.split("=") for word in words if "=" in word)
            assert all(re.search(rf"^{name} \??=", MAKEFILE, re.MULTILINE) for name in settings), command
            assert all((ROOT / value).is_file() for value in settings.values()), command
            targets = [word for word in words if "=" not in word]
            assert all(re.search(rf"^{re.escape(word)}:", MAKEFILE, re.MULTILINE) for word in targets), command
        else:
            assert program == "python", command
            scripts = [word for word in words if word.endswith(".py")]
            assert all((ROOT / script).is_file() for script in scripts), command


def test_a_workflow_of_one_python_has_one_that_the_project_names():
    for name in ("site", "tests"):
        for job in read(name)["jobs"].values():
            versions = [step["with"]["python-version"] for step in job["steps"] if "python" in step.get("uses", "")]
            assert versions
            assert set(versions) <= set(pythons())


def test_the_matrix_has_the_oldest_and_the_newest_python_and_what_make_matrix_runs():
    strategy = read("matrix")["jobs"]["test"]["strategy"]["matrix"]
    assert strategy["python"] == [pythons()[0], pythons()[-1]]
    left_out = [(each["versions"], each["python"]) for each in strategy["exclude"]]
    runs = [(versions, python) for versions in strategy["versions"] for python in strategy["python"]]
    assert [each for each in runs if each not in left_out] == matrix.RUNS
    assert {name.partition("-")[0] for name in strategy["os"]} == {"ubuntu", "macos", "windows"}


def test_the_matrix_runs_the_quick_tests_and_the_first_lessons_as_make_does():
    quick = re.search(r"^test-quick:.*\n\t\$\(PY\) (.*)", MAKEFILE, re.MULTILINE)[1]
    lessons = re.search(r"^test-notebooks:.*\n\t\$\(PY\) (.*)", MAKEFILE, re.MULTILINE)[1]
    called = commands(read("matrix"))
    assert f"python {quick}" in called
    assert f"python {lessons.replace('$(LESSONS)', matrix.LESSONS)}" in called


def test_constraints_are_there_for_all_versions_but_the_newest():
    assert matrix.constraints("newest") == ""
    for versions in {versions for versions, _ in matrix.RUNS} - {"newest"}:
        assert (ROOT / matrix.constraints(versions)).is_file()


def test_the_oldest_versions_are_those_of_the_requirements():
    assert oldest.TARGET.read_text(encoding="utf-8") == oldest.whole_file(), "run: python tests/oldest.py --write"


def test_a_requirement_without_a_lower_bound_is_refused():
    with pytest.raises(ValueError, match="numpy<3 has no lower bound"):
        oldest.constraints("keras>=3.13\nnumpy<3")


def test_a_run_whose_python_is_missing_is_named_and_not_run(monkeypatch):
    monkeypatch.setattr(matrix, "find", lambda python: None)
    assert matrix.run_all([("colab", "3.13")]) == {"colab, Python 3.13": "not run: there is no Python 3.13 here"}


def test_a_run_that_fails_is_told(monkeypatch):
    monkeypatch.setattr(matrix, "command", lambda *args: [sys.executable, "-c", "import sys; sys.exit(1)"])
    monkeypatch.setattr(matrix, "find", lambda python: sys.executable)
    assert matrix.run_all([("oldest", "3.11")]) == {"oldest, Python 3.11": "FAILED, see above"}
