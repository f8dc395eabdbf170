"""A folder is written whole, or left as it was."""

import os
import stat

import pytest

from ktlearn.support.atomic import atomic_folder


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_new_folder_appears_with_its_parents(tmp_path):
    target = tmp_path / "a" / "b"
    with atomic_folder(target) as draft:
        (draft / "one").write_text("1")
        assert not target.exists()
    assert contents(target) == {"one": "1"}
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_files_are_replaced_and_those_of_other_names_stay(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "one").write_text("old")
    (target / "notes").write_text("mine")
    with atomic_folder(target) as draft:
        (draft / "one").write_text("new")
        assert contents(target)["one"] == "old"
    assert contents(target) == {"one": "new", "notes": "mine"}


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()], ids=["disk full", "stop"])
def test_an_interruption_leaves_what_was_there(tmp_path, error):
    target = tmp_path / "model"
    target.mkdir()
    (target / "one").write_text("old")
    with pytest.raises(type(error)), atomic_folder(target) as draft:
        (draft / "one").write_text("ne")
        raise error
    assert contents(target) == {"one": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # no draft is left behind


def test_an_interruption_before_the_first_save_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "model") as draft:
        (draft / "one").write_text("1")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("a file")
    words = "model is a file; give the name of a folder"
    with pytest.raises(NotADirectoryError, match=words), atomic_folder(tmp_path / "model"):
        pytest.fail("nothing may be computed for a place that cannot be written")
    assert (tmp_path / "model").read_text() == "a file"


def test_the_current_folder_and_a_trailing_slash_are_folders_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (".", "model/"):
        with atomic_folder(name) as draft:
            (draft / "one").write_text(name)
    assert (tmp_path / "one").read_text() == "."
    assert contents(tmp_path / "model") == {"one": "model/"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "one"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_may_read_the_folder_as_any_new_folder(tmp_path):
    (tmp_path / "usual").mkdir()
    with atomic_folder(tmp_path / "model") as draft:
        (draft / "one").write_text("1")
    usual, ours = ((tmp_path / name).stat().st_mode for name in ("usual", "model"))
    assert stat.filemode(ours) == stat.filemode(usual)
