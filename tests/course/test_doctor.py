"""`python -m ktlearn doctor`: every trouble is named, and with each what to do."""

import http.server
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ktlearn.course import doctor
from ktlearn.course.doctor import Finding


def healthy():
    yield Finding("a thing", "is there")


def ill():
    yield Finding("a thing", "is broken", "Repair it.")


def test_it_ends_with_ready_when_all_is_well(checks, capsys):
    checks(machine=[healthy], lessons=[healthy], requirements=[("numpy", "1")])
    assert doctor.run() == 0
    assert capsys.readouterr().out.endswith("\nready\n")


def test_it_ends_with_what_to_do_each_step_once(checks, capsys):
    checks(machine=[ill], lessons=[healthy, ill])
    assert doctor.run() == 1
    assert capsys.readouterr().out.endswith("\nwhat to do:\n  Repair it.\n")


def test_missing_and_old_packages_are_one_line_to_type(checks):
    checks(requirements=[("numpy", "1.26"), ("pandas", "999"), ("no-such-package", "2.0")])
    findings = {finding.name: finding for finding in doctor.versions()}
    assert findings["numpy"].seen == np.__version__
    assert findings["pandas"].seen.endswith(", but ktlearn needs 999 or newer")
    assert findings["no-such-package"].seen == "missing"
    assert findings["packages"].todo == 'python -m pip install "pandas>=999" "no-such-package>=2.0"'


@pytest.mark.parametrize(
    ("version", "least", "enough"),
    [("2.10.0", "2.9", True), ("2.9.9", "2.10", False), ("5.0.0", "5.0", True), ("7.7", "7.7", True)],
)
def test_versions_are_compared_as_numbers(checks, monkeypatch, version, least, enough):
    monkeypatch.setattr("importlib.metadata.version", lambda name: version)
    checks(requirements=[("a-package", least)])
    todo = [finding.todo for finding in doctor.versions() if finding.todo]
    assert todo == ([] if enough else [f'python -m pip install "a-package>={least}"'])


def test_with_a_missing_package_the_machine_is_looked_at_and_the_lessons_are_not(checks, capsys):
    def lessons():
        yield Finding("the lessons", "were looked at")

    checks(machine=[healthy], lessons=[lessons], requirements=[("no-such-package", "1")])
    assert doctor.run() == 1
    printed = capsys.readouterr().out
    assert "a thing" in printed
    assert "the lessons" not in printed


def test_readers_without_jupyterlab_are_ready_too(checks, capsys):
    checks(requirements=[("jupyterlab", "999")])
    assert doctor.run() == 0
    assert "`python -m ktlearn lab` needs it" in capsys.readouterr().out


def test_it_knows_the_requirements_of_the_project():
    lines = Path(__file__).parents[2].joinpath("requirements.txt").read_text().splitlines()
    listed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    expected = {canonicalize_name(each.name): str(each.specifier) for each in listed}
    assert {canonicalize_name(name): f">={least}" for name, least in doctor.requirements()} == expected


def test_a_check_that_breaks_becomes_a_line_and_a_step(checks, capsys):
    def backend():
        yield Finding("before", "still shown")
        raise ImportError("a library\n  of another version")

    checks(lessons=[backend])
    assert doctor.run() == 1
    before, broken, _, _, step = capsys.readouterr().out.splitlines()[-5:]
    assert before.split(maxsplit=1) == ["before", "still shown"]
    assert broken.split(maxsplit=1) == ["backend", "fails: ImportError: a library of another version"]
    assert "'backend'" in step


def test_a_missing_module_becomes_a_line_with_its_name(checks, capsys):
    def backend():
        import no_such_module

        yield no_such_module

    checks(lessons=[backend])
    assert doctor.run() == 1
    assert capsys.readouterr().out.endswith("\nwhat to do:\n  python -m pip install no_such_module\n")


@pytest.mark.parametrize(("free", "enough"), [(0.9e9, False), (1.1e9, True)])
def test_a_full_disk_is_trouble(monkeypatch, free, enough):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    (finding,) = doctor.disk()
    assert finding.seen.startswith(f"{free / 1e9:.1f} GB free")
    assert ("1 GB at least" in finding.todo) is not enough


@pytest.mark.parametrize(("available", "enough"), [(1.9e9, False), (2.1e9, True)])
def test_too_little_memory_is_trouble(monkeypatch, available, enough):
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=8e9, available=available))
    (finding,) = doctor.memory()
    assert finding.seen == f"8.0 GB, {available / 1e9:.1f} GB of it available"
    assert ("2 GB at least" in finding.todo) is not enough


def test_the_widgets_front_ends_are_here():
    (finding,) = doctor.widgets()
    assert finding == Finding("widgets", "front end is there")


def test_a_missing_front_end_is_trouble(monkeypatch):
    monkeypatch.setitem(doctor.FRONT_ENDS, "anywidget", "no-such-folder")
    (finding,) = doctor.widgets()
    assert finding.seen == "no front end for anywidget"
    assert "pip install" in finding.todo


def test_one_damaged_table_does_not_hide_the_others(monkeypatch, tmp_path):
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "b.csv").write_text("text,label\ngood,1\nbad,0\n")
    (tmp_path / "c.json").write_text('[{"text": "good"')
    (tmp_path / "d.json").write_text('[{"text": "good"}, {"text": "bad"}, {"text": "so so"}]')
    (tmp_path / "README.md").write_text("no data")
    monkeypatch.setattr(doctor, "resource", lambda name: tmp_path)
    damaged_table, table, damaged_texts, texts = doctor.data()
    assert damaged_table.seen.startswith("fails: EmptyDataError")
    assert damaged_texts.seen.startswith("fails: ValueError")
    assert all("install ktlearn again" in damaged.todo for damaged in (damaged_table, damaged_texts))
    assert table == Finding("b.csv", "loads: 2 rows")
    assert texts == Finding("d.json", "loads: 3 rows")


def test_every_file_of_data_that_a_loader_reads_is_looked_at():
    """Passages count as rows by their titles."""
    seen = {finding.name: finding.seen for finding in doctor.data()}
    assert seen == {
        "passages_en.json": "loads: 69 rows",
        "reports_en.json": "loads: 450 rows",
        "reviews_en.csv": "loads: 2,000 rows",
        "sentences_en_zh.json": "loads: 130 rows",
    }


def test_a_model_that_does_not_load_is_trouble(monkeypatch):
    monkeypatch.setattr(doctor, "bundled_models", lambda: ["ktlearn/no-such-model"])
    (finding,) = doctor.models()
    assert finding.seen.startswith("fails: FileNotFoundError")
    assert "install ktlearn again" in finding.todo


def test_an_installation_without_models_is_trouble(monkeypatch):
    monkeypatch.setattr(doctor, "bundled_models", list)
    (finding,) = doctor.models()
    assert "install ktlearn again" in finding.todo


@pytest.fixture
def hub_at(monkeypatch):
    def put(address):
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)

    return put


def test_a_hub_that_answers(hub_at):
    class Hub(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub_at(f"http://127.0.0.1:{server.server_port}")
        (finding,) = doctor.hub()
        server.shutdown()
    assert finding.seen.startswith(f"http://127.0.0.1:{server.server_port} answers")
    assert not finding.is_away


def test_a_hub_that_does_not_answer_is_no_trouble(hub_at):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        free_port = server.server_port
    hub_at(f"http://127.0.0.1:{free_port}")
    (finding,) = doctor.hub()
    assert finding.seen.startswith("no answer from")
    assert finding.todo == ""
    assert finding.is_away


def test_a_hub_that_is_silent_is_not_waited_for(hub_at, monkeypatch):
    monkeypatch.setattr(doctor, "HUB_SECONDS", 0.2)
    with http.server.HTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as server:  # listens, says nothing
        hub_at(f"http://127.0.0.1:{server.server_port}")
        (finding,) = doctor.hub()
    assert finding.seen.startswith("no answer from")
