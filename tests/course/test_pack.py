"""`python -m ktlearn pack`: a folder for a room without a network, whole or not at all, and installed from offline."""

import base64
import hashlib
import os
import platform
import re
import runpy
import shutil
import subprocess
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from ktlearn.course import cli, pack
from ktlearn.course.wheels import PYTHONS

MINE = ".".join(platform.python_version_tuple()[:2])
SAYS = "import sys; print('ktlearn was asked:', *sys.argv[1:])"


def write_wheel(folder, name, version="1.0", requires=(), tag="py3-none-any", files=None):
    """A wheel by hand: a small package of that name, and what it requires."""
    path, info = Path(folder) / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    contents = {f"{name}/__init__.py": "", **(files or {})}
    contents[f"{info}/METADATA"] = "\n".join(lines + [f"Requires-Dist: {each}" for each in requires]) + "\n"
    contents[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    contents[f"{info}/RECORD"] = ""
    for inside, text in list(contents.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        line = f"{inside},,\n" if inside.endswith("RECORD") else f"{inside},sha256={digest},{len(text.encode())}\n"
        contents[f"{info}/RECORD"] += line
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in contents.items():
            archive.writestr(inside, text)
    return path


def small_index(tmp_path, monkeypatch):
    """What pip finds, in the place of a package index: a small ktlearn, and the one package that it needs."""
    folder = tmp_path / "index"
    folder.mkdir()
    write_wheel(folder, "needed")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    own = write_wheel(tmp_path, "ktlearn", "9.9", ["needed"], files={"ktlearn/__main__.py": SAYS})
    return SimpleNamespace(folder=folder, wheel=own)


@pytest.fixture
def index(tmp_path, monkeypatch):
    return small_index(tmp_path, monkeypatch)


@pytest.fixture
def no_pip(monkeypatch):
    """A pack must be refused before any work."""
    monkeypatch.setattr("subprocess.run", lambda *args, **kwargs: pytest.fail(f"called: {args}"))


def start(room, *options, **surroundings):
    """Run the start script as a learner does, with no network where this system can cut it off."""
    command = ["sh", str(room / "start.sh"), *options]
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0:
        command = ["unshare", "-rn", *command]
    nowhere = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    return subprocess.run(command, env=os.environ | nowhere | surroundings, capture_output=True, text=True)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A pack as it was written, made once."""
    folder = tmp_path_factory.mktemp("packed")
    with pytest.MonkeyPatch.context() as surroundings:
        return pack.pack(folder / "room", wheel=small_index(folder, surroundings).wheel)


@pytest.fixture
def room(packed, tmp_path):
    """A copy of it, to be damaged."""
    return shutil.copytree(packed, tmp_path / "room")


# --- what is refused before any work -----------------------------------------------------------


def test_a_folder_that_holds_something_is_never_written_into(no_pip, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert cli.main(["pack", str(tmp_path)]) == 1
    assert "not empty. Name a new folder" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_disk_without_space_is_named_with_its_figures(no_pip, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=0.3e9))
    with pytest.raises(OSError, match=r"0.3 GB free, and this needs [\d.]+ GB. Name another disk"):
        pack.pack(tmp_path / "room")
    assert not (tmp_path / "room").exists()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"platforms": ["amiga"]}, "--platform: got 'amiga'. ktlearn has wheels for linux, linux-arm, macos, windows"),
        ({"pythons": ["3.9"]}, "--python: got '3.9'. ktlearn has wheels for 3.11, 3.12, 3.13"),
        ({"site": "."}, "--site: . has no index.html"),
        ({"wheel": "gone.whl"}, "--wheel: there is no file gone.whl"),
    ],
)
def test_what_cannot_be_is_said_with_what_can(no_pip, tmp_path, monkeypatch, options, error):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, FileNotFoundError), match=error):
        pack.pack(tmp_path / "room", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_tensorflow_does_not_know_must_name_another(no_pip, tmp_path, monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ValueError, match="TensorFlow has no wheels for .* riscv64. Name --platform: linux"):
        pack.pack(tmp_path / "room")


def test_an_installed_ktlearn_asks_for_its_wheel(no_pip, tmp_path, monkeypatch):
    monkeypatch.setattr(pack.ktlearn, "__file__", str(tmp_path / "site-packages/ktlearn/__init__.py"))
    with pytest.raises(FileNotFoundError, match="no checkout. Name the file that it was installed from: --wheel"):
        pack.pack(tmp_path / "room")
    assert not (tmp_path / "room").exists()


def test_the_pythons_are_those_of_the_project():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'requires-python = ">={PYTHONS[0]},<3.{int(PYTHONS[-1][2:]) + 1}"' in text


# --- what is written ---------------------------------------------------------------------------


@pytest.mark.slow
def test_a_pack_holds_wheels_start_scripts_checksums_and_a_page_for_the_teacher(room):
    files = sorted(path.relative_to(room).as_posix() for path in room.rglob("*") if path.is_file())
    assert files == [
        *("README.md", "ktlearn.sha256", "room.json", "start.bat", "start.command", "start.py", "start.sh"),
        *("wheels/ktlearn-9.9-py3-none-any.whl", "wheels/needed-1.0-py3-none-any.whl"),
    ]
    text = (room / "README.md").read_text(encoding="utf-8")
    assert f"Python {MINE}" in text
    assert "site/index.html" not in text
    for name in (files[0], *files[3:7]):
        assert re.findall(r"@\w+@", (room / name).read_text(encoding="utf-8")) == [], "a blank that was not filled"
    assert b"\r\n" in (room / "start.bat").read_bytes()
    assert os.access(room / "start.sh", os.X_OK)


@pytest.mark.slow
def test_a_site_goes_with_it_when_there_is_one(index, tmp_path):
    site = tmp_path / "built"
    site.mkdir()
    (site / "index.html").write_text("<h1>The course</h1>")
    room = pack.pack(tmp_path / "room", wheel=index.wheel, site=site)
    assert (room / "site/index.html").read_text() == "<h1>The course</h1>"
    assert "site/index.html" in (room / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_package_that_cannot_be_had_leaves_no_half_of_a_folder(index, tmp_path, capsys):
    (index.folder / "needed-1.0-py3-none-any.whl").unlink()
    assert cli.main(["pack", str(tmp_path / "room"), "--wheel", str(index.wheel)]) == 1
    assert "pip could not get every wheel" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "ktlearn-9.9-py3-none-any.whl"]


@pytest.mark.slow
def test_what_only_another_system_needs_is_packed_for_it(index, tmp_path):
    """pip asks this machine whether a requirement applies; the pack asks the one that is meant."""
    for system in ("win32", "linux", "darwin"):
        write_wheel(index.folder, f"only_{system}")
    requires = [f"only-{system}; sys_platform == '{system}'" for system in ("win32", "linux", "darwin")]
    own = write_wheel(tmp_path, "ktlearn", "9.9", requires)
    room = pack.pack(tmp_path / "room", platforms=["windows", "macos"], pythons=["3.12", "3.13"], wheel=own)
    names = {path.name.partition("-")[0] for path in (room / "wheels").iterdir()}
    assert names >= {"ktlearn", "only_win32", "only_darwin"}
    assert "macOS 14" in (room / "README.md").read_text(encoding="utf-8")
    assert "3.12 or 3.13" in (room / "start.sh").read_text(encoding="utf-8")


# --- what a learner does with it ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="start.sh is for other systems")
@pytest.mark.parametrize(
    "before", [pytest.param("nothing", marks=pytest.mark.weekly), "half an installation"], ids=lambda before: before
)
def test_it_is_installed_and_opened_without_a_network_and_a_second_time_at_once(room, tmp_path, before):
    into = tmp_path / "a home" / "course"
    if before != "nothing":
        (into / "venv/bin").mkdir(parents=True)
        (into / "venv/bin/python").write_text("half")
    first = start(room, "--into", str(into), "--no-browser", HOME=str(tmp_path))
    assert f"ktlearn was asked: lab --folder {into / 'lessons'} --no-browser" in first.stdout, first.stderr
    assert "Every file is as it was packed" in first.stdout
    installed = subprocess.run([into / "venv/bin/python", "-m", "pip", "list"], capture_output=True, text=True).stdout
    assert "ktlearn" in installed and "needed" in installed
    second = start(room, "--into", str(into), "--prepare")
    assert second.stdout.splitlines() == ["ktlearn was asked: check"]


@pytest.mark.skipif(os.name == "nt", reason="start.sh is for other systems")
@pytest.mark.slow
@pytest.mark.parametrize(
    "harm, name",
    [
        ("damaged", "wheels/needed-1.0-py3-none-any.whl"),
        ("missing", "start.bat"),
        ("missing", "ktlearn.sha256"),
        pytest.param("missing", "wheels/needed-1.0-py3-none-any.whl", marks=pytest.mark.weekly),
        pytest.param("damaged", "start.bat", marks=pytest.mark.weekly),
        pytest.param("damaged", "ktlearn.sha256", marks=pytest.mark.weekly),
    ],
)
def test_a_damaged_file_is_named_and_nothing_is_installed(room, tmp_path, harm, name):
    path = room / name
    path.unlink() if harm == "missing" else path.write_bytes(b"x" + path.read_bytes()[1:])
    for options in (["--verify"], ["--into", str(tmp_path / "course")]):
        done = start(room, *options)
        assert done.returncode == 1
        assert Path(name).name in done.stdout and "again" in done.stdout
    assert not (tmp_path / "course").exists()


@pytest.fixture
def script(room, monkeypatch):
    """The start script as a module, to be run on other machines than there are."""
    return lambda: runpy.run_path(str(room / "start.py"))


@pytest.mark.slow
def test_another_machine_or_python_is_told_what_the_pack_is_for(script, monkeypatch, capsys):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert script()["wrong_machine"]() == 1
    assert "This pack is for" in capsys.readouterr().out
    monkeypatch.undo()
    monkeypatch.setattr("platform.python_version_tuple", lambda: ("3", "7", "1"))
    assert script()["wrong_machine"]() == 1
    assert f"for Python {MINE}, and this is 3.7" in capsys.readouterr().out


@pytest.mark.slow
def test_a_learners_disk_without_space_is_named_before_the_installation(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=1e9))
    assert script()["no_space"](tmp_path / "not/yet/there") == 1
    assert f"{tmp_path} has 1.0 GB free" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="start.sh is for other systems")
def test_where_the_packs_python_is_missing_the_script_says_so(room, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        [shutil.which("sh"), str(room / "start.sh")],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"Python {MINE} is not on this machine. Install it" in done.stdout


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="start.sh is for other systems")
def test_the_real_course_is_packed_and_ready_without_a_network(tmp_path):
    """Every wheel of this machine, over a network; then a fresh environment of them, without one."""
    assert cli.main(["pack", str(tmp_path / "room")]) == 0
    room = tmp_path / "room"
    size = sum(path.stat().st_size for path in room.rglob("*") if path.is_file())
    assert size < pack.SPACE
    done = start(room, "--into", str(tmp_path / "course"), "--prepare", HOME=str(tmp_path))
    installed = sum(path.stat().st_size for path in (tmp_path / "course").rglob("*") if path.is_file())
    print(f"{size / 1e9:.2f} GB packed, {installed / 1e9:.2f} GB installed\n{done.stdout}")
    assert done.returncode == 0, done.stdout + done.stderr
