"""``python -m ktlearn pack``: a folder with everything that a room without a network needs.

A memory stick or a shared folder then does what the package index does elsewhere. In it are the wheels of ktlearn and
of all that it needs, a start script for each system, checksums, and a page for the teacher. Lessons, data and models
are in ktlearn's own wheel.
"""

import contextlib
import importlib.util
import itertools
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import ktlearn
from ktlearn.course.wheels import PLATFORMS, PYTHONS, Target, download
from ktlearn.support.atomic import atomic_folder
from ktlearn.support.paths import resolved

ROOM = Path(__file__).with_name("room")  # the files that a pack gets beside its wheels
SITE_LINE = "\n- `site/index.html`: the pages of the course, to read in a browser."
GB = 1e9
SPACE = 1.0 * GB  # for one kind of machine: 0.87 GB were measured on Linux


def run(folder, platforms=(), pythons=(), wheel=None, site=None):
    """Write the pack; returns the exit code of the command."""
    try:
        written = pack(folder, platforms, pythons, wheel, site)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"\n{error}")
        return 1
    size = sum(path.stat().st_size for path in written.rglob("*") if path.is_file())
    print(f"\n{written} is complete: {size / GB:.2f} GB. Copy the folder as it is; its README.md says what to do.")
    return 0


def pack(folder, platforms=(), pythons=(), wheel=None, site=None):
    """Write a folder from which ktlearn is installed and opened without a network. All of it, or nothing.

    Args:
        folder: a new or empty one.
        platforms: names of :data:`ktlearn.course.wheels.PLATFORMS`; none for this machine's.
        pythons: versions such as ``"3.12"``; none for this Python's.
        wheel: ktlearn's own; in a checkout it is built.
        site: a folder of web pages to go with it, with an index.html.

    Returns:
        The path of the folder.

    Raises:
        FileExistsError: the folder holds something.
        FileNotFoundError: there is no such wheel or site, or none can be built.
        ValueError: a platform or a Python that ktlearn does not run on.
        OSError: the disk is full, or the folder cannot be written.
        RuntimeError: pip is missing or fails. Then there is no folder either.
    """
    folder, targets = resolved(folder), _targets(platforms, pythons)
    _check_place(folder, SPACE * len(targets))
    if site and not (Path(site) / "index.html").is_file():
        raise FileNotFoundError(f"--site: {site} has no index.html. Build the site first, or leave the option out.")
    if not importlib.util.find_spec("pip"):
        raise RuntimeError(f"pip is missing in this environment. To install it: {sys.executable} -m ensurepip")
    with tempfile.TemporaryDirectory() as place, atomic_folder(folder) as draft:
        (draft / "wheels").mkdir()
        download(targets, _own_wheel(wheel, place), draft / "wheels")
        if site:
            shutil.copytree(site, draft / "site")
        _write_room(draft, targets)
    for name in ("start.sh", "start.command"):
        with contextlib.suppress(OSError):  # on a memory stick there may be no such right
            (folder / name).chmod(0o755)
    return folder


def _targets(platforms, pythons):
    here = platform.system(), platform.machine()
    name = next((name for name, (_, _, *its) in PLATFORMS.items() if tuple(its) == here), None)
    if not platforms and not name:
        raise ValueError(f"TensorFlow has no wheels for {' '.join(here)}. Name --platform: {', '.join(PLATFORMS)}.")
    mine = ".".join(platform.python_version_tuple()[:2])
    for kind, names, known in (("platform", platforms, PLATFORMS), ("python", pythons or [mine], PYTHONS)):
        strange = [each for each in names if each not in known]
        if strange:
            raise ValueError(f"--{kind}: got {strange[0]!r}. ktlearn has wheels for {', '.join(known)}.")
    return [Target(*pair) for pair in dict.fromkeys(itertools.product(platforms or [name], pythons or [mine]))]


def _check_place(folder, space):
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already, and not empty. Name a new folder, or move that one away.")
    above = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(above).free
    if free < space:
        raise OSError(f"{above} has {free / GB:.1f} GB free, and this needs {space / GB:.1f} GB. Name another disk.")


def _own_wheel(wheel, place):
    """The given wheel, or one that is built of the checkout."""
    if wheel:
        if not Path(wheel).is_file():
            raise FileNotFoundError(f"--wheel: there is no file {wheel}.")
        return Path(wheel)
    root = Path(ktlearn.__file__).parents[1]
    if not (root / "pyproject.toml").is_file():
        raise FileNotFoundError("This ktlearn is no checkout. Name the file that it was installed from: --wheel FILE")
    print("ktlearn's own wheel:", flush=True)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--disable-pip-version-check", "--wheel-dir", place]
    if subprocess.run([*command, str(root)]).returncode:
        raise RuntimeError("ktlearn's own wheel could not be built; pip's last lines say why.")
    return next(Path(place).glob("*.whl"))


def _write_room(draft, targets):
    """The start scripts and the page for the teacher, with the machines in them that they are for."""
    platforms, pythons = (list(dict.fromkeys(each)) for each in zip(*targets, strict=True))
    facts = {
        "platforms": ", ".join(platforms),
        "pythons": " or ".join(pythons),
        "versions": " ".join(sorted(pythons, key=PYTHONS.index, reverse=True)),
        "site": SITE_LINE if (draft / "site").is_dir() else "",
    }
    for source in [*sorted(ROOM.glob("start.*")), ROOM / "README.md"]:
        text = source.read_text(encoding="utf-8")
        for name, value in facts.items():
            text = text.replace(f"@{name}@", value)
        target = draft / source.name
        ending = "\r\n" if target.suffix == ".bat" else "\n"
        target.write_text(text, encoding="utf-8", newline=ending)
    room = {"machines": [PLATFORMS[each][2:] for each in platforms], "pythons": pythons}
    (draft / "room.json").write_text(json.dumps(room, indent=1) + "\n", encoding="utf-8")
