"""The learner's own file: what it holds, where it lies, and that no check is ever harmed by it."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ktlearn
from ktlearn.exercises import record
from ktlearn.exercises.record import Record, Standing, note, place, read_record
from tests.exercises.answers import NOT_ATTEMPTED, line

ROOT = Path(__file__).parents[2]
RIGHT, WRONG = 50, 7  # answers of exercise 0.1


@pytest.fixture
def file(monkeypatch, tmp_path):
    """The path of a learner's file; there is none yet."""
    path = tmp_path / "of mine" / "progress.jsonl"
    monkeypatch.setenv("KTLEARN_PROGRESS", str(path))
    monkeypatch.setattr(record, "_told", set())
    return path


def entries(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- what it holds -----------------------------------------------------------------------------


def test_a_check_is_remembered_with_its_day_and_nothing_of_the_answer(file):
    assert line("0.1", WRONG).startswith("✗ Not yet")
    assert line("0.1", RIGHT) == "✓ Right."
    begin, wrong, right = entries(file)
    assert begin.keys() == {"record", "about", "sum"}
    assert wrong.keys() == right.keys() == {"exercise", "event", "day", "sum"}
    assert (wrong["exercise"], wrong["event"], right["event"]) == ("0.1", "not yet", "right")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", right["day"])
    assert read_record(file).standings == {"0.1": Standing(right["day"], tries=2)}


def test_the_file_says_what_it_is_and_how_to_be_without_it(file):
    line("0.1", WRONG)
    assert "Nothing is sent anywhere. To stop it, set KTLEARN_PROGRESS=off." in entries(file)[0]["about"]


def test_what_was_not_attempted_is_not_remembered(file):
    assert line("0.1", ...) == NOT_ATTEMPTED
    assert not file.exists()


def test_hints_and_an_opened_solution_count_until_the_exercise_is_solved(file, capsys):
    exercise = ktlearn.exercise("0.2")
    exercise._hints_given = 0
    exercise.hint()
    exercise.hint()
    exercise.solution()
    note("0.2", "right")
    exercise.hint()
    exercise.check("wrong")
    standing = read_record(file).standings["0.2"]
    assert (standing.hints, standing.solution_first, standing.tries) == (2, True, 1)
    exercise._hints_given = 0


def test_a_solution_opened_after_the_right_answer_does_not_count(file):
    note("0.1", "right")
    note("0.1", "solution")
    assert read_record(file).standings["0.1"].solution_first is False


def test_the_last_exercise_is_known(file):
    note("0.1", "right")
    note("2.3", "not yet")
    assert read_record(file).last == "2.3"


def test_of_a_file_that_is_not_there_nothing_is_known(tmp_path):
    assert read_record(tmp_path / "none.jsonl") == Record()


# --- where it lies -----------------------------------------------------------------------------


@pytest.mark.parametrize("off", ["off", "OFF", " no ", "0", "false"])
def test_it_can_be_turned_off(monkeypatch, off):
    monkeypatch.setenv("KTLEARN_PROGRESS", off)
    assert place() is None
    assert note("0.1", "right") == ""


@pytest.mark.parametrize(
    ("platform", "name", "inside"),
    [
        ("linux", "posix", ".local/share/ktlearn/progress.jsonl"),
        ("darwin", "posix", "Library/Application Support/ktlearn/progress.jsonl"),
    ],
)
def test_without_a_word_it_lies_among_the_users_data(monkeypatch, tmp_path, platform, name, inside):
    for variable in ("KTLEARN_PROGRESS", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(record.sys, "platform", platform)
    assert place() == tmp_path / inside


def test_linux_users_may_keep_their_data_elsewhere(monkeypatch, tmp_path):
    monkeypatch.delenv("KTLEARN_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(record.sys, "platform", "linux")
    assert place() == tmp_path / "ktlearn" / "progress.jsonl"


def test_a_setting_may_hold_a_home_and_a_users_name(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    monkeypatch.setenv("KTLEARN_PROGRESS", "~/course/$JUPYTERHUB_USER.jsonl")
    assert place() == tmp_path / "course" / "ann.jsonl"


def test_a_folder_is_good_enough(monkeypatch, tmp_path):
    monkeypatch.setenv("KTLEARN_PROGRESS", str(tmp_path))
    assert place() == tmp_path / "progress.jsonl"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_only_its_owner_may_read_it(file):
    note("0.1", "right")
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_test_writes_into_the_file_of_whoever_runs_it():
    assert place() is None


# --- no check is harmed ------------------------------------------------------------------------


def test_a_full_disk_is_a_word_once_and_no_error(file, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(record.os, "write", full)
    assert line("0.1", RIGHT) == "✓ Right. (Not remembered: No space left on device.)"
    assert line("0.1", RIGHT) == "✓ Right."


def test_a_line_that_a_full_disk_cut_is_a_word_too_and_harms_no_other(file, monkeypatch):
    note("0.1", "right")
    whole_write = os.write
    monkeypatch.setattr(record.os, "write", lambda file, data: whole_write(file, data[:20]))
    assert note("0.2", "right") == os.strerror(errno.ENOSPC)
    monkeypatch.undo()
    record._append(file, {"exercise": "0.3", "event": "right", "day": "2026-11-28"})
    found = read_record(file)
    assert (set(found.standings), found.damaged) == ({"0.1", "0.3"}, 1)


def test_a_place_that_cannot_be_written_is_a_word(file, monkeypatch):
    file.parent.parent.joinpath("of mine").write_text("a file where the folder should be")
    assert "(Not remembered: " in line("0.1", RIGHT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(file):
    file.parent.mkdir()
    os.mkfifo(file)
    assert "a pipe or a device" in note("0.1", "right")


def test_an_account_without_a_home_is_a_word(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("KTLEARN_PROGRESS")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(record.sys, "platform", "linux")
    monkeypatch.setattr(record.Path, "home", no_home)
    monkeypatch.setattr(record, "_told", set())
    assert note("0.1", "right") == "Could not determine home directory"


def test_a_file_that_has_grown_too_large_is_not_written_any_more(file, monkeypatch):
    note("0.1", "right")
    monkeypatch.setattr(record, "LARGEST", 100)
    assert "move it away" in note("0.1", "right")
    assert len(entries(file)) == 2


def test_two_programs_may_write_at_once(file):
    code = (
        "import sys; from ktlearn.exercises.record import note\n"
        "for i in range(200): assert note(f'{sys.argv[1]}.{i}', 'right') == ''"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen([sys.executable, "-c", code, name], env=environment) for name in ("8", "9")]
    assert [program.wait(60) for program in running] == [0, 0]
    found = read_record(file)
    assert (len(found.standings), found.damaged) == (400, 0)


# --- damage and edits --------------------------------------------------------------------------


@pytest.fixture
def written(file):
    for number in ("0.1", "0.2", "0.3"):
        note(number, "not yet")
    return file


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"0.2", "event": "not yet"', '"0.2", "event": "right"'),  # an answer that was never right
        ('"exercise": "0.2"', '"exercise": "0.9"'),
        ('{"exercise": "0.2"', "[" * 900 + '{"exercise": "0.2"'),
        ('"exercise": "0.2"', '"exercise": "' + "0" * 2000 + '"'),
        ('"0.2"', '"\udcff"'),  # no UTF-8
    ],
)
def test_a_line_that_was_changed_is_left_out_and_counted(written, old, new):
    text = written.read_text()
    assert old in text
    written.write_text(text.replace(old, new), errors="surrogateescape")
    found = read_record(written)
    assert (set(found.standings), found.damaged) == ({"0.1", "0.3"}, 1)


def test_a_file_that_an_editor_of_windows_wrote_again_is_read(written):
    before = read_record(written)
    written.write_bytes(b"\xef\xbb\xbf" + written.read_bytes().replace(b"\n", b"\r\n"))
    assert read_record(written) == before


def test_a_foreign_file_is_damage_from_end_to_end(tmp_path):
    (tmp_path / "poem").write_text("Roses are red\n\nviolets are blue\n")
    assert read_record(tmp_path / "poem") == Record(damaged=2)


def test_a_huge_file_is_refused_at_once(written, monkeypatch):
    monkeypatch.setattr(record, "LARGEST", 10)
    monkeypatch.setattr(record, "LONGEST", 10)
    with pytest.raises(ValueError, match="no file of ktlearn"):
        read_record(written)


def test_a_folder_in_its_place_is_said(tmp_path):
    with pytest.raises(ValueError, match="must be a file, but it is a folder"):
        read_record(tmp_path)
