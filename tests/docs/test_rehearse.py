"""The dress rehearsal: which lessons a day has, and that a step that fails is told."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

WORKSHOP = Path(__file__).resolve().parents[2] / "docs" / "workshop"
spec = importlib.util.spec_from_file_location("rehearse", WORKSHOP / "rehearse.py")
rehearse = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rehearse)


def test_a_day_has_the_lessons_that_its_timetable_names_in_their_order():
    text = "## A day: a\n\n| 9:00 | 01 §1; A1 §2 | 5 |\n| 9:05 | 01 §3 | 5 |\n\n## Two: b\n\n| 9:00 | 05 §all | 5 |\n"
    assert rehearse.lessons_of("A day", text) == ["01", "A1"]
    assert rehearse.lessons_of("Two", text) == ["05"]
    assert rehearse.lessons_of("Half a day") == ["00", "01", "07"]
    with pytest.raises(SystemExit, match="no timetable 'A week'; there are A day, Two"):
        rehearse.lessons_of("A week", text)


@pytest.mark.skipif(os.name == "nt", reason="start.sh is for other systems")
def test_a_pack_that_cannot_be_used_is_told_with_its_last_lines(tmp_path, capsys):
    (tmp_path / "start.sh").write_text("echo damaged: wheels/x.whl\nexit 1\n")
    assert rehearse.rehearse(tmp_path, tmp_path, ["00"]) == 1
    said = capsys.readouterr().out
    assert said.splitlines()[0].startswith("FAILED  every file is whole")
    assert "    damaged: wheels/x.whl" in said
    assert "installed" not in said, "what needs it is not tried"


def test_a_learner_has_no_settings_of_the_teacher(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", "here")
    monkeypatch.setenv("HF_HOME", "there")
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    assert rehearse._surroundings(tmp_path).keys() <= {"PATH", "LANG", "TERM", "TMPDIR", "HOME"}
