"""The files for shared rooms (Docker, JupyterHub, Binder): there is no Docker here, so each part is tried by itself."""

import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from ktlearn.course import pack
from ktlearn.course.lab import FIRST_LESSON, SETTINGS
from ktlearn.course.wheels import PYTHONS

ROOT = Path(__file__).parents[2]
ROOMS, BINDER = ROOT / "rooms", ROOT / ".binder"
INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
pytestmark = pytest.mark.skipif(os.name == "nt", reason="these are for servers, which run Linux")


def dockerfile():
    """The instructions: pairs such as ("USER", "1000")."""
    text = re.sub(r"\\\n\s*", " ", (ROOMS / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def values_of(instruction):
    return [value for name, value in dockerfile() if name == instruction]


def environment():
    return dict(pair.split("=", 1) for value in values_of("ENV") for pair in shlex.split(value))


def copied():
    """Pairs: a file or folder of the repository, and where it is copied to."""
    return [
        (source, target) for value in values_of("COPY") for *sources, target in [value.split()] for source in sources
    ]


def values():
    return yaml.safe_load((ROOMS / "values.yaml").read_text(encoding="utf-8"))


def code_in(text):
    """What stands in ``python -c "…"``."""
    return re.search(r'python -c "([^"]+)"', text)[1]


# --- the image ---------------------------------------------------------------------------------


def test_the_dockerfile_has_known_instructions_and_starts_from_a_python_of_the_course():
    names = [name for name, _ in dockerfile()]
    assert set(names) <= INSTRUCTIONS
    assert names[0] == "FROM" and names.count("CMD") == names.count("ENTRYPOINT") == names.count("HEALTHCHECK") == 1
    assert re.fullmatch(r"python:([\d.]+)-slim", values_of("FROM")[0])[1] in PYTHONS


def test_all_that_is_copied_is_there_and_is_sent_to_docker():
    rules = (ROOMS / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert "*" in rules
    assert {source for source, _ in copied()} == sent
    assert [source for source in sent if not (ROOT / source).exists()] == []


def test_a_seat_is_not_root_and_its_files_are_where_the_hub_mounts_a_home():
    made = re.search(r"--uid (\d+) --gid (\d+) (\w+)", values_of("RUN")[0])
    seat = values()["singleuser"]
    assert values_of("USER") == [made[1]] and made[1] != "0"
    assert (seat["uid"], seat["fsGid"]) == (int(made[1]), int(made[2]))
    assert seat["storage"]["homeMountPath"] == environment()["HOME"] == values_of("WORKDIR")[-1] == f"/home/{made[3]}"


@pytest.mark.parametrize("name", ["rooms/seat.sh", ".binder/postBuild"])
def test_the_scripts_are_shell_and_may_be_run(name):
    assert subprocess.run(["sh", "-n", ROOT / name]).returncode == 0
    assert os.access(ROOT / name, os.X_OK)


def test_the_first_page_is_the_first_lesson():
    address = f"/lab/tree/lessons/{FIRST_LESSON}"
    assert json.loads(values_of("CMD")[0])[-1] == f"--LabApp.default_url={address}"
    assert values()["singleuser"]["defaultUrl"] == address


def test_the_health_check_knows_a_server_that_answers_from_one_that_does_not():
    *_, code = json.loads(values_of("HEALTHCHECK")[0].split("CMD", 1)[1])

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/api" else 404)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = os.environ | {"JUPYTER_PORT": str(server.server_port), "no_proxy": "*"}
        assert subprocess.run([sys.executable, "-c", code], env=place).returncode == 0
        server.shutdown()
    assert subprocess.run([sys.executable, "-c", code], env=place, capture_output=True).returncode != 0
    assert int(environment()["JUPYTER_PORT"]) == int(values_of("EXPOSE")[0])


@pytest.mark.slow
def test_what_is_copied_is_enough_to_build_the_wheel_of_the_course(tmp_path):
    """As the image does: a folder with the copied files only, and then `pip install --no-deps .`."""
    context = tmp_path / "context"
    rules = (ROOMS / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    left_out = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    for source, _ in copied():
        target = context / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            ignore = lambda folder, names: [name for name in names if any(fnmatch(name, one) for one in left_out)]  # noqa: E731
            shutil.copytree(ROOT / source, target, ignore=ignore)
        else:
            shutil.copy(ROOT / source, target)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        tmp_path,
        context,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"ktlearn/notebooks/{FIRST_LESSON}", "ktlearn/assets/models/minilm-en/model.safetensors"} <= names
    assert f"ktlearn/course/{SETTINGS.name}/labconfig/default_setting_overrides.json" in names
    assert {f"ktlearn/course/room/{path.name}" for path in pack.ROOM.iterdir() if path.is_file()} <= names


def test_a_seat_copies_the_lessons_once_and_then_starts_what_it_is_asked_to(tmp_path):
    first = seat(tmp_path, "echo", "the hub's server")
    assert first.stdout == "the hub's server\n", first.stderr
    lesson = tmp_path / "lessons" / FIRST_LESSON
    lesson.write_text("my answers")
    assert seat(tmp_path, "true").returncode == 0
    assert lesson.read_text() == "my answers"
    assert seat(tmp_path, "sh", "-c", "exit 7").returncode == 7, "the server's own exit code"


def test_a_seat_whose_lessons_cannot_be_copied_still_starts(tmp_path):
    (tmp_path / "lessons").write_text("a file in the way")
    done = seat(tmp_path, "echo", "started")
    assert done.stdout.splitlines() == ["The lessons could not be copied.", "started"]


def seat(home, *command):
    place = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(["sh", ROOMS / "seat.sh", *command], cwd=home, env=place, capture_output=True, text=True)


# --- JupyterLab's settings, the same in each room ----------------------------------------------


@pytest.mark.parametrize("name", ["rooms/Dockerfile", "rooms/README.md", ".binder/postBuild"])
def test_the_settings_of_the_course_go_where_jupyterlab_looks(name, tmp_path):
    code = f"import sys; sys.prefix = {str(tmp_path)!r}; {code_in((ROOT / name).read_text(encoding='utf-8'))}"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    inside = "labconfig/default_setting_overrides.json"
    assert (tmp_path / "etc/jupyter" / inside).read_bytes() == (SETTINGS / inside).read_bytes()


# --- the hub's values --------------------------------------------------------------------------


def gigabytes(text):
    return float(text.removesuffix("G"))


def test_a_seat_may_use_what_the_largest_lesson_needs():
    table = (ROOT / "notebooks/README.md").read_text(encoding="utf-8")
    largest = max(float(found) for found in re.findall(r"\| ([\d.]+) GB \|", table))
    memory = values()["singleuser"]["memory"]
    assert largest < gigabytes(memory["limit"])
    assert gigabytes(memory["guarantee"]) <= gigabytes(memory["limit"])


def test_the_page_for_teachers_does_its_arithmetic_with_the_same_figures():
    memory = values()["singleuser"]["memory"]
    page = (ROOMS / "README.md").read_text(encoding="utf-8")
    assert f"**At most**, {gigabytes(memory['limit']):g} GB" in page
    seat = gigabytes(memory["guarantee"])
    assert f"**Set aside**, {seat:g} GB: for 40 seats {40 * seat:g} GB" in page


def test_forty_seats_are_pulled_before_and_stopped_when_idle():
    hub = values()
    assert hub["hub"]["activeServerLimit"] >= 40
    assert hub["prePuller"]["hook"]["enabled"] and hub["prePuller"]["continuous"]["enabled"]
    assert hub["cull"]["enabled"] and hub["cull"]["every"] < hub["cull"]["timeout"]


def test_no_password_and_no_address_of_anybody_is_in_the_values():
    text = (ROOMS / "values.yaml").read_text(encoding="utf-8")
    assert "CHOOSE-ONE" in text and "password:" not in text
    assert values()["singleuser"]["image"]["name"].startswith("registry.example.org/")


# --- Binder ------------------------------------------------------------------------------------


def test_binder_takes_a_python_of_the_course_and_this_repository():
    assert (BINDER / "runtime.txt").read_text().strip().removeprefix("python-") in PYTHONS
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["-e ."]


@pytest.mark.slow
def test_pip_reads_binders_requirements_as_binder_does_from_the_repository(tmp_path):
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-build-isolation", "--no-index"]
    command += ["--target", tmp_path / "none", "--requirement", BINDER / "requirements.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "Would install ktlearn" in done.stdout, done.stdout + done.stderr
