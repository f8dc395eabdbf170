"""`python -m ktlearn`: the lessons beside the reader, their work untouched."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from ktlearn.course import cli, lab
from ktlearn.support.bundled import resource


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A small course as it lies in an installed ktlearn."""
    folder = tmp_path / "installed"
    for name in ("00_start_here.ipynb", "README.md", "pictures/map.png", ".ipynb_checkpoints/old.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"ktlearn's {name}")
    monkeypatch.setattr(lab, "resource", lambda name: folder)
    return folder


def test_all_lessons_are_copied_and_nothing_else(lessons, tmp_path):
    copied, kept = lab.copy_lessons(tmp_path / "mine")
    assert copied == ["00_start_here.ipynb", "README.md", "pictures/map.png"]
    assert kept == []
    files = [path for path in (tmp_path / "mine").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "mine").as_posix() for path in files) == copied
    assert (tmp_path / "mine/pictures/map.png").read_text() == "ktlearn's pictures/map.png"


def test_a_second_copy_changes_nothing(lessons, tmp_path):
    lab.copy_lessons(tmp_path / "mine")
    assert lab.copy_lessons(tmp_path / "mine") == ([], [])


def test_the_readers_work_is_never_overwritten(lessons, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "00_start_here.ipynb").write_text("my answers")
    copied, kept = lab.copy_lessons(mine)
    assert kept == ["00_start_here.ipynb"]
    assert (mine / "00_start_here.ipynb").read_text() == "my answers"
    assert copied == ["README.md", "pictures/map.png"]


def test_an_interrupted_copy_leaves_no_half_of_a_lesson(lessons, tmp_path, monkeypatch):
    def interrupted(source, target):
        target.write_text("ktl")
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.copy_lessons(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_lab_opens_the_first_lesson_in_the_readers_folder(lessons, tmp_path, monkeypatch, capsys):
    seen = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyterlab.labapp.main", lambda argv: seen.append((argv, os.getcwd())))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "a-place-of-the-readers-own")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/README.md").write_text("my notes")
    assert cli.main(["lab", "--folder", "mine", "--no-browser"]) == 0
    assert seen == [(["00_start_here.ipynb", "--no-browser"], str(tmp_path / "mine"))]
    assert os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(lab.SETTINGS), "a-place-of-the-readers-own"]
    assert "kept yours: README.md" in capsys.readouterr().out


def test_jupyterlab_takes_the_settings_of_the_course(monkeypatch):
    from jupyterlab_server.settings_utils import _get_overrides

    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(lab.SETTINGS))
    taken, error = _get_overrides("no-folder-of-its-own")
    assert error == ""
    assert taken["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}
    assert taken["@jupyterlab/filebrowser-extension:browser"]["sortNotebooksFirst"] is True


def test_the_lessons_of_a_checkout_can_be_opened_where_they_lie(tmp_path, monkeypatch, capsys):
    # `make lab` does so: there is nothing to copy, and nothing of the reader's to keep.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("jupyterlab.labapp.main", lambda argv: None)
    assert cli.main(["lab", "--folder", str(resource("notebooks"))]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "(0 new files)" in line


@pytest.mark.skipif(os.name == "nt", reason="Windows has the home elsewhere")
def test_a_folder_in_the_readers_home_may_be_called_so(lessons, tmp_path, monkeypatch):
    # A shell hands over '~/x' as it is when it stands in quotation marks, or after --folder=.
    seen = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("jupyterlab.labapp.main", lambda argv: seen.append(os.getcwd()))
    assert cli.main(["lab", "--folder", "~/x"]) == 0
    assert seen == [str(tmp_path / "home/x")]
    assert (tmp_path / "home/x/00_start_here.ipynb").exists() and not (tmp_path / "~").exists()


def test_lab_says_what_to_do_when_the_folder_is_a_file(lessons, tmp_path, capsys):
    (tmp_path / "mine").write_text("a file")
    assert cli.main(["lab", "--folder", str(tmp_path / "mine")]) == 1
    assert "--folder" in capsys.readouterr().out


def test_lab_says_what_to_install_when_jupyterlab_is_missing(lessons, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert cli.main(["lab", "--folder", str(tmp_path / "mine")]) == 1
    assert "python -m pip install jupyterlab" in capsys.readouterr().out
    assert not (tmp_path / "mine").exists()


@pytest.mark.slow
def test_jupyterlab_really_serves_the_copied_lessons(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=t",
    ]
    command = [sys.executable, "-m", "ktlearn", "lab", "--folder", str(tmp_path / "mine"), *options]
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}  # not the user's own settings
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        names = [entry["name"] for entry in _contents(server, port, tmp_path / "log")]
        assert lab.FIRST_LESSON in names
    finally:
        server.terminate()
        server.wait()


def _contents(server, port, log):
    """What the file browser of a starting JupyterLab shows."""
    address = f"http://127.0.0.1:{port}/api/contents?token=t"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None:
        try:
            return json.load(direct.open(address, timeout=60))["content"]
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab stopped: {log.read_text()}")
