"""The other libraries' environments: made once, used again as long as their list of versions is the same."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = "3.11"  # the newest on which ktrain's old NumPy and its distutils run
# ktrain's list is complete. With dependencies, pip would bring TensorFlow a second time.
OPTIONS = {"ktrain": ["--no-deps"], "torch": [], "bertviz": [], "kerashub": ["--no-deps"]}
ON_TOP = ("kerashub",)  # these see the packages of ktlearn's own environment: the same Keras, the same TensorFlow


def python_of(folder, name):
    """The interpreter of an environment that :func:`make` made, or None."""
    return str(_python(folder, name)) if _is_made(folder, name) else None


def make(folder, name):
    """Make the environment ``folder/name`` from ``name.txt``. It takes minutes and 1 to 3 GB, KerasHub's 0.05.

    Raises:
        RuntimeError: there is no Python 3.11, or pip failed.
    """
    if _is_made(folder, name):
        return
    target, versions = Path(folder) / name, HERE / f"{name}.txt"
    print(f"Making {target} with the versions of {versions.name}; this takes some minutes.", flush=True)
    shutil.rmtree(target, ignore_errors=True)
    _run([sys.executable if name in ON_TOP else _base_python(), "-m", "venv", str(target)])
    _run([str(_python(folder, name)), "-m", "pip", "install", "--quiet", *OPTIONS[name], "-r", str(versions)])
    if name in ON_TOP:
        (added,) = target.glob("lib/python*/site-packages")
        (added / "ktlearn.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copy(versions, target / "made-from.txt")


def javascript(folder, *packages):
    """The folder ``node_modules`` with packages of npm, installed into ``folder``.

    Raises:
        RuntimeError: there is no npm, or it failed.
    """
    installed = Path(folder).absolute() / "node_modules"
    if not all((installed / package.split("@")[0]).is_dir() for package in packages):
        if not shutil.which("npm"):
            raise RuntimeError("npm is needed, for the scripts that BertViz loads: install Node.js and run this again")
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *packages])
    return installed


def _is_made(folder, name):
    stamp = Path(folder) / name / "made-from.txt"
    return stamp.is_file() and stamp.read_text() == (HERE / f"{name}.txt").read_text()


def _python(folder, name):
    return Path(folder).absolute() / name / "bin" / "python"


def _base_python():
    """An interpreter of version 3.11: this one, or one on the path."""
    for candidate in (sys.executable, shutil.which(f"python{PYTHON}")):
        if candidate:
            asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            if subprocess.run(asked, capture_output=True, text=True).stdout.strip() == PYTHON:
                return candidate
    raise RuntimeError(f"the environments need Python {PYTHON}, and there is none here: install it and run this again")


def _run(command):
    try:
        subprocess.run(command, check=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"{' '.join(command[:5])} … failed; its own lines above say why") from error
