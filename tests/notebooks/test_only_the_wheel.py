"""Lessons from a wheel, as on Colab: they see ktlearn, and nothing of the repository that it was built in."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from only_the_wheel import only_the_wheel
from run_nbval import compare

from tests.course.test_pack import write_wheel

pytestmark = pytest.mark.slow
LOOKS_AROUND = """
import importlib.util, os, ktlearn
print(ktlearn.NAME, importlib.util.find_spec("recipes"), os.listdir("."))
"""
BESIDE_IT = "import recipes"


@pytest.fixture
def result(tmp_path):
    """Build a wheel with one lesson of one cell, run it, and give the finished process."""

    def result(source, printed):
        outputs = [new_output("stream", name="stdout", text=printed)] if printed else []
        cell = new_code_cell(source, id="cell", outputs=outputs, execution_count=1)
        files = {"ktlearn/__init__.py": "NAME = 'the wheel'"}
        files["ktlearn/notebooks/01_a_lesson.ipynb"] = nbformat.writes(new_notebook(cells=[cell]))
        wheel = write_wheel(tmp_path, "ktlearn", "9.9", files=files)
        with only_the_wheel(wheel) as place:
            (lesson,) = place.lessons.iterdir()
            return compare([lesson], packages=place.packages, capture_output=True, text=True)

    return result


def test_a_lesson_has_ktlearn_and_an_empty_folder(result):
    done = result(LOOKS_AROUND, "the wheel None []\n")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_lesson_that_needs_a_file_of_the_repository_fails(result):
    done = result(BESIDE_IT, "")
    assert done.returncode == 1
    assert "No module named 'recipes'" in done.stdout
