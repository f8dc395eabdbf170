"""A lesson that was saved honestly passes nbval; one that was altered or stripped fails, cell by cell."""

import copy
import re

import nbformat
import pytest
from execute import execute
from nbformat.v4 import new_code_cell, new_notebook, new_output
from run_nbval import compare

pytestmark = pytest.mark.slow

# One cell for each thing that nbval has to understand.
CELLS = {
    "array": "import numpy as np\nnp.random.default_rng(0).normal(size=4)",
    "text": "print('a query looks at a key')",
    "count": "sum(range(10))",
    "html": "from IPython.display import HTML, clear_output, display\nHTML('<b>bold</b>')",
    "view": "from ktlearn.widgets import AttentionView\nAttentionView([[0.9, 0.1], [0.5, 0.5]], list('ab')).freeze()",
    "trained-view": "AttentionView(np.eye(9) * 0.75 + 1 / 36, list('abcdefghi')).freeze()",
    "trained-errors": "for i in (3, 8):\n    print(f'---\\nid:{i} | loss:3.35 | true:a | pred:b\\ntext {i}\\n')",
    "trained-words": (
        "from ktlearn.predictor.explanation import Explanation, Word\n"
        "Explanation(('a b',), [Word(0, 0, 1, 2.5), Word(0, 2, 3, -1.0)], 'integrated-gradients', 'a', 3.5, 2.0)"
    ),
    "trained-text": "print('wrote:')\nprint('» a mayor of the town')",
    "silent": "x = 1",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "semicolon": "plt.plot([1, 2]);",
    "update": "handle = display('before', display_id=True)\nhandle.update('after')",
    "clear": "print('gone')\nclear_output()\nprint('stays')",
    "clear-later": "for i in range(3):\n    clear_output(wait=True)\n    print(i)",
    "clear-display": "handle = display('x', display_id=True)\nclear_output()\ndisplay('y')\nhandle.update('z')",
    "capture": "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('in the widget')\nprint('outside')",
    "interact": "_ = ipywidgets.interact(lambda heads: print(heads), heads=3)",
    "bar": "for i in range(3):\n    print('\\rbatch', i, end='')\nprint()",
    "epoch": "import time\nprint(f'epoch 1/2  loss 0.5000  {time.time_ns() % 1000} s')",
    "keras-epoch": "print(f'4/4 - 1s - {time.time_ns() % 1000}ms/step - loss: 0.5000')",
    "file": "open('made.txt', 'w').write('here')",
    "raises": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)",
    "environment": "import os\nprint(os.environ['TZ'], os.environ['PYTHONHASHSEED'], os.environ['HF_HUB_OFFLINE'])",
    "beginner": "mine = os.environ['KTLEARN_PROGRESS']\nprint(os.path.basename(mine), os.path.exists(mine))",
}


def tags(name):
    return {"tags": ["trained"]} if name.startswith("trained") else {}


def overwrite(text):
    return lambda cell: cell.outputs[0].update(text=text)


def replace(old, new):
    def change(cell):
        data = cell.outputs[0] if "text" in cell.outputs[0] else cell.outputs[0].data
        key = next(key for key in data if isinstance(data[key], str) and old in data[key])
        data[key] = data[key].replace(old, new)

    return change


def move_scores(cell):
    data = cell.outputs[0].data
    data["text/html"] = re.sub(r'(?<=title=")\+2.500', "-0.900", data["text/html"]).replace("+1.50", "+7.90")
    data["text/html"] = (
        data["text/html"].replace("p = 0.971", "p = 0.500").replace("log-odds: +3.50", "log-odds: +9.90")
    )


def empty(cell):
    cell.outputs.clear()


def show_twice(cell):
    cell.outputs.append(copy.deepcopy(cell.outputs[0]))


def print_more(cell):
    cell.outputs.append(new_output("stream", name="stdout", text="never printed\n"))


def strip(cell):
    cell.outputs, cell.execution_count = [], None


def divide_by_zero(cell):
    cell.source = "1 / 0"


# Copies of the saved notebook, each with some cells changed.
WHAT_MAY_DIFFER = {
    "array": replace("0.12573022", "0.12573021"),
    "view": replace("image/png;base64,iVBOR", "image/png;base64,A"),
    "trained-view": replace("0.7778", "0.1234"),
    "trained-errors": overwrite("".join(f"---\nid:{i} | loss:1.23 | true:b | pred:a\nother {i}\n\n" for i in (5, 9))),
    "trained-words": move_scores,
    "trained-text": overwrite("wrote:\n» another of the sea\n"),
    "epoch": overwrite("epoch 1/2  loss 0.5001  7777 s    \n"),
    "keras-epoch": overwrite("4/4 - 9s - 7777ms/step - loss: 0.5001\n"),
}
WHAT_MUST_NOT = {
    "array": replace("0.12573022", "0.12573122"),
    "text": replace("query", "qvery"),
    "count": replace("45", "46"),
    "html": replace("bold", "b0ld"),
    "view": replace("0.9000", "0.8000"),
    "trained-view": replace('"a", "b"', '"a", "x"'),
    "trained-errors": overwrite("---\nid:3 | loss:3.35 | true:a | pred:b\ntext 3\n\n"),
    "trained-words": replace("they add up", "they do not add up"),
    "trained-text": overwrite("wrote:\n"),
    "silent": print_more,
    "figure": empty,
    "semicolon": show_twice,
    "update": replace("after", "before"),
    "clear": replace("stays", "gone\nstays"),
    "clear-later": replace("2", "0\n1\n2"),
    "capture": replace("outside", "in the widget\noutside"),
    "bar": replace("2", "1"),
    "epoch": replace("0.5000", "0.6000"),
}
EVERY_CHANGE = {
    "near": WHAT_MAY_DIFFER | {"text": divide_by_zero},
    "far": dict.fromkeys(CELLS, strip) | WHAT_MUST_NOT,
}
EVERY_WEEK = {
    "saved": {},
    "honest": WHAT_MAY_DIFFER,
    "altered": WHAT_MUST_NOT,
    "stripped": dict.fromkeys(CELLS, strip),
}
VARIANTS = EVERY_CHANGE | EVERY_WEEK


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of lessons: one saved by execute.py, and its variants."""
    folder = tmp_path_factory.mktemp("lessons")
    path = folder / "saved.ipynb"
    cells = [new_code_cell(source, id=name, metadata=tags(name)) for name, source in CELLS.items()]
    nbformat.write(new_notebook(cells=cells), path)
    execute(path)
    for variant, changes in VARIANTS.items():
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            changes.get(cell.id, lambda cell: None)(cell)
        nbformat.write(notebook, folder / f"{variant}.ipynb")
    return folder


@pytest.fixture(scope="module")
def verdicts(folder):
    """What nbval says of these variants: a dict of notebook → cell → PASSED or FAILED."""

    def verdicts(variants):
        done = compare([folder / f"{variant}.ipynb" for variant in variants], ["-v"], capture_output=True, text=True)
        found = {variant: {} for variant in variants}
        for variant, cell, verdict in re.findall(r"(\w+)\.ipynb::([\w-]+) (PASSED|FAILED)", done.stdout):
            found[variant][cell] = verdict
        return found

    return verdicts


@pytest.fixture(scope="module")
def quick(verdicts):
    return verdicts(EVERY_CHANGE)


def test_the_last_digit_and_seconds_may_differ_and_after_a_cell_that_raises_the_others_are_still_compared(quick):
    assert quick["near"] == dict.fromkeys(CELLS, "PASSED") | {"text": "FAILED"}


def test_what_is_altered_fails_and_so_does_what_has_lost_its_outputs(quick):
    assert quick["far"] == dict.fromkeys(CELLS, "FAILED")


def test_lessons_write_into_a_folder_of_their_own(folder, quick):
    assert {path.name for path in folder.iterdir()} == {f"{variant}.ipynb" for variant in VARIANTS}


@pytest.mark.weekly
def test_each_alteration_fails_its_own_cell_only_and_each_stripped_cell_fails(verdicts):
    found = verdicts(EVERY_WEEK)
    assert found["saved"] == dict.fromkeys(CELLS, "PASSED")
    assert found["honest"] == dict.fromkeys(CELLS, "PASSED")
    assert found["altered"] == dict.fromkeys(CELLS, "PASSED") | dict.fromkeys(WHAT_MUST_NOT, "FAILED")
    assert found["stripped"] == dict.fromkeys(CELLS, "FAILED")
