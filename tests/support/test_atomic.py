"""A folder is written whole, or left as it was."""

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from ktlearn.support.atomic import DRAFT, PENDING, atomic_file, atomic_folder, finish_save
from ktlearn.support.manifest import MANIFEST, check_whole


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file() and path.name != MANIFEST}


def test_a_new_folder_appears_with_its_parents(tmp_path):
    target = tmp_path / "a" / "b"
    with atomic_folder(target) as draft:
        (draft / "one").write_text("1")
        assert not target.exists()
    assert contents(target) == {"one": "1"}
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_files_are_replaced_and_those_of_other_names_stay(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "one").write_text("old")
    (target / "notes").write_text("mine")
    with atomic_folder(target) as draft:
        (draft / "one").write_text("new")
        assert contents(target)["one"] == "old"
    assert contents(target) == {"one": "new", "notes": "mine"}


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()], ids=["disk full", "stop"])
def test_an_interruption_leaves_what_was_there(tmp_path, error):
    target = tmp_path / "model"
    target.mkdir()
    (target / "one").write_text("old")
    with pytest.raises(type(error)), atomic_folder(target) as draft:
        (draft / "one").write_text("ne")
        raise error
    assert contents(target) == {"one": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # no draft is left behind


def test_an_interruption_before_the_first_save_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "model") as draft:
        (draft / "one").write_text("1")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("a file")
    words = "model is a file; give the name of a folder"
    with pytest.raises(NotADirectoryError, match=words), atomic_folder(tmp_path / "model"):
        pytest.fail("nothing may be computed for a place that cannot be written")
    assert (tmp_path / "model").read_text() == "a file"


def test_the_current_folder_and_a_trailing_slash_are_folders_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (".", "model/"):
        with atomic_folder(name) as draft:
            (draft / "one").write_text(name)
    assert (tmp_path / "one").read_text() == "."
    assert contents(tmp_path / "model") == {"one": "model/"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "model", "one"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_may_read_the_folder_as_any_new_folder(tmp_path):
    (tmp_path / "usual").mkdir()
    with atomic_folder(tmp_path / "model") as draft:
        (draft / "one").write_text("1")
    usual, ours = ((tmp_path / name).stat().st_mode for name in ("usual", "model"))
    assert stat.filemode(ours) == stat.filemode(usual)


# What a kill leaves behind


class Killed(BaseException):
    """As a kill: nobody catches it."""


def save(target, **files):
    with atomic_folder(target) as draft:
        for name, text in files.items():
            (draft / name).write_text(text)


OLD, NEW = dict(a="old a", b="old b", c="old c"), dict(a="new a", b="new b", c="new c")


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_a_save_that_was_killed_while_its_files_moved_is_finished_by_the_next_who_looks(tmp_path, monkeypatch, moved):
    save(tmp_path, **OLD)
    replace, calls = os.replace, []

    def stop_after(*paths):
        if len(calls) == moved:
            raise Killed
        calls.append(paths)
        replace(*paths)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stop_after)
        with pytest.raises(Killed):
            save(tmp_path, **NEW)
    finish_save(tmp_path)
    check_whole(tmp_path)
    assert contents(tmp_path) == NEW
    finish_save(tmp_path)  # and there is nothing more to do
    assert contents(tmp_path) == NEW


def test_a_save_that_was_killed_before_it_was_complete_never_was(tmp_path, monkeypatch):
    save(tmp_path, **OLD)
    monkeypatch.setattr(os, "rename", lambda *paths: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        save(tmp_path, **NEW)
    finish_save(tmp_path)
    check_whole(tmp_path)
    assert contents(tmp_path) == OLD


SLOW_SAVE = """
import sys, time
from ktlearn.support.atomic import atomic_folder
with atomic_folder(sys.argv[1]) as draft:
    (draft / "a").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("is_there", [True, False])
def test_the_next_save_cleans_what_a_killed_one_left_and_nothing_of_a_running_one(tmp_path, is_there):
    target = tmp_path / "model"
    if is_there:
        save(target, **OLD)

    def start():
        program = subprocess.Popen([sys.executable, "-c", SLOW_SAVE, target], stdout=subprocess.PIPE, text=True)
        assert program.stdout.readline() == "ready\n"
        return program

    def drafts():
        return list(tmp_path.rglob(f"{DRAFT}*"))

    killed, running = start(), start()
    try:
        assert len(drafts()) == 2
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        save(target, **NEW)
        assert [path.name.removeprefix(DRAFT).split(".")[0] for path in drafts()] == [str(running.pid)]
    finally:
        running.kill()
        running.wait()
    save(target, **OLD)
    assert drafts() == []
    assert contents(target) == OLD


def test_of_several_savers_at_once_one_is_the_last(tmp_path):
    def saver(mark):
        for i in range(40):
            save(tmp_path / "model", **{name: f"{mark}{i}" for name in "abcdef"})

    savers = [threading.Thread(target=saver, args=mark) for mark in "xyz"]
    for thread in savers:
        thread.start()
    while any(thread.is_alive() for thread in savers):
        with contextlib.suppress(ValueError):  # written anew while it is read: that is said
            finish_save(tmp_path / "model")  # a reader
            check_whole(tmp_path / "model")
    for thread in savers:
        thread.join()
    check_whole(tmp_path / "model")
    assert len(set(contents(tmp_path / "model").values())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


# Where people save


@contextlib.contextmanager
def nobody():
    """An ordinary user: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def mine():
    """A folder of one's own in one where nothing may be written."""
    parent = Path(tempfile.mkdtemp())
    folder = parent / "working"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    parent.chmod(0o555)
    yield folder
    parent.chmod(0o755)
    shutil.rmtree(parent)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_folder_of_ones_own_is_enough_its_parent_need_not_be_written(mine):
    with nobody():
        save(mine, **OLD)
        save(mine, **NEW)
    assert contents(mine) == NEW
    assert [path.name for path in mine.parent.iterdir()] == ["working"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_where_nothing_may_be_written_is_said_before_the_work_and_what_to_do(mine):
    words = "cannot be written. What was to be saved is still in memory: save it into another place"
    with nobody(), pytest.raises(PermissionError, match=words), atomic_folder(mine.parent / "other"):
        pytest.fail("nothing may be computed for a place that cannot be written")
    with nobody(), pytest.raises(PermissionError, match=words), atomic_file(mine.parent / "other.csv"):
        pytest.fail("nothing may be computed for a place that cannot be written")


def test_a_file_system_that_refuses_rights_is_no_reason_to_fail(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    save(tmp_path / "model", **OLD)
    save(tmp_path / "model", **NEW)
    with atomic_file(tmp_path / "table.csv") as draft:
        draft.write_text("1")
    assert contents(tmp_path / "model") == NEW


def test_where_folders_have_no_rename_a_cut_is_noticed(tmp_path, monkeypatch):
    def refuse(*paths):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "rename", refuse)
    save(tmp_path / "model", **OLD)
    save(tmp_path / "model", **NEW)
    check_whole(tmp_path / "model")
    assert contents(tmp_path / "model") == NEW

    copy, calls = shutil.copyfile, []

    def stop_after_one(*paths):
        if calls:
            raise Killed
        calls.append(copy(*paths))

    monkeypatch.setattr(shutil, "copyfile", stop_after_one)
    with pytest.raises(Killed):
        save(tmp_path / "model", **OLD)
    with pytest.raises(ValueError, match="is not as it was saved here"):
        check_whole(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("", ValueError, "folder must name a folder; got ''"),
        ("  ", ValueError, "folder must name a folder; got '  '"),
        (None, TypeError, "folder must name a folder; got None"),
        (5, TypeError, "got 5"),
        (b"model", TypeError, "got b'model'"),
        ("a\0b", ValueError, "folder must name a folder"),
        ("\ud800", ValueError, "folder must name a folder"),
    ],
)
def test_what_is_no_path_is_refused(name, error, words):
    with pytest.raises(error, match=words), atomic_folder(name):
        pytest.fail("nothing may be computed for a place that cannot be written")


def test_a_folder_in_the_way_of_a_file_is_named_and_nothing_changes(tmp_path):
    save(tmp_path, a="old")
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError, match="b is in the way of the file"):
        save(tmp_path, **NEW)
    assert (tmp_path / "a").read_text() == "old" and not (tmp_path / PENDING).exists()


# One file


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()], ids=["disk full", "stop"])
def test_a_file_is_written_whole_or_left_as_it_was(tmp_path, error):
    path = tmp_path / "new" / "table.csv"
    with atomic_file(path) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("old")
        assert not path.exists()
    with pytest.raises(type(error)), atomic_file(path) as draft:
        draft.write_text("ne")
        raise error
    assert contents(path.parent) == {"table.csv": "old"}
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it"), atomic_file(tmp_path):
        pytest.fail("nothing may be computed for a place that cannot be written")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_device_a_link_and_a_file_of_ones_own_stay_what_they_are(mine, tmp_path):
    with atomic_file("/dev/null") as draft:
        draft.write_text("away")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)

    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_file(tmp_path / "link") as draft:
        draft.write_text("new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"

    mine.parent.chmod(0o755)
    (mine.parent / "own.csv").write_text("old")
    (mine.parent / "own.csv").chmod(0o666)
    mine.parent.chmod(0o555)
    with nobody(), atomic_file(mine.parent / "own.csv") as draft:
        draft.write_text("new")
    assert (mine.parent / "own.csv").read_text() == "new"
