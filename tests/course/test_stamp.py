"""One setting holds the address of the repository; a command writes it into copies of the lessons."""

import json
import runpy
import shutil
import sys
import types

import nbformat
import pytest

from ktlearn.course.cli import main
from ktlearn.course.stamp import (
    FOLDED,
    READY,
    Repository,
    bootstrap_cell,
    colab_cell,
    read_repository,
    stamp,
    write_repository,
)
from tests.notebooks.lesson import LESSONS
from tests.notebooks.sample_lesson import write_sample_lesson

ADDRESS = "https://github.com/school/transformers"


@pytest.fixture
def folder(tmp_path):
    """A folder like notebooks/, with two lessons as nbformat writes them."""
    folder = tmp_path / "notebooks"
    (folder / "zh").mkdir(parents=True)
    write_repository(folder, Repository("", "main"))
    for path in (folder / "01_one.ipynb", folder / "zh" / "01_one.ipynb"):
        nbformat.write(nbformat.read(write_sample_lesson(path), as_version=4), path)
    stamp(folder)
    return folder


def cell(path, name):
    return next(it for it in nbformat.read(path, as_version=4).cells if it.id == name)


def source(path, name):
    return cell(path, name).source


def test_the_course_comes_without_an_address():
    assert read_repository(LESSONS).url == ""
    assert "http" not in bootstrap_cell(Repository("", "main")) + colab_cell(
        Repository("", "main"), "notebooks/01.ipynb"
    )


def test_the_setting_in_the_repository_is_what_the_command_writes(tmp_path):
    write_repository(tmp_path, read_repository(LESSONS))
    assert (tmp_path / "repository.toml").read_text() == (LESSONS / "repository.toml").read_text()


def test_a_stamp_reaches_every_lesson(folder):
    write_repository(folder, Repository(ADDRESS, "spring"))
    assert stamp(folder) == [folder / "01_one.ipynb", folder / "zh" / "01_one.ipynb"]
    colab = "https://colab.research.google.com/github/school/transformers/blob/spring/notebooks/"
    assert f"({colab}01_one.ipynb)" in source(folder / "01_one.ipynb", "colab")
    assert f"({colab}zh/01_one.ipynb)" in source(folder / "zh" / "01_one.ipynb", "colab")
    assert f'PACKAGE = "ktlearn @ git+{ADDRESS}@spring"' in source(folder / "01_one.ipynb", "bootstrap")


def test_a_second_stamp_changes_nothing(folder):
    write_repository(folder, Repository(ADDRESS, "main"))
    stamp(folder)
    assert stamp(folder) == []


def test_the_code_of_the_bootstrap_is_folded_away_and_on_colab_it_is_a_form(folder):
    bootstrap = cell(folder / "01_one.ipynb", "bootstrap")
    assert bootstrap.metadata == FOLDED == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert bootstrap.source.startswith("# @title ")


def test_what_is_saved_under_the_bootstrap_is_what_it_says(folder, tmp_path, capsys):
    (output,) = cell(folder / "01_one.ipynb", "bootstrap").outputs
    run_bootstrap(tmp_path)
    assert output.text == capsys.readouterr().out


def test_a_lesson_that_was_never_run_gets_no_output(folder):
    write_sample_lesson(
        folder / "02_two.ipynb", lambda notebook, cells: cells["bootstrap"].update(execution_count=None)
    )
    stamp(folder)
    assert cell(folder / "02_two.ipynb", "bootstrap").outputs == []


def test_taking_the_address_away_gives_back_the_same_bytes(folder):
    before = (folder / "01_one.ipynb").read_bytes()
    write_repository(folder, Repository(ADDRESS, "main"))
    stamp(folder)
    assert (folder / "01_one.ipynb").read_bytes() != before
    write_repository(folder, Repository("", "main"))
    stamp(folder)
    assert (folder / "01_one.ipynb").read_bytes() == before


@pytest.mark.parametrize(
    "style", [{"indent": 1, "ensure_ascii": False}, {"indent": 2}, {"indent": 4, "sort_keys": True}]
)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_every_other_line_stays_as_it_was(folder, style, ending):
    path = folder / "01_one.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["Q·Kᵀ\n", "ends"]
    old = (json.dumps(notebook, **style) + ending).encode()
    path.write_bytes(old)
    write_repository(folder, Repository(ADDRESS, "main"))
    stamp(folder)
    new = path.read_bytes()
    changed = set(old.splitlines(keepends=True)) ^ set(new.splitlines(keepends=True))
    assert len(changed) == 4, "an old and a new line in each of the two cells"


def test_a_lesson_without_the_two_cells_is_named_and_nothing_changes(folder):
    write_sample_lesson(folder / "02_two.ipynb", lambda notebook, cells: notebook.cells.remove(cells["colab"]))
    before = (folder / "01_one.ipynb").read_bytes()
    write_repository(folder, Repository(ADDRESS, "main"))
    with pytest.raises(ValueError, match=r"02_two.ipynb has no cell with the id 'colab'"):
        stamp(folder)
    assert (folder / "01_one.ipynb").read_bytes() == before


@pytest.mark.parametrize("url", ["github.com/a/b", "https://github.com/a", 'https://github.com/a/b"; import os', "a b"])
def test_what_is_no_address_is_refused(folder, url):
    with pytest.raises(ValueError, match="repository: got"):
        write_repository(folder, Repository(url, "main"))
    with pytest.raises(ValueError, match="ref: got"):
        write_repository(folder, Repository(ADDRESS, url.replace("/", " ")))


def test_addresses_are_taken_as_browsers_and_git_show_them(folder):
    for url in (f"{ADDRESS}/", f"{ADDRESS}.git", f" {ADDRESS} "):
        write_repository(folder, Repository(url, "main"))
        assert read_repository(folder).url == ADDRESS


def test_only_github_has_a_link_to_colab_but_every_host_can_be_installed_from():
    repository = Repository("https://git.school.example/courses/transformers", "main")
    assert "](" not in colab_cell(repository, "notebooks/01.ipynb")
    assert "git+https://git.school.example/courses/transformers@main" in bootstrap_cell(repository)


def test_a_damaged_setting_is_named(folder):
    (folder / "repository.toml").write_text('repo = ""\n')
    with pytest.raises(ValueError, match="must hold repository and ref; got repo"):
        stamp(folder)


def test_the_command_writes_the_setting_and_the_lessons(folder, capsys):
    assert main(["stamp", "--repository", ADDRESS, "--folder", str(folder)]) == 0
    assert "2 lessons changed" in capsys.readouterr().out
    assert read_repository(folder) == Repository(ADDRESS, "main")
    assert main(["stamp", "--ref", "v1", "--folder", str(folder)]) == 0
    assert read_repository(folder) == Repository(ADDRESS, "v1")
    assert ADDRESS in source(folder / "01_one.ipynb", "bootstrap")


def test_the_command_says_where_it_must_be_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["stamp"]) == 1
    assert "Run this where the folder notebooks/ is" in capsys.readouterr().out


# --- what the first code cell does -------------------------------------------------------------


def run_bootstrap(tmp_path, url=""):
    script = tmp_path / "bootstrap.py"
    script.write_text(bootstrap_cell(Repository(url, "main")))
    runpy.run_path(str(script))


@pytest.fixture
def no_ktlearn(monkeypatch):
    """As if ktlearn were not installed, until an installer brings it."""
    found = {"ktlearn": False}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found[name] or None)
    return found


@pytest.fixture
def colab(monkeypatch):
    """As if this were Colab; the list notes each time that custom widgets are allowed."""
    allowed = []
    package, output = types.ModuleType("google.colab"), types.ModuleType("google.colab.output")
    package.output, output.enable_custom_widget_manager = output, lambda: allowed.append(True)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    return allowed


@pytest.fixture
def pip(monkeypatch, no_ktlearn):
    """Notes the commands that would have run; each installs ktlearn."""
    commands = []

    def run(command, **kwargs):
        commands.append(command[1:])
        no_ktlearn["ktlearn"] = True
        return types.SimpleNamespace(stderr="")

    monkeypatch.setattr("subprocess.run", run)
    return commands


@pytest.fixture
def pip_is_not_called(monkeypatch):
    monkeypatch.setattr("subprocess.run", lambda *args, **kwargs: pytest.fail(f"called: {args}"))


def test_where_ktlearn_is_installed_the_bootstrap_says_one_friendly_line(tmp_path, pip_is_not_called, capsys):
    run_bootstrap(tmp_path, ADDRESS)
    assert capsys.readouterr().out == f"{READY}\n"


def test_elsewhere_it_says_in_one_line_what_to_do(tmp_path, no_ktlearn, pip, capsys):
    run_bootstrap(tmp_path, ADDRESS)
    (line,) = capsys.readouterr().out.splitlines()
    assert "%pip install .." in line
    assert pip == []


def test_on_colab_it_installs_ktlearn_alone_and_allows_widgets(tmp_path, colab, pip, capsys):
    run_bootstrap(tmp_path, ADDRESS)
    assert pip == [["-m", "pip", "install", "--quiet", "--no-deps", f"ktlearn @ git+{ADDRESS}@main"]]
    assert colab == [True]
    assert capsys.readouterr().out == f"{READY}\n"


def test_on_colab_without_an_address_it_tells_how_to_upload(tmp_path, colab, pip, capsys):
    run_bootstrap(tmp_path)
    (line,) = capsys.readouterr().out.splitlines()
    assert "Upload its .whl file" in line
    assert (pip, colab) == ([], [])


def test_on_colab_with_ktlearn_there_it_only_allows_widgets(tmp_path, colab, capsys):
    run_bootstrap(tmp_path, ADDRESS)
    assert colab == [True]


def test_the_lessons_of_this_repository_can_be_stamped_and_come_back(tmp_path):
    copy = shutil.copytree(LESSONS, tmp_path / "notebooks")
    assert main(["stamp", "--repository", ADDRESS, "--folder", str(copy)]) == 0
    for path in copy.glob("*.ipynb"):
        colab = f"https://colab.research.google.com/github/school/transformers/blob/main/notebooks/{path.name}"
        assert source(path, "colab") == f"[Open this lesson in Google Colab]({colab})"
        assert ADDRESS in source(path, "bootstrap")
    assert main(["stamp", "--repository", "", "--folder", str(copy)]) == 0
    for path in copy.glob("*.ipynb"):
        assert path.read_bytes() == (LESSONS / path.name).read_bytes()
