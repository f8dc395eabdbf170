"""A folder's checksums tell whether its files are of one save, and as it wrote them."""

import os
import shutil
import subprocess

import pytest

from ktlearn.support.atomic import atomic_folder
from ktlearn.support.manifest import MANIFEST, check_whole, read_manifest


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "saved"
    with atomic_folder(folder) as draft:
        (draft / "config.json").write_text('{"size": 1}')
        (draft / "model.safetensors").write_bytes(bytes(range(100)))
        (draft / "more").mkdir()
        (draft / "more" / "ünder.txt").write_text("text")
    return folder


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_whole_folder_passes_and_lists_every_file(saved):
    check_whole(saved)
    assert sorted(read_manifest(saved)) == ["config.json", "model.safetensors", "more/ünder.txt"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_the_usual_program_checks_it_too(saved):
    assert (
        subprocess.run(["sha256sum", "--check", "--strict", MANIFEST], cwd=saved, capture_output=True).returncode == 0
    )


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "more/ünder.txt"])
def test_one_flipped_bit_in_any_file_is_noticed_and_the_file_is_named(saved, name):
    flip(saved / name, -1)
    with pytest.raises(ValueError, match=f"{name} is not as it was saved here.*damaged, was edited, or is of another"):
        check_whole(saved)


def test_a_missing_file_is_noticed_and_an_additional_one_is_the_readers_own(saved):
    (saved / "notes.txt").write_text("mine")
    check_whole(saved)
    (saved / "config.json").unlink()
    with pytest.raises(ValueError, match="config.json is missing: it was saved here"):
        check_whole(saved)


def test_weights_are_left_out_on_request(saved):
    flip(saved / "model.safetensors", 0)
    check_whole(saved, large=False)
    with pytest.raises(ValueError, match="model.safetensors is not as it was saved"):
        check_whole(saved)


def test_who_means_a_change_deletes_the_checksums(saved):
    (saved / "config.json").write_text('{"size": 2}')
    with pytest.raises(ValueError, match=f"if the change is yours and meant, delete .*{MANIFEST}"):
        check_whole(saved)
    (saved / MANIFEST).unlink()
    check_whole(saved)


@pytest.mark.parametrize("line", ["nonsense", "0" * 64 + "  ../outside", "0" * 64 + "  /etc/passwd", "0" * 63 + "  a"])
def test_damaged_checksums_are_named(saved, line):
    (saved / MANIFEST).write_text(line + "\n")
    with pytest.raises(ValueError, match=f"{MANIFEST} is damaged: .* is no checksum with a name"):
        check_whole(saved)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes of this kind")
def test_a_pipe_in_the_place_of_a_file_is_named_and_not_waited_for(saved):
    for name in ("config.json", MANIFEST):
        (saved / name).unlink()
        os.mkfifo(saved / name)
        with pytest.raises(ValueError, match=f"{name} must be a file, but it is a pipe or a device"):
            check_whole(saved)


def test_a_save_beside_keeps_the_checksums_of_the_files_that_stay(saved):
    with atomic_folder(saved) as draft:
        (draft / "config.json").write_text('{"size": 3}')
    check_whole(saved)
    flip(saved / "model.safetensors", 5)
    with pytest.raises(ValueError, match="model.safetensors is not as it was saved"):
        check_whole(saved)
