"""``python -m ktlearn doctor``: is everything here that the lessons need?

One thing is looked at after the other, each gives a line, and no trouble stops the rest: a reader
sees at once all that is wrong, and what to do about it.
"""

import importlib
import platform
import re
import shutil
import threading
import urllib.request
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import ktlearn
from ktlearn.support.bundled import bundled_models, resource

GB = 1e9
LEAST_FREE_MEMORY = 2 * GB  # a small BERT that learns from batches of 32 texts of 128 tokens was seen to take 1.4
LEAST_FREE_DISK = 1 * GB
HUB_SECONDS = 3
# Installed with ktlearn, but a reader in Colab or VS Code can do without.
OPTIONAL = {"jupyterlab": "`python -m ktlearn lab` needs it", "nbval": "only the tests need it"}
# The folders, under share/jupyter/labextensions, of the JavaScript that shows a widget.
FRONT_ENDS = {"ipywidgets": "@jupyter-widgets/jupyterlab-manager", "anywidget": "anywidget"}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was looked at, what was seen, and what to do if it must change.

    ``is_away`` when it is not there, and the lessons do without it.
    """

    name: str
    seen: str
    todo: str = ""
    is_away: bool = False


def run():
    """Print what ktlearn finds on this machine; return 0 when a reader can start, else 1.

    >>> code = run()
    python                3...
    numpy                 ...
    ktlearn/mini-bert-en  loads: ... million weights
    ...
    """
    todo = []
    for _, finding in examination():
        print(f"{finding.name:<21} {finding.seen}", flush=True)
        todo += [finding.todo] if finding.todo else []
    if not todo:
        print("\nready")
        return 0
    print("\nwhat to do:")
    for step in dict.fromkeys(todo):
        print(f"  {step}")
    return 1


def examination():
    """Every finding as it is made, each with the name of its check: pairs such as ("memory", a :class:`Finding`)."""
    is_complete = True
    for finding in _findings(versions):
        is_complete = is_complete and not finding.todo
        yield versions.__name__, finding
    # Where a package is missing, everything else would only fail for that again.
    for check in [*MACHINE, *(LESSONS if is_complete else ())]:
        yield from ((check.__name__, finding) for finding in _findings(check))


def _findings(check):
    """What a check finds. A check that breaks is a finding too, whatever broke it."""
    name = check.__name__
    try:
        yield from check()
    except ModuleNotFoundError as error:
        yield Finding(name, f"missing package: {error.name}", f"python -m pip install {error.name}")
    except Exception as error:
        todo = f"See the line {name!r}. What often helps: install ktlearn in a fresh environment."
        yield Finding(name, f"fails: {_one_line(error)}", todo)


def _one_line(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


# The checks. Each yields findings; its name begins the line when it breaks.


def versions():
    """Python, ktlearn, and every package of requirements.txt."""
    yield Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Finding("ktlearn", f"{ktlearn.__version__} in {Path(ktlearn.__file__).parent}")
    wanted = []
    for name, least in requirements():
        seen, good = _version_of(name, least)
        if name in OPTIONAL and not good:
            seen += f" ({OPTIONAL[name]})"
        elif not good:
            wanted.append(f'"{name}>={least}"')
        yield Finding(name, seen)
    if wanted:
        yield Finding("packages", f"{len(wanted)} to install", f"python -m pip install {' '.join(wanted)}")


def requirements():
    """The run-time requirements, from the installed package or the checkout: pairs of a name and the least version."""
    try:
        lines = metadata.requires("ktlearn")
    except metadata.PackageNotFoundError:
        lines = (Path(ktlearn.__file__).parents[1] / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#") and "extra ==" not in line]
    return [tuple(line.split(">=")) for line in lines]


def _version_of(name, least):
    """What to say of a package, and whether it is good enough."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing", False
    if _numbers(version) < _numbers(least):
        return f"{version}, but ktlearn needs {least} or newer", False
    return version, True


def _numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def memory():
    """Total and available memory."""
    try:
        import psutil  # comes with Jupyter's kernel
    except ModuleNotFoundError:
        yield Finding("memory", "not measured, psutil is not here")
        return
    seen = psutil.virtual_memory()
    todo = ""
    if seen.available < LEAST_FREE_MEMORY:
        todo = f"Free some memory, {LEAST_FREE_MEMORY / GB:.0f} GB at least: close other programs and notebooks."
    yield Finding("memory", f"{seen.total / GB:.1f} GB, {seen.available / GB:.1f} GB of it available", todo)


def disk():
    """Free space where the reader works."""
    free = shutil.disk_usage(".").free
    todo = ""
    if free < LEAST_FREE_DISK:
        todo = f"Free some disk space, {LEAST_FREE_DISK / GB:.0f} GB at least, or work in a folder on another disk."
    yield Finding("disk", f"{free / GB:.1f} GB free in {Path.cwd()}", todo)


def widgets():
    """The widgets' JavaScript, in the folders where JupyterLab looks."""
    from jupyter_core.paths import jupyter_path

    roots = [Path(root) for root in jupyter_path("labextensions")]
    missing = [package for package, inside in FRONT_ENDS.items() if not any((root / inside).is_dir() for root in roots)]
    if missing:
        names = " ".join(missing)
        todo = f"python -m pip install --force-reinstall --no-deps {names} jupyterlab_widgets; then start Jupyter again"
        yield Finding("widgets", f"no front end for {names}", todo)
    else:
        yield Finding("widgets", "front end is there")


def backend():
    """Keras with the library under it, really imported."""
    from ktlearn.backend import keras

    importlib.import_module("transformers")
    yield Finding("backend", f"Keras computes with {keras.backend.backend()}")


def models():
    """Every bundled model, really loaded."""
    from ktlearn.models import from_pretrained

    def load(name):
        return f"loads: {from_pretrained(name, verbose=0).count_params() / 1e6:.1f} million weights"

    yield from _load_each("models", bundled_models(), load)


def data():
    """Every bundled table and text, really read."""
    import pandas as pd

    folder = resource("data")
    readers = {".csv": pd.read_csv, ".json": pd.read_json}

    def read(name):
        path = folder / name
        return f"loads: {len(readers[path.suffix](path)):,} rows"

    paths = sorted(path for path in folder.rglob("*") if path.suffix in readers)
    yield from _load_each("data", [path.relative_to(folder).as_posix() for path in paths], read)


def _load_each(kind, names, load):
    incomplete = f"ktlearn's own {kind} are incomplete: install ktlearn again."
    if not names:
        yield Finding(kind, "none came with this installation", incomplete)
    for name in names:
        try:
            yield Finding(name, load(name))
        except Exception as error:  # one broken file must not hide the next
            yield Finding(name, f"fails: {_one_line(error)}", incomplete)


def hub():
    """Whether the hub of published models answers. The core of the course does not need it."""
    from huggingface_hub import constants

    answer = "not asked, HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else _ask(constants.ENDPOINT)
    seen = f"{answer} (only models that did not come with ktlearn need it)"
    yield Finding("hub", seen, is_away=not answer.endswith(" answers"))


def _ask(address):
    """Whether a server answers, in HUB_SECONDS at most: looking for its name can take longer than any timeout."""
    answers = []

    def knock():
        try:
            request = urllib.request.Request(address, method="HEAD")
            with urllib.request.urlopen(request, timeout=HUB_SECONDS):
                answers.append(f"{address} answers")
        except (OSError, ValueError) as error:
            answers.append(f"no answer from {address}: {getattr(error, 'reason', error)}")

    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(HUB_SECONDS)
    return answers[0] if answers else f"no answer from {address} in {HUB_SECONDS} seconds"


MACHINE = (memory, disk)
LESSONS = (widgets, backend, models, data, hub)
