"""``python -m ktlearn release``: a course for marks, in two editions.

``student/`` has the lessons and a wheel of ktlearn without checks and solutions of the graded exercises. ``teacher/``
has the same lessons with the answers filled in, in the layout that nbgrader reads, and a page of solutions for each.

What stays with the student stays with everybody who finds the course elsewhere: a public repository has all answers.
Choose few exercises to grade, and change their numbers or texts in a copy of the course if the marks count for much.
"""

import json
import re
from pathlib import Path

import ktlearn.exercises
from ktlearn.course.release.notebooks import for_students, for_teachers, names_that_lessons_import
from ktlearn.course.release.sources import without_answers
from ktlearn.course.release.wheel import write_wheel
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from ktlearn.support.atomic import atomic_folder
from ktlearn.support.bundled import resource

# Our stubs already say where the answer goes, so nothing comes in place of the solutions; and nbgrader's limits of time
# are too short for a cell that starts TensorFlow, or trains, on a busy machine.
CONFIG = """\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "ktlearn"
c.ClearSolutions.code_stub = {"python": ""}
c.ClearSolutions.enforce_metadata = True
c.Execute.timeout = 900
c.Execute.iopub_timeout = 120
"""


def make_release(folder, graded=()):
    """Write both editions into ``folder``, which is new or empty.

    Args:
        folder: where to.
        graded: the numbers of the graded exercises, ``["2.4", "3.6"]``; none for all of them.

    Returns:
        The numbers of the graded exercises, a list.

    Raises:
        ValueError: an exercise that does not exist, or that another one needs; or the folder holds something.
        FileNotFoundError: ktlearn is not installed.
        OSError: nothing can be written there.
    """
    folder = Path(folder).expanduser()
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"The folder {folder} is not empty. Name a new one.")
    exercises = _graded_exercises(graded)
    lessons = {path: json.loads(path.read_text(encoding="utf-8")) for path in resource("notebooks").glob("*.ipynb")}
    home = Path(ktlearn.exercises.__file__).parent
    sources = {path.stem: path.read_text(encoding="utf-8") for path in home.glob("lesson_*.py")}
    needed = set().union(*map(names_that_lessons_import, lessons.values()))
    stripped = without_answers(sources, set(exercises), needed)
    changed = {f"ktlearn/exercises/{name}.py": text.encode() for name, text in stripped.items()}
    changed |= {f"ktlearn/notebooks/{path.name}": _as_file(for_students(lessons[path], exercises)) for path in lessons}
    with atomic_folder(folder) as draft:
        _write_students(draft / "student", changed)
        _write_teachers(draft / "teacher", lessons, exercises)
    return list(exercises)


def run(folder, graded):
    """Write both editions; returns the exit code of the command."""
    try:
        numbers = make_release(folder, graded)
    except (OSError, ValueError) as error:
        print(error)
        return 1
    which = ", ".join(numbers) if graded else f"all {len(numbers)} exercises"
    print(f"{folder}/student: give this to your students. Graded: {which}.")
    print(f"{folder}/teacher: keep this. It has the solutions, and the lessons as nbgrader reads them.")
    return 0


def _graded_exercises(numbers):
    known = {each.number: each for lesson in lessons_with_exercises() for each in exercises_of(lesson)}
    if unknown := [number for number in numbers if number not in known]:
        raise ValueError(f"There is no exercise {unknown[0]!r}. A number is the lesson and the place, such as 2.3.")
    return {number: known[number] for number in known if number in numbers or not numbers}


def _write_students(folder, changed):
    lessons = folder / "notebooks"
    lessons.mkdir(parents=True)
    write_wheel(folder, changed)
    for path in resource("notebooks").iterdir():
        if path.is_file() and not path.name.startswith("."):
            name = f"ktlearn/notebooks/{path.name}"
            (lessons / path.name).write_bytes(changed.get(name) or path.read_bytes())


def _write_teachers(folder, lessons, exercises):
    (folder / "solutions").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for path, notebook in lessons.items():
        own = [each for number, each in exercises.items() if _lesson_of(number) == path.name.partition("_")[0]]
        if own:
            source = folder / "source" / path.stem
            source.mkdir(parents=True)
            (source / path.name).write_bytes(_as_file(for_teachers(notebook, exercises)))
            pages = [each.solution_text() for each in own]
            text = f"# {path.stem.replace('_', ' ')}: solutions\n\n" + "\n\n".join(pages) + "\n"
            (folder / "solutions" / f"{path.stem}.md").write_text(text, encoding="utf-8")


def _lesson_of(number):
    return re.match(r"[^.]+", number)[0].zfill(2)


def _as_file(notebook):
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
