"""Saving a lesson: what the file holds afterwards, and when it is left alone."""

import json
import subprocess
import sys

import nbformat
import pytest
from execute import PeakMemory, execute, main
from nbformat.v4 import new_code_cell, new_notebook, new_output

pytestmark = pytest.mark.slow

CELLS = {
    "bar": "for i in range(3):\n    print('\\rbatch', i, end='')\nprint('\\nepoch')",
    "widget": "import ipywidgets\nipywidgets.IntSlider()",
    "frozen": "from IPython.display import display\n"
    "display({'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}, 'text/html': '<b>1</b>', "
    "'text/plain': '1'}, raw=True)",
    "file": "open('made.txt', 'w').close()",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = tmp_path_factory.mktemp("lessons") / "01_a_lesson.ipynb"
    cells = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    cells[0].metadata = {"tags": ["kept"], "execution": {"iopub.status.busy": "2026"}, "scrolled": True}
    cells[0].outputs = [new_output("stream", name="stdout", text="old")]
    notebook = new_notebook(
        cells=cells, metadata={"widgets": {}, "colab": {}, "language_info": {"name": "python", "version": "3.11"}}
    )
    path.write_text(json.dumps(notebook))
    measured, changed = execute(path)
    return path, measured, changed


def outputs(path):
    return {cell.id: cell.outputs for cell in nbformat.read(path, as_version=4).cells}


def test_the_file_holds_new_outputs_under_the_old_ids(executed):
    path, _, changed = executed
    notebook = nbformat.read(path, as_version=4)
    assert changed
    assert [cell.id for cell in notebook.cells] == list(CELLS)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4]


def test_a_progress_bar_is_saved_as_it_looked_at_the_end(executed):
    assert outputs(executed[0])["bar"][0].text == "batch 2\nepoch\n"


def test_metadata_is_the_same_in_every_lesson(executed):
    notebook = nbformat.read(executed[0], as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert notebook.cells[0].metadata == {"tags": ["kept"]}


def test_a_live_view_is_dropped_where_a_frozen_one_stands_beside_it(executed):
    assert set(outputs(executed[0])["frozen"][0].data) == {"text/html", "text/plain"}


def test_the_lesson_wrote_into_another_folder(executed):
    assert [path.name for path in executed[0].parent.iterdir()] == ["01_a_lesson.ipynb"]


def test_time_and_memory_are_those_of_a_kernel(executed):
    measured = executed[1]
    assert 0 < measured.seconds < 600
    assert 0.03 < measured.gigabytes < 2


def test_a_second_run_leaves_the_file_alone(tmp_path):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1", id="sum")]), path)
    assert execute(path)[1] is True
    before = path.stat().st_mtime_ns
    assert execute(path)[1] is False
    assert path.stat().st_mtime_ns == before


def test_a_lesson_that_fails_is_not_saved_and_the_command_says_so(tmp_path, monkeypatch, capsys):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0", id="wrong")]), path)
    before = path.read_bytes()
    monkeypatch.setattr(sys, "argv", ["execute.py", str(path)])
    assert main() == "Failed: lesson"
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_peak_memory_counts_child_processes():
    with PeakMemory() as memory:
        subprocess.run([sys.executable, "-c", "x = bytearray(200_000_000)\nimport time\ntime.sleep(1)"], check=True)
    assert memory.peak > 200_000_000
