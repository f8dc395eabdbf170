"""The file for the teacher: readable, checked, and no reader trusts it."""

import json

import pytest

from ktlearn.course.hand_in import read_hand_in, write_hand_in
from ktlearn.exercises.record import Record, Standing, checksum

STANDINGS = {"0.1": Standing("2026-11-28", tries=2, hints=1), "A1.1": Standing(tries=4, solution_first=True)}
RECORD = Record("5f0c77aa1b2c", STANDINGS, "A1.1", damaged=1)


@pytest.fixture
def file(tmp_path):
    return write_hand_in(RECORD, "Ann Lee", tmp_path)


def test_what_is_written_is_read(file):
    found = read_hand_in(file)
    assert (found.name, found.record, found.damaged, found.standings) == ("Ann Lee", RECORD.name, 1, STANDINGS)
    assert not found.is_changed


def test_a_person_can_read_it_a_line_for_each_exercise(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert ' "name": "Ann Lee",' in lines
    assert '  "0.1": {"solved": "2026-11-28", "tries": 2, "hints": 1, "solution_first": false},' in lines


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("  Zoë   O'Neill ", "progress-zoë-o-neill.json"),
        ("李 小龙", "progress-李-小龙.json"),
        ("../../etc/passwd", "progress-etc-passwd.json"),
        ("Ann\n\x1b[31mLee", "progress-ann-x1b-31mlee.json"),
        ('HERE "exercises"', "progress-here-exercises.json"),
    ],
)
def test_any_name_is_a_name_and_makes_a_harmless_file_name(tmp_path, name, file_name):
    path = write_hand_in(RECORD, name, tmp_path)
    assert path == tmp_path / file_name
    found = read_hand_in(path)
    assert found.name.isprintable()
    assert (found.standings, found.is_changed) == (STANDINGS, False)


@pytest.mark.parametrize(
    ("name", "error"),
    [("", ValueError), (" \n", ValueError), ("!?", ValueError), ("x" * 81, ValueError), (7, TypeError)],
)
def test_what_is_no_name_is_refused(tmp_path, name, error):
    with pytest.raises(error, match="name must be your name"):
        write_hand_in(RECORD, name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_handing_in_again_replaces_ones_own_file_and_no_others(tmp_path):
    write_hand_in(RECORD, "Ann Lee", tmp_path)
    assert len(read_hand_in(write_hand_in(RECORD, "Ann Lee", tmp_path)).standings) == 2
    with pytest.raises(FileExistsError, match="is not yours"):
        write_hand_in(RECORD, "Ann-Lee", tmp_path)


# --- on its way --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
        lambda data: data.decode().encode("utf-16"),
        lambda data: json.dumps(json.loads(data), indent=8, sort_keys=True).encode(),
    ],
    ids=["an editor of Windows", "another encoding", "another layout"],
)
def test_another_form_of_the_same_content_is_not_a_change(file, rewrite):
    before = read_hand_in(file)
    file.write_bytes(rewrite(file.read_bytes()))
    assert read_hand_in(file) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"tries": 4', '"tries": 1'),
        ('"solution_first": true', '"solution_first": false'),
        ('"Ann Lee"', '"Ben"'),
        ('"A1.1": {"solved": ""', '"A1.1": {"solved": "2026-11-28"'),
        ('"checksum"', '"checksome"'),
    ],
)
def test_an_edit_by_hand_is_noticed(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    assert read_hand_in(file).is_changed


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\0" * 500, "is empty"),
        (b"%PDF-1.7 \xff\xfe", "is no JSON"),
        (b'{"kind": "exercises solved in ktlearn", "form', "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no file of ktlearn"),
        (b'{"cells": [], "nbformat": 4}', "is no file of ktlearn"),
        (b'{"kind": "exercises solved in ktlearn", "format": 2}', "is of another ktlearn"),
        (b'{"kind": "exercises solved in ktlearn", "format": 1}', "is damaged"),
        (b" " * 1_000_001, "too much"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, content, reason):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        read_hand_in(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", ["Ann"]),
        ("day", "yesterday"),
        ("damaged", -1),
        ("record", "x" * 1000),
        ("exercises", []),
        ("exercises", {"0.1": {"solved": "soon", "tries": 1, "hints": 0, "solution_first": False}}),
        ("exercises", {"0.1": {"solved": "", "tries": "many", "hints": 0, "solution_first": False}}),
        ("exercises", {"0.1": {"solved": "", "tries": True, "hints": 0, "solution_first": False}}),
        ("exercises", {"0.1": {"tries": 1}}),
        ("exercises", {"0.1": None}),
    ],
)
def test_a_part_that_is_not_what_it_should_be_is_damage_whatever_the_checksum_says(file, key, value):
    content = json.loads(file.read_text()) | {key: value}
    del content["checksum"]
    file.write_text(json.dumps(content | {"checksum": checksum(content)}))
    with pytest.raises(ValueError, match="is damaged"):
        read_hand_in(file)
