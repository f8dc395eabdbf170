"""`python -m ktlearn progress --class FOLDER`: a class as it is, with damaged, doubled, renamed and foreign files."""

import csv
import shutil

import pytest

from ktlearn.course import cli
from ktlearn.course.class_table import read_class, stuck, table, write_csv
from ktlearn.course.hand_in import write_hand_in
from ktlearn.course.syllabus import lessons
from ktlearn.exercises.record import Record, Standing

COURSE = lessons()
TOTAL = sum(len(lesson.exercises) for lesson in COURSE)
SOLVED = Standing("2026-11-20", tries=1)


def hand_in(folder, name, standings, record=None):
    return write_hand_in(Record(record or f"record of {name}", standings, ""), name, folder)


def rows_of(folder):
    rows, refused = read_class(folder, COURSE)
    return {row.name: row for row in rows}, dict(refused)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A class of 40, of which some things went wrong."""
    folder = tmp_path / "class"
    for i in range(36):
        hand_in(folder, f"Learner {i:02}", {"0.1": SOLVED, "1.1": Standing(tries=3) if i < 4 else SOLVED})
    ann = hand_in(folder / "Ann_5512_file", "Ann Lee", {"0.1": SOLVED, "0.2": Standing("2026-11-21", 2, 3, True)})
    shutil.copy(ann, folder / "progress-ann-lee (1).json")  # sent twice
    ben = hand_in(folder, "Ben", {"0.1": SOLVED})
    ben.rename(folder / "homework FINAL.JSON.txt")  # renamed
    hand_in(folder / "later", "BEN", {"0.2": SOLVED}, record="another machine")
    edit(hand_in(folder, "Cem", {"0.1": Standing(tries=5)}), '"solved": ""', '"solved": "2026-11-28"')
    hand_in(folder, "Dora", {"0.1": SOLVED}, record="record of Ann Lee")
    (folder / "cut.json").write_bytes(ann.read_bytes()[:150])
    (folder / "lesson.json").write_text('{"cells": []}')
    (folder / "empty.json").write_text("")
    (folder / "notes.pdf").write_bytes(b"%PDF")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._progress-ann-lee.json").write_bytes(b"\0\5\26\7")
    return folder


def test_every_learner_is_one_row_in_the_order_of_the_names(folder):
    rows, _ = read_class(folder, COURSE)
    assert len(rows) == 40
    assert [row.name for row in rows][:4] == ["Ann Lee", "Ben", "Cem", "Dora"]


def test_what_cannot_be_read_is_listed_with_the_reason_and_other_files_are_no_matter(folder):
    _, refused = rows_of(folder)
    assert refused.keys() == {"cut.json", "lesson.json", "empty.json"}
    assert refused["lesson.json"] == "is no file of ktlearn"


def test_a_file_sent_twice_counts_once(folder):
    row = rows_of(folder)[0]["Ann Lee"]
    assert row.files == ("Ann_5512_file/progress-ann-lee.json", "progress-ann-lee (1).json")
    assert "2 files, the same" in row.notes
    assert len(row.standings) == 2


def test_two_files_of_one_name_are_joined_whatever_they_are_called(folder):
    row = rows_of(folder)[0]["Ben"]
    assert row.standings == {"0.1": SOLVED, "0.2": SOLVED}
    assert row.notes == ("2 files, joined: one learner on two machines, or two of one name?",)


def test_an_older_and_a_newer_file_of_one_record_are_joined_without_a_question(tmp_path):
    hand_in(tmp_path / "first", "Ann", {"0.1": SOLVED})
    hand_in(tmp_path / "second", "Ann", {"0.1": SOLVED, "0.2": SOLVED})
    row = rows_of(tmp_path)[0]["Ann"]
    assert (row.notes, len(row.standings)) == (("2 files, joined",), 2)


def test_an_edited_file_is_said(folder):
    assert rows_of(folder)[0]["Cem"].notes == ("changed after it was made",)


def test_an_edited_copy_does_not_count_beside_the_file_itself(folder):
    ann = folder / "progress-ann-lee (1).json"
    edit(ann, '"0.1": {"solved": "2026-11-20"', '"9.1": {"solved": "2026-11-20"')
    row = rows_of(folder)[0]["Ann Lee"]
    assert "9.1" not in row.standings
    assert "a changed file left out" in row.notes


def test_a_copy_of_anothers_record_is_said_of_both(folder):
    rows, _ = rows_of(folder)
    assert "same record as Dora" in rows["Ann Lee"].notes
    assert "same record as Ann Lee" in rows["Dora"].notes
    assert rows["Learner 00"].notes == ()


def test_exercises_of_another_version_are_said_and_not_counted(folder):
    hand_in(folder, "Eva", {"0.1": SOLVED, "77.1": SOLVED})
    row = rows_of(folder)[0]["Eva"]
    assert row.notes[0].startswith("1 exercise unknown here (ktlearn ")
    assert table([row], COURSE).splitlines()[2].split()[:2] == ["Eva", "1"]


def test_of_two_standings_the_solved_and_the_earlier_one_counts(tmp_path):
    hand_in(tmp_path / "a", "Ann", {"0.1": Standing("2026-11-22", 1), "0.2": Standing(tries=2)})
    hand_in(tmp_path / "b", "Ann", {"0.1": Standing("2026-11-20", 4), "0.2": Standing("2026-11-30", 9)})
    standings = rows_of(tmp_path)[0]["Ann"].standings
    assert standings == {"0.1": Standing("2026-11-20", 4), "0.2": Standing("2026-11-30", 9)}


# --- what is printed and written ---------------------------------------------------------------


def test_the_table_has_the_solved_exercises_of_each_lesson(folder):
    head, below, ann, *_ = table(read_class(folder, COURSE)[0], COURSE).splitlines()
    assert head.split()[:4] == ["name", "solved", "00", "01"]
    assert below.split()[:4] == ["of", str(TOTAL), "6", str(len(COURSE[1].exercises))]
    assert ann.split()[:5] == ["Ann", "Lee", "2", "2", "0"]


def test_columns_stand_under_each_other_for_wide_letters_too(tmp_path):
    hand_in(tmp_path, "李 小龙", {})
    hand_in(tmp_path, "Ann Lee", {})
    lines = table(read_class(tmp_path, COURSE)[0], COURSE).splitlines()
    assert len(lines[2].split("0")[0]) == len(lines[3].split("0")[0]) + 3  # three letters are two columns wide


def test_what_many_tried_and_did_not_solve_is_named(folder):
    assert [(exercise.number, count) for exercise, count in stuck(read_class(folder, COURSE)[0], COURSE)] == [
        ("1.1", 4)
    ]


def test_the_csv_has_a_column_for_each_exercise(folder, tmp_path):
    write_csv(read_class(folder, COURSE)[0], COURSE, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert len(rows) == 40
    ann = rows["Ann Lee"]
    assert (ann["solved"], ann["of"], ann["tries"], ann["hints"]) == ("2", str(TOTAL), "3", "3")
    found = ann["exercise 0.1"], ann["exercise 0.2"], ann["exercise 0.3"], rows["Learner 00"]["exercise 1.1"]
    assert found == ("solved", "after solution", "", "tried")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1 Ann", "-Ann", "@Ann"])
def test_no_name_is_computed_by_a_spreadsheet(tmp_path, name):
    hand_in(tmp_path, name, {})
    write_csv(read_class(tmp_path, COURSE)[0], COURSE, tmp_path / "out.csv")
    assert f"\n'{name}," in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_the_command_prints_all_and_writes_the_csv_into_the_folder(folder, capsys):
    assert cli.main(["progress", "--class", str(folder)]) == 0
    printed = capsys.readouterr().out
    for part in ("Learner 35", "not read, 3:", "cut.json is no JSON", "Tried, and not solved by:", "40 learners."):
        assert part in printed
    assert (folder / "progress.csv").is_file()
    assert cli.main(["progress", "--class", str(folder)]) == 0  # its own CSV is no trouble the next time


def test_where_the_csv_cannot_be_written_the_table_is_printed_all_the_same(folder, capsys):
    (folder / "a file").write_text("")
    assert cli.main(["progress", "--class", str(folder), "--csv", str(folder / "a file" / "out.csv")]) == 1
    printed = capsys.readouterr().out
    assert "Learner 35" in printed
    assert "Name another file with --csv." in printed


def test_a_folder_without_files_says_what_learners_do(tmp_path, capsys):
    assert cli.main(["progress", "--class", str(tmp_path)]) == 1
    assert "--hand-in" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_said(tmp_path, capsys):
    assert cli.main(["progress", "--class", str(tmp_path / "none")]) == 1
    assert "There is no folder" in capsys.readouterr().out
