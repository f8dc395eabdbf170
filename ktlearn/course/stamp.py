"""The address of the course's repository, written into every lesson from one place.

``repository.toml``, beside the lessons, holds it. Two cells of each notebook are made from it:

- ``colab``, Markdown: the link that opens the lesson in Google Colab;
- ``bootstrap``, code: installs ktlearn on Colab, says one line, and what to do where ktlearn is missing. Its code is
  folded away: in JupyterLab and Notebook by its metadata, on Colab as a form with a title.

A fork or a teacher's copy gets its own address with one command, run in the copy::

    python -m ktlearn stamp --repository https://github.com/ORG/NAME

Without an address there is no link, and the bootstrap cell tells how to install from a file.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ktlearn.support.atomic import atomic_file

SETTING = "repository.toml"

_SETTING_TEXT = """\
# Where this copy of the course lives. Every lesson's link to Colab and its first code cell are made
# from this file. This command writes it and stamps the lessons:
#
#     python -m ktlearn stamp --repository https://github.com/ORG/NAME
#
# Empty: no address is known, and no lesson shows one.
repository = "{url}"
ref = "{ref}"
"""

# Plain Python without magics, so that every tool can read it. --no-deps: Colab has all that ktlearn
# needs, and no version that it has may change.
_BOOTSTRAP = """\
# @title Is ktlearn here?
import importlib.util
import subprocess
import sys

PACKAGE = "{package}"
ON_COLAB = "google.colab" in sys.modules

if ON_COLAB and PACKAGE and not importlib.util.find_spec("ktlearn"):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", PACKAGE]
    print(subprocess.run(pip, capture_output=True, text=True).stderr, end="")
    importlib.invalidate_caches()

if importlib.util.find_spec("ktlearn"):
    if ON_COLAB:
        from google.colab import output

        output.enable_custom_widget_manager()
    print("{ready}")
elif ON_COLAB:
    print("ktlearn is not here yet. Upload its .whl file, then run: %pip install --no-deps ktlearn-*.whl")
else:
    print("ktlearn is not here yet. In your copy of the course run: %pip install ..  Then restart the kernel.")"""
READY = "ktlearn is here. Shift+Enter runs a cell and goes on to the next one."
# Of the cell: "jupyter" is read by JupyterLab and Notebook, "cellView" by Colab.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


class Repository(NamedTuple):
    """Where a copy of the course lives: its address, or ``""``, and the branch or tag to take."""

    url: str
    ref: str


def read_repository(folder):
    """The setting in ``folder``/repository.toml, as a `Repository`.

    Raises:
        FileNotFoundError: the folder has no such file.
        ValueError: it does not hold an address and a branch or tag.
    """
    path = Path(folder).expanduser() / SETTING
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no {path}. Run this where the folder notebooks/ is, or name the folder of the lessons."
        )
    setting = tomllib.loads(path.read_text(encoding="utf-8"))
    if setting.keys() != {"repository", "ref"}:
        raise ValueError(f"{path} must hold repository and ref; got {', '.join(setting) or 'nothing'}.")
    return _checked(Repository(setting["repository"], setting["ref"]))


def write_repository(folder, repository):
    """Write ``folder``/repository.toml.

    Raises:
        ValueError: as `read_repository`.
    """
    repository = _checked(repository)
    _write(Path(folder).expanduser() / SETTING, _SETTING_TEXT.format(url=repository.url, ref=repository.ref))


def stamp(folder):
    """Write the address into the lessons of ``folder`` and of the folders in it.

    Everything else in the files stays as it is, byte for byte; a second time changes nothing.

    Args:
        folder: the folder of the lessons, with repository.toml in it.

    Returns:
        The list of the files that changed.

    Raises:
        FileNotFoundError, ValueError: as `read_repository`; or a notebook lacks one of the two cells.
            Then no file has changed.
    """
    folder = Path(folder).expanduser()
    repository = read_repository(folder)
    changed = {}
    for path in sorted(folder.rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        place = f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}"
        sources = {"colab": colab_cell(repository, place), "bootstrap": bootstrap_cell(repository)}
        old = path.read_bytes().decode()
        new = _stamped(old, sources, path)
        if new != old:
            changed[path] = new
    for path, text in changed.items():
        _write(path, text)
    return list(changed)


def colab_cell(repository, place):
    """The Markdown of the cell ``colab`` in the notebook at ``place`` of the repository.

    A line of text and no badge: the badge is a picture from Google's server.
    """
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", repository.url)
    if not found:  # Colab opens notebooks from GitHub only
        return f"<!-- The link to Colab stands here when {SETTING} names a repository on GitHub. -->"
    address = f"https://colab.research.google.com/github/{found[1]}/blob/{quote(repository.ref)}/{quote(place)}"
    return f"[Open this lesson in Google Colab]({address})"


def bootstrap_cell(repository):
    """The code of the cell ``bootstrap``, the same in every lesson."""
    package = f"ktlearn @ git+{repository.url}@{repository.ref}" if repository.url else ""
    return _BOOTSTRAP.replace("{package}", package).replace("{ready}", READY)


def _checked(repository):
    url = repository.url.strip().removesuffix("/").removesuffix(".git")
    if url and not re.fullmatch(r"https?://[\w.:-]+(/[\w.~-]+){2,}", url):
        raise ValueError(
            f"repository: got {repository.url!r}. Give the address as a browser shows it, such as "
            'https://github.com/ORG/NAME, or "" for none.'
        )
    if not re.fullmatch(r"\w[\w./-]*", repository.ref):
        raise ValueError(f"ref: got {repository.ref!r}. Give the name of a branch or a tag, such as main.")
    return Repository(url, repository.ref)


def _stamped(text, sources, path):
    """The text of a notebook with new sources in the named cells, and the bootstrap folded, written in its style."""
    notebook = json.loads(text)
    cells = {cell.get("id"): cell for cell in notebook["cells"]}
    for name, source in sources.items():
        if name not in cells:
            raise ValueError(
                f"{path} has no cell with the id {name!r}. Add an empty one near its top, then stamp again."
            )
        if "".join(cells[name]["source"]) != source:
            cells[name]["source"] = source.splitlines(keepends=True)
    bootstrap = cells["bootstrap"]
    bootstrap["metadata"] |= FOLDED
    if bootstrap.get("execution_count"):  # what was saved is what the cell says, and nbval holds it to that
        bootstrap["outputs"] = [{"name": "stdout", "output_type": "stream", "text": [READY + "\n"]}]
    if notebook == json.loads(text):
        return text
    indent = len(re.match(r"\{\s*\n( *)|", text)[1] or " ")
    return json.dumps(notebook, indent=indent, ensure_ascii=text.isascii()) + text[len(text.rstrip()) :]


def _write(path, text):
    with atomic_file(path) as draft:
        draft.write_bytes(text.encode())


def run(folder, repository=None, ref=None):
    """Change what is given of the setting and stamp the lessons; returns the exit code of the command."""
    try:
        setting = read_repository(folder)
        url = setting.url if repository is None else repository
        write_repository(folder, Repository(url, ref or setting.ref))
        changed = stamp(folder)
    except (FileNotFoundError, ValueError) as error:
        print(error)
        return 1
    for path in changed:
        print(f"stamped {path}")
    print(f"{len(changed)} lessons changed.")
    return 0
