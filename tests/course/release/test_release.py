"""`python -m ktlearn release`: nothing of a solution is in what students get."""

import inspect
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ktlearn.course import release
from ktlearn.course.release import make_release
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from ktlearn.support.bundled import resource

ROOT = Path(__file__).parents[3]
EXERCISES = [each for lesson in lessons_with_exercises() for each in exercises_of(lesson)]


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    assert make_release(folder) == [each.number for each in EXERCISES]
    return folder


@pytest.fixture(scope="module")
def wheel(editions):
    (path,) = (editions / "student").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def solution_lines(exercise):
    """The lines of a solution's body that are long enough to be its own."""
    lines = (line.strip() for line in inspect.getsource(exercise._solution).splitlines()[1:])
    return {line for line in lines if len(line) >= 12 and not line.startswith(('"""', "#"))}


@pytest.mark.slow
def test_no_line_of_any_solution_is_in_the_students_exercises(wheel):
    """Of all solutions; where a helper that a lesson imports has such a line, it is a plain import."""
    texts = {name: content.decode() for name, content in wheel.items() if name.startswith("ktlearn/exercises/lesson_")}
    assert len(texts) > 20
    lines = {name: {line.strip() for line in text.splitlines()} for name, text in texts.items()}
    found = {(e.number, line) for e in EXERCISES for line in solution_lines(e) for name in lines if line in lines[name]}
    assert {line for _, line in found} <= {"from ktlearn.data import load_reviews"}
    assert not any("solution_" in text or "NotYet" in text for text in texts.values())


@pytest.mark.slow
def test_all_else_in_the_students_wheel_is_the_course_as_it_is(wheel):
    """So a line of a solution can only be where the course teaches it: in its library and its lessons."""
    changed = set()
    for name, content in wheel.items():
        if name.startswith("ktlearn-"):
            continue
        path = ROOT / name
        if not path.exists():
            path = ROOT / name.removeprefix("ktlearn/")
        if path.read_bytes() != content:
            changed.add(name)
    lessons = {f"ktlearn/notebooks/{path.name}" for path in resource("notebooks").glob("*.ipynb")}
    exercises = {name for name in wheel if name.startswith("ktlearn/exercises/lesson_")}
    assert lessons <= changed <= lessons | exercises


@pytest.mark.slow
def test_no_answer_is_in_a_students_notebook_and_every_one_is_in_the_teachers(editions):
    for path in (editions / "student/notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text and "').answer" not in text and "').grade(" not in text
        teachers = json.loads((editions / f"teacher/source/{path.stem}/{path.name}").read_text(encoding="utf-8"))
        answers = sum("BEGIN SOLUTION" in "".join(cell["source"]) for cell in teachers["cells"])
        assert answers == len(exercises_of(path.name.partition("_")[0]))
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (editions / "teacher/solutions").iterdir())
    missing = [e.number for e in EXERCISES if not all(line in pages for line in solution_lines(e))]
    assert missing == []


@pytest.mark.slow
def test_the_students_wheel_installs_and_its_exercises_have_no_answers(editions, tmp_path):
    (path,) = (editions / "student").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", tmp_path, path]
    subprocess.run(list(map(str, install)), check=True, capture_output=True)
    code = (
        "import ktlearn; print(ktlearn.__file__); e = ktlearn.exercise('2.4'); e.check(len); e.solution()\n"
        "print(ktlearn.exercise('3.9'), hasattr(e, 'answer'), len(ktlearn.progress().lessons))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    where, answered, asked, shown = done.stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path)
    assert answered.startswith("2.4 Answered. Your teacher checks")
    assert asked == "2.4 This exercise is graded: your teacher has the solution."
    assert shown.endswith(f"graded by your teacher. .check(answer), .hint() False {len(lessons_with_exercises())}")


def test_a_number_that_does_not_exist_and_a_folder_in_use_are_refused(tmp_path, capsys):
    assert release.run(str(tmp_path / "new"), ["2.4", "2.99"]) == 1
    (tmp_path / "mine.txt").write_text("mine")
    assert release.run(str(tmp_path), []) == 1
    said = capsys.readouterr().out
    assert "There is no exercise '2.99'" in said and "is not empty. Name a new one." in said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
