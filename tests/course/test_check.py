"""`python -m ktlearn check`: few words for a beginner, an exit code, and a code for the teacher."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ktlearn.course import check, cli, doctor
from ktlearn.course.code import CHECKS, decode
from ktlearn.course.doctor import Finding

ROOT = Path(__file__).parents[2]


def memory():
    yield Finding("memory", "8.0 GB, 1.2 GB of it available", "Free some memory.")


def disk():
    yield Finding("disk", "50.0 GB free")


def models():
    yield Finding("a model", "loads")
    yield Finding("another model", "fails: OSError", "Install ktlearn again.")
    yield Finding("a third model", "fails: OSError", "Install ktlearn again.")


def hub():
    yield Finding("hub", "no answer from the hub", is_away=True)


def code_in(printed):
    return decode(re.search(r"Your code, if somebody helps you: +(\S+)\n", printed)[1])


def test_a_machine_that_is_ready(checks, capsys):
    checks([disk])
    assert cli.main(["check"]) == 0
    printed = capsys.readouterr().out
    assert "  ok   Python and its packages\n  ok   space on the disk\n" in printed
    assert "Ready. Open the first lesson" in printed
    told = code_in(printed)
    assert (told.failed, told.package, told.python) == ((), "", sys.version_info.minor)


def test_what_is_not_there_and_not_needed_is_not_called_ok(checks, capsys):
    checks([disk], [hub])
    assert cli.main(["check"]) == 0
    printed = capsys.readouterr().out
    assert "  –    the way to other models: not from here, and the lessons do not need it\n" in printed
    assert "Ready." in printed
    assert code_in(printed).failed == ()


def test_a_machine_that_is_not_ready_says_each_step_once(checks, capsys):
    checks([memory, disk], [models])
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "  no   memory: 8.0 GB, 1.2 GB of it available\n  ok   space on the disk\n" in printed
    assert "  no   the models of the course: fails: OSError\n" in printed
    assert "\n  1. Free some memory.\n  2. Install ktlearn again.\n\nThen run this again.\n" in printed
    assert code_in(printed).failed == ("memory", "models")


def test_a_package_that_is_missing_or_old_is_in_the_code(checks, capsys):
    checks([disk], [models], requirements=[("numpy", "1"), ("pandas", "999"), ("keras", "999")])
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert '1. python -m pip install "pandas>=999" "keras>=999"' in printed
    assert "The rest is looked at when the packages are there." in printed
    told = code_in(printed)
    assert (told.failed, told.package) == (("versions",), "pandas")


def test_a_check_that_breaks_stops_neither_the_others_nor_the_code(checks, capsys, monkeypatch):
    def broken():
        raise RuntimeError("no list of requirements")

    checks([disk])
    monkeypatch.setattr(doctor, "requirements", broken)
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "no   Python and its packages: fails: RuntimeError: no list of requirements" in printed
    assert code_in(printed).failed == ("versions",)


def test_a_front_end_to_install_again_is_no_missing_package(checks, capsys):
    def widgets():
        yield Finding("widgets", "no front end", "python -m pip install --force-reinstall --no-deps anywidget")

    checks([], [widgets])
    cli.main(["check"])
    told = code_in(capsys.readouterr().out)
    assert (told.failed, told.package) == (("widgets",), "")


def test_every_check_of_the_doctor_has_words_for_a_beginner():
    assert check.WORDS.keys() == set(CHECKS)


def test_without_numpy_it_still_speaks():
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "from ktlearn.course import cli, doctor\n"
        "doctor.LESSONS = ()\n"
        "sys.exit(cli.main(['check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert "Your code, if somebody helps you:" in done.stdout, done.stderr


# --- what a teacher reads ----------------------------------------------------------------------


def test_a_code_is_told_in_words(checks, capsys, monkeypatch):
    checks([memory])
    monkeypatch.setattr(check, "_memory", lambda: (8.1e9 / check.GB, 1.2))
    monkeypatch.setattr(check, "system", lambda: "Windows")
    versions = {"tensorflow": "2.20.0", "keras": "3.13.2", "transformers": None}
    monkeypatch.setattr(check, "_installed", versions.get)
    cli.main(["check"])
    words = re.search(r"helps you: +(\S+)\n", capsys.readouterr().out)[1]
    assert cli.main(["check", "--decode", *words.split("-")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"ktlearn 0.1, Python 3.{sys.version_info.minor}, Windows",
        "tensorflow 2.20, keras 3.13, transformers missing",
        "memory 8 GB, 1 GB of it free",
        "not ok: memory",
    ]


def test_a_wrong_code_is_a_sentence_and_an_exit_code(capsys):
    assert cli.main(["check", "--decode", "ABCD-EFGH-JKMN"]) == 1
    assert "Ask for it again." in capsys.readouterr().out
