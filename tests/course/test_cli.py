"""One command line: ``python -m ktlearn check | doctor | lab | …``, and the old name of ``stamp``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ktlearn.course import check, class_table, cli, doctor, lab, pack, progress, release, slides, stamp

ROOT = Path(__file__).parents[2]


@pytest.fixture
def called(monkeypatch):
    """What each command was called with; its exit code is 7."""
    calls = []
    commands = [(module, "run") for module in (check, class_table, doctor, pack, progress, release, slides, stamp)]
    for module, name in [(lab, "lab"), (check, "explain"), *commands]:
        monkeypatch.setattr(module, name, lambda *args, of=module.__name__: calls.append((of, *args)) or 7)
    return calls


@pytest.mark.parametrize(
    ("argv", "call"),
    [
        ("check", ("ktlearn.course.check",)),
        ("check --decode 7K3F 0QX2-M4PD", ("ktlearn.course.check", "7K3F0QX2-M4PD")),
        ("doctor", ("ktlearn.course.doctor",)),
        ("progress", ("ktlearn.course.progress", "", ".")),
        ("progress --hand-in Ann Lee --to out", ("ktlearn.course.progress", "Ann Lee", "out")),
        ("progress --class folder", ("ktlearn.course.class_table", "folder", None)),
        ("progress --class folder --csv a.csv", ("ktlearn.course.class_table", "folder", "a.csv")),
        ("lab", ("ktlearn.course.lab", "ktlearn-lessons", [])),
        ("lab --folder mine --no-browser", ("ktlearn.course.lab", "mine", ["--no-browser"])),
        ("release out", ("ktlearn.course.release", "out", ())),
        ("release out --graded 2.4 A1.3", ("ktlearn.course.release", "out", ["2.4", "A1.3"])),
        ("slides", ("ktlearn.course.slides", [], "slides")),
        ("slides 02 A1 --to out", ("ktlearn.course.slides", ["02", "A1"], "out")),
        ("pack room", ("ktlearn.course.pack", "room", [], [], None, None)),
        (
            "pack room --platform linux --platform windows --python 3.12 --wheel a.whl --site out",
            ("ktlearn.course.pack", "room", ["linux", "windows"], ["3.12"], "a.whl", "out"),
        ),
        ("stamp", ("ktlearn.course.stamp", "notebooks", None, None)),
        ("stamp --ref v2 --folder here", ("ktlearn.course.stamp", "here", None, "v2")),
    ],
)
def test_each_command_gets_its_arguments_and_gives_the_exit_code(called, argv, call):
    assert cli.main(argv.split()) == 7
    assert called == [call]


WRONG = [
    "",
    "doctor --no-browser",
    "stamp --no-browser",
    "surgeon",
    "pack",
    "pack room --no-browser",
    "progress --to folder",
    "progress --csv a.csv",
    "progress --hand-in Ann --class folder",
]


@pytest.mark.parametrize("argv", WRONG)
def test_a_wrong_command_line_is_refused(called, argv, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(argv.split())
    assert stopped.value.code == 2
    assert called == []


@pytest.mark.parametrize("module", ["ktlearn", "ktlearn.lessons"])
def test_it_runs_as_a_module_under_its_old_name_too(module, tmp_path):
    command = [sys.executable, "-m", module, "stamp"]
    run = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "There is no notebooks" in run.stdout
