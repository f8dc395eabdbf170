"""The table of the course: which rows it has, and how measured figures get into it. And how lessons are named."""

import pytest
from lesson import Lesson, find_lessons
from sample_lesson import write_sample_lesson
from syllabus import Measured, amount, read_rows, rounded_up, update_syllabus

README = """# Lessons

| No. | Lesson | What it is about | Reading | Running | Memory |
|---|---|---|---|---|---|
| 98 | Later | what comes | planned | | |
| 99 | A sample | what a rule is | | | |

The end.
"""


@pytest.fixture
def lesson(tmp_path):
    return Lesson(write_sample_lesson(tmp_path / "99_sample.ipynb"))


def test_figures_go_into_the_row_of_their_lesson_and_nowhere_else(tmp_path, lesson):
    readme = tmp_path / "README.md"
    readme.write_text(README)
    assert update_syllabus(readme, lesson, Measured(seconds=41.2, gigabytes=0.83))
    new = "| 99 | [A sample](99_sample.ipynb) | what a rule is | 20 min | 45 s | 0.9 GB |"
    assert readme.read_text() == README.replace("| 99 | A sample | what a rule is | | | |", new)


def test_a_lesson_without_a_row_is_reported(tmp_path, lesson):
    assert not update_syllabus(tmp_path / "README.md", lesson, Measured(1, 1))
    (tmp_path / "README.md").write_text(README.replace("| 99 |", "| 97 |"))
    assert not update_syllabus(tmp_path / "README.md", lesson, Measured(1, 1))
    assert "97 | A sample" in (tmp_path / "README.md").read_text()


def test_rows_are_read_with_their_empty_cells():
    rows = read_rows(README)
    assert [row.number for row in rows] == ["98", "99"]
    assert (rows[0].reading, rows[0].memory, rows[1].reading) == ("planned", "", "")


def test_a_bridge_beside_the_numbered_lessons_has_a_row_too(tmp_path):
    lesson = Lesson(write_sample_lesson(tmp_path / "A1_sample.ipynb"))
    readme = tmp_path / "README.md"
    readme.write_text(README.replace("| 98 | Later |", "| A1 | Later |"))
    assert [row.number for row in read_rows(readme.read_text())] == ["A1", "99"]
    assert update_syllabus(readme, lesson, Measured(seconds=3, gigabytes=0.1))
    assert "| A1 | [A sample](A1_sample.ipynb) | what comes | 20 min | 5 s | 0.1 GB |" in readme.read_text()
    assert find_lessons(["A1"], tmp_path) == [lesson.path]


@pytest.mark.parametrize(
    ("measured", "written"),
    [
        (Measured(3.1, 0.11), ("5 s", "0.2 GB")),
        (Measured(55.0, 1.0), ("55 s", "1.0 GB")),
        (Measured(55.1, 1.01), ("1 min", "1.1 GB")),
        (Measured(61, 2), ("1.5 min", "2.0 GB")),
    ],
)
def test_figures_are_rounded_up(measured, written):
    assert rounded_up(measured) == written
    assert amount(written[0]) >= measured.seconds / 60


def test_lessons_are_found_by_number_name_or_path(tmp_path, lesson):
    assert find_lessons(["99"], tmp_path) == find_lessons(["99_sample"], tmp_path) == [lesson.path]
    assert find_lessons([str(lesson.path)]) == find_lessons([], tmp_path) == [lesson.path]


def test_an_unknown_lesson_is_refused_with_the_names_there_are(tmp_path, lesson):
    with pytest.raises(SystemExit, match="There is no lesson '12'. The lessons are: 99_sample"):
        find_lessons(["12"], tmp_path)
