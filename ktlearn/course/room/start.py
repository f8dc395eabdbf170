"""Opens the course from this folder: checks it, installs it into a folder of the user's own, and opens JupyterLab.

    start.sh              the first time some minutes, later at once; start.bat on Windows
    start.sh --verify     only look whether every file is as it was packed
    start.sh --prepare    install and check this machine, but open nothing
    start.sh --into X     install and keep the lessons in X (default: ktlearn-room in the user's home)

Other options go to JupyterLab. Nothing is written into this folder, and nobody is asked over a network.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = "ktlearn.sha256"
SPACE = 4.0  # GB of an installation


def main():
    parser = argparse.ArgumentParser(prog="start", description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true", help="only look whether every file is as it was packed")
    parser.add_argument("--prepare", action="store_true", help="install and check this machine, but open nothing")
    parser.add_argument("--into", default="~/ktlearn-room", help="where to install (default: %(default)s)")
    options, others = parser.parse_known_args()
    into = Path(options.into).expanduser().resolve()
    if options.verify:
        return verify()
    python = into / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not is_installed(into):
        failed = wrong_machine() or verify() or no_space(into) or install(into, python)
        if failed:
            return failed
    what = ["check"] if options.prepare else ["lab", "--folder", str(into / "lessons"), *others]
    # In that folder: Python looks for packages first where it is started, and a learner may stand in a copy of ours.
    return subprocess.call([str(python), "-m", "ktlearn", *what], cwd=str(into), env=surroundings())


def surroundings():
    """The user's environment, without places of other packages, and without settings of pip."""
    strange = ("PIP_", "PYTHONPATH", "PYTHONHOME")
    return {name: value for name, value in os.environ.items() if not name.startswith(strange)}


def verify():
    """Hold every file against its checksum; 0 when all are as they were packed."""
    try:
        lines = (HERE / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: f"{int(digest, 16):064x}" for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        print(f"{HERE / SUMS} cannot be read ({error}). Copy the whole folder again.")
        return 1
    print(f"Looking at {len(sums)} files ...", flush=True)
    wrong = []
    for name, digest in sums.items():
        found = checksum(HERE / name)
        if found != digest:
            wrong.append(f"{'missing' if found is None else 'damaged'}: {name}")
    if wrong or not sums:
        print("\n".join(wrong))
        print("Copy the folder again from where it was packed; on a memory stick, try another one.")
        return 1
    print("Every file is as it was packed.")
    return 0


def checksum(path):
    """SHA-256 of a file, or None when it cannot be read to its end."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    except FileNotFoundError:
        return None
    except OSError:
        return ""
    return digest.hexdigest()


def wrong_machine():
    """1, and words, where the wheels do not fit."""
    room = json.loads((HERE / "room.json").read_text(encoding="utf-8"))
    machine, version = [platform.system(), platform.machine()], ".".join(platform.python_version_tuple()[:2])
    if machine not in room["machines"]:
        kinds = " or ".join(" ".join(each) for each in room["machines"])
        print(f"This pack is for {kinds}, and this machine is {' '.join(machine)}. Pack one for it.")
        return 1
    if version not in room["pythons"]:
        print(f"This pack is for Python {' or '.join(room['pythons'])}, and this is {version}. Install one of them.")
        return 1
    return 0


def no_space(into):
    """1, and words, where an installation does not fit on the disk."""
    above = next(place for place in (into, *into.parents) if place.is_dir())
    free = shutil.disk_usage(str(above)).free / 1e9
    if free >= SPACE:
        return 0
    print(f"{above} has {free:.1f} GB free, and the course needs {SPACE:.1f} GB. Free some, or use --into.")
    return 1


def is_installed(into):
    """Whether this very pack was installed there, to the end."""
    try:
        return (into / SUMS).read_bytes() == (HERE / SUMS).read_bytes()
    except OSError:
        return False


def install(into, python):
    """A new environment with ktlearn from the wheels here. Its mark is written last: half of one is made again."""
    print(f"Installing into {into}. This takes some minutes, once.", flush=True)
    try:
        into.mkdir(parents=True, exist_ok=True)
        (into / SUMS).unlink() if (into / SUMS).exists() else None
        venv.create(str(into / "venv"), clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Python could not make an environment: {error}")
        print("On Debian and Ubuntu the package whose name ends with -venv is needed.")
        return 1
    wheels = ["--no-index", "--find-links", str(HERE / "wheels"), "--only-binary=:all:"]
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *wheels, "ktlearn"]
    if subprocess.call(command, env=surroundings() | {"PIP_CONFIG_FILE": os.devnull}):
        print("The course could not be installed; the lines above say why.")
        return 1
    shutil.copyfile(str(HERE / SUMS), str(into / SUMS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
