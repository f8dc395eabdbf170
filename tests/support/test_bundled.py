"""Where the data, the models and the lessons lie: in a checkout beside the package, in a wheel inside it."""

import pytest

from ktlearn.support import bundled


@pytest.mark.parametrize("inside", ["package/assets/data", "assets/data"], ids=["wheel", "checkout"])
def test_a_folder_is_found_where_it_lies(tmp_path, monkeypatch, inside):
    (tmp_path / inside).mkdir(parents=True)
    monkeypatch.setattr(bundled, "files", lambda package: tmp_path / "package")
    assert bundled.resource("data") == tmp_path / inside


def test_an_incomplete_installation_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "files", lambda package: tmp_path / "package")
    with pytest.raises(FileNotFoundError, match="own folder 'notebooks' is missing. Install ktlearn again"):
        bundled.resource("notebooks")


def test_a_bundled_model_is_a_folder_with_a_config(tmp_path, monkeypatch):
    for name in ("b/config.json", "a/config.json", "notes/README.md"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(bundled, "resource", lambda name: tmp_path)
    assert bundled.bundled_models() == ["ktlearn/a", "ktlearn/b"]
